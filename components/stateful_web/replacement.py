"""What becomes of claims and files when a set is replaced, or its pods take other ones. Pure.

The API server refuses to change the fields of ``REPLACING``, or the kubernetes plugin replaces the set for them, and
deletes it first since its name is taken: all pods stop. Files that change are another ConfigMap or Secret, and the old
one goes. A value that is not known before ``up`` counts as unchanged.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .findings import Finding, Path
from .live import NOT_YET, Object, ordinals
from .names import claim_names

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
    return [field for field, (_, value) in REPLACING.items() if _differs(value(live), value(wanted))]


class Move(NamedTuple):
    """An input by which pods get other claims than they have."""

    path: Path
    was: Any
    becomes: Any

    def __str__(self) -> str:
        return f"changes from {self.was} to {self.becomes}"


def moves(before: Object, wanted: Object) -> list[Move]:
    """Return the inputs by which pods get other claims than they have."""
    return [*_other_set(before, wanted), *_other_ordinals(before, wanted)]


def loss_of_claims(before: Object, wanted: Object, claims: list[str]) -> Iterator[Finding]:
    """Find what would make Kubernetes delete claims: a set that is deleted, or pods that go, and take them along."""
    policy = before["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    if not claims:
        return
    if policy.get("whenDeleted") == "Delete":
        for path, what in _deletions(before, wanted):
            yield _loss(path, what, "Deleted", claims)
    if policy.get("whenScaled") == "Delete":
        gone = [name for name in claims if name not in claims_of(wanted)]
        for move in _other_ordinals(before, wanted) if gone else ():
            yield _loss(move.path, f"{move}, so pods that are there are deleted", "Scaled", gone)


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
    """Tell which claims stay behind when pods take others, and which of those are new, so empty.

    ``live`` are the names of the claims in the namespace of the wanted set.
    """
    old, taken = claims_of(before), claims_of(wanted)
    kept = set() if _leaves_namespace(before, wanted) else {*old} & {*taken}
    new = [name for name in taken if name not in kept and name not in live]
    moved = moves(before, wanted)
    for move in moved:
        if left := [name for name in old if name not in kept]:
            yield Finding(move.path, f"{move}: {_left(left, new)}")
    for volume in () if moved else [name for name in _volumes(before) if name not in _volumes(wanted)]:
        if left := claim_names([volume], before["metadata"]["name"], ordinals(before)):
            yield Finding(("storage",), f"no longer has the claim template {volume}: {_left(left, new)}")


def claims_of(stateful_set: Object, *, or_of_first: bool = False) -> list[str]:
    """Return the names of the claims of a set's pods by claim template; where it has no pod, perhaps of its first.

    None where their number is not known before ``up``.
    """
    pods: Iterable[int] = ordinals(stateful_set) or ([_start(stateful_set)] if or_of_first else [])
    return claim_names(_volumes(stateful_set), stateful_set["metadata"]["name"], pods)


def _other_set(before: Object, wanted: Object) -> Iterator[Move]:
    """Yield the inputs by which the wanted set is another one, so that the one that is there is deleted."""
    was, becomes = before["metadata"], wanted["metadata"]
    if _differs(was["name"], becomes["name"]):
        yield Move(("name",), was["name"], becomes["name"])
    if _leaves_namespace(before, wanted):
        yield Move(("namespace",), was.get("namespace"), becomes["namespace"])


def _leaves_namespace(before: Object, wanted: Object) -> bool:
    """Say whether the namespace changes; it is left out where only the provider knows it."""
    was, becomes = before["metadata"].get("namespace"), wanted["metadata"].get("namespace")
    return becomes is not None and _differs(was, becomes)


def _other_ordinals(before: Object, wanted: Object) -> Iterator[Move]:
    was, becomes = _start(before), _start(wanted)
    if _differs(was, becomes):
        yield Move(("ordinals_start",), was, becomes)


def _deletions(before: Object, wanted: Object) -> Iterator[tuple[Path, str]]:
    """Yield the inputs for which the set that is there is deleted, and how that is said."""
    others = list(_other_set(before, wanted))
    for move in others:
        yield move.path, f"{move}, so the StatefulSet that is there is deleted"
    if not others:
        for field in replacing_changes(before["spec"], wanted["spec"]):
            yield REPLACING[field][0], f"changes {field}, which replaces the StatefulSet"


def _volumes(stateful_set: Object) -> list[str]:
    return [template["metadata"]["name"] for template in stateful_set["spec"].get("volumeClaimTemplates") or ()]


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
        spec.get("volumeMode", "Filesystem"),
    )
