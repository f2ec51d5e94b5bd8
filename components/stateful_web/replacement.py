"""Which changes replace what pods or data depend on. Pure.

The API server refuses to change these fields, or the kubernetes plugin replaces the set for them, and deletes it first
since its name is taken: all pods stop. Files that change are another ConfigMap or Secret, and the old one goes.
"""

import re
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


def loss_of_files(live: Spec, wanted: Spec) -> list[Finding]:
    """Return what would take files from pods that stay at their old revision: they could not be restarted."""
    strategy = wanted.get("updateStrategy", {})
    partition = strategy.get("rollingUpdate", {}).get("partition", 0)
    if not (partition or strategy.get("type") == "OnDelete") or _files(live) <= _files(wanted):
        return []
    keeps = f"update.partition {partition}" if partition else "update.type OnDelete"
    return [
        Finding(
            ("files",),
            f"change, and with {keeps} pods that stay as they are would lose the files that they mount. Let this "
            "change go to all pods (update.partition 0, update.type RollingUpdate).",
        )
    ]


def _files(spec: Spec) -> set[str]:
    """Return the names of the ConfigMaps and Secrets that are made of ``files``."""
    ours = [v for v in spec["template"]["spec"].get("volumes") or () if re.fullmatch(r"files-\d+", v["name"])]
    config_maps = {v["configMap"]["name"] for v in ours if "configMap" in v}
    return config_maps | {v["secret"]["secretName"] for v in ours if "secret" in v}


def _template(template: Mapping[str, Any]) -> Any:
    spec = template["spec"]
    source = spec.get("dataSource")
    return (
        template["metadata"]["name"],
        spec.get("accessModes"),
        spec.get("storageClassName"),
        (source["kind"], source["name"]) if source else None,
    )
