"""Sandboxes of a test's own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.instance import Sandbox
from tests.support.projects import copy_of_the_program


@contextmanager
def running_sandbox(folder: Path, *, has_node: bool = False) -> Iterator[Sandbox]:
    """Start a sandbox in a new folder; nothing of it is left when the block ends."""
    box = Sandbox(copy_of_the_program(folder), lambda line: print(line, file=sys.__stderr__, flush=True), has_node)
    try:
        box.cluster.up()
        try:
            yield box
        finally:
            box.cluster.delete_volume_folders()
    finally:
        box.cluster.delete()
