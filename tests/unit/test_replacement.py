"""Which changes replace a StatefulSet."""

import json
from typing import Any

import pytest

from components.stateful_web import manifests
from components.stateful_web.findings import Path
from components.stateful_web.live import NOT_YET
from components.stateful_web.replacement import (
    claims_left,
    claims_of,
    loss_of_claims,
    loss_of_files,
    moves,
    replacing_changes,
)
from components.stateful_web.validation import validate

SELECTOR = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}


def spec(**given: Any) -> dict[str, Any]:
    args: Any = {"image": "web:1", **given}
    found: dict[str, Any] = manifests.stateful_set(validate("web", args)[0])["spec"]
    return found


def as_the_api_server_has_it(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with the defaults that a live one has."""
    live: dict[str, Any] = json.loads(json.dumps(asked))
    live |= {"podManagementPolicy": asked.get("podManagementPolicy", "OrderedReady"), "revisionHistoryLimit": 10}
    for template in live["volumeClaimTemplates"]:
        template["spec"] |= {"volumeMode": "Filesystem"}
        template["status"] = {"phase": "Pending"}
    return live


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, []),
        ({"image": "web:2", "replicas": 9, "labels": {"a": "b"}, "storage": {"size": "9Gi"}}, []),
        ({"service_name": "other"}, ["serviceName"]),
        ({"selector_labels": {"app": "x"}}, ["selector"]),
        ({"pod_management_policy": "Parallel"}, ["podManagementPolicy"]),
        ({"revision_history_limit": 3}, ["revisionHistoryLimit"]),
        ({"revision_history_limit": 10}, []),
        ({"storage": {"storage_class_name": "fast"}}, ["volumeClaimTemplates"]),
        ({"storage": {"volume_mode": "Block", "device_path": "/dev/data"}}, ["volumeClaimTemplates"]),
        ({"storage": {"volume_mode": "Filesystem", "sub_path": "pages"}}, []),
        ({"volumes": [{"volume_name": "logs", "mount_path": "/logs"}]}, ["volumeClaimTemplates"]),
    ],
)
def test_a_live_set_is_replaced_for_these_fields_alone(given: dict[str, Any], fields: list[str]) -> None:
    assert replacing_changes(as_the_api_server_has_it(spec()), spec(**given)) == fields


def test_a_field_that_is_left_out_on_one_side_alone_differs() -> None:
    live, wanted = (
        as_the_api_server_has_it(spec()),
        spec(storage={"data_source": {"kind": "PersistentVolumeClaim", "name": "old"}}),
    )
    assert replacing_changes(live, wanted) == replacing_changes(wanted, live) == ["volumeClaimTemplates"]
    del live["selector"]["matchLabels"], live["volumeClaimTemplates"][0]["spec"]["accessModes"]
    assert replacing_changes(live, spec()) == replacing_changes(spec(), live) == ["selector", "volumeClaimTemplates"]


def a_set(**given: Any) -> dict[str, Any]:
    args: Any = {"image": "web:1", "namespace": "shop", **given}
    answer: dict[str, Any] = json.loads(json.dumps(manifests.stateful_set(validate("web", args)[0])))
    return answer


def test_claims_are_only_at_stake_if_the_live_set_takes_them_with_it() -> None:
    keeps, takes = a_set(), a_set(retention={"when_deleted": "Delete"})
    wanted = a_set(service_name="other")
    assert list(loss_of_claims(keeps, wanted, ["data-web-0"])) == []
    assert list(loss_of_claims(takes, wanted, [])) == []
    older = a_set()
    del older["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert list(loss_of_claims(older, wanted, ["data-web-0"])) == []
    (finding,) = loss_of_claims(takes, wanted, ["data-web-0"])
    assert finding.path == ("service_name",)


@pytest.mark.parametrize("moved", [{"name": "shop"}, {"namespace": "back"}])
def test_a_set_that_is_deleted_for_another_takes_its_claims_with_it(moved: dict[str, Any]) -> None:
    takes = a_set(retention={"when_deleted": "Delete"})
    (finding,) = loss_of_claims(takes, a_set(selector_labels=SELECTOR, **moved), ["data-web-0"])
    assert finding.path == tuple(moved)
    assert "so the StatefulSet that is there is deleted" in finding.problem


def test_pods_of_other_ordinals_take_the_claims_of_those_that_go() -> None:
    takes = a_set(replicas=2, retention={"when_scaled": "Delete"})
    claims = ["data-web-0", "data-web-1"]
    (finding,) = loss_of_claims(takes, a_set(replicas=2, ordinals_start=1), claims)
    assert finding.path == ("ordinals_start",)
    assert "would delete its claims data-web-0. Set retention.whenScaled to Retain" in finding.problem
    assert list(loss_of_claims(a_set(replicas=2), a_set(replicas=2, ordinals_start=1), claims)) == []
    assert list(loss_of_claims(takes, a_set(replicas=1), claims)) == [], "that is what was asked for"
    assert list(loss_of_claims(takes, a_set(replicas=1, ordinals_start=1), claims[1:])) == [], "it stays"
    assert list(loss_of_claims(takes, a_set(name="shop", replicas=2, selector_labels=SELECTOR), claims)) == []


@pytest.mark.parametrize(
    ("wanted", "path", "left", "new"),
    [
        ({"ordinals_start": 1}, ("ordinals_start",), "data-web-0", "data-web-2"),
        ({"name": "shop"}, ("name",), "data-web-0, data-web-1", "data-shop-0, data-shop-1"),
        ({"storage": {"volume_name": "www"}}, ("storage",), "data-web-0, data-web-1", "www-web-0, www-web-1"),
    ],
)
def test_claims_that_pods_leave_for_others_are_listed(wanted: dict[str, Any], path: Path, left: str, new: str) -> None:
    before = a_set(replicas=2)
    (told,) = claims_left(before, a_set(replicas=2, selector_labels=SELECTOR, **wanted), ())
    assert told.path == path
    assert f"the pods leave {left} behind, which nobody deletes, and {new} will be new and empty." in told.problem


def test_claims_that_are_there_are_not_called_new() -> None:
    (told,) = claims_left(a_set(), a_set(ordinals_start=4), ("data-web-4",))
    assert told.problem == "changes from 0 to 4: the pods leave data-web-0 behind, which nobody deletes."


@pytest.mark.parametrize("wanted", [{}, {"replicas": 1}, {"storage": {"size": "2Gi"}}, {"service_name": "other"}])
def test_pods_that_keep_their_claims_are_not_told_of(wanted: dict[str, Any]) -> None:
    assert list(claims_left(a_set(), a_set(**wanted), ())) == []


def test_a_set_without_pods_leaves_no_claims_that_are_known() -> None:
    before = a_set(replicas=0)
    assert list(claims_left(before, a_set(replicas=2, ordinals_start=3), ())) == []
    assert list(claims_left(before, a_set(storage={"volume_name": "www"}), ())) == []
    assert claims_of(before) == []
    assert claims_of(before, or_of_first=True) == ["data-web-0"]
    assert claims_of(a_set(replicas=2), or_of_first=True) == ["data-web-0", "data-web-1"]


def test_in_another_namespace_claims_of_the_same_name_are_others() -> None:
    (told,) = claims_left(a_set(replicas=2), a_set(replicas=2, namespace="back"), ("data-web-1",))
    assert told.path == ("namespace",)
    assert told.problem == (
        "changes from shop to back: the pods leave data-web-0, data-web-1 behind, which nobody deletes, and "
        "data-web-0 will be new and empty."
    )


def test_a_namespace_that_only_the_provider_knows_counts_as_unchanged() -> None:
    wanted = a_set(replicas=2, ordinals_start=1)
    del wanted["metadata"]["namespace"]
    (told,) = claims_left(a_set(replicas=2), wanted, ())
    assert told.path == ("ordinals_start",)
    assert "leave data-web-0 behind, which nobody deletes, and data-web-2 will be new" in told.problem


def test_each_input_that_moves_pods_is_told_of_and_a_template_that_goes_with_them_is_not() -> None:
    wanted = a_set(name="shop", selector_labels=SELECTOR, ordinals_start=1, storage={"volume_name": "www"})
    told = list(claims_left(a_set(), wanted, ()))
    assert [one.path for one in told] == [("name",), ("ordinals_start",)]
    assert all("the pods leave data-web-0 behind" in one.problem for one in told)


def test_what_is_not_known_yet_counts_as_unchanged() -> None:
    before = a_set()
    wanted = a_set(ordinals_start=3)
    wanted["spec"]["ordinals"]["start"] = wanted["spec"]["revisionHistoryLimit"] = NOT_YET
    assert moves(before, wanted) == []
    assert replacing_changes(before["spec"], wanted["spec"]) == []
    assert list(claims_left(before, wanted, ())) == []
    wanted["spec"]["selector"]["matchLabels"] = dict.fromkeys(SELECTOR, NOT_YET)
    wanted["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"] = NOT_YET
    assert replacing_changes(before["spec"], wanted["spec"]) == []


def files(text: str) -> list[dict[str, Any]]:
    return [
        {"mount_path": "/etc/a", "content": {"a": text}},
        {"mount_path": "/etc/b", "secret": True, "content": {"b": "b"}},
    ]


@pytest.mark.parametrize("update", [{"partition": 2}, {"type": "OnDelete"}])
def test_files_do_not_change_while_pods_are_kept_back(update: dict[str, Any]) -> None:
    live = as_the_api_server_has_it(spec(files=files("one")))
    assert list(loss_of_files(live, spec(files=files("one"), update=update, image="web:2"))) == []
    assert list(loss_of_files(live, spec(files=files("two")))) == [], "all pods get the new ones"
    assert list(loss_of_files(as_the_api_server_has_it(spec()), spec(files=files("one"), update=update))) == []
    for changed in ({"files": files("two")}, {"files": files("one")[:1]}, {}):
        (finding,) = loss_of_files(live, spec(**changed, update=update))
        assert finding.path == ("files",)
