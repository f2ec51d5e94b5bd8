"""With a partition, the set says what the kubernetes plugin has to wait for; the component itself waits for nothing."""

import json
from typing import Any

import pytest

from components.stateful_web.partition import WAIT_FOR
from tests.support.monitor import UNKNOWN, Secret

from .harness import Stack, at, known, secret, unknown


def conditions(annotations: Any) -> list[str]:
    """Return the filters of a set's annotation."""
    return [found.removeprefix("jsonpath={$[?").removesuffix("]}") for found in json.loads(annotations[WAIT_FOR])]


ALL_READY = [
    "$.status.replicas == $.spec.replicas",
    "$.status.readyReplicas == $.spec.replicas || $.spec.replicas == 0",
]


@pytest.mark.parametrize(
    ("inputs", "new"),
    [
        ({"replicas": 3, "update": {"partition": 2}}, ["$.status.updatedReplicas > 0"]),
        ({"replicas": 5, "update": {"partition": 2}}, ["$.status.updatedReplicas > 2"]),
        ({"replicas": 3, "update": {"partition": 3}}, []),
        ({"replicas": 3, "update": {"partition": 9}}, []),
        ({"replicas": 0, "update": {"partition": 1}}, []),
        ({"replicas": 3, "update": {"partition": 1}, "ordinals_start": 5}, ["$.status.updatedReplicas > 1"]),
        ({"replicas": known(3), "update": {"partition": 2}}, ["$.status.updatedReplicas > 0"]),
        ({"replicas": 3, "update": {"partition": known(1)}}, ["$.status.updatedReplicas > 1"]),
        ({"replicas": 3, "update": {"partition": known(0)}}, ["$.status.updatedReplicas > 2"]),
        (
            {"autoscaled": True, "update": {"partition": 2}},
            [
                "$.status.updatedReplicas > 0 || !($.spec.replicas > 2)",
                "!($.status.currentReplicas > 2) || $.status.currentRevision == $.status.updateRevision",
            ],
        ),
    ],
)
def test_up_waits_for_the_pods_above_the_partition_to_be_new_and_for_all_to_be_ready(
    stack: Stack, inputs: dict[str, Any], new: list[str]
) -> None:
    ran = stack.preview(**inputs)
    assert ran.error == ""
    assert conditions(ran["web-set"].inputs["metadata"]["annotations"]) == [*ALL_READY, *new]


@pytest.mark.parametrize("update", [{}, {"partition": 0}, {"type": "OnDelete"}])
@pytest.mark.parametrize("replicas", [3, known(3), unknown])
def test_without_a_partition_the_plugin_waits_on_its_own(stack: Stack, update: dict[str, Any], replicas: Any) -> None:
    ran = stack.preview(replicas=replicas, update=update)
    assert ran.error == ""
    assert not ran["web-set"].inputs["metadata"].get("annotations")


@pytest.mark.parametrize("name", ["replicas", "partition"])
def test_what_is_not_known_yet_is_waited_for_once_it_is(stack: Stack, name: str) -> None:
    given: dict[str, Any] = {"replicas": 3, "partition": 1, name: unknown}
    ran = stack.preview(replicas=given["replicas"], update={"partition": given["partition"]})
    assert ran.error == ""
    assert ran["web-set"].inputs["metadata"]["annotations"] == {WAIT_FOR: UNKNOWN}


def test_a_secret_partition_stays_one(stack: Stack) -> None:
    ran = stack.preview(replicas=3, update={"partition": secret(2)})
    assert isinstance(ran["web-set"].inputs["metadata"]["annotations"][WAIT_FOR], Secret)


def test_given_annotations_stay_beside_it(stack: Stack) -> None:
    metadata = stack.preview(update={"partition": 2}, annotations={"team": "shop"})["web-set"].inputs["metadata"]
    assert set(metadata["annotations"]) == {"team", WAIT_FOR}


def test_who_says_what_to_wait_for_is_heard(stack: Stack) -> None:
    own = {WAIT_FOR: "jsonpath={.status.availableReplicas}=3"}
    metadata = stack.preview(replicas=3, update={"partition": 2}, annotations=own)["web-set"].inputs["metadata"]
    assert metadata["annotations"] == own


def test_the_set_gets_the_partition_as_given(stack: Stack) -> None:
    spec = stack.preview(replicas=3, update={"partition": 2})["web-set"].inputs["spec"]
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    assert "updateStrategy" not in stack.preview(replicas=3)["web-set"].inputs["spec"]


@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_claims_grow_once_the_set_is_rolled_out(stack: Stack, explicit: bool) -> None:
    stack.grown_up(replicas=3)
    opts = {"provider": stack.provider()} if explicit else {}
    ran = stack.up(replicas=4, image="web:2", update={"partition": 2}, storage={"size": "2Gi"}, opts=opts)
    assert ran.error == ""
    patches = ran.of_type(":PersistentVolumeClaimPatch")
    assert sorted(at(patch, "metadata.name") for patch in patches) == [f"data-web-{n}" for n in range(4)]
    assert all("web-set" in patch.depends_on for patch in patches)


def test_where_the_provider_is_handed_over_it_waits_all_the_same(stack: Stack) -> None:
    ran = stack.hosted(replicas=3, update={"partition": 2}, provider={"kubeconfig": stack.api.kubeconfig})
    assert ran.error == ""
    assert conditions(ran["web-set"].inputs["metadata"]["annotations"])[-1] == "$.status.updatedReplicas > 0"
