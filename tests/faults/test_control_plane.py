"""Servers of the control plane that die, dawdle or are full, and credentials that end, while ``up`` is at work."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.rbac_authorization_v1 import ClusterRoleBinding

from sandbox.instance import Sandbox
from tests.support.control_plane import ControlPlane, credential, sleep_until_expired
from tests.support.forwarding import forward_to_the_cluster_of
from tests.support.processes import running
from tests.support.projects import Project
from tests.support.recovery import Data, change, converges, moments_within, recovered, timed_up
from tests.support.sandboxes import running_sandbox

UP = ("up", "--yes", "--skip-preview")
SERVERS = ("kube-apiserver", "etcd", "kube-controller-manager")
ENDS = ("revoked", "expired")
SLOW_SECONDS = 0.2
ROLLOUT_SECONDS = 60
DEPLOYER = ClusterRoleBinding(
    metadata=ObjectMeta(name="deployer"),
    roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin"),
    subjects=[Subject(apiGroup="rbac.authorization.k8s.io", kind="User", name="deployer")],
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that may be hurt."""
    with running_sandbox(tmp_path_factory.mktemp("own") / "project") as box:
        yield box


@pytest.fixture(scope="module")
def servers(own: Sandbox) -> Iterator[ControlPlane]:
    servers = ControlPlane(own)
    with servers.supervised():
        yield servers


@pytest.fixture(scope="module")
def deployed(own: Sandbox, servers: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack that reaches the cluster by a kubeconfig of its own, which tests may rewrite."""
    with Project.in_new_namespace(own, tmp_path_factory.mktemp("deployed") / "project") as project:
        # A wait that has lost the server goes on until its time is up.
        project.configure({"kubernetes:kubeconfig": "kubeconfig", "rolloutTimeoutSeconds": ROLLOUT_SECONDS})
        administrators(project, own)
        yield project


@pytest.fixture(scope="module")
def seconds(deployed: Project) -> float:
    """What a first ``up`` takes on this machine."""
    return timed_up(deployed)


def kubeconfig(project: Project) -> Path:
    return project.folder / "kubeconfig"


def administrators(project: Project, box: Sandbox) -> None:
    kubeconfig(project).write_text(box.cluster.kubeconfig.read_text())


@pytest.mark.moments(len(SERVERS))
def test_an_up_outlives_a_server_that_dies_or_is_recovered(
    servers: ControlPlane, deployed: Project, seconds: float, moment: int, chance: random.Random
) -> None:
    dies = SERVERS[moment % len(SERVERS)]
    for wait in moments_within(seconds, chance):
        before = Data.of(deployed)
        change(deployed, chance)
        with running(deployed, *UP) as run:
            time.sleep(wait)
            servers.kill(dies)
            missed = run.is_through()
            time.sleep(chance.uniform(0, 3))
            servers.start(dies)
            servers.bring_back()
            print(dies, run.ended().output)
        recovered(deployed, before)
        if not missed:
            break


@pytest.mark.moments(3)
def test_an_up_on_a_full_etcd_goes_on_when_there_is_room(
    servers: ControlPlane, deployed: Project, seconds: float, moment: int, chance: random.Random
) -> None:
    for wait in moments_within(seconds, chance):
        before = Data.of(deployed)
        change(deployed, chance)
        with running(deployed, *UP) as run:
            time.sleep(wait)
            servers.fill_etcd()
            missed = run.is_through()
            time.sleep(chance.uniform(2, 5))
            servers.free_etcd()
            servers.bring_back()
            print(run.ended().output)
        recovered(deployed, before)
        if not missed:
            break


def test_nothing_is_begun_on_a_full_etcd_and_its_words_are_passed_on(servers: ControlPlane, deployed: Project) -> None:
    deployed.up()
    before, version = Data.of(deployed), deployed.get(StatefulSet, "web")["metadata"]["resourceVersion"]
    deployed.configure({"image": "web:full"})
    servers.fill_etcd()
    try:
        refused = deployed.up(check=False)
    finally:
        servers.free_etcd()
    assert refused.code != 0
    assert "database space exceeded" in refused.output
    assert "Traceback" not in refused.output
    servers.bring_back()
    live = deployed.get(StatefulSet, "web")
    assert live["metadata"]["resourceVersion"] == version
    recovered(deployed, before)


@pytest.mark.moments(len(ENDS))
def test_after_a_credential_that_ended_half_way_a_new_one_goes_on(
    own: Sandbox, deployed: Project, seconds: float, moment: int, chance: random.Random
) -> None:
    ends = ENDS[moment % len(ENDS)]
    for lasts in moments_within(seconds, chance):
        before = Data.of(deployed)
        deployed.api.create(DEPLOYER)
        credential(own, kubeconfig(deployed), "deployer", lasts if ends == "expired" else 600)
        change(deployed, chance)
        # A wait that loses its rights goes on until its time is up: soon, but not before the latest moment.
        deployed.configure({"rolloutTimeoutSeconds": max(10, round(seconds))})
        try:
            with running(deployed, *UP) as run:
                time.sleep(lasts)
                if ends == "revoked":
                    deployed.api.delete(ClusterRoleBinding, "deployer")
                missed = run.is_through()
                half_way = run.ended()
                sleep_until_expired(0)
            change(deployed, chance)
            refused = deployed.up(check=False)
        finally:
            administrators(deployed, own)
            deployed.configure({"rolloutTimeoutSeconds": ROLLOUT_SECONDS})
            if ends == "expired":
                deployed.api.delete(ClusterRoleBinding, "deployer")
        print(ends, half_way.output)
        for said in (half_way, refused):
            assert "Traceback" not in said.output
        assert refused.code != 0
        assert ("Unauthorized" if ends == "expired" else "forbidden") in refused.output
        recovered(deployed, before)
        if not missed:
            break


def test_a_slow_api_server_is_waited_for(own: Sandbox, deployed: Project) -> None:
    deployed.up()
    before = Data.of(deployed)
    with forward_to_the_cluster_of(own.cluster.kubeconfig, kubeconfig(deployed)) as way:
        way.delay = SLOW_SECONDS
        try:
            deployed.configure({"replicas": 4, "image": "web:slow"})
            converges(deployed, before)
        finally:
            administrators(deployed, own)
    converges(deployed, before)
