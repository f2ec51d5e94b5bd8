"""Stories of Kubernetes' own end-to-end tests and tutorial, told with ``pulumi up``; docs/conformance.md lists all.

Those about claims are in test_retention.py; those in which a process decides are told on the real node.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet, StatefulSetScale, StatefulSetStatus
from lightkube.resources.core_v1 import Node, PersistentVolumeClaim, Pod
from lightkube.types import PatchType

from tests.support.playing import set_ready
from tests.support.pods import is_ready, successor
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.watching import PodEvent, pod_events

pytestmark = pytest.mark.extended

REVISION = "controller-revision-hash"


def status(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = project.get(StatefulSet, "web")["status"]
    return found


def images(project: Project) -> dict[str, str]:
    return {name: pod["spec"]["containers"][0]["image"] for name, pod in project.list(Pod).items()}


def revisions(project: Project) -> set[str]:
    return {pod["metadata"]["labels"][REVISION] for pod in project.list(Pod).values()}


def moves(events: list[PodEvent]) -> list[tuple[str, str]]:
    """Return which pods came and went, in order."""
    return [(event.what, event.pod) for event in events if event.what != "MODIFIED"]


def first_moves(events: list[PodEvent]) -> list[tuple[str, str]]:
    """Return the same without repeats: on a simulated node a pod that was replaced may go and come once more."""
    return list(dict.fromkeys(moves(events)))


def is_decided(project: Project) -> bool:
    """Say whether the controller has acted upon the newest spec."""
    live = project.get(StatefulSet, "web")
    decided: bool = live["status"].get("observedGeneration") == live["metadata"]["generation"]
    return decided


def is_asked_for(project: Project, replicas: int) -> bool:
    return project.get(StatefulSet, "web")["spec"]["replicas"] == replicas and is_decided(project)


def delete_pod(project: Project, pod: str) -> None:
    """Delete a pod, and wait for the one that takes its place."""
    before = project.get(Pod, pod)
    project.api.delete(Pod, pod, namespace=project.namespace)
    successor(project, before)


def controller(project: Project, pod: str) -> str | None:
    """Return the UID of what controls a pod."""
    owners = project.get(Pod, pod)["metadata"].get("ownerReferences", ())
    return next((owner["uid"] for owner in owners if owner.get("controller")), None)


def patch_pod(project: Project, pod: str, metadata: dict[str, Any]) -> None:
    project.api.patch(Pod, pod, {"metadata": metadata}, namespace=project.namespace, patch_type=PatchType.MERGE)


@pytest.mark.upstream("should adopt matching orphans and release non-matching pods")
def test_an_orphan_is_adopted_and_a_pod_that_loses_its_labels_is_released(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    pods, the_set = project.uids(Pod), project.uids(StatefulSet)["web"]
    labels = project.get(Pod, "web-0")["metadata"]["labels"]
    assert controller(project, "web-0") == the_set
    patch_pod(project, "web-0", {"ownerReferences": None})
    eventually(lambda: controller(project, "web-0") == the_set, "the orphan is adopted")
    patch_pod(project, "web-0", {"labels": dict.fromkeys(labels)})
    eventually(lambda: controller(project, "web-0") is None, "the pod that does not match is released")
    patch_pod(project, "web-0", {"labels": labels})
    eventually(lambda: controller(project, "web-0") == the_set, "it is adopted again")
    assert project.uids(Pod) == pods
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.upstream("should not deadlock when a pod's predecessor fails")
def test_a_deleted_pod_comes_back_although_its_successor_is_not_ready(project: Project) -> None:
    project.configure({"replicas": 2})
    project.up()
    set_ready(project, "web-1", False)
    delete_pod(project, "web-0")
    assert not is_ready(project, "web-1")
    set_ready(project, "web-1", True)
    project.up("--refresh", "--expect-no-changes")
    eventually(lambda: status(project).get("readyReplicas") == 2, "all pods are ready")


@pytest.mark.upstream("should perform rolling updates and roll backs of template modifications with PVCs")
@pytest.mark.upstream("should perform rolling updates and roll backs of template modifications")
@pytest.mark.upstream("RollingUpdate")
def test_an_update_and_its_roll_back_go_from_the_highest_ordinal_down_between_two_revisions(project: Project) -> None:
    project.configure({"image": "web:1"})
    project.up()
    claims, first = project.uids(PersistentVolumeClaim), status(project)["currentRevision"]
    assert status(project)["updateRevision"] == first
    assert revisions(project) == {first}

    def roll(image: str, before: str) -> str:
        """Update to an image, held up for a while by a pod that is not ready; return the new revision."""
        set_ready(project, "web-1", False)
        at_first = images(project)
        project.configure({"image": image})
        with pod_events(project.api, project.namespace) as events, project.up_in_the_background() as up:
            eventually(lambda: status(project)["updateRevision"] != before, "there is a new revision")
            assert status(project)["currentRevision"] == before
            assert images(project) == at_first, "nothing is updated while a pod is not ready"
            set_ready(project, "web-1", True)
            up.result()
            eventually(lambda: len(first_moves(events)) == 6, "three pods have gone and come")
        in_order = [(what, pod) for pod in ("web-2", "web-1", "web-0") for what in ("DELETED", "ADDED")]
        assert first_moves(events) == in_order
        after: str = status(project)["updateRevision"]
        assert status(project)["currentRevision"] == after
        assert revisions(project) == {after}
        assert set(images(project).values()) == {image}
        return after

    second = roll("web:2", before=first)
    assert second != first
    assert roll("web:1", before=second) == first, "a roll back makes no third revision"
    assert project.uids(PersistentVolumeClaim) == claims


@pytest.mark.upstream("should perform canary updates and phased rolling updates of template modifications")
@pytest.mark.upstream("Staging an update")
@pytest.mark.upstream("Rolling out a canary")
@pytest.mark.upstream("Phased roll outs")
def test_a_staged_update_goes_out_pod_by_pod_and_deleted_pods_keep_to_their_side(project: Project) -> None:
    old, new = "web:1", "web:2"
    project.configure({"image": old, "update": {"partition": 3}})
    project.up()
    first = status(project)["currentRevision"]
    project.configure({"image": new})
    project.up()
    assert status(project)["updateRevision"] != first == status(project)["currentRevision"]
    delete_pod(project, "web-2")
    assert set(images(project).values()) == {old}, "staged, and not rolled out"
    for partition in (2, 1, 0):
        project.configure({"update": {"partition": partition}})
        project.up()
        updated = {f"web-{n}": new if n >= partition else old for n in range(3)}
        assert images(project) == updated
        if partition == 2:
            delete_pod(project, "web-0")
            delete_pod(project, "web-2")
            assert images(project) == updated
    eventually(
        lambda: revisions(project) == {status(project)["currentRevision"]}, "the new revision is the current one"
    )
    assert status(project)["currentRevision"] != first


@pytest.mark.upstream("Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow]")
def test_scaling_goes_in_order_and_waits_for_pods_that_are_not_ready(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()

    def scale(replicas: int, repaired: list[str]) -> list[tuple[str, str]]:
        """Scale, held up by pods that are not ready until some are again; return what becomes of pods, in order."""
        before = project.uids(Pod)
        for pod in before:
            set_ready(project, pod, False)
        eventually(lambda: status(project).get("readyReplicas", 0) == 0, "the controller sees that no pod is ready")
        project.configure({"replicas": replicas})
        with pod_events(project.api, project.namespace) as events, project.up_in_the_background() as up:
            eventually(lambda: is_asked_for(project, replicas), "the controller has seen the count")
            assert project.uids(Pod) == before
            assert not any("deletionTimestamp" in pod["metadata"] for pod in project.list(Pod).values())
            assert not up.done()
            for pod in repaired:
                set_ready(project, pod, True)
            up.result()
            eventually(lambda: len(moves(events)) == abs(replicas - len(before)), "all pods are there, or gone")
        return moves(events)

    assert scale(3, ["web-0"]) == [("ADDED", "web-1"), ("ADDED", "web-2")]
    # A pod that goes anyway need not be ready, if all before it are.
    assert scale(0, ["web-0", "web-1"]) == [("DELETED", "web-2"), ("DELETED", "web-1"), ("DELETED", "web-0")]


@pytest.mark.upstream("Burst scaling should run to completion even with unhealthy pods [Slow]")
@pytest.mark.upstream("Parallel Pod management")
def test_with_parallel_management_scaling_waits_for_no_pod(project: Project) -> None:
    project.configure({"replicas": 1, "podManagementPolicy": "Parallel"})
    project.up()
    set_ready(project, "web-0", False)
    project.configure({"replicas": 3})
    with project.up_in_the_background() as up:
        eventually(lambda: sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"], "web-1 and web-2 are made")
        assert not is_ready(project, "web-0")
        set_ready(project, "web-0", True)
        up.result()
    for pod in project.list(Pod):
        set_ready(project, pod, False)
    eventually(lambda: status(project).get("readyReplicas", 0) == 0, "no pod is ready")
    project.configure({"replicas": 0})
    project.up()
    assert project.list(Pod) == {}


@pytest.mark.upstream("should have a working scale subresource")
def test_the_scale_subresource_is_read_and_written_and_up_leaves_the_count_to_it(project: Project) -> None:
    project.configure({"replicas": 1, "autoscaled": True})
    project.up()
    scale = project.api.get(StatefulSetScale, "web", namespace=project.namespace)
    assert scale.metadata
    assert scale.spec
    assert scale.status
    assert (scale.spec.replicas, scale.status.replicas) == (1, 1)
    scale.metadata.resourceVersion, scale.spec.replicas = None, 2
    project.api.replace(scale, "web", namespace=project.namespace)
    assert project.get(StatefulSet, "web")["spec"]["replicas"] == 2
    project.api.patch(StatefulSetScale, "web", {"spec": {"replicas": 4}}, namespace=project.namespace)
    assert project.get(StatefulSet, "web")["spec"]["replicas"] == 4
    project.up("--expect-no-changes")
    eventually(lambda: status(project).get("readyReplicas") == 4, "four pods are ready")


@pytest.mark.upstream("should validate Statefulset Status endpoints")
def test_what_is_written_into_the_status_is_read_there_and_no_change_to_the_stack(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    condition = {"type": "Written", "status": "True"}
    project.api.patch(
        StatefulSetStatus,
        "web",
        {"status": {"conditions": [condition]}},
        namespace=project.namespace,
        patch_type=PatchType.MERGE,
    )
    (read,) = status(project)["conditions"]
    assert condition.items() <= read.items()
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.upstream("MinReadySeconds should be honored when enabled")
def test_a_pod_that_has_not_been_ready_for_long_enough_holds_back_the_next(project: Project) -> None:
    project.configure({"replicas": 2, "minReadySeconds": 3600, "rolloutTimeoutSeconds": 5})
    assert project.up(check=False).code != 0
    eventually(lambda: status(project).get("readyReplicas") == 1, "web-0 is ready")
    assert sorted(project.list(Pod)) == ["web-0"]
    assert status(project).get("availableReplicas", 0) == 0
    project.configure({"minReadySeconds": 0}, remove=("rolloutTimeoutSeconds",))
    project.up()
    eventually(lambda: status(project).get("availableReplicas") == 2, "both pods are available")


@pytest.mark.upstream("AvailableReplicas should get updated accordingly when MinReadySeconds is enabled")
def test_the_number_of_available_pods_follows_the_time_that_they_have_to_be_ready_for(project: Project) -> None:
    project.configure({"replicas": 2, "podManagementPolicy": "Parallel"})
    for seconds, available in ((3600, 0), (0, 2), (3600, 0), (1, 2)):
        project.configure({"minReadySeconds": seconds})
        project.up()

        def follows(available: int = available) -> bool:
            return is_decided(project) and status(project).get("availableReplicas", 0) == available

        eventually(follows, f"{available} pods are available")
        assert status(project)["readyReplicas"] == 2


def is_pending(project: Project, pod: str) -> bool:
    found = project.list(Pod).get(pod)
    return found is not None and found["status"]["phase"] == "Pending"


@contextmanager
def cordoned_nodes(project: Project) -> Iterator[None]:
    """Let no pod be scheduled until the block ends."""
    nodes = [str(node.to_dict()["metadata"]["name"]) for node in project.api.list(Node)]
    project.kubectl("cordon", *nodes)
    try:
        yield
    finally:
        project.kubectl("uncordon", *nodes)


@pytest.mark.upstream("PVC should be recreated when pod is pending due to missing PVC [Disruptive][Serial]")
def test_a_claim_that_is_deleted_while_its_pod_is_pending_is_made_anew(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    before = project.uids(PersistentVolumeClaim)["www-web-0"]
    with cordoned_nodes(project):
        project.kubectl("delete", "pod", "web-0")
        eventually(lambda: is_pending(project, "web-0"), "the pod is made anew")
        project.kubectl("delete", "persistentvolumeclaim", "www-web-0")
    eventually(lambda: is_ready(project, "web-0"), "the pod is ready")
    assert project.uids(PersistentVolumeClaim)["www-web-0"] != before
    project.up("--refresh", "--expect-no-changes")


@pytest.mark.upstream("Setting .start.ordinal")
@pytest.mark.upstream("Increasing .start.ordinal")
@pytest.mark.upstream("Decreasing .start.ordinal")
@pytest.mark.upstream("Removing .start.ordinal")
def test_pods_move_to_the_ordinals_that_are_asked_for(project: Project) -> None:
    def moves(changes: dict[str, int], *pods: str) -> None:
        project.configure(changes, remove=() if changes else ("ordinalsStart",))
        project.up()
        eventually(lambda: sorted(project.list(Pod)) == list(pods), f"the pods are {pods}")
        assert all(is_ready(project, pod) for pod in pods)

    moves({"replicas": 2}, "web-0", "web-1")
    moves({"replicas": 3, "ordinalsStart": 2}, "web-2", "web-3", "web-4")
    moves({"replicas": 2, "ordinalsStart": 4}, "web-4", "web-5")
    moves({"ordinalsStart": 3}, "web-3", "web-4")
    moves({}, "web-0", "web-1")


@pytest.mark.upstream("Non-cascading delete")
def test_pods_of_a_set_that_was_deleted_without_them_are_taken_back(project: Project) -> None:
    project.up()
    pods, claims = project.uids(Pod), project.uids(PersistentVolumeClaim)
    project.kubectl("delete", "statefulset", "web", "--cascade=orphan")
    assert project.uids(Pod) == pods
    project.kubectl("delete", "pod", "web-0")
    assert sorted(project.list(Pod)) == ["web-1", "web-2"], "nobody makes it anew"
    project.configure({"replicas": 2})
    project.up("--refresh")
    eventually(lambda: sorted(project.list(Pod)) == ["web-0", "web-1"], "two pods, as asked for")
    after = project.uids(Pod)
    assert after["web-0"] != pods["web-0"]
    assert after["web-1"] == pods["web-1"]
    assert controller(project, "web-1") == project.uids(StatefulSet)["web"]
    assert project.uids(PersistentVolumeClaim) == claims
