"""What a node's sandbox could leave on its host."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.node import cgroups
from sandbox.node.machine import TUNABLES
from sandbox.node.node_cluster import NodeCluster

FOLDERS = (
    "/run/containerd",
    "/run/netns",
    "/run/runc",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/etc/cni",
    "/etc/containerd",
    "/etc/kubernetes",
    "/opt/cni",
    "/opt/containerd",
    "/usr/libexec/kubernetes",
    "/usr/libexec/cni",
)
"""Where the node's programs write if they are not kept from it."""
SETTINGS = (*TUNABLES, "net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding")


@dataclass(frozen=True)
class Host:
    """What a host has that no sandbox may change."""

    folders: frozenset[str]
    settings: tuple[str, ...]
    rules: str
    """Of the firewall."""

    @classmethod
    def now(cls, node: NodeCluster) -> "Host":
        """Look at the host."""
        nft = [str(node.network.packages.bin / "nft"), "--stateless", "list", "ruleset"]  # not what they count
        return cls(
            frozenset(
                str(path)
                for folder in FOLDERS
                if Path(folder).exists()
                for path in (Path(folder), *Path(folder).iterdir())
            ),
            tuple(Path("/proc/sys", setting).read_text() for setting in SETTINGS),
            subprocess.run(nft, capture_output=True, text=True, check=True).stdout,
        )


def namespaces(processes: Iterable[int]) -> set[str]:
    """Return the namespaces of processes, by the kernel's own names, but for those of this test's own process."""
    found = set()
    for pid in processes:
        for kind in ("net", "mnt", "pid", "uts", "ipc"):
            try:
                found.add(str(Path(f"/proc/{pid}/ns/{kind}").readlink()))
            except OSError:  # it has just ended
                continue
    return found - {str(Path(f"/proc/self/ns/{kind}").readlink()) for kind in ("net", "mnt", "pid", "uts", "ipc")}


def all_processes() -> list[int]:
    """Return every process of the host but those that have ended, for which the host's first process has to care."""
    return [
        pid for path in Path("/proc").iterdir() if path.name.isdigit() and _state(pid := int(path.name))[:1] != ["Z"]
    ]


def of_machine(node: NodeCluster) -> dict[int, str]:
    """Return the processes of a node's machine, those of its pods included, and their names."""
    first = next(pid for pid in all_processes() if _arguments(pid)[:1] == [str(node.state / "machine")])
    children: dict[int, list[int]] = {}
    for pid in all_processes():
        children.setdefault(_parent(pid), []).append(pid)
    found, ahead = {}, [first]
    while ahead:
        pid = ahead.pop()
        program = (_arguments(pid) or [""])[0]
        found[pid] = "nginx:" if program.startswith("nginx: ") else Path(program).name
        ahead += children.get(pid, ())
    return found


def left_of(node: NodeCluster, was: set[str]) -> list[str]:
    """Return what is left of a machine that has ended, whose namespaces were ``was``."""
    name, state = node.machine.name, str(node.state)
    here = os.getpid()
    left = [
        f"process {pid}: {_arguments(pid)}"
        for pid in all_processes()
        if pid != here and (any(state in word for word in _arguments(pid)) or namespaces([pid]) & was)
    ]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    left += [f"mount: {line}" for line in mounts if state in line or name in line]
    left += [f"link: {path}" for path in Path("/sys/class/net").iterdir() if path.name == name]
    left += [f"control group: {path}" for root in cgroups.hierarchies() for path in root.glob(f"{name}*")]
    left += [
        f"folder: {path}" for path in Path("/tmp/hostpath_pv").glob("*") if (node.machine.volumes / path.name).exists()
    ]
    return left


def _arguments(pid: int) -> list[str]:
    try:
        return [word.decode(errors="replace") for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]]
    except OSError:
        return []


def _parent(pid: int) -> int:
    return int((_state(pid) or ["", "0"])[1])


def _state(pid: int) -> list[str]:
    """Return what the kernel says of a process, from its state on; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
