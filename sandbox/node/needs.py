"""What a machine must have for a real node, each with one sentence for where it lacks."""

import os
import platform
import shutil

from sandbox.errors import SandboxError
from sandbox.node import cgroups

PROGRAMS = {
    "apt-get": "the node's programs come as Debian packages",
    "dpkg-deb": "the node's programs come as Debian packages",
    "unshare": "of util-linux, it makes the node's namespaces",
    "nsenter": "of util-linux, it enters the node's namespaces",
    "setsid": "of util-linux, it starts the node's programs",
}
INSTEAD = "Use `make up` instead: the same control plane with simulated nodes, on any machine and without root."


def lacking() -> str:
    """Return why this machine can have no real node, as one sentence; empty if nothing that can be seen is missing."""
    if platform.system() != "Linux":
        return f"A real node needs Linux, and this is {platform.system()}."
    if os.geteuid() != 0:
        return "A real node needs root, to make namespaces, mounts and control groups, and this is another user."
    for program, why in PROGRAMS.items():
        if not shutil.which(program):
            return f"A real node needs {program} on PATH ({why}), which is not there."
    if not cgroups.are_writable():
        return "A real node needs control groups that can be written, and those in /sys/fs/cgroup are read-only."
    return ""


def refuse_where_lacking() -> None:
    """Raise ``SandboxError`` on a machine that can have no real node: why, and what to use instead."""
    if why := lacking():
        raise SandboxError(f"{why} {INSTEAD}")
