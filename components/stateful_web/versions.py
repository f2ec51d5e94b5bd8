"""The versions that this release supports: the one place. The tests compare with it whatever else names them."""

import re
from typing import Final

KUBERNETES: Final = ("1.35", "1.36", "1.37")
"""Minors of the cluster, oldest first: those on which the tests run."""
PULUMI: Final = "3.255"
"""The oldest Pulumi SDK and engine."""
PLUGIN: Final = "4.29"
"""The oldest kubernetes plugin and its SDK."""
PYTHON: Final = ("3.11", "3.12", "3.13", "3.14")
"""Of the program, oldest first."""


def parsed(version: str) -> tuple[int, ...]:
    """Return major, minor and patch of a version, e.g. ``v1.35.2-eks-1a2b``; empty if it has none."""
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part) for part in found.groups(default="0")) if found else ()
