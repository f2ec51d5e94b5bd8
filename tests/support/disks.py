"""Disks that a test brings to the node, as ``local`` PersistentVolumes: the kubelet manages who owns what is there."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.node.machine import HOST
from sandbox.node.node_cluster import NodeCluster
from tests.support.projects import Project


@contextmanager
def new_folders(node: NodeCluster, count: int) -> "Iterator[list[Path]]":
    """Make folders that the node sees under the same paths, each as a new file system is: root's, mode 0755."""
    home = node.state / "disks"
    folders = [home / str(i) for i in range(count)]
    for folder in folders:
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    try:
        yield folders
    finally:
        shutil.rmtree(home)


@contextmanager
def loop_device(file: Path) -> Iterator[Path]:
    """Make a device of a new file of 16 MiB, until the block ends."""
    with file.open("wb") as made:
        made.truncate(16 * 2**20)
    device = losetup("--find", "--show", str(file)).strip()
    try:
        yield Path(device)
    finally:
        losetup("--detach", device)


def losetup(*args: str) -> str:
    """Run losetup; return what it prints."""
    return subprocess.run(["losetup", *args], capture_output=True, text=True, check=True).stdout


@contextmanager
def local_class(project: Project, paths: Sequence[Path], mode: str = "Filesystem") -> Iterator[str]:
    """Make a StorageClass whose only volumes are those at the paths, of 50Gi each, until the block ends."""
    name = f"{project.namespace}-local"
    made = [_storage_class(name), *(_volume(name, i, path, mode) for i, path in enumerate(paths))]
    given = "\n---\n".join(map(json.dumps, made))
    project.kubectl("create", "--filename", "-", given=given)
    try:
        yield name
    finally:
        # A volume is gone when its claim is, which goes with the namespace.
        project.kubectl("delete", "--filename", "-", "--wait=false", given=given)


def _storage_class(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _volume(storage_class: str, number: int, path: Path, mode: str) -> dict[str, Any]:
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [HOST]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{storage_class}-{number}"},
        "spec": {
            "storageClassName": storage_class,
            "capacity": {"storage": "50Gi"},
            "accessModes": ["ReadWriteOnce"],
            "volumeMode": mode,
            "local": {"path": str(path)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }
