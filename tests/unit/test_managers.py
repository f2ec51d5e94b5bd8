"""Who has asked for a field of a live object, by its managed fields."""

import json
from typing import Any

import pytest

from components.stateful_web.managers import is_applied_by_pulumi, is_asked_by_pulumi


@pytest.mark.parametrize(
    ("entries", "asked", "applied"),
    [
        ([], False, False),
        ([{"manager": "pulumi-kubernetes-1", "operation": "Apply"}], False, True),
        ([{"manager": "pulumi-kubernetes-1", "operation": "Update", "of": "storage"}], False, True),
        ([{"manager": "pulumi-kubernetes-1", "operation": "Apply", "of": "limits"}], False, True),
        ([{"manager": "kubectl", "operation": "Apply", "of": "storage"}], False, False),
        ([{"operation": "Apply", "of": "storage"}], False, False),
        ([{"manager": "pulumi-kubernetes-1", "of": "storage"}], False, True),
        (
            [
                {"manager": "a", "operation": "Update"},
                {"manager": "pulumi-kubernetes-1", "operation": "Apply", "of": "storage"},
            ],
            True,
            True,
        ),
    ],
)
def test_who_has_asked_for_a_size_is_read_from_the_managed_fields(entries: Any, asked: bool, applied: bool) -> None:
    def managed(entry: Any) -> dict[str, Any]:
        fields: Any = {"f:spec": {"f:resources": {"f:requests": {f"f:{entry['of']}": {}}}}} if "of" in entry else None
        return {"fieldsV1": fields, **{key: value for key, value in entry.items() if key != "of"}}

    claim = json.loads(json.dumps({"metadata": {"managedFields": [managed(entry) for entry in entries] or None}}))
    assert is_asked_by_pulumi(claim) is asked
    assert is_applied_by_pulumi(claim) is applied
