"""Whether claims still lack the patch of their labels and annotations."""

from typing import Any

import pytest

from components.stateful_web.claim_metadata import lacks_patch
from components.stateful_web.live import Live
from components.stateful_web.validation import validate

PATCHED = {"pulumi.com/patchFieldManager": "stateful-web"}


def inputs(**storage: Any) -> Any:
    found, findings = validate("web", {"image": "web:1", "namespace": "shop", "storage": storage})  # type: ignore[typeddict-item]
    assert findings == []
    return found


def live(annotations: dict[str, str] | None) -> Live:
    return Live(claims={"data-web-0": {"metadata": {"name": "data-web-0", "annotations": annotations}}})


@pytest.mark.parametrize(
    ("storage", "seen", "lacks"),
    [
        ({"labels": {"a": "1"}}, live(None), True),
        ({"labels": {"a": "1"}}, live({"other": "1"}), True),
        ({"annotations": {"a": "1"}}, live({"pulumi.com/patchFieldManager": "other"}), True),
        ({"labels": {"a": "1"}}, live(PATCHED), False),
        ({"labels": {"a": "1"}}, Live(), False),
        ({}, live(None), False),
        ({}, live(PATCHED), False),
    ],
)
def test_a_claim_lacks_its_patch_until_one_has_set_what_is_asked_for(storage: Any, seen: Live, lacks: bool) -> None:
    assert lacks_patch(inputs(**storage), seen) is lacks
