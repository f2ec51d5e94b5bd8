"""Which changes replace a StatefulSet."""

import copy
from typing import Any

import pytest

from components.stateful_web import manifests
from components.stateful_web.replacement import loss_of_claims, replacing_changes
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
