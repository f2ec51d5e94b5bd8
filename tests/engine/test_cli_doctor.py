"""What holds pods up, made for real on an API server, and the commands that free them, run as they are printed."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from lightkube.models.core_v1 import ResourceQuotaSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import (
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodStatus,
    ResourceQuota,
)
from lightkube.resources.storage_v1 import StorageClass
from lightkube.types import PatchType

from tests.support.cli import command_json, follow, run_command
from tests.support.projects import Project
from tests.support.waiting import eventually

NO_WAIT = {"annotations": {"pulumi.com/skipAwait": "true"}}


def play_kubelet(project: Project, pod: str, state: dict[str, Any], last: dict[str, Any] | None = None) -> None:
    """Say of a pod's container what its kubelet would, and that the pod is not ready."""
    status = {
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [
            {"name": "nginx", "ready": False, "state": {"running": None, **state}, "lastState": last or {}}
        ],
    }
    project.api.patch(PodStatus, pod, {"status": status}, namespace=project.namespace, patch_type=PatchType.STRATEGIC)


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def found(project: Project, what: str, event: str = "") -> dict[str, Any]:
    """Wait until doctor says something of an object, with an event that begins so, and return that."""
    seen: list[dict[str, Any]] = []

    def is_told() -> bool:
        told = [finding for finding in command_json(project, "doctor") if finding["what"] == what]
        seen[:] = [finding for finding in told if (finding["event"] or "").startswith(event)]
        return bool(seen)

    eventually(is_told, f"doctor tells of {what} {event}")
    return seen[0]


@contextmanager
def storage_class(project: Project, **spec: Any) -> "Iterator[str]":
    """A class whose provisioner nobody runs."""
    name = f"nobody-{uuid4().hex[:8]}"
    project.api.create(StorageClass(metadata=ObjectMeta(name=name), provisioner="example.com/nobody", **spec))
    try:
        yield name
    finally:
        project.api.delete(StorageClass, name)


@pytest.mark.extended
def test_a_set_whose_pods_are_ready_has_nothing_stuck(project: Project) -> None:
    project.up()
    said = run_command(project, "doctor")
    assert said.code == 0
    assert f"StatefulSet {project.namespace}/web: 3 of 3 pods ready. Nothing is stuck." in said.output
    assert command_json(project, "doctor") == []


def test_a_bad_image_that_stays_stuck_after_its_revert_is_freed_by_the_printed_command(project: Project) -> None:
    project.up()
    good = project.get(Pod, "web-2")["spec"]["containers"][0]["image"]
    project.pulumi("config", "set", "image", "registry.k8s.io/nginx-slim:no-such-tag")
    project.up()
    why = 'Back-off pulling image "registry.k8s.io/nginx-slim:no-such-tag"'
    play_kubelet(project, "web-2", {"waiting": {"reason": "ImagePullBackOff", "message": why}})

    pulling = found(project, "pod web-2")
    assert (pulling["reason"], pulling["container"], pulling["event"]) == ("ImagePullBackOff", "nginx", why)
    assert pulling["commands"][0] == "pulumi config set image IMAGE --stack dev"

    project.pulumi("config", "set", "image", good)
    project.configure(NO_WAIT)
    project.up()

    def is_outdated() -> bool:
        return "older revision" in found(project, "pod web-2")["fix"]

    eventually(is_outdated, "doctor sees that the pod is of an older revision")
    stuck = found(project, "pod web-2")
    assert stuck["reason"] == "ImagePullBackOff"
    (delete,) = stuck["commands"]
    kubeconfig = project.values()["kubernetes:kubeconfig"]
    assert delete == f"kubectl --kubeconfig {kubeconfig} delete pod web-2 --namespace {project.namespace}"
    assert project.get(Pod, "web-2")["spec"]["containers"][0]["image"] != good, "it is stuck for real"

    follow(project, delete)

    def is_back() -> bool:
        pods = project.list(Pod)
        return len(pods) == 3 and all(
            is_ready(pod) and pod["spec"]["containers"][0]["image"] == good for pod in pods.values()
        )

    eventually(is_back, "every pod is ready with the good image")
    assert command_json(project, "doctor") == []


@pytest.mark.extended
def test_a_crash_loop_is_told_with_its_exit_code_and_the_command_for_its_last_words(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    play_kubelet(
        project,
        "web-0",
        {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
        {"terminated": {"exitCode": 3, "reason": "Error"}},
    )
    crashing = found(project, "pod web-0")
    assert (crashing["reason"], crashing["container"]) == ("CrashLoopBackOff", "nginx")
    assert "(Error, exit code 3)" in crashing["fix"]
    assert crashing["commands"][0].endswith(f"logs web-0 --container nginx --previous --namespace {project.namespace}")
    said = run_command(project, "doctor").output
    assert "pod web-0, container nginx: CrashLoopBackOff" in said
    assert 'after: eval "$(make -s env)"' in said


@pytest.mark.extended
@pytest.mark.parametrize(
    ("pod", "fix"),
    [
        ({"spec": {"nodeSelector": {"disk": "tape"}}}, "No node has the labels that it asks for"),
        (
            {"spec": {"containers": [{"name": "nginx", "resources": {"requests": {"cpu": "100k"}}}]}},
            "No node has that much to spare",
        ),
    ],
    ids=["node selector", "requests"],
)
def test_a_pod_that_no_node_takes_is_told_with_the_schedulers_event(
    project: Project, pod: dict[str, Any], fix: str
) -> None:
    project.configure({"podTemplate": pod, **NO_WAIT})
    project.up()
    unschedulable = found(project, "pod web-0", "FailedScheduling: 0/3 nodes are available")
    assert unschedulable["reason"] == "Unschedulable"
    assert fix in unschedulable["fix"]
    assert f"StatefulSet {project.namespace}/web: 0 of 3 pods ready, not there yet: web-1, web-2" in (
        run_command(project, "doctor").output
    )


def test_a_claim_that_nobody_serves_is_told_with_its_event_by_doctor_and_by_status(project: Project) -> None:
    with storage_class(project) as name:
        project.configure({"storage.storageClassName": name, **NO_WAIT})
        project.up()
        pending = found(project, "claim www-web-0", "ExternalProvisioning: Waiting for a volume to be created")
        assert pending["reason"] == "Pending"
        assert f"class {name} counts on example.com/nobody" in pending["fix"]
        assert [finding["what"] for finding in command_json(project, "doctor")] == ["claim www-web-0"]
        status = run_command(project, "status")
        assert "Claim www-web-0 is Pending. ExternalProvisioning: Waiting for a volume to be created" in status.output


@pytest.mark.extended
def test_a_claim_that_waits_for_a_pod_without_a_node_is_the_pods_trouble(project: Project) -> None:
    with storage_class(project, volumeBindingMode="WaitForFirstConsumer") as name:
        nowhere = {"spec": {"nodeSelector": {"disk": "tape"}}}
        project.configure({"storage.storageClassName": name, "podTemplate": nowhere, **NO_WAIT})
        project.up()
        assert found(project, "pod web-0")["reason"] == "Unschedulable"
        assert [finding["what"] for finding in command_json(project, "doctor")] == ["pod web-0"]


@pytest.mark.extended
def test_a_class_that_went_away_is_told_with_those_that_are_there(project: Project) -> None:
    with storage_class(project) as name:
        project.configure({"storage.storageClassName": name, **NO_WAIT})
        project.up()
        eventually(lambda: "www-web-0" in project.list(PersistentVolumeClaim), "the first claim is there")
    missing = found(project, "claim www-web-0")
    assert missing["reason"] == "StorageClassNotFound"
    assert (
        f'The cluster has no StorageClass "{name}" (it has: my-sc, rigid, rook-ceph-block, standard)' in missing["fix"]
    )


def test_a_lost_volume_is_told_by_name(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    volume = project.get(PersistentVolumeClaim, "www-web-0")["spec"]["volumeName"]
    project.api.delete(PersistentVolume, volume)
    project.api.patch(PersistentVolume, volume, {"metadata": {"finalizers": None}}, patch_type=PatchType.MERGE)
    lost = found(project, "claim www-web-0")
    assert lost["reason"] == "Lost"
    assert f"Its volume {volume} is gone" in lost["fix"]
    for command in lost["commands"]:
        follow(project, command)

    def is_new() -> bool:
        claim = project.list(PersistentVolumeClaim).get("www-web-0")
        return claim is not None and claim["status"]["phase"] == "Bound" and claim["spec"]["volumeName"] != volume

    eventually(is_new, "the pod has a new claim")


@pytest.mark.extended
def test_a_quota_that_is_used_up_is_told_while_the_first_up_still_waits(project: Project) -> None:
    quota = ResourceQuota(metadata=ObjectMeta(name="one-pod"), spec=ResourceQuotaSpec(hard={"pods": "1"}))
    project.api.create(quota, namespace=project.namespace)
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=project.folder, env=project.env, stdin=quiet, stdout=quiet, stderr=quiet) as up:
        try:
            eventually(lambda: "web-0" in project.list(Pod), "the first pod is there")
            refused = found(project, "pod web-1")
            assert refused["reason"] == "QuotaExceeded"
            assert "exceeded quota: one-pod, requested: pods=1, used: pods=1, limited: pods=1" in refused["event"]
            assert refused["commands"][0].endswith(f"describe resourcequota one-pod --namespace {project.namespace}")
        finally:
            project.api.delete(ResourceQuota, "one-pod", namespace=project.namespace)
            assert up.wait() == 0, "the controller tries again by itself"
    assert command_json(project, "doctor") == []


@pytest.mark.extended
def test_a_namespace_that_admits_restricted_pods_only_is_told_and_met_by_the_printed_commands(project: Project) -> None:
    enforce = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    project.api.patch(Namespace, project.namespace, enforce, patch_type=PatchType.MERGE)
    project.configure(NO_WAIT)
    project.up()
    refused = found(project, "pod web-0")
    assert refused["reason"] == "PodSecurity"
    assert 'violates PodSecurity "restricted:latest"' in refused["event"]
    set_restricted, up = refused["commands"]
    assert set_restricted == "pulumi config set security restricted --stack dev"
    follow(project, set_restricted)
    follow(project, f"{up} --yes --skip-preview --non-interactive")
    eventually(lambda: len(project.list(Pod)) == 3, "the pods are admitted")


@pytest.mark.extended
def test_a_pod_that_its_finalizer_holds_is_freed_by_the_printed_command(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    held = {"metadata": {"finalizers": ["example.com/held"]}}
    project.api.patch(Pod, "web-0", held, namespace=project.namespace, patch_type=PatchType.MERGE)
    before = project.get(Pod, "web-0")["metadata"]["uid"]
    project.api.delete(Pod, "web-0", namespace=project.namespace, grace_period=0)
    stuck = found(project, "pod web-0")
    assert stuck["reason"] == "Terminating"
    assert "example.com/held" in stuck["fix"]
    follow(project, stuck["commands"][0])

    def is_another() -> bool:
        pod = project.list(Pod).get("web-0")
        return pod is not None and pod["metadata"]["uid"] != before and is_ready(pod)

    eventually(is_another, "web-0 is back")


@pytest.mark.extended
def test_a_set_that_somebody_deleted_is_brought_back_by_the_printed_commands(project: Project) -> None:
    from lightkube.resources.apps_v1 import StatefulSet

    project.up()
    project.api.delete(StatefulSet, "web", namespace=project.namespace)
    gone = found(project, "StatefulSet web")
    assert gone["reason"] == "NotFound"
    status = run_command(project, "status")
    assert status.code == 1
    assert f"StatefulSet {project.namespace}/web is not on the cluster" in status.output
    assert "Traceback" not in status.output
    for command in gone["commands"]:
        follow(project, f"{command} --yes --skip-preview --non-interactive")
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]
