"""From the engine's events to steps, and the options of its packs."""

import json
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from components.stateful_web.cli.preview import claims_of_no_set, forecasts
from components.stateful_web.cli.pulumi_cli import SECRET, STATEFUL_SET, State
from components.stateful_web.cli.steps import steps_of
from components.stateful_web.cli.targets import kubectl
from components.stateful_web.kubeconfig import ClusterAccess

URN = "urn:pulumi:dev::p::kubernetes:apps/v1:StatefulSet::web-set"
INPUTS = {"metadata": {"name": "web", "namespace": "default"}, "spec": {}}
PROVIDER = "urn:pulumi:dev::p::pulumi:providers:kubernetes::default"

NO_FILE = "'<file with this kubeconfig>'"


def planned(op: str, kind: str = STATEFUL_SET, urn: str = URN, **about: Any) -> dict[str, Any]:
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": urn, "type": kind, **about}}}


def patch(op: str, name: str, size: str, old: str | None = None) -> dict[str, Any]:
    def inputs(of: str) -> dict[str, Any]:
        return {
            "inputs": {
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"resources": {"requests": {"storage": of}}},
            }
        }

    before = {"old": inputs(old)} if old else {}
    return planned(op, "kubernetes:core/v1:PersistentVolumeClaimPatch", name, new=inputs(size), **before)


@pytest.mark.parametrize(
    "order",
    [("delete-replaced", "replace", "create-replacement"), ("create-replacement", "replace", "delete-replaced")],
    ids=["deleted first", "created first"],
)
def test_the_events_of_a_replacement_are_one_step(order: tuple[str, ...]) -> None:
    about: dict[str, Any] = {"old": {"inputs": INPUTS, "provider": f"{PROVIDER}::id"}, "new": {"inputs": INPUTS}}
    of = {
        "delete-replaced": planned("delete-replaced", old=about["old"], new=None, detailedDiff=None),
        "replace": planned("replace", keys=["spec.serviceName"], detailedDiff={"spec.serviceName": {}}, **about),
        "create-replacement": planned("create-replacement", keys=["spec.serviceName"], **about),
    }
    (step,) = steps_of([{"diagnosticEvent": {}}, *(of[op] for op in order)])
    assert (step.op, step.changed, step.replacing) == ("replace", ["spec.serviceName"], ["spec.serviceName"])
    assert (step.old, step.new, step.provider) == (INPUTS, INPUTS, PROVIDER)


def test_what_a_state_only_forgets_is_marked() -> None:
    (step,) = steps_of([planned("delete", old={"inputs": INPUTS, "retainOnDelete": True})])
    assert (step.op, step.new, step.forgotten) == ("delete", None, True)


def test_claims_that_belong_to_no_set_are_told_apart() -> None:
    web = planned("same", old={"inputs": INPUTS}, new={"inputs": INPUTS})
    events = [web, patch("create", "www-web-0", "2Gi"), patch("update", "cache", "2Gi", "1Gi")]
    assert claims_of_no_set(steps_of(events), State("dev", {})) == "grows 1 claim 1Gi → 2Gi"
    assert claims_of_no_set(steps_of(events[:2]), State("dev", {})) == ""
    assert claims_of_no_set(steps_of([web, patch("same", "cache", "2Gi", "2Gi")]), State("dev", {})) == ""


def test_claims_of_no_set_may_get_another_class_and_labels() -> None:
    def inputs(of_class: str, **labels: str) -> dict[str, Any]:
        return {
            "inputs": {"metadata": {"name": "cache", "labels": labels}, "spec": {"volumeAttributesClassName": of_class}}
        }

    kind = "kubernetes:core/v1:PersistentVolumeClaimPatch"
    step = planned("update", kind, "cache", old=inputs("slow", a="1"), new=inputs("gold"))
    assert (
        claims_of_no_set(steps_of([step]), State("dev", {}))
        == "changes the class of 1 claim to gold; changes labels of 1 claim"
    )


def replaced(kind: str, urn: str, *keys: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return planned("replace", kind, urn, keys=keys, old={**old}, new={"provider": f"{PROVIDER}::id", **new})


def test_the_objects_of_a_replaced_provider_are_told_of_before_any_set() -> None:
    nowhere = {"inputs": {"kubeconfig": json.dumps({"clusters": []})}}
    web, same = {"inputs": INPUTS}, planned("same", urn=f"{URN}-2", old={"inputs": INPUTS}, new={"inputs": INPUTS})
    events = [
        same,
        replaced(STATEFUL_SET, URN, "provider", old=web, new=web),
        replaced("pulumi:providers:kubernetes", PROVIDER, "kubeconfig", old=nowhere, new=nowhere),
    ]
    first, moved, other = forecasts(steps_of(events), State("dev", {}))
    assert (first.namespace, first.name) == ("", "default")
    assert "since its kubeconfig changed; claims stay" in first.headline
    assert moved.headline == "replaces StatefulSet web (provider changed): stops its only pod, keeps claims"
    assert other.headline == "no pod is touched"


def test_a_kubeconfig_that_is_not_known_yet_is_said_to_be_so() -> None:
    unknown, web = {"inputs": {"kubeconfig": UNKNOWN}}, {"inputs": INPUTS}
    events = [
        replaced("pulumi:providers:kubernetes", PROVIDER, "kubeconfig", old=unknown, new=unknown),
        replaced(STATEFUL_SET, URN, "provider", old=web, new=web),
    ]
    first, _ = forecasts(steps_of(events), State("dev", {}))
    assert "since its kubeconfig is not known before up; claims stay" in first.headline


@pytest.mark.parametrize(
    ("access", "command"),
    [
        (ClusterAccess(), "kubectl"),
        (ClusterAccess(".sandbox/kubeconfig"), "kubectl --kubeconfig .sandbox/kubeconfig"),
        (ClusterAccess("my config", "eu"), "kubectl --kubeconfig 'my config' --context eu"),
        (ClusterAccess("apiVersion: v1\nkind: Config\n", "eu"), f"kubectl --kubeconfig {NO_FILE} --context eu"),
        (ClusterAccess('{"kind": "Config"}'), f"kubectl --kubeconfig {NO_FILE}"),
    ],
)
def test_the_kubectl_that_is_printed_reaches_the_same_cluster_or_none_and_shows_no_credentials(
    access: ClusterAccess, command: str
) -> None:
    assert kubectl(access) == command


def test_a_set_whose_creation_is_under_way_is_one_of_the_stack() -> None:
    resource = {"urn": URN, "type": STATEFUL_SET, "inputs": INPUTS, "provider": f"{PROVIDER}::id"}
    provider = {"urn": PROVIDER, "type": "pulumi:providers:kubernetes", "inputs": {"context": "eu"}}
    state = State("dev", {"resources": [provider], "pending_operations": [{"type": "creating", "resource": resource}]})
    (found,) = state.stateful_sets()
    assert (found.namespace, found.name, found.access) == ("default", "web", ClusterAccess(None, "eu", None))
    gone = State("dev", {"resources": [provider, {**resource, "delete": True}]})
    assert gone.stateful_sets() == []


def test_a_set_that_got_its_name_when_it_was_made_or_has_it_encrypted_is_known_by_its_id() -> None:
    secret = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "…"}
    for metadata in ({"generateName": "web-"}, secret):
        resource = {"urn": URN, "type": STATEFUL_SET, "id": "shop/web-x1", "inputs": {"metadata": metadata}}
        (found,) = State("dev", {"resources": [resource]}).stateful_sets()
        assert (found.namespace, found.name) == ("shop", "web-x1")
    creating = {"type": "creating", "resource": {"urn": URN, "type": STATEFUL_SET, "inputs": {"metadata": secret}}}
    assert State("dev", {"pending_operations": [creating]}).stateful_sets() == [], "nobody can say which one that is"


def test_a_set_whose_name_is_secret_or_not_known_yet_is_called_by_its_id_or_its_resource() -> None:
    secret = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
    inputs = {"inputs": {**INPUTS, "metadata": secret}}
    there = planned("update", old={**inputs, "id": "shop/web-x1"}, new=inputs, detailedDiff={"spec.replicas": {}})
    (found,) = forecasts(steps_of([there]), State("dev", {}))
    assert (found.namespace, found.name) == ("shop", "web-x1")
    (found,) = forecasts(steps_of([planned("create", new=inputs)]), State("dev", {}))
    assert found.headline == "creates StatefulSet web-set: starts 1 pod"
