"""The pod that inputs stand for: its containers in their order, as whom they run, and over what pods are spread."""

from itertools import product
from typing import Any

import pytest

from components.stateful_web.findings import python_key
from components.stateful_web.validation import notes, validate

from .test_passed_on import at, objects

POD = ("set", "spec", "template", "spec")


def pod(**inputs: Any) -> dict[str, Any]:
    return dict(at(objects(**inputs), POD))


def told(**inputs: Any) -> list[str]:
    given: Any = {"image": "web:1", **inputs}
    args, findings = validate("web", given)
    assert findings == []
    return [note.sentence(python_key) for note in notes(args)]


def test_pods_are_spread_over_each_key_on_its_own() -> None:
    made = pod(topology_spread=True, topology_keys=["topology.kubernetes.io/zone", "kubernetes.io/hostname"])
    spread = made["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert {each["whenUnsatisfiable"] for each in spread} == {"ScheduleAnyway"}


def test_pods_wait_for_an_even_spread_if_that_is_required() -> None:
    (spread,) = pod(topology_spread=True, topology_spread_required=True)["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("kubernetes.io/hostname", "DoNotSchedule")


def test_what_starts_first_stands_first_and_sidecars_keep_running() -> None:
    first, second = {"name": "first", "image": "a:1"}, {"name": "second", "image": "b:1"}
    template = {"spec": {"initContainers": [{"name": "third", "image": "c:1"}]}}
    made = pod(sidecars=[second], init_containers=[first], pod_template=template)["initContainers"]
    assert [(each["name"], each.get("restartPolicy")) for each in made] == [
        ("first", None),
        ("second", "Always"),
        ("third", None),
    ]


@pytest.mark.parametrize(("security", "kind"), product(("baseline", "restricted"), ("init_containers", "sidecars")))
def test_a_container_beside_the_web_server_gets_no_privileges_unless_it_asks(security: str, kind: str) -> None:
    nothing = {"allowPrivilegeEscalation": False}
    if security == "restricted":
        nothing["capabilities"] = {"drop": ["ALL"]}  # type: ignore[assignment]
    asks = {"allowPrivilegeEscalation": True, "capabilities": {"add": ["CHOWN"], "drop": None}}
    given = [{"name": "plain", "image": "a:1"}, {"name": "asks", "image": "a:1", "securityContext": asks}]
    plain, asking = pod(security=security, **{kind: given})["initContainers"]
    assert plain["securityContext"] == nothing
    assert asking["securityContext"] == {"allowPrivilegeEscalation": True, "capabilities": {"add": ["CHOWN"]}}


ALL_PRIVILEGES = ({"privileged": True}, {"capabilities": {"add": ["CAP_SYS_ADMIN"]}})
"""What the API server takes only of a container that may gain privileges."""


@pytest.mark.parametrize("asked", ALL_PRIVILEGES, ids=str)
def test_a_container_that_is_given_all_privileges_is_not_told_to_gain_none(asked: dict[str, Any]) -> None:
    template = {"spec": {"containers": [{"name": "web", "securityContext": asked}]}}
    side = {"name": "side", "image": "a:1", "securityContext": asked}
    made = pod(pod_template=template, init_containers=[side], sidecars=[{"name": "plain", "image": "a:1"}])
    web, (first, plain) = made["containers"][0], made["initContainers"]
    assert web["securityContext"] == first["securityContext"] == asked
    assert plain["securityContext"] == {"allowPrivilegeEscalation": False}


def test_windows_has_no_privileges_to_take_away_beside_the_web_server_either() -> None:
    template = {"spec": {"os": {"name": "windows"}}}
    made = pod(security="restricted", sidecars=[{"name": "side", "image": "a:1"}], pod_template=template)
    assert made["initContainers"] == [{"restartPolicy": "Always", "name": "side", "image": "a:1"}]


@pytest.mark.parametrize(
    ("given", "users"),
    [
        ({}, {}),
        ({"run_as_group": 5}, {"runAsGroup": 5}),
        ({"fs_group": 0}, {"fsGroup": 0, "fsGroupChangePolicy": "OnRootMismatch"}),
        ({"run_as_user": 101}, {"runAsUser": 101, "fsGroup": 101, "fsGroupChangePolicy": "OnRootMismatch"}),
        (
            {"run_as_user": 101, "fs_group": 5},
            {"runAsUser": 101, "fsGroup": 5, "fsGroupChangePolicy": "OnRootMismatch"},
        ),
    ],
)
def test_the_group_that_may_write_to_disks_is_the_users_unless_another_is_given(
    given: dict[str, int], users: dict[str, Any]
) -> None:
    assert pod(**given)["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}, **users}


@pytest.mark.parametrize(
    "given",
    [
        {"security": "baseline"},
        {"security": "restricted", "run_as_user": 101},
        {"security": "restricted", "fs_group": 101},
        {"security": "restricted", "pod_template": {"spec": {"securityContext": {"fsGroup": 101}}}},
        {"security": "restricted", "pod_template": {"spec": {"os": {"name": "windows"}}}},
    ],
)
def test_nothing_is_told_of_pods_that_can_write_to_their_disk(given: dict[str, Any]) -> None:
    assert told(**given) == []


def test_a_restricted_pod_that_can_not_write_to_a_new_disk_is_told_with_what_to_set() -> None:
    (note,) = told(security="restricted")
    assert note.startswith("security is restricted, so no container runs as root, but a new disk belongs to root")
    assert note.endswith("Set runAsUser to the number of the image's user, or fsGroup.")


@pytest.mark.parametrize("where", ["requests", "limits"])
def test_an_autoscaler_may_aim_at_a_percentage_of_what_the_pod_as_a_whole_requests(where: str) -> None:
    """See https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2837-pod-level-resource-spec."""
    whole = {"spec": {"resources": {where: {"cpu": "1"}}}}
    assert told(autoscale={"max_replicas": 3, "cpu": 80}, pod_template=whole) == []
    (note,) = told(autoscale={"max_replicas": 3, "memory": 80}, pod_template=whole)
    assert note.startswith("autoscale.memory is a percentage of what the container requests, and it requests none")
