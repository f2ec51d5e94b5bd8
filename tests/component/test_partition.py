"""With a partition, ``up`` itself waits for the pods that it lets through: until the StatefulSet's status says so."""

from typing import Any

import pulumi
import pytest

from components.stateful_web import rollout
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack

WAIT_FOR = "pulumi.com/waitFor"
WRITTEN = 7
"""Generation of the set that ``up`` has written."""
DONE = {"observedGeneration": WRITTEN, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 3}
"""Status with partition 2 of 3."""


@pytest.fixture(autouse=True)
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no test wait between two questions."""
    monkeypatch.setattr(rollout, "POLL_SECONDS", 0.01)


def written(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Give the set a generation, as the API server does when it is written."""
    if not args.type_.endswith(":StatefulSet"):
        return None
    props: dict[str, Any] = {**args.props}
    props["metadata"] = {**props["metadata"], "generation": WRITTEN}
    return pulumi.ResourceTransformResult(props, args.opts)


class Cluster:
    """A cluster on which the set web is there, and reports what a test says."""

    def __init__(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        stack.grown_up(replicas=3)
        self.stack = stack
        self.seen = 0
        """How often ``up`` has looked at the set."""
        self.statuses: list[dict[str, Any]] = [{}]
        """What the set reports, one after the other, and the last one from then on."""
        answer = stack.api.answer

        def answering(method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
            if path.endswith("/statefulsets/web"):
                self.seen += 1
                self.live["status"] = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
                if "code" in self.live["status"]:
                    stack.api.failing.append(self.live["status"]["code"])
            return answer(method, path, body)

        monkeypatch.setattr(stack.api, "answer", answering)

    @property
    def live(self) -> dict[str, Any]:
        """The set, which a test may change."""
        return self.stack.api.objects["statefulsets", "default", "web"]

    def reports(self, *statuses: dict[str, Any]) -> None:
        self.statuses = list(statuses)

    def up(self, **inputs: Any) -> Ran:
        """Run ``up`` with the second image, for the highest pod unless another partition is given."""
        given = {"replicas": 3, "image": "web:2", "update": {"partition": 2}, **inputs}
        return self.stack.up(opts={"transforms": [written]}, **given)


@pytest.fixture
def cluster(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    return Cluster(stack, monkeypatch)


@pytest.mark.parametrize(
    ("update", "waits_itself"),
    [({}, False), ({"partition": 0}, False), ({"type": "OnDelete"}, False), ({"partition": 2}, True)],
)
def test_only_a_partition_switches_off_the_wait_of_the_kubernetes_plugin(
    stack: Stack, update: dict[str, Any], waits_itself: bool
) -> None:
    ran = stack.preview(replicas=3, update=update)
    assert ran.error == ""
    annotations = ran["web-set"].inputs["metadata"].get("annotations", {})
    # The plugin is content with any generation, which every object has.
    assert annotations == ({WAIT_FOR: "jsonpath={.metadata.generation}"} if waits_itself else {})


def test_given_annotations_stay_beside_the_one_that_switches_off_the_wait(stack: Stack) -> None:
    metadata = stack.preview(update={"partition": 2}, annotations={"team": "shop"})["web-set"].inputs["metadata"]
    assert set(metadata["annotations"]) == {"team", WAIT_FOR}


def test_the_set_gets_the_partition_as_given(stack: Stack) -> None:
    spec = stack.preview(replicas=3, update={"partition": 2})["web-set"].inputs["spec"]
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    assert "updateStrategy" not in stack.preview(replicas=3)["web-set"].inputs["spec"]


def test_up_ends_once_the_pods_from_the_partition_on_are_new_and_all_are_ready(cluster: Cluster) -> None:
    cluster.reports(
        {**DONE, "observedGeneration": WRITTEN - 1},
        {**DONE, "updatedReplicas": 0},
        {**DONE, "readyReplicas": 2},
        DONE,
    )
    ran = cluster.up()
    assert ran.error == ""
    assert cluster.seen == 4
    assert [text for severity, text in ran.said if severity == "INFO"] == [
        "StatefulSet default/web, partition 2: the controller has not seen the change yet",
        "StatefulSet default/web, partition 2: 0 of 1 pods have the new revision, 3 of 3 are there",
        "StatefulSet default/web, partition 2: 2 of 3 pods are ready",
    ]


def test_up_reports_each_state_once_however_long_it_lasts(cluster: Cluster) -> None:
    cluster.reports(*[{**DONE, "readyReplicas": 2}] * 5, DONE)
    ran = cluster.up()
    assert ran.error == ""
    assert cluster.seen == 6
    assert len(ran.said) == 1


@pytest.mark.parametrize(("partition", "updated"), [(3, 0), (9, 0), (1, 2)])
def test_up_waits_for_as_many_new_pods_as_the_partition_lets_through(
    cluster: Cluster, partition: int, updated: int
) -> None:
    cluster.reports({**DONE, "updatedReplicas": updated})
    ran = cluster.up(update={"partition": partition})
    assert (ran.error, ran.said) == ("", ())
    assert cluster.seen == 1


def test_up_waits_for_pods_that_the_same_change_adds(cluster: Cluster) -> None:
    cluster.live["spec"]["replicas"] = 4
    cluster.reports({**DONE, "updatedReplicas": 1}, {**DONE, "replicas": 4, "updatedReplicas": 2, "readyReplicas": 4})
    ran = cluster.up(replicas=4)
    assert ran.error == ""
    (said,) = (text for _, text in ran.said)
    assert said.endswith("1 of 2 pods have the new revision, 3 of 4 are there")


def test_with_an_autoscaler_up_waits_for_the_live_number_of_pods(cluster: Cluster) -> None:
    cluster.live["spec"]["replicas"] = 5
    cluster.reports({"observedGeneration": WRITTEN, "replicas": 5, "updatedReplicas": 4, "readyReplicas": 5})
    ran = cluster.up(autoscaled=True, update={"partition": 1})
    assert (ran.error, ran.said) == ("", ())


def test_without_a_partition_up_does_not_read_the_status(cluster: Cluster) -> None:
    assert cluster.up(update={}).error == ""
    assert cluster.seen == 0


def test_a_preview_waits_for_nothing(cluster: Cluster) -> None:
    assert cluster.stack.preview(replicas=3, image="web:2", update={"partition": 2}).error == ""
    assert cluster.seen == 0


def test_up_fails_with_what_is_missing_after_the_rollout_timeout(cluster: Cluster) -> None:
    cluster.reports({**DONE, "updatedReplicas": 0})
    ran = cluster.up(rollout_timeout_seconds=1)
    assert ran.error.startswith("StatefulSet default/web with partition 2 is not rolled out after 1 s: 0 of 1 pods")
    assert "rolloutTimeoutSeconds allows it more time" in ran.error
    assert "Traceback" not in ran.error
    assert "web-set" in ran.resources, "it is in the state, and the next up goes on"


@pytest.mark.parametrize("code", [429, 500, 503])
def test_up_reports_a_failing_api_server_and_asks_it_again(cluster: Cluster, code: int) -> None:
    cluster.reports({"code": code}, {"code": code}, DONE)
    ran = cluster.up()
    assert ran.error == ""
    assert cluster.seen == 3
    assert [text for _, text in ran.said] == ["StatefulSet default/web, partition 2: the API server says: not now"]


def test_claims_grow_after_the_rollout(cluster: Cluster, api: FakeApiServer) -> None:
    cluster.reports({**DONE, "readyReplicas": 2}, DONE)
    ran = cluster.up(storage={"size": "2Gi"})
    assert ran.error == ""
    patches = [patch.inputs["metadata"]["name"] for patch in ran.of_type(":PersistentVolumeClaimPatch")]
    assert sorted(patches) == ["data-web-0", "data-web-1", "data-web-2"]
    assert cluster.seen == 2


def test_a_rollout_that_fails_leaves_the_claims_as_they_are(cluster: Cluster) -> None:
    cluster.reports({**DONE, "readyReplicas": 2})
    ran = cluster.up(storage={"size": "2Gi"}, rollout_timeout_seconds=1)
    assert "2 of 3 pods are ready" in ran.error
    assert ran.of_type(":PersistentVolumeClaimPatch") == []
