"""Rule recommended-labels."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import service, stateful_set, workload

from .packs import UNKNOWN, judge, resource

RULE = "recommended-labels"
NAME, INSTANCE, MANAGED_BY = (f"app.kubernetes.io/{short}" for short in ("name", "instance", "managed-by"))


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        ({}, ""),
        ({"app": "web", "anything": "else"}, ""),
        ({MANAGED_BY: "helm"}, ""),
        ({MANAGED_BY: None}, MANAGED_BY),
        ({MANAGED_BY: ""}, MANAGED_BY),
        ({NAME: None, INSTANCE: None}, f"{NAME}, {INSTANCE}"),
        ({NAME: UNKNOWN}, ""),
        ({NAME: UNKNOWN, INSTANCE: None}, INSTANCE),
        (UNKNOWN, ""),
    ],
)
def test_labels(labels: Any, missing: str) -> None:
    messages = judge(RULE, stateful_set(metadata={"labels": labels}))
    assert len(messages) == bool(missing)
    assert all(f"has no label {missing}." in message for message in messages)


def test_no_labels_at_all() -> None:
    assert len(judge(RULE, stateful_set(metadata={"labels": None}), service(metadata={"labels": None}))) == 2


def test_what_is_required_can_be_configured() -> None:
    assert judge(RULE, stateful_set(), config={"required": ["team"]})
    assert judge(RULE, stateful_set(metadata={"labels": {"team": "shop"}}), config={"required": ["team"]}) == []


def test_other_workloads_have_them_and_patches_need_not() -> None:
    assert judge(RULE, workload("Deployment", metadata={"labels": None}))
    bare = stateful_set(metadata={"labels": None})
    assert judge(RULE, resource(bare, resource_type="kubernetes:apps/v1:StatefulSetPatch")) == []
