"""Which live claims lack what a stack's config asks for."""

from typing import Any

import pytest

from components.stateful_web.cli.behind import behind
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
    return {"metadata": metadata, "spec": {"resources": {"requests": {"storage": size}}, **spec}}


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


def test_a_claim_of_a_pod_that_an_autoscaler_added_is_seen() -> None:
    added = {**claim(), "metadata": {"name": "data-web-4"}}
    inputs = {**asked(size="2Gi"), "autoscaled": True}
    assert behind(inputs, a_set(), {"data-web-4": added}) == {"data-web-4": ("1Gi of 2Gi",)}  # type: ignore[arg-type]
