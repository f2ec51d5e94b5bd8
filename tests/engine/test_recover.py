"""After a killed ``pulumi up``: recover settles what is left, the next up goes on, and no claim is lost."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lightkube.models.core_v1 import ResourceQuotaSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, ResourceQuota, Service

from sandbox.instance import COMMAND
from tests.support.cli import follow_printed, run_command
from tests.support.projects import Project
from tests.support.waiting import eventually


@contextmanager
def up_that_waits(project: Project) -> "Iterator[subprocess.Popen[bytes]]":
    """Start an ``up`` that can't end: the namespace takes one pod, and three are asked for."""
    quota = ResourceQuota(metadata=ObjectMeta(name="one-pod"), spec=ResourceQuotaSpec(hard={"pods": "1"}))
    project.api.create(quota, namespace=project.namespace)
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=project.folder, env=project.env, stdin=quiet, stdout=quiet, stderr=quiet) as up:
        try:
            eventually(lambda: "web-0" in project.list(Pod), "the first pod is there")
            yield up
        finally:
            up.kill()
            project.api.delete(ResourceQuota, "one-pod", namespace=project.namespace)


def test_an_up_killed_half_way_is_recovered_and_goes_on_with_the_same_objects(project: Project) -> None:
    with up_that_waits(project) as up:
        os.kill(up.pid, signal.SIGKILL)
        up.wait()
        set_uid = project.get(StatefulSet, "web")["metadata"]["uid"]
        claim_uid = project.get(PersistentVolumeClaim, "www-web-0")["metadata"]["uid"]
        blocked = project.up(check=False)
        assert blocked.code != 0
        assert "locked" in blocked.output
        recovered = run_command(project, "recover")
    assert recovered.code == 0, recovered.output
    assert f"process {up.pid}" in recovered.output
    assert "Pending: creating kubernetes:apps/v1:StatefulSet web-set, which is on the cluster" in recovered.output
    project.up()
    assert project.get(StatefulSet, "web")["metadata"]["uid"] == set_uid
    assert project.get(PersistentVolumeClaim, "www-web-0")["metadata"]["uid"] == claim_uid
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]
    project.up("--expect-no-changes")


@pytest.mark.extended
@pytest.mark.parametrize(
    ("change", "name"),
    [({"serviceName": "other"}, "web"), ({"name": "other"}, "other")],
    ids=["of its name", "of another name"],
)
def test_an_up_killed_as_it_replaces_a_set_is_recovered_and_keeps_the_claims(
    project: Project, change: dict[str, str], name: str
) -> None:
    project.up()
    claims = project.uids(PersistentVolumeClaim)
    old = project.uids(StatefulSet)["web"]
    project.configure(change)
    with up_that_waits(project) as up:
        eventually(lambda: project.uids(StatefulSet).get(name, old) != old, "the new set is there")
        new = project.uids(StatefulSet)[name]
        os.kill(up.pid, signal.SIGKILL)
        up.wait()
        recovered = run_command(project, "recover")
    assert recovered.code == 0, recovered.output
    assert "Pending: creating kubernetes:apps/v1:StatefulSet web-set, which is on the cluster" in recovered.output
    project.up()
    assert project.uids(StatefulSet) == {name: new}
    assert claims.items() <= project.uids(PersistentVolumeClaim).items()
    project.up("--expect-no-changes")
    assert "Nothing to recover" in run_command(project, "recover").output


@pytest.mark.extended
def test_an_object_that_the_cluster_is_about_to_delete_is_waited_for_and_made_again(project: Project) -> None:
    """As after a destroy whose plugin was killed: the engine gave up, and Kubernetes goes on."""
    project.up()
    uid = project.get(Service, "nginx")["metadata"]["uid"]
    hold = '{"metadata":{"finalizers":["example.com/held"]}}'
    project.kubectl("patch", "service/nginx", "--patch", hold)
    project.kubectl("delete", "service/nginx", "--wait=false")
    project.up("--expect-no-changes")
    waits = f"Waiting for the cluster to delete kubernetes:core/v1:Service {project.namespace}/nginx"
    said = []
    with subprocess.Popen(
        [*COMMAND, "recover", "--stack", "dev"],
        cwd=project.folder,
        env={**project.env, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as recovering:
        assert recovering.stdout
        for line in recovering.stdout:
            said.append(line)
            if waits in line:
                break
        assert recovering.poll() is None, "it waits for the deletion"
        project.kubectl("patch", "service/nginx", "--patch", '{"metadata":{"finalizers":null}}')
        said.extend(recovering.stdout)
    assert recovering.returncode == 0, "".join(said)
    assert waits in "".join(said)
    project.up()
    assert project.get(Service, "nginx")["metadata"]["uid"] != uid
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_an_object_that_the_cluster_has_deleted_is_made_again(project: Project) -> None:
    """As after a destroy whose plugin was killed as Kubernetes was done already."""
    project.up()
    uid = project.get(StatefulSet, "web")["metadata"]["uid"]
    project.kubectl("delete", "statefulset/web")
    project.up("--expect-no-changes")
    recovered = run_command(project, "recover")
    assert recovered.code == 0, recovered.output
    gone = f"Gone: kubernetes:apps/v1:StatefulSet {project.namespace}/web, which is not on the cluster any more"
    assert gone in recovered.output
    project.up()
    assert project.get(StatefulSet, "web")["metadata"]["uid"] != uid
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_an_object_that_no_state_has_is_named_and_taken_over_as_printed(project: Project) -> None:
    """As after an up whose plugin was killed: the API server made it, and the engine forgot it."""
    project.up()
    uid = project.get(StatefulSet, "web")["metadata"]["uid"]
    urn = next(found["urn"] for found in project.state() if found["type"] == "kubernetes:apps/v1:StatefulSet")
    project.pulumi("state", "delete", urn, "--yes")
    assert "already exists" in project.up(check=False).output
    recovered = run_command(project, "recover")
    assert recovered.code == 0, recovered.output
    name = f"kubernetes:apps/v1:StatefulSet {project.namespace}/web"
    assert f"On the cluster and not in the state: {name}." in recovered.output
    follow_printed(project, recovered)
    assert project.get(StatefulSet, "web")["metadata"]["uid"] == uid
    project.up("--expect-no-changes")
    assert "Nothing to recover" in run_command(project, "recover").output


def test_a_live_holder_is_named_and_left_alone(project: Project) -> None:
    with up_that_waits(project) as up:
        refused = run_command(project, "recover")
        assert refused.code != 0
        assert f"Stack dev is locked by process {up.pid}" in refused.output
        assert up.poll() is None
        project.api.delete(ResourceQuota, "one-pod", namespace=project.namespace)
        assert up.wait() == 0
        project.api.create(
            ResourceQuota(metadata=ObjectMeta(name="one-pod"), spec=ResourceQuotaSpec(hard={"pods": "9"})),
            namespace=project.namespace,
        )


def test_nothing_to_recover_is_said_each_time(project: Project) -> None:
    project.up()
    for _ in range(2):
        nothing = run_command(project, "recover")
        assert nothing.code == 0
        assert "Nothing to recover" in nothing.output
