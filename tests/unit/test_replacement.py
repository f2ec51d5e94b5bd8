"""Which changes replace a StatefulSet."""

import copy
from typing import Any

import pytest

from components.stateful_web import manifests
from components.stateful_web.replacement import loss_of_claims, loss_of_files, replacing_changes
from components.stateful_web.validation import validate


def spec(**given: Any) -> dict[str, Any]:
    args: Any = {"image": "web:1", **given}
    found: dict[str, Any] = manifests.stateful_set(validate("web", args)[0])["spec"]
    return found


def as_the_api_server_has_it(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with the defaults that a live one has."""
    live = copy.deepcopy(asked)
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
        ({"volumes": [{"volume_name": "logs", "mount_path": "/logs"}]}, ["volumeClaimTemplates"]),
    ],
)
def test_a_live_set_is_replaced_for_these_fields_alone(given: dict[str, Any], fields: list[str]) -> None:
    assert replacing_changes(as_the_api_server_has_it(spec()), spec(**given)) == fields


def test_claims_are_only_at_stake_if_the_live_set_takes_them_with_it() -> None:
    keeps, takes = (
        as_the_api_server_has_it(spec()),
        as_the_api_server_has_it(spec(retention={"when_deleted": "Delete"})),
    )
    wanted = spec(service_name="other")
    assert loss_of_claims(keeps, wanted, ["data-web-0"]) == []
    assert loss_of_claims(takes, wanted, []) == []
    (finding,) = loss_of_claims(takes, wanted, ["data-web-0"])
    assert finding.path == ("service_name",)


def files(text: str) -> list[dict[str, Any]]:
    return [
        {"mount_path": "/etc/a", "content": {"a": text}},
        {"mount_path": "/etc/b", "secret": True, "content": {"b": "b"}},
    ]


@pytest.mark.parametrize("update", [{"partition": 2}, {"type": "OnDelete"}])
def test_files_do_not_change_while_pods_are_kept_back(update: dict[str, Any]) -> None:
    live = as_the_api_server_has_it(spec(files=files("one")))
    assert loss_of_files(live, spec(files=files("one"), update=update, image="web:2")) == []
    assert loss_of_files(live, spec(files=files("two"))) == [], "all pods get the new ones"
    assert loss_of_files(as_the_api_server_has_it(spec()), spec(files=files("one"), update=update)) == []
    for changed in ({"files": files("two")}, {"files": files("one")[:1]}, {}):
        (finding,) = loss_of_files(live, spec(**changed, update=update))
        assert finding.path == ("files",)
