"""The control groups of a node's pods, in both versions of the kernel's interface."""

import os
import time
from pathlib import Path

from sandbox.errors import SandboxError

ROOT = Path("/sys/fs/cgroup")
MOUNTS = Path("/proc/mounts")
END_SECONDS = 60


def version(root: Path = ROOT) -> int:
    """Return 2 where one hierarchy has all controllers, else 1."""
    return 2 if (root / "cgroup.controllers").exists() else 1


def hierarchies(root: Path = ROOT, mounts: Path = MOUNTS) -> list[Path]:
    """Return where groups are made: in the one hierarchy of version 2, or in each of version 1.

    Beside version 1, there may be one of version 2 without controllers, in which runtimes make groups, too.
    """
    lines = [line.split() for line in mounts.read_text().splitlines()]
    return [Path(at) for _, at, kind, *_ in lines if kind in ("cgroup", "cgroup2") and Path(at).is_relative_to(root)]


def are_writable() -> bool:
    """Say whether groups can be made."""
    found = hierarchies()
    return bool(found) and all(os.access(folder, os.W_OK) for folder in found)


def make(name: str) -> None:
    """Make a group in every hierarchy; it may be there."""
    for folder in hierarchies():
        try:
            (folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise SandboxError(f"The control group {folder / name} can not be made: {error.strerror}.") from error


def remove(name: str) -> None:
    """Remove a group and those in it, whose processes have ended or are about to."""
    deadline = time.monotonic() + END_SECONDS
    for folder in hierarchies():
        while (folder / name).exists():
            # Deepest first; files in these folders are the kernel's, and go with them.
            groups = sorted((Path(found) for found, _, _ in os.walk(folder / name)), reverse=True)
            try:
                for group in groups:
                    group.rmdir()
            except OSError as error:
                if time.monotonic() > deadline:
                    raise SandboxError(f"The control group {folder / name} can not be removed: {error}.") from error
                time.sleep(0.05)
