"""Partition and OnDelete: an ``up`` ends when what it asked for has happened, not before and not ten minutes later."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from tests.support.playing import set_ready
from tests.support.pods import is_ready
from tests.support.projects import Project
from tests.support.waiting import eventually


def images(project: Project) -> dict[str, str]:
    return {name: pod["spec"]["containers"][0]["image"] for name, pod in project.list(Pod).items()}


@pytest.fixture
def three(project: Project) -> Project:
    """Three pods of the image web:1."""
    project.configure({"image": "web:1"})
    project.up()
    return project


def test_partitions_hold_pods_back_through_a_refresh_and_leave_no_trace_in_the_end(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 9}})
    three.up()
    assert set(images(three).values()) == {"web:1"}, "one above the count lets no pod through"
    three.configure({"update": {"partition": 2}})
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2"}
    assert is_ready(three, "web-2")
    three.up("--expect-no-changes")
    three.pulumi("refresh", "--yes", "--skip-preview", check=False)
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2"}
    three.configure({"image": "web:3"})
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:3"}
    three.configure({"update": {"partition": 3}})
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:3"}, "raised, it takes no pod back"
    three.configure({"update": {"partition": 0}})
    three.up()
    assert set(images(three).values()) == {"web:3"}
    three.configure({}, remove=("update",))
    three.up()
    three.up("--expect-no-changes")
    assert three.get(StatefulSet, "web")["metadata"].get("annotations", {}) == {}


def test_two_canaries_in_a_row_with_the_same_partition_are_both_waited_for(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 2}})
    three.up()
    # The second canary can't start before web-1, which it leaves alone, is ready.
    set_ready(three, "web-1", False)
    three.configure({"image": "web:3"})
    with three.up_in_the_background() as up:

        def is_seen() -> bool:
            live = three.get(StatefulSet, "web")
            image = live["spec"]["template"]["spec"]["containers"][0]["image"]
            seen: bool = live["status"]["observedGeneration"] == live["metadata"]["generation"]
            return seen and image == "web:3"

        eventually(is_seen, "the controller has seen the second canary")
        with pytest.raises(TimeoutError):
            up.result(timeout=3)
        set_ready(three, "web-1", True)
        said = up.result().output
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:3"}
    assert is_ready(three, "web-2")
    assert "Traceback" not in said


@pytest.mark.extended
def test_a_partition_counts_from_the_first_ordinal(project: Project) -> None:
    project.configure({"image": "web:1", "ordinalsStart": 5, "update": {"partition": 2}})
    project.up()
    assert sorted(images(project)) == ["web-5", "web-6", "web-7"]
    project.configure({"image": "web:2"})
    project.up()
    assert images(project) == {"web-5": "web:1", "web-6": "web:1", "web-7": "web:2"}


@pytest.mark.extended
def test_scaling_with_a_partition_waits_for_the_new_pods(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 2}, "replicas": 4})
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2", "web-3": "web:2"}
    assert all(is_ready(three, pod) for pod in images(three))
    three.configure({"replicas": 0})
    three.up()
    assert images(three) == {}
    three.configure({"replicas": 2})
    three.up()
    assert all(is_ready(three, f"web-{ordinal}") for ordinal in range(2))


@pytest.mark.extended
def test_claims_of_new_pods_grow_once_they_are_there(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 2}, "replicas": 4, "storage.size": "2Gi"})
    three.up()
    asked = {
        name: claim["spec"]["resources"]["requests"]["storage"]
        for name, claim in three.list(PersistentVolumeClaim).items()
    }
    assert asked == {f"www-web-{ordinal}": "2Gi" for ordinal in range(4)}


@pytest.mark.extended
def test_a_rollout_that_is_not_done_leaves_claims_as_they_are(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 2}, "storage.size": "2Gi", "rolloutTimeoutSeconds": 9})
    set_ready(three, "web-0", False)
    assert three.up(check=False).code != 0
    requests = [claim["spec"]["resources"]["requests"] for claim in three.list(PersistentVolumeClaim).values()]
    assert requests == [{"storage": "1Gi"}] * 3


@pytest.mark.extended
def test_a_partition_with_an_autoscaler_takes_the_live_count(three: Project) -> None:
    three.configure({"autoscaled": True, "image": "web:2", "update": {"partition": 1}})
    three.up()
    assert images(three) == {"web-0": "web:1", "web-1": "web:2", "web-2": "web:2"}


@pytest.mark.extended
def test_a_canary_that_does_not_get_ready_says_what_is_missing_and_the_next_up_goes_on(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"partition": 2}, "rolloutTimeoutSeconds": 9})
    set_ready(three, "web-1", False)
    failed = three.up(check=False)
    assert failed.code != 0
    said = f'"{three.namespace}/web" failed to fully initialize or become live: timed out waiting for the condition'
    assert said in failed.output
    assert "Traceback" not in failed.output
    set_ready(three, "web-1", True)
    three.up()
    assert images(three)["web-2"] == "web:2"


@pytest.mark.extended
@pytest.mark.upstream("should implement legacy replacement when the update strategy is OnDelete")
@pytest.mark.upstream("OnDelete")
def test_on_delete_updates_pods_as_somebody_deletes_them(three: Project) -> None:
    three.configure({"image": "web:2", "update": {"type": "OnDelete"}})
    three.up()
    assert set(images(three).values()) == {"web:1"}
    live = three.get(StatefulSet, "web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "web:2"
    three.up("--expect-no-changes")
    three.api.delete(Pod, "web-1", namespace=three.namespace)
    staged = {"web-0": "web:1", "web-1": "web:2", "web-2": "web:1"}
    eventually(lambda: images(three) == staged, "web-1 alone is back with the new image")
    three.configure({"update": {"type": "RollingUpdate"}})
    three.up()
    assert set(images(three).values()) == {"web:2"}
