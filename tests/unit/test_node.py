"""What a real node is made of, as far as it can be judged without one."""

import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SandboxError
from sandbox.node import cgroups, containerd, dns, images, kubelet, needs, network, packages, proxy
from sandbox.node.images import Image
from sandbox.node.machine import COVERED, TUNABLES, Machine, setup_script
from sandbox.paths import ROOT
from tests.support.waiting import eventually

V1 = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
cgroup2 /somewhere/else cgroup2 rw 0 0
"""
V2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n"


@pytest.mark.parametrize("version", [1, 2])
def test_the_kubelet_is_told_of_its_group_its_runtime_and_its_names(version: int) -> None:
    made = kubelet.config("sw1", version, Path("/pki/ca.crt"))
    assert made["cgroupRoot"] == "/sw1"
    assert made["cgroupDriver"] == "cgroupfs"
    assert made["containerRuntimeEndpoint"] == "unix:///run/containerd/containerd.sock"
    assert made["clusterDNS"] == ["10.88.0.1"]
    assert made["authentication"]["anonymous"] == {"enabled": False}
    assert made["authentication"]["x509"] == {"clientCAFile": "/pki/ca.crt"}


def test_the_kubelet_is_told_to_go_on_with_version_1_alone() -> None:
    assert kubelet.config("sw1", 1, Path("ca"))["failCgroupV1"] is False
    assert "failCgroupV1" not in kubelet.config("sw1", 2, Path("ca"))


@pytest.mark.parametrize(("controllers", "version"), [(True, 2), (False, 1)])
def test_the_version_of_control_groups_is_read_from_their_root(tmp_path: Path, controllers: bool, version: int) -> None:
    if controllers:
        (tmp_path / "cgroup.controllers").touch()
    assert cgroups.version(tmp_path) == version


@pytest.mark.parametrize(("mounts", "expected"), [(V1, ["memory", "systemd", "unified"]), (V2, ["cgroup"])])
def test_groups_are_made_in_every_hierarchy(tmp_path: Path, mounts: str, expected: list[str]) -> None:
    (tmp_path / "mounts").write_text(mounts)
    found = cgroups.hierarchies(mounts=tmp_path / "mounts")
    assert [path.name for path in found] == expected


def test_a_link_s_network_is_free_and_the_same_for_the_same_owner() -> None:
    first = network.free_link("one", [])
    assert first == network.free_link("one", [IPv4Network("10.0.0.0/8"), IPv4Network("127.0.0.0/8")])
    assert first.subnet_of(network.LINKS)
    assert first != network.free_link("two", [])
    second = network.free_link("one", [first])
    assert not second.overlaps(first)
    half = IPv4Network("198.18.0.0/16")
    assert not network.free_link("one", [half]).overlaps(half)


def test_where_no_network_is_free_it_says_so() -> None:
    with pytest.raises(SandboxError, match=r"No network is free in 198\.18\.0\.0/15"):
        network.free_link("one", [network.LINKS])


def test_two_sandboxes_have_two_names_that_fit_a_network_link() -> None:
    names = {Machine(Path(f"/home/{'x' * 200}/{n}/.sandbox/node"), print).name for n in range(100)}
    assert len(names) == 100
    assert all(len(name) < 16 for name in names)


def test_the_machine_covers_what_programs_write_to_and_keeps_what_lies_there() -> None:
    script = setup_script(
        Path("/tmp/it's/.sandbox/node/machine"),
        Path("/tmp/it's/.sandbox/node/volumes"),
        [Path("/tmp/it's/.sandbox/node"), Path("/root/.cache/stateful-web")],
    )
    lines = script.splitlines()
    for folder in COVERED:
        assert f"mount -t tmpfs -o mode=0755 tmpfs {folder}" in lines
    opened, covered = (
        lines.index("exec 3<'/tmp/it'\"'\"'s/.sandbox/node'"),
        lines.index("mount -t tmpfs -o mode=0755 tmpfs /tmp"),
    )
    bound = lines.index("mount --no-canonicalize --bind /proc/self/fd/3 '/tmp/it'\"'\"'s/.sandbox/node'")
    assert opened < covered < bound
    assert not any("/root/.cache" in line for line in lines), "it is not covered"
    for setting in TUNABLES:
        assert any(line.endswith(f" /proc/sys/{setting}") for line in lines)
    assert lines[-1].startswith("exec ")
    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0


@pytest.mark.skipif(platform.system() != "Linux", reason="it starts a program as on a node")
def test_files_of_the_node_s_programs_can_be_read_by_other_users_whatever_the_umask_of_who_starts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "entering", lambda _, *command: [str(word) for word in command])
    said = tmp_path / "said"
    before = os.umask(0o077)
    try:
        Machine(tmp_path, print).launch("shell", [Path("/bin/sh"), "-c", f"umask > {said}; exec sleep 1"])
    finally:
        os.umask(before)
    eventually(lambda: said.exists() and said.read_text().strip() == "0022", "the program has said its umask")


def test_names_are_served_on_the_bridge_and_nothing_is_forwarded() -> None:
    text = dns.corefile(Path("/kubeconfig"))
    assert "bind 10.88.0.1" in text
    assert "kubernetes cluster.local" in text
    assert "forward" not in text


def test_the_proxy_changes_no_setting_of_the_whole_kernel() -> None:
    made = proxy.config(Path("/kubeconfig"))
    assert made["mode"] == "nftables"
    assert set(made["conntrack"].values()) == {0, "0s"}


def test_apt_keeps_everything_in_its_own_folder_and_knows_of_no_installed_package(tmp_path: Path) -> None:
    command = packages.apt(tmp_path, "update")
    options = dict(word.split("=", 1) for word in command if word.startswith(("Dir::", "APT::")))
    for kept in ("Dir::State::lists", "Dir::State::status", "Dir::Cache::archives"):
        assert options[kept].startswith(f"{tmp_path}/")
    assert command[-1] == "update"


def test_another_release_has_other_packages(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("VERSION_ID=12\n")
    other.write_text("VERSION_ID=13\n")
    assert packages.key(one) == packages.key(one)
    assert packages.key(one) != packages.key(other)


def test_a_program_that_is_a_link_to_the_host_s_is_not_taken(tmp_path: Path) -> None:
    unpacked = packages.Packages(tmp_path)
    for folder in ("usr/sbin", "bin"):
        (unpacked.root / folder).mkdir(parents=True)
    (unpacked.root / "usr/sbin/ip").symlink_to("/bin/ip")
    (unpacked.root / "bin/ip").write_text("the program")
    assert unpacked.program("ip") == unpacked.root / "bin/ip"
    with pytest.raises(SandboxError, match=r"have no nft"):
        unpacked.program("nft")


def archive(*made: Image) -> dict[str, bytes]:
    out = io.BytesIO()
    images.write(made, out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as read:
        return {entry.name: file.read() for entry in read if (file := read.extractfile(entry))}


def test_an_image_has_the_layout_that_a_runtime_imports() -> None:
    image = Image(["example.com/a:1"], {"bin/a": b"a"}, {"bin/b": "a"}, ["tmp"], 101, {"Cmd": ["a"]})
    files = archive(image)
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    (described,) = json.loads(files["index.json"])["manifests"]
    assert described["annotations"] == {"io.containerd.image.name": "example.com/a:1"}

    def blob(of: dict[str, Any]) -> bytes:
        content = files[f"blobs/{of['digest'].replace(':', '/')}"]
        assert len(content) == of["size"]
        return content

    manifest = json.loads(blob(described))
    assert json.loads(blob(manifest["config"]))["config"] == {"Cmd": ["a"]}
    (layer,) = manifest["layers"]
    with tarfile.open(fileobj=io.BytesIO(blob(layer))) as read:
        assert {entry.name: entry.mode & 0o111 != 0 for entry in read if entry.isfile()} == {"bin/a": True}
        assert read.getmember("bin/b").linkname == "a"
        assert read.getmember("tmp").isdir()
        owners = {entry.name: (entry.uid, entry.gid) for entry in read}
        assert owners == {"tmp": (101, 101), "bin/a": (0, 0), "bin/b": (0, 0)}


def test_the_same_images_make_the_same_archive() -> None:
    image = Image(["example.com/a:1"], {"a": b"a", "b": b"b"})
    assert archive(image) == archive(image)


@pytest.mark.parametrize(("lacks", "imported"), [(None, False), (images.UNPRIVILEGED, True)])
def test_a_node_that_lacks_one_of_the_images_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str | None, imported: bool
) -> None:
    ran: list[tuple[str | Path, ...]] = []

    def run(_: Machine, *command: str | Path) -> str:
        ran.append(command)
        return "\n".join(name for name in images.NAMES if name != lacks)

    monkeypatch.setattr(Machine, "run", run)
    monkeypatch.setattr(Machine, "launch", lambda *_: None)
    monkeypatch.setattr(packages.Packages, "program", lambda _, name: Path("/bin", name))
    containerd.start(Machine(tmp_path, print), packages.Packages(tmp_path), Path("images.tar"))
    assert (("import", Path("images.tar")) in [command[-2:] for command in ran]) is imported


@pytest.mark.parametrize("ci", ["", "true"])
def test_tests_of_a_node_are_left_out_aloud_where_there_can_be_none_and_not_in_ci(ci: str) -> None:
    collected = "pytest.main(['tests/node', '--collect-only', '-q'])"
    collect = f"import os, sys, pytest; os.geteuid = lambda: 1000; sys.exit({collected})"
    ended = subprocess.run(
        [sys.executable, "-c", collect],
        cwd=ROOT,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("node tests were NOT run: A real node needs " in ended.stdout) is not bool(ci)
    assert ("test_s9_the_page_survives_its_pod" in ended.stdout) is bool(ci)


@pytest.mark.parametrize(
    ("lack", "sentence"),
    [
        ("linux", "A real node needs Linux, and this is Darwin."),
        ("root", "A real node needs root, to make namespaces, mounts and control groups, and this is another user."),
        ("dpkg-deb", "A real node needs dpkg-deb on PATH (the node's programs come as Debian packages), which is not"),
        ("cgroups", "A real node needs control groups that can be written, and those in /sys/fs/cgroup are read-only."),
    ],
)
def test_a_machine_that_lacks_something_is_told_so_and_what_to_use_instead(
    monkeypatch: pytest.MonkeyPatch, lack: str, sentence: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin" if lack == "linux" else "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000 if lack == "root" else 0)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == lack else f"/usr/bin/{name}")
    monkeypatch.setattr(cgroups, "are_writable", lambda: lack != "cgroups")
    with pytest.raises(SandboxError) as refused:
        needs.refuse_where_lacking()
    assert str(refused.value).startswith(sentence)
    assert "Use `make up` instead" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_vpn_for_everything_does_not_take_the_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = [{"dst": "default"}, {"dst": "0.0.0.0/1", "dev": "tun0"}, {"dst": "128.0.0.0/1", "dev": "tun0"}]
    monkeypatch.setattr(network.Network, "_host", lambda *_: json.dumps(routes))
    of_packages: Any = None
    made = network.Network(Machine(tmp_path, print), of_packages)
    assert made.address() == made.address()
    routes.append({"dst": str(IPv4Network(f"{made.address()}/31", strict=False)), "dev": "eth0"})
    with pytest.raises(SandboxError, match="is used by the host for"):
        made.address()
