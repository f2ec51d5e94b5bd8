"""The sandbox's cluster on bad days: parts killed, half made, ports taken. Its data is never lost."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from lightkube import Client, KubeConfig
from lightkube.models.core_v1 import Container, PodSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Node, Pod, ServiceAccount
from lightkube.resources.storage_v1 import StorageClass

from sandbox import toolchain
from sandbox.errors import SandboxError
from sandbox.kwok_cluster import COMPONENTS, Cluster
from tests.support.processes import with_in_command
from tests.support.sockets import listening, off_loopback
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"), lambda: toolchain.ensure("kwok", "kubernetes"), print)
    made.up()
    yield made
    made.delete()


def api(cluster: Cluster) -> Client:
    return Client(KubeConfig.from_file(cluster.kubeconfig))


def pid_of(cluster: Cluster, component: str) -> int:
    return int((cluster.state / "kwok" / "clusters" / "sandbox" / "pids" / f"{component}.pid").read_text())


def mark(cluster: Cluster, name: str) -> None:
    api(cluster).create(Namespace(metadata=ObjectMeta(name=name)))


def test_it_has_three_ready_nodes_and_the_classes_of_the_scenario(cluster: Cluster) -> None:
    def all_ready() -> bool:
        conditions = [c for node in api(cluster).list(Node) for c in node.to_dict()["status"]["conditions"]]
        ready = [c for c in conditions if c["type"] == "Ready" and c["status"] == "True"]
        return len(ready) == 3

    eventually(all_ready, "three nodes are ready")
    classes = [found.to_dict() for found in api(cluster).list(StorageClass)]
    assert {found["metadata"]["name"]: found["allowVolumeExpansion"] for found in classes} == {
        "standard": True,
        "rook-ceph-block": True,
        "my-sc": True,
        "rigid": False,
    }
    marked = [found["metadata"]["name"] for found in classes if "annotations" in found["metadata"]]
    assert marked == ["standard"], "it is the default"


def test_everything_listens_on_loopback_alone(cluster: Cluster) -> None:
    options = yaml.safe_load((cluster.state / "kwok" / "kwokctl.yaml").read_text())["options"]
    ports = {port for name, port in options.items() if name.endswith("Port")}
    found = listening(with_in_command(str(cluster.state)))
    assert {f"127.0.0.1 tcp/{port}" for port in ports} <= set(found)
    assert off_loopback(found) == []


def test_its_files_are_its_owners_alone(cluster: Cluster) -> None:
    assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600
    assert (cluster.state / "kwok").stat().st_mode & 0o077 == 0


def test_up_of_a_running_cluster_changes_nothing(cluster: Cluster) -> None:
    before = {component: pid_of(cluster, component) for component in COMPONENTS}
    cluster.up()
    assert {component: pid_of(cluster, component) for component in COMPONENTS} == before


@pytest.mark.parametrize(
    "component",
    [
        "etcd",
        *(pytest.param(name, marks=pytest.mark.extended) for name in ("kube-apiserver", "kube-controller-manager")),
    ],
)
def test_a_killed_part_is_brought_back_with_all_data(cluster: Cluster, component: str) -> None:
    mark(cluster, f"before-{component}")
    os.kill(pid_of(cluster, component), signal.SIGKILL)
    eventually(lambda: not cluster.is_running(), "the cluster is seen to be broken")
    cluster.up()
    assert api(cluster).get(Namespace, f"before-{component}").to_dict()["status"]["phase"] == "Active"


def test_stop_and_up_keep_the_data(cluster: Cluster) -> None:
    mark(cluster, "before-stop")
    cluster.stop()
    assert not cluster.is_running()
    cluster.up()
    api(cluster).get(Namespace, "before-stop")


@pytest.mark.extended
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_pods_run_at_once_after_the_next_up(cluster: Cluster, how: str) -> None:
    if how == "killed":
        for component in COMPONENTS:
            os.kill(pid_of(cluster, component), signal.SIGKILL)
    else:
        cluster.stop()
    cluster.up()
    name = f"after-being-{how}"
    spec = PodSpec(containers=[Container(name="web", image="web:1")])
    eventually(lambda: bool(list(api(cluster).list(ServiceAccount, namespace="default"))), "pods have an account")
    api(cluster).create(Pod(metadata=ObjectMeta(name=name), spec=spec), namespace="default")
    eventually(lambda: api(cluster).get(Pod, name, namespace="default").to_dict()["status"]["phase"] == "Running", name)


@pytest.mark.extended
def test_a_taken_port_is_named_and_nothing_is_lost(cluster: Cluster) -> None:
    mark(cluster, "before-taken-port")
    cluster.stop()
    port = yaml.safe_load((cluster.state / "kwok" / "kwokctl.yaml").read_text())["options"]["etcdPort"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(SandboxError, match=f"Port {port} of 127.0.0.1.* is taken by another program"):
            cluster.up()
    cluster.up()
    api(cluster).get(Namespace, "before-taken-port")


@pytest.mark.extended
def test_a_new_cluster_takes_other_ports_if_its_own_are_taken(cluster: Cluster) -> None:
    from sandbox import ports

    first = ports.free_block(Path("/somewhere"), 6)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first[2]))
        other.listen()
        second = ports.free_block(Path("/somewhere"), 6)
    assert not set(first) & set(second)


@pytest.mark.extended
def test_what_a_killed_run_left_half_made_is_made_afresh(cluster: Cluster) -> None:
    (cluster.state / "kwok" / "created").unlink()
    cluster.up()
    assert cluster.is_running()


@pytest.mark.extended
def test_a_component_that_does_not_come_up_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.stop()
    with monkeypatch.context() as patched:
        patched.setattr(Cluster, "_kwokctl", lambda *_: None)  # as one that has waited for long enough
        with pytest.raises(SandboxError, match="does not come up: etcd has ended"):
            cluster.up()
    cluster.up()


@pytest.mark.extended
def test_of_two_runs_at_once_one_starts_it_and_the_other_finds_it_running(cluster: Cluster) -> None:
    cluster.stop()
    pids = cluster.state / "kwok" / "clusters" / "sandbox" / "pids"
    for component in COMPONENTS:
        (pids / f"{component}.pid").write_text("1")  # as after a restart of the machine

    def up(_: int) -> dict[str, int]:
        cluster.up()
        return {component: pid_of(cluster, component) for component in (*COMPONENTS, "resizer")}

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(up, range(2))
    assert first == second


@pytest.mark.extended
def test_it_needs_no_kubectl_of_the_users(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "ps").symlink_to("/bin/ps")
    log = cluster.state / "kwok" / "kwokctl.log"
    before = len(log.read_text())
    cluster.stop()
    cluster.up()
    assert "kubectl" not in log.read_text()[before:], "nothing is downloaded"


@pytest.mark.extended
def test_what_is_half_deleted_can_be_deleted(cluster: Cluster) -> None:
    (cluster.state / "kwok" / "clusters" / "sandbox" / "kwok.yaml").unlink()
    running = [pid_of(cluster, component) for component in COMPONENTS]
    cluster.delete()
    assert not any(Path(f"/proc/{pid}/exe").exists() for pid in running)
    assert not cluster.exists()
    cluster.up()


@pytest.mark.extended
def test_a_process_that_took_over_an_old_id_is_left_alone(cluster: Cluster) -> None:
    cluster.stop()
    with subprocess.Popen(["sleep", "600"]) as stranger:
        pid_file = cluster.state / "kwok" / "clusters" / "sandbox" / "pids" / "etcd.pid"
        pid_file.write_text(str(stranger.pid))
        try:
            cluster.stop()
            cluster.up()
            assert stranger.poll() is None
        finally:
            stranger.terminate()
