"""What ``status --watch`` says of a rollout: which lines two pictures make."""

from collections.abc import Sequence
from typing import Any

from components.stateful_web.cli.changes import Moment, changes, moment
from components.stateful_web.cli.live_objects import Place, Seen
from components.stateful_web.kubeconfig import ClusterAccess
from tests.support.live_sets import Object, claim, event, pod, stateful_set

WEB = stateful_set("web", 3)
PODS = [pod(WEB, n) for n in range(3)]
CLAIMS = [claim(WEB, n) for n in range(3)]


def at(
    web: Object | None = WEB, pods: Sequence[Object] = PODS, claims: Sequence[Object] = CLAIMS, events: Any = ()
) -> Moment:
    objects = {
        "StatefulSet": [web] if web else [],
        "Pod": pods,
        "PersistentVolumeClaim": claims,
        "Event": events,
        "Service": [],
    }
    return moment([Seen(Place(ClusterAccess(), "shop"), "https://one", objects)])


def test_nothing_that_changed_is_no_line() -> None:
    assert changes(at(), at()) == []


def test_the_first_picture_tells_pods_in_order_claims_and_the_set() -> None:
    assert changes(Moment(), at(pods=[*reversed(PODS)])) == [
        *(f"shop/web: pod web-{n}: Running, ready, on node-{n}" for n in range(3)),
        *(f"shop/web: claim data-web-{n}: Bound, 1Gi" for n in range(3)),
        "shop/web: 3 of 3 pods ready",
    ]


def test_a_rollout_is_a_pod_that_leaves_one_that_is_gone_and_a_new_one() -> None:
    old = [pod(WEB, n, revision="old") for n in range(3)]
    leaving = [*old[:2], {**old[2], "metadata": {**old[2]["metadata"], "deletionTimestamp": "2026-05-01T12:00:00Z"}}]
    starting = pod(WEB, 2, is_ready=False)
    starting["metadata"]["uid"] = "another"
    assert changes(at(pods=PODS), at(pods=old)) == [
        *(f"shop/web: pod web-{n}: Running, ready, on node-{n}, older revision" for n in range(3)),
        "shop/web: 3 of 3 pods ready, 3 at an older revision",
    ]
    assert changes(at(pods=old), at(pods=leaving)) == [
        "shop/web: pod web-2: Terminating, ready, on node-2, older revision"
    ]
    two_ready = stateful_set("web", 3, ready=2)
    assert changes(at(pods=leaving), at(two_ready, old[:2])) == [
        "shop/web: pod web-2 is gone",
        "shop/web: 2 of 3 pods ready, 2 at an older revision",
    ]
    assert changes(at(two_ready, old[:2]), at(two_ready, [*old[:2], starting])) == [
        "shop/web: pod web-2: Pending, not ready, on node-2"
    ]
    assert changes(at(pods=leaving), at(two_ready, [*old[:2], starting]))[0] == (
        "shop/web: pod web-2 is a new one: Pending, not ready, on node-2"
    )


def test_a_pod_that_restarts_says_how_often() -> None:
    status = [{"name": "nginx", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    crashing = pod(WEB, 0, is_ready=False, containerStatuses=status)
    assert changes(at(), at(pods=[crashing, *PODS[1:]])) == [
        "shop/web: pod web-0: CrashLoopBackOff, not ready, restarts: 2, on node-0"
    ]


def test_growth_is_a_size_with_the_one_to_come_and_then_the_new_one() -> None:
    growing, grown = ([claim(WEB, 0, size, "2Gi"), *CLAIMS[1:]] for size in ("1Gi", "2Gi"))
    assert changes(at(), at(claims=growing)) == ["shop/web: claim data-web-0: Bound, 1Gi → 2Gi"]
    assert changes(at(claims=growing), at(claims=grown)) == ["shop/web: claim data-web-0: Bound, 2Gi"]


def test_events_come_once_and_again_when_they_were_said_again() -> None:
    first = event(PODS[1], "FailedScheduling", "no node")
    assert changes(at(), at(events=[first])) == ["shop/web: pod web-1: FailedScheduling: no node"]
    assert changes(at(events=[first]), at(events=[first])) == []
    again = {**first, "count": 2}
    assert changes(at(events=[first]), at(events=[again])) == ["shop/web: pod web-1: FailedScheduling: no node"]


def test_events_about_the_set_its_claims_and_pods_that_are_gone_are_told_and_those_of_others_are_not() -> None:
    other = stateful_set("web-shop", 1)
    events = [
        event(WEB, "SuccessfulCreate", "made", uid="1"),
        event(CLAIMS[0], "Provisioning", "slowly", uid="2"),
        event(pod(WEB, 9), "Killing", "stopped", uid="3"),
        event(other, "SuccessfulCreate", "made", uid="4"),
        event(pod(other, 0), "Killing", "stopped", uid="5"),
        event(claim(other, 0), "Provisioning", "slowly", uid="6"),
    ]
    assert changes(at(), at(events=events)) == [
        "shop/web: SuccessfulCreate: made",
        "shop/web: claim data-web-0: Provisioning: slowly",
        "shop/web: pod web-9: Killing: stopped",
    ]


def test_a_set_that_is_deleted_or_made_is_told() -> None:
    assert changes(at(), at(None)) == ["shop/web: is gone"]
    assert changes(at(None), at(pods=[], claims=[])) == ["shop/web: 3 of 3 pods ready"]
