"""When a rollout with a partition is done, by the annotation that says so to the plugin; and how long one may take."""

from typing import Any

import pytest

from components.stateful_web import StatefulWebArgs, manifests
from components.stateful_web.validation import validate
from sandbox.kubernetes_plugin.wait_for import asked_for


def inputs(**given: Any) -> StatefulWebArgs:
    args: Any = {"image": "web:1", **given}
    complete, findings = validate("web", args)
    assert findings == []
    return complete


def is_done(status: dict[str, Any], *, wanted: int, partition: int, **given: Any) -> bool:
    """Judge a live set by the annotation that it gets; its count is the autoscaler's if there is one."""
    made = manifests.stateful_set(inputs(replicas=wanted, update={"partition": partition}, **given))
    made["metadata"]["generation"] = 2
    # The API server serves the status with this count, whatever it is, and leaves the others out if they are 0.
    judge = asked_for(made)
    assert judge
    return judge({**made, "status": {"observedGeneration": 2, "replicas": 0, **status}}).ready


def counts(**of: Any) -> dict[str, Any]:
    return {"replicas": 3, "readyReplicas": 3, **of}


DONE = [
    pytest.param(3, 2, counts(updatedReplicas=1, currentReplicas=2), id="below the replicas"),
    pytest.param(3, 3, counts(currentReplicas=3), id="equal to the replicas"),
    pytest.param(3, 9, counts(currentReplicas=3), id="above the replicas"),
    pytest.param(1, 2, {"replicas": 1, "readyReplicas": 1}, id="above the replicas, of which there is one"),
    pytest.param(3, 2, counts(updatedReplicas=3, currentReplicas=3, currentRevision="a"), id="created with one"),
    pytest.param(3, 2, counts(updatedReplicas=2, currentReplicas=1), id="raised after more pods were updated"),
    pytest.param(3, 1, counts(updatedReplicas=2, currentReplicas=1), id="lowered"),
    pytest.param(3, 2, counts(updatedReplicas=1, currentReplicas=2), id="two canaries in a row"),
    pytest.param(0, 2, {}, id="no replicas"),
    pytest.param(4, 2, {"replicas": 4, "readyReplicas": 4, "updatedReplicas": 2, "currentReplicas": 2}, id="scaled up"),
]
NOT_DONE = [
    pytest.param(3, 2, {}, id="a fresh set"),
    pytest.param(3, 9, {}, id="a fresh set with a partition above the replicas"),
    pytest.param(3, 2, counts(currentReplicas=3), id="no pod is new yet"),
    pytest.param(3, 1, counts(updatedReplicas=1, currentReplicas=2), id="lowered, and one pod is not new yet"),
    pytest.param(3, 2, counts(readyReplicas=2, updatedReplicas=1, currentReplicas=2), id="a pod is not ready"),
    pytest.param(3, 9, counts(readyReplicas=2, currentReplicas=3), id="a pod that is held back is not ready"),
    pytest.param(1, 2, {"replicas": 1}, id="the only pod is not ready"),
    pytest.param(4, 2, counts(updatedReplicas=1, currentReplicas=2), id="scaled up, and a pod is not there yet"),
    pytest.param(2, 1, counts(updatedReplicas=1, currentReplicas=2), id="scaled down, and a pod is still there"),
    pytest.param(2, 1, counts(readyReplicas=2, updatedReplicas=1), id="scaled down, and a pod ends"),
    pytest.param(0, 2, {"replicas": 1}, id="scaled to none, and a pod ends"),
]
REVISIONS = {"currentRevision": "a", "updateRevision": "b"}


@pytest.mark.parametrize("autoscaled", [False, True], ids=["", "autoscaled"])
@pytest.mark.parametrize(("wanted", "partition", "status"), DONE)
def test_a_rollout_is_done_when_the_pods_that_a_partition_lets_through_are_new_and_all_are_ready(
    wanted: int, partition: int, status: dict[str, Any], autoscaled: bool
) -> None:
    status = {**REVISIONS, **status, **({"updateRevision": "a"} if "currentRevision" in status else {})}
    assert is_done(status, wanted=wanted, partition=partition, autoscaled=autoscaled)


@pytest.mark.parametrize("autoscaled", [False, True], ids=["", "autoscaled"])
@pytest.mark.parametrize(("wanted", "partition", "status"), NOT_DONE)
def test_a_rollout_goes_on_while_a_pod_is_old_or_not_ready_or_not_there_or_one_too_many(
    wanted: int, partition: int, status: dict[str, Any], autoscaled: bool
) -> None:
    assert not is_done({**REVISIONS, **status}, wanted=wanted, partition=partition, autoscaled=autoscaled)


def test_what_the_controller_has_not_observed_yet_does_not_count() -> None:
    status = counts(updatedReplicas=1, currentReplicas=2)
    assert is_done(status, wanted=3, partition=2)
    assert not is_done({**status, "observedGeneration": 1}, wanted=3, partition=2)


def test_with_an_autoscaler_a_second_canary_is_done_with_its_first_pod() -> None:
    """A filter can't subtract the partition from a count that it does not know."""
    second = {**REVISIONS, **counts(currentReplicas=1)}
    assert not is_done(second, wanted=3, partition=1, autoscaled=True)
    assert is_done({**second, "updatedReplicas": 1}, wanted=3, partition=1, autoscaled=True)
    assert not is_done({**second, "updatedReplicas": 1}, wanted=3, partition=1)


@pytest.mark.parametrize(
    "update",
    [{}, {"partition": 0}, {"type": "OnDelete"}, {"max_unavailable": 2}],
    ids=["none", "0", "OnDelete", "other"],
)
def test_without_a_partition_the_plugins_own_wait_is_kept(update: dict[str, Any]) -> None:
    assert "annotations" not in manifests.stateful_set(inputs(update=update))["metadata"]


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, 600),
        ({"replicas": 3}, 600),
        ({"replicas": 20}, 20 * (60 + 30)),
        ({"replicas": 20, "min_ready_seconds": 10}, 20 * (60 + 30 + 10)),
        ({"replicas": 20, "termination_grace_period_seconds": 300}, 20 * (60 + 300)),
        ({"replicas": 20, "probes": {"startup": {}}}, 20 * (60 + 30 + 300)),
        ({"replicas": 20, "probes": {"readiness": {"initial_delay_seconds": 5}}}, 20 * (60 + 30 + 5 + 30)),
        ({"replicas": 20, "probes": {"liveness": {}}}, 20 * (60 + 30)),
        ({"replicas": 99, "rollout_timeout_seconds": 7}, 7),
        ({"replicas": 1, "autoscaled": True}, 10 * (60 + 30)),
    ],
)
def test_the_time_allowed_follows_from_count_end_and_probes_unless_it_is_given(
    given: dict[str, Any], seconds: int
) -> None:
    assert manifests.rollout_seconds(inputs(**given)) == seconds
