"""Which live claims lack what a stack's config asks for."""

import json
from typing import Any

import pytest

from components.stateful_web.cli.behind import behind
from components.stateful_web.growth import growth
from components.stateful_web.live import Live
from components.stateful_web.validation import validate


def asked(**storage: Any) -> Any:
    found, findings = validate("web", {"image": "web:1", "namespace": "shop", "storage": storage})  # type: ignore[typeddict-item]
    assert findings == []
    return found


def a_set() -> dict[str, Any]:
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    return {"metadata": {"name": "web"}, "spec": {"replicas": 1, "volumeClaimTemplates": [template]}}


def claim(size: str = "1Gi", **spec: Any) -> dict[str, Any]:
    metadata = {"name": "data-web-0", "labels": {"team": "shop"}}
    found = {"metadata": metadata, "spec": {"resources": {"requests": {"storage": size}}, **spec}}
    return dict(json.loads(json.dumps(found)))  # as an API server's answer is read: no text of it is one of ours


@pytest.mark.parametrize(
    ("storage", "has", "lacks"),
    [
        ({}, claim(), ()),
        ({"size": "2Gi"}, claim(), ("1Gi of 2Gi",)),
        ({"size": "2Gi"}, claim("2Gi"), ()),
        ({"size": "2Gi"}, claim("3Gi"), ()),
        ({"size": "2Gi", "resized_by_others": True}, claim("3Gi"), ()),
        ({"volume_attributes_class_name": "fast"}, claim(), ("class none, not fast",)),
        ({"volume_attributes_class_name": "fast"}, claim(volumeAttributesClassName="fast"), ()),
        ({"labels": {"team": "shop", "backup": "daily"}}, claim(), ("no label backup=daily",)),
        ({"annotations": {"a": "b"}, "size": "2Gi"}, claim(), ("1Gi of 2Gi", "no annotation a=b")),
    ],
)
def test_what_a_claim_lacks_is_told_in_words(storage: Any, has: Any, lacks: tuple[str, ...]) -> None:
    assert behind(asked(**storage), a_set(), {"data-web-0": has}) == ({"data-web-0": lacks} if lacks else {})


def test_an_expansion_that_failed_is_taken_back_and_lacks_nothing() -> None:
    managed: Any = {"f:spec": {"f:resources": {"f:requests": {"f:storage": {}}}}}
    failed = {**claim("9Pi"), "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}
    failed["metadata"]["managedFields"] = [
        {"manager": "pulumi-kubernetes-1", "operation": "Apply", "fieldsV1": managed}
    ]
    live = Live(a_set(), {"data-web-0": failed})
    assert [patch.size for patch in growth(asked(size="2Gi"), live).patches] == ["2Gi"]
    assert behind(asked(size="2Gi"), a_set(), {"data-web-0": failed}) == {}


def test_a_claim_that_is_not_there_or_not_bound_is_not_behind() -> None:
    inputs = {**asked(size="2Gi", labels={"team": "front"}), "replicas": 2}
    there = {"data-web-0": claim("2Gi")}
    assert behind(inputs, a_set(), there) == {"data-web-0": ("no label team=front",)}  # type: ignore[arg-type]
    pending = {**claim(), "status": {"phase": "Pending"}}
    assert behind(asked(size="2Gi"), a_set(), {"data-web-0": pending}) == {}


def test_a_claim_of_a_pod_that_an_autoscaler_added_is_seen() -> None:
    added = {**claim(), "metadata": {"name": "data-web-4"}}
    inputs = {**asked(size="2Gi"), "autoscaled": True}
    assert behind(inputs, a_set(), {"data-web-4": added}) == {"data-web-4": ("1Gi of 2Gi",)}  # type: ignore[arg-type]
