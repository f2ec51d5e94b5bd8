"""What becomes of claims and files when a set is replaced, or its pods take other ones. Pure.

The API server refuses to change the fields of ``REPLACING``, or the kubernetes plugin replaces the set for them, and
deletes it first since its name is taken: all pods stop. Files that change are another ConfigMap or Secret, and the old
one goes. A value that is not known before ``up`` counts as unchanged.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .findings import Finding, Path
from .live import NOT_YET, Object, ordinals
from .names import claim_name, pod_names

Spec = Mapping[str, Any]
ORDINALS_START: Path = ("ordinals_start",)

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
    return [field for field, (_, value) in REPLACING.items() if _differs(value(live), value(wanted))]


def moves(before: Object, wanted: Object) -> list[tuple[Path, Any, Any]]:
    """Return the inputs by which pods get other claims than they have: each with what it was and what it becomes."""
    was, becomes = before["metadata"], wanted["metadata"]
    of_pods = [
        (("name",), was["name"], becomes["name"]),
        (("namespace",), was.get("namespace"), becomes.get("namespace", was.get("namespace"))),
        (ORDINALS_START, _start(before), _start(wanted)),
    ]
    return [(path, one, other) for path, one, other in of_pods if _differs(one, other)]


def loss_of_claims(before: Object, wanted: Object, claims: list[str]) -> Iterator[Finding]:
    """Find what would make Kubernetes delete claims: a set that is deleted, or pods that go, and take them along."""
    policy = before["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    if not claims:
        return
    if policy.get("whenDeleted") == "Delete":
        for path, what in _deletions(before, wanted):
            yield _loss(path, what, "Deleted", claims)
    if policy.get("whenScaled") == "Delete":
        gone = [name for name in claims if name not in _all_claims(wanted)]
        for path, was, becomes in moves(before, wanted):
            if path == ORDINALS_START and gone:
                yield _loss(
                    path, f"changes from {was} to {becomes}, so pods that are there are deleted", "Scaled", gone
                )


def loss_of_files(live: Spec, wanted: Spec) -> Iterator[Finding]:
    """Find what would take files from pods that stay at their old revision: they could not be restarted."""
    keeps = keeps_pods(wanted.get("updateStrategy"))
    asked = _files(wanted)
    if keeps and not any(name is NOT_YET for name in asked) and not _files(live) <= asked:
        yield Finding(
            ("files",),
            f"change, and with {keeps} pods that stay as they are would lose the files that they mount. Let this "
            "change go to all pods (update.partition 0, update.type RollingUpdate).",
        )


def keeps_pods(strategy: Mapping[str, Any] | None) -> str:
    """Return the option by which a change leaves pods at their old revision; empty if it reaches all."""
    partition = (strategy or {}).get("rollingUpdate", {}).get("partition", 0)
    if partition is not NOT_YET and partition:
        return f"update.partition {partition}"
    return "update.type OnDelete" if (strategy or {}).get("type") == "OnDelete" else ""


def claims_left(before: Object, wanted: Object, live: Collection[str]) -> Iterator[Finding]:
    """Tell which claims stay behind when pods take others, and which of those are new, so empty."""
    old, all_wanted, moved = _all_claims(before), _all_claims(wanted), moves(before, wanted)
    stay = [] if any(path == ("namespace",) for path, _, _ in moved) else old
    new = [name for name in all_wanted if name not in live and name not in stay]
    for path, was, becomes in moved:
        left = [name for name in old if path != ORDINALS_START or name not in all_wanted]
        if left:
            yield Finding(path, f"changes from {was} to {becomes}: {_left(left, new)}")
    volumes = {template["metadata"]["name"] for template in wanted["spec"]["volumeClaimTemplates"]}
    for volume, left in claims_of(before).items():
        if not moved and volume not in volumes and left:
            yield Finding(("storage",), f"no longer has the claim template {volume}: {_left(left, new)}")


def claims_of(stateful_set: Object, least: int = 0) -> dict[str, list[str]]:
    """Return the names of the claims of a set's pods by claim template, for ``least`` pods at the least.

    None where their number is not known before ``up``.
    """
    spec, name = stateful_set["spec"], stateful_set["metadata"]["name"]
    if NOT_YET in (spec.get("replicas"), _start(stateful_set)):
        return {}
    found = ordinals(stateful_set)
    pods = pod_names(name, max(least, len(found)), found.start)
    templates = spec.get("volumeClaimTemplates") or ()
    return {t["metadata"]["name"]: [claim_name(t["metadata"]["name"], pod) for pod in pods] for t in templates}


def _deletions(before: Object, wanted: Object) -> Iterator[tuple[Path, str]]:
    """Yield the inputs for which the set that is there is deleted, and how that is said."""
    moved = [move for move in moves(before, wanted) if move[0] != ORDINALS_START]
    for path, was, becomes in moved:
        yield path, f"changes from {was} to {becomes}, so the StatefulSet that is there is deleted"
    if not moved:
        for field in replacing_changes(before["spec"], wanted["spec"]):
            yield REPLACING[field][0], f"changes {field}, which replaces the StatefulSet"


def _all_claims(stateful_set: Object) -> list[str]:
    return [name for names in claims_of(stateful_set).values() for name in names]


def _left(left: list[str], new: list[str]) -> str:
    empty = f", and {', '.join(new)} will be new and empty" if new else ""
    return f"the pods leave {', '.join(left)} behind, which nobody deletes{empty}."


def _loss(path: Path, what: str, when: str, claims: list[str]) -> Finding:
    return Finding(
        path,
        f"{what}, and with retention.when{when} Delete Kubernetes would delete its claims {', '.join(claims)}. Set "
        f"retention.when{when} to Retain and run up, then make this change.",
    )


def _start(stateful_set: Object) -> Any:
    return (stateful_set["spec"].get("ordinals") or {}).get("start", 0)


def _differs(one: Any, other: Any) -> bool:
    if NOT_YET in (one, other):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() != other.keys() or any(_differs(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) != len(other) or any(map(_differs, one, other))
    return bool(one != other)


def _files(spec: Spec) -> set[Any]:
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
