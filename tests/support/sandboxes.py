"""Sandboxes of a test's own, and those that a whole run shares."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.locks import lock
from tests.support.projects import copy_of_the_program


def say(line: str) -> None:
    """Print a line past pytest's capture."""
    print(line, file=sys.__stderr__, flush=True)


@contextmanager
def running_sandbox(folder: Path, *, has_node: bool = False) -> Iterator[Sandbox]:
    """Start a sandbox in a new folder; nothing of it is left when the block ends."""
    box = Sandbox(copy_of_the_program(folder), say, has_node)
    try:
        box.cluster.up()
        yield box
    finally:
        _remove(box)


def shared_sandbox(folder: Path) -> Sandbox:
    """Return the sandbox of a folder, which the first process that asks for it starts while others wait.

    It stays for the run; ``remove_sandboxes_below`` takes it away.
    """
    with lock(folder.with_suffix(".lock"), "starting the sandbox of all tests", say):
        box = Sandbox(folder if folder.exists() else copy_of_the_program(folder), say)
        if not box.cluster.exists():
            box.cluster.up()
    return box


def remove_sandboxes_below(folder: Path) -> None:
    """Take away every sandbox below a folder: the shared one, and what interrupted tests have left."""
    for at, folders, _ in os.walk(folder):
        if ".sandbox" in folders and not (Path(at) / ".sandbox").is_symlink():
            for has_node in (False, True):
                _remove(Sandbox(Path(at), say, has_node))
        folders[:] = [name for name in folders if not name.startswith(".")]


def _remove(box: Sandbox) -> None:
    if box.has_node and not (box.state / "node").exists():
        return
    try:
        with suppress(SandboxError):  # it may have died, and its volumes can't be listed
            box.cluster.delete_volume_folders()
    finally:
        box.cluster.delete()
