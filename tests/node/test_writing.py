"""Who may write to the disk: a new one belongs to root, and a group of the pods' gets it by ``fsGroup`` alone."""

import stat
from pathlib import Path

from sandbox.node.images import UNPRIVILEGED
from sandbox.node.node_cluster import NodeCluster
from tests.support.disks import local_class, loop_device, new_folders
from tests.support.pods import execute
from tests.support.projects import Project

HTML = "/usr/share/nginx/html"


def test_a_pod_that_is_not_root_writes_to_a_new_disk_as_soon_as_a_group_of_its_may(
    project: Project, node: NodeCluster
) -> None:
    asked = {"image": UNPRIVILEGED, "port": 8080, "replicas": 1, "security": "restricted"}
    with new_folders(node, 1) as (disk,), local_class(project, [disk]) as storage_class:
        project.configure({**asked, "storage.storageClassName": storage_class})
        assert "the pods can't write to it" in project.up().output
        assert "Permission denied" in written(project, "without")

        project.configure({"fsGroup": 2000})
        assert "can't write" not in project.up().output
        assert written(project, "group") == "101 2000"
        assert owner(disk / "group") == (101, 2000)

        project.configure({"runAsUser": 101, "storage.subPath": "site"}, remove=("fsGroup",))
        project.up()
        assert written(project, "user") == "101 101"
        assert owner(disk / "site" / "user") == (101, 101)
        assert owner(disk / "group") == (101, 101), "the group has changed, and with it that of all files"
        assert stat.filemode(disk.stat().st_mode) == "drwxrwsr-x", "for others, it is as it was"


def test_a_device_is_read_and_written_at_its_path(project: Project, node: NodeCluster, tmp_path: Path) -> None:
    with (
        loop_device(tmp_path / "disk") as device,
        local_class(project, [device], "Block") as storage_class,
    ):
        device_path = {"volumeMode": "Block", "devicePath": "/dev/data"}
        storage = {"volumeName": "raw", "size": "16Mi", "storageClassName": storage_class, **device_path}
        project.configure({"replicas": 1, "storage": storage}, remove=("mountPath",))
        project.up()
        execute(project, "web-0", "echo on the device | dd of=/dev/data conv=fsync")
        assert execute(project, "web-0", "dd if=/dev/data bs=13 count=1") == "on the device"
        assert (tmp_path / "disk").read_bytes().startswith(b"on the device\n")

        project.configure({"image": UNPRIVILEGED, "port": 8080, "runAsUser": 101})
        project.up()
        denied = execute(project, "web-0", "dd if=/dev/data count=1 2>&1 || true")
        assert "Permission denied" in denied, "fsGroup changes the owner of no device"


def written(project: Project, name: str) -> str:
    """Write a file to the disk of web-0; return the numbers of its user and group, or why it can't be written."""
    file = f"{HTML}/{name}"
    return execute(project, "web-0", f"(echo > {file} && busybox stat -c '%u %g' {file}) 2>&1 || true").strip()


def owner(path: Path) -> tuple[int, int]:
    """Return the numbers of user and group of a file, as the host sees them."""
    found = path.stat()
    return found.st_uid, found.st_gid
