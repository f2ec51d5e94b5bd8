"""The real node's sandbox on bad days: what is killed comes back, and nothing is left on the host."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.instance import Sandbox
from sandbox.kwok_cluster import COMPONENTS
from sandbox.node.node_cluster import PROGRAMS, NodeCluster
from sandbox.paths import ROOT
from tests.support.checkouts import Checkout
from tests.support.interrupts import goes_on_after_ctrl_c
from tests.support.pages import blocks
from tests.support.pods import container_ids, is_ready
from tests.support.projects import Project
from tests.support.traces import Host, left_of, namespaces, of_machine
from tests.support.waiting import eventually

PARTS = {
    "nothing": set[str](),
    "kubelet and runtime": {"kubelet", "containerd"},
    "pods' keepers": {"containerd-shim-runc-v2"},
    "control plane": {"etcd", "kube-apiserver"},
    "its first process": {"machine"},
}
"""What is killed, by the names of its processes."""
EXPECTED = {"machine", "nginx:", "pause", "containerd-shim-runc-v2", *PROGRAMS}
"""What runs where pods do, besides the control plane."""


@pytest.mark.parametrize(
    "killed",
    [
        pytest.param(killed, id=name, marks=() if name == "kubelet and runtime" else pytest.mark.extended)
        for name, killed in PARTS.items()
    ],
)
def test_stopping_leaves_nothing_whatever_was_killed_before(web: Project, node: NodeCluster, killed: set[str]) -> None:
    node.up()
    eventually(lambda: set(of_machine(node).values()) >= EXPECTED, "pods run")
    running = of_machine(node)
    was = namespaces(running)
    before = Host.now(node)
    victims = [pid for pid, name in running.items() if name in killed]
    assert bool(victims) is bool(killed)
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    node.stop()
    assert left_of(node, was) == []
    assert Host.now(node) == before


@pytest.mark.parametrize(
    "program",
    [
        "kubelet",
        *(
            pytest.param(name, marks=pytest.mark.extended)
            for name in ("containerd", "coredns", "kube-proxy", "kube-apiserver", "machine")
        ),
    ],
)
def test_a_killed_part_is_brought_back_and_pods_run(web: Project, node: NodeCluster, program: str) -> None:
    node.up()
    eventually(lambda: runs(web, node), "a pod runs")
    before = container_ids(web)["web-0"]
    (victim,) = (pid for pid, name in of_machine(node).items() if name == program)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: not node.is_running(), "it is seen to be broken")
    node.up()
    assert node.is_running()
    # With the control plane, all that runs is started afresh.
    afresh = program in ("kube-apiserver", "machine")
    eventually(lambda: (container_ids(web)["web-0"] != before) is afresh and runs(web, node), "the pod runs")


def test_parts_that_run_are_left_alone_when_another_is_brought_back(node: NodeCluster) -> None:
    node.up()
    before = {pid: name for pid, name in of_machine(node).items() if name in PROGRAMS and name != "kubelet"}
    node.machine.end("kubelet")
    node.up()
    time.sleep(2)  # one that watches its configuration ends a moment after that has been written
    assert before.items() <= of_machine(node).items()


def runs(web: Project, node: NodeCluster) -> bool:
    """Say whether the container that the API server tells of runs: after a stop, it tells of the last one."""
    container = container_ids(web)["web-0"].removeprefix("containerd://")
    ctr = node.network.packages.program("ctr")
    return is_ready(web, "web-0") and container in node.machine.run(ctr, "-n", "k8s.io", "tasks", "list", "--quiet")


def lasting(node: NodeCluster) -> dict[int, str]:
    """Return the processes that do not come and go as others call them."""
    return {pid: name for pid, name in of_machine(node).items() if name in {*EXPECTED, *COMPONENTS}}


def test_up_of_a_running_node_changes_nothing(node: NodeCluster) -> None:
    node.up()
    before = lasting(node)
    node.up()
    assert lasting(node) == before


def test_the_host_s_kernel_is_left_as_it_is(node: NodeCluster) -> None:
    node.up()
    inside = node.machine.run("cat", "/proc/sys/kernel/panic").strip()
    assert inside == "10", "the kubelet sees what it wants"
    assert not any(path.is_mount() for path in Path("/proc/sys/kernel").iterdir())


def test_the_control_plane_is_the_machine_s_own(node: NodeCluster) -> None:
    node.up()
    names = set(of_machine(node).values())
    assert {component for component in COMPONENTS if component != "kwok-controller"} <= names


@pytest.mark.extended
def test_two_checkouts_with_a_node_each_go_up_down_and_up_again(tmp_path: Path, sandbox: Sandbox) -> None:
    """The second checkout is the test run's own sandbox, which runs beside it all the time."""
    sandbox.cluster.up()
    checkout = Checkout(tmp_path)
    (readme,) = (block for block in blocks(ROOT / "README.md") if block.title.endswith("test_sandbox.py"))
    try:
        said = checkout.run("bash", "-euo", "pipefail", "-c", readme.text).stdout
        assert "StatefulSet default/web: 3 of 3 pods ready; Service nginx, headless" in said
        assert "[mandatory]" not in said
        assert "[advisory]" not in said
        assert all(promised in said for promised in readme.promised)
        stay = said[said.index("These stay") :]
        assert sandbox.cluster.is_running(), "the other one is left alone"

        checkout.make("node")
        volumes = "jsonpath={.items[*].spec.volumeName}"
        bound = checkout.by_hand(f"kubectl get persistentvolumeclaims --output '{volumes}'", node=True).split()
        assert len(bound) == 3
        assert all(volume in stay for volume in bound), "they are those that it said stay"
        assert opened(checkout).strip() == "hello"
        assert "4 unchanged" in checkout.make("node")
        shown = {
            "status": "3 of 3 pods ready",
            "doctor": "default/web",
            "claims": "www-web-2",
            "recover": "Nothing to recover",
            "preview": "Forecast",
        }
        for target, words in shown.items():
            assert words in checkout.make(target, "STACK=node")
        assert checkout.run("git", "status", "--porcelain").stdout == ""
        assert [path.name for path in checkout.home.iterdir()] == [], "nothing of the user's is touched"
    finally:
        checkout.make("clean", "YES=1")
    assert not (checkout.folder / ".sandbox").exists()
    assert sandbox.cluster.is_running()


@pytest.mark.extended
@pytest.mark.parametrize(
    ("at", "after"),
    [("Starting containerd", 1.0), ("pulumi up of stack node", 3.0)],
    ids=["as the node is made", "as the stack is updated"],
)
def test_after_ctrl_c_make_node_goes_on_and_make_clean_leaves_nothing(
    tmp_path: Path, node: NodeCluster, at: str, after: float
) -> None:
    checkout = Checkout(tmp_path)
    before = Host.now(node)
    try:
        goes_on_after_ctrl_c(checkout, "node", at=at, after=after)
    finally:
        checkout.make("clean", "YES=1")
    its_own = NodeCluster.of(checkout.folder / ".sandbox" / "node", print)
    assert left_of(its_own, set()) == []
    assert Host.now(node) == before


def opened(checkout: Checkout) -> str:
    """Return the page that ``make open`` serves."""
    with subprocess.Popen(
        ["make", "-s", "open"], cwd=checkout.folder, env=checkout.env(), stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as serving:  # fmt: skip
        try:
            assert serving.stdout
            url = serving.stdout.readline().split()[0]
            deadline = time.monotonic() + 30
            while True:
                try:
                    return str(urllib.request.urlopen(url, timeout=5).read().decode())
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
        finally:
            os.killpg(serving.pid, signal.SIGINT)
