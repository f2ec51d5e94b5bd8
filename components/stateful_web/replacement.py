"""Which changes of a StatefulSet replace it. Pure.

The API server refuses to change these fields, or the kubernetes plugin replaces the set for them, and deletes it first
since its name is taken: all pods stop.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .findings import Finding, Path

Spec = Mapping[str, Any]

REPLACING: Mapping[str, tuple[Path, Callable[[Spec], Any]]] = {
    "serviceName": (("service_name",), lambda spec: spec.get("serviceName")),
    "selector": (("selector_labels",), lambda spec: spec["selector"].get("matchLabels")),
    "podManagementPolicy": (("pod_management_policy",), lambda spec: spec.get("podManagementPolicy", "OrderedReady")),
    "revisionHistoryLimit": (("revision_history_limit",), lambda spec: spec.get("revisionHistoryLimit", 10)),
    "volumeClaimTemplates": (("storage",), lambda spec: [_template(t) for t in spec.get("volumeClaimTemplates", ())]),
}
"""For each field of the spec, the input that decides it, and its value where it is left out."""


def replacing_changes(live: Spec, wanted: Spec) -> list[str]:
    """Return the fields in which a wanted spec would replace the live one; sizes of claims are not among them."""
    return [field for field, (_, value) in REPLACING.items() if value(live) != value(wanted)]


def loss_of_claims(live: Spec, wanted: Spec, claims: list[str]) -> list[Finding]:
    """Return what would make Kubernetes delete claims: a set that is replaced, and takes its claims with it."""
    policy = live.get("persistentVolumeClaimRetentionPolicy", {}).get("whenDeleted")
    if policy != "Delete" or not claims:
        return []
    return [
        Finding(
            REPLACING[field][0],
            f"changes {field}, which replaces the StatefulSet, and with retention.whenDeleted Delete Kubernetes would "
            f"delete its claims {', '.join(claims)}. Set retention.whenDeleted to Retain and run up, then make this "
            "change.",
        )
        for field in replacing_changes(live, wanted)
    ]


def _template(template: Mapping[str, Any]) -> Any:
    spec = template["spec"]
    source = spec.get("dataSource")
    return (
        template["metadata"]["name"],
        spec.get("accessModes"),
        spec.get("storageClassName"),
        (source["kind"], source["name"]) if source else None,
    )
