"""What a planned change does to pods and data. Pure: the engine's plan and what the cluster has are handed in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..names import above_partition, claim_names, pod_names
from .claim_changes import Claim, ClaimChange, changing, clauses, growing

Inputs = Mapping[str, Any]

DELETION_POLICY = "pulumi.com/deletionPropagationPolicy"
"""Annotation that the kubernetes plugin reads from the object that it deletes, not from the one that replaces it."""
ORPHAN = (
    f"pulumi config set --path 'annotations[\"{DELETION_POLICY}\"]' orphan",
    f"pulumi config rm --path 'annotations[\"{DELETION_POLICY}\"]'",
)
"""Commands that switch it on and off for the objects of this program."""

PROVIDER = "provider"
"""What the engine names in place of a field for objects whose provider is replaced."""
CLUSTER_IDENTIFIER = "clusterIdentifier"
"""Setting of a provider that alone decides, where it is given, whether the provider is replaced."""

IMPOSSIBLE_TO_ADOPT = {
    "selector": "pods belong to a set by its selector, and a set with another one does not know them",
    "metadata.name": "pods and claims are named after their set",
    "metadata.namespace": "pods and claims can't move to another namespace",
    PROVIDER: "pods can't move to another cluster",
}
"""Replacing fields for which there is no way without a stop, with the reason."""


@dataclass(frozen=True)
class Plan:
    """The engine's verdict on one StatefulSet."""

    op: str
    """``create``, ``update``, ``replace``, ``delete``, or anything else for what leaves it as it is."""
    changed: Sequence[str] = ()
    """Paths of the inputs that differ, e.g. ``spec.template.spec.containers[0].image``."""
    replacing: Sequence[str] = ()
    """Those of them for which it is replaced."""
    claims: Sequence[ClaimChange] = ()
    """Changes of its claims by resources of their own."""
    forgotten: bool = False
    """It is only dropped from the state (``retain_on_delete``)."""
    by_config: bool = True
    """It is a StatefulWeb's, whose inputs are the stack's config; else the program itself says what it is like."""

    @property
    def orphan(self) -> tuple[str, str]:
        """What switches on, and off again, that pods outlive the set."""
        if self.by_config:
            return ORPHAN
        return f'give the StatefulSet the annotation "{DELETION_POLICY}: orphan"', "take that annotation away"

    @property
    def keep_claims(self) -> str:
        """What lets claims outlive the set."""
        if self.by_config:
            return "pulumi config set --path retention.whenDeleted Retain"
        return "set its persistentVolumeClaimRetentionPolicy.whenDeleted to Retain"


@dataclass(frozen=True)
class Live:
    """What the cluster has."""

    replicas: int | None = None
    """The set's count; ``None`` if there is no such set."""
    claims: Mapping[str, Claim] | None = None
    """Every claim of the namespace that the pods are going to be in; ``None`` if not known."""
    outdated: frozenset[int] | None = None
    """Ordinals of pods that have another revision than the set's newest; ``None`` if not known."""
    kubectl: str = "kubectl"
    """The command that reaches this cluster."""


@dataclass(frozen=True)
class Forecast:
    """What a change does to the pods and claims of one StatefulSet, or of all that a provider has."""

    namespace: str
    """Empty for a provider."""
    name: str
    op: str
    headline: str
    details: tuple[str, ...] = ()
    """What else to know, and how to do it without a stop."""
    stops_all_pods: bool = False
    deletes_claims: bool = False
    replaces: bool = False
    """The StatefulSet, or all objects of the provider, are deleted and created again."""
    stops: int = 0
    """Pods that stop, and don't come back one by one; those that may, where a preview can't tell."""
    restarts: int = 0
    """Pods that restart; those that may, where a preview can't tell."""
    grows: int = 0
    """Claims whose request grows."""
    changes_claims: int = 0
    """Claims that change at all: their size, class, labels or annotations."""
    provider: str = ""
    """Name of the provider whose cluster it is on."""
    not_looked_at: tuple[str, ...] = ()
    """What was not asked of the cluster, a sentence each; there the state is believed."""


def worst_first(found: Iterable[Forecast]) -> list[Forecast]:
    """Return forecasts in the order in which a reviewer wants to know of them."""
    return sorted(
        found,
        key=lambda f: (
            not f.deletes_claims,
            not f.stops_all_pods,
            not f.replaces,
            not f.stops,
            not f.restarts,
            not f.changes_claims,
            f.op not in ("create", "update", "replace", "delete"),
            f.namespace,
            f.name,
            f.provider,
        ),
    )


def forecast(old: Inputs | None, new: Inputs | None, plan: Plan, live: Live | None) -> Forecast:
    """Say what a change does to pods and data.

    ``old`` and ``new`` are the resource's inputs in the state and in the plan. Without ``live`` the state is believed.
    """
    before, after = _Set.of(old, live), _Set.of(new, None)
    if plan.op == "create" and after:
        return _with_claims(_created(after, plan, live), plan)
    if plan.op == "delete" and before:
        return _deleted(before, plan)
    if plan.op == "replace" and before and after:
        return _with_claims(_replaced(before, after, plan, live), plan)
    if after:
        return _updated(before or after, after, plan, live)
    raise ValueError("a step has old or new inputs")


def replaced_provider(name: str, because: Sequence[str], known: bool, sets: Sequence[Forecast]) -> Forecast:
    """Say what it does that all objects of a provider are replaced, and how to avoid that.

    The kubernetes plugin asks for it when the kubeconfig describes the provider's cluster otherwise than before, be it
    only by a proxy, unless ``clusterIdentifier`` stays (``DiffConfig`` in its provider.go).

    ``because`` are the settings for which it is replaced, and ``known`` whether their values are; ``sets`` are the
    forecasts of the StatefulSets among the objects.
    """
    lost = [f"{found.namespace}/{found.name}" for found in sets if found.deletes_claims]
    reason = "they get another provider"
    if because:
        reason = f"its {_named(because)} {'changed' if known else 'is not known before up'}"
    fate = "; claims stay" if sets else ""
    if lost:
        fate = f"; Kubernetes deletes the claims of {_list(lost)} with the data"
    avoided = f"keep the {CLUSTER_IDENTIFIER}"
    details = [
        'If it is the same cluster, up fails with "already exists" and deletes nothing, unless the provider has '
        "upsertExistingObjects or deleteBeforeReplace.",
        "If it is another cluster, the pods there start with claims of that cluster, not with today's data.",
    ]
    if CLUSTER_IDENTIFIER not in because:
        avoided = f"first one pulumi up with {CLUSTER_IDENTIFIER} alone, then this change"
        details.insert(0, _identified_first(name))
    return Forecast(
        *("", name, "replace"),
        f"all objects would be deleted and created again, since {reason}{fate}. To avoid it: {avoided}",
        tuple(details),
        stops_all_pods=any(found.stops_all_pods for found in sets),
        deletes_claims=bool(lost),
        replaces=True,
        stops=sum(found.stops for found in sets),
    )


def _identified_first(provider: str) -> str:
    step = f"give provider {provider} the input {CLUSTER_IDENTIFIER}"
    if provider.startswith("default"):  # As the engine names those whose settings are the stack's config.
        step = f"pulumi config set kubernetes:{CLUSTER_IDENTIFIER} my-cluster"
    return (
        f"Undo this change, {step}, pulumi up. Then make the change again, pulumi up. Any text will do, as long as it "
        "stays."
    )


@dataclass(frozen=True)
class _Set:
    """The parts of a StatefulSet that decide what becomes of its pods."""

    namespace: str
    name: str
    metadata: Inputs
    spec: Inputs
    replicas: int

    @classmethod
    def of(cls, inputs: Inputs | None, live: Live | None) -> "_Set | None":
        if inputs is None:
            return None
        metadata, spec = _map(inputs.get("metadata")), _map(inputs.get("spec"))
        count = live.replicas if live and live.replicas is not None else _number(spec.get("replicas"), 1)
        return cls(str(metadata.get("namespace", "default")), str(metadata.get("name")), metadata, spec, count)

    @property
    def count_is_unknown(self) -> bool:
        """Say whether how many pods are asked for is known only as the change is made."""
        return not isinstance(self.spec.get("replicas", 1), int | float)

    @property
    def ordinals(self) -> range:
        start = _number(_map(self.spec.get("ordinals")).get("start"), 0)
        return range(start, start + self.replicas)

    @property
    def strategy(self) -> str:
        return str(_map(self.spec.get("updateStrategy")).get("type", "RollingUpdate"))

    @property
    def rolling(self) -> Inputs:
        return _map(_map(self.spec.get("updateStrategy")).get("rollingUpdate"))

    @property
    def partition(self) -> int:
        return _number(self.rolling.get("partition"), 0)

    @property
    def above_partition(self) -> Sequence[int]:
        return above_partition(self.ordinals, self.partition)

    @property
    def templates(self) -> dict[str, Inputs]:
        """Claim templates by name."""
        found = self.spec.get("volumeClaimTemplates")
        items = [_map(item) for item in found] if isinstance(found, list) else []
        return {str(_map(item.get("metadata")).get("name")): _map(item.get("spec")) for item in items}

    @property
    def orphans_its_pods(self) -> bool:
        """Say whether pods outlive the deletion of the set."""
        return _map(self.metadata.get("annotations")).get(DELETION_POLICY) == "orphan"

    def deletes_claims(self, when: str) -> bool:
        """Say whether Kubernetes deletes the claims ``whenDeleted`` or ``whenScaled``."""
        return _map(self.spec.get("persistentVolumeClaimRetentionPolicy")).get(when) == "Delete"

    def pods(self, ordinals: Sequence[int]) -> list[str]:
        return pod_names(self.name, ordinals)

    def claims(self, ordinals: Sequence[int]) -> list[str]:
        return claim_names(self.templates, self.name, ordinals)


def _created(after: _Set, plan: Plan, live: Live | None) -> Forecast:
    if live and live.replicas is not None:
        return Forecast(
            *(after.namespace, after.name, "create"),
            f"takes over StatefulSet {after.name}, which is on the cluster already",
            ("Its pods restart only if their template changes: the warnings of the preview name the fields that do.",),
            restarts=live.replicas,
        )
    if after.count_is_unknown:
        return Forecast(
            *(after.namespace, after.name, "create"),
            f"creates StatefulSet {after.name}: how many pods it starts is known only then",
        )
    if not after.replicas:
        return Forecast(after.namespace, after.name, "create", f"creates StatefulSet {after.name} without pods")
    parallel = after.spec.get("podManagementPolicy") == "Parallel"
    order = "" if after.replicas == 1 else " all at once" if parallel else " one by one"
    headline = f"creates StatefulSet {after.name}: starts {_count(after.replicas, 'pod')}{order}"
    return Forecast(after.namespace, after.name, "create", headline, _taken_up(after, after.ordinals, plan, live))


def _taken_up(new: _Set, ordinals: Sequence[int], plan: Plan, live: Live | None) -> tuple[str, ...]:
    """Say which claims new pods get: those that stayed, with what is on them, or new ones."""
    if live is None or live.claims is None:
        return ()
    grown = {change.claim: change.new.size for change in plan.claims if change.new.size}
    sizes = {
        claim: grown.get(claim, str(_size(spec)))
        for template, spec in new.templates.items()
        for claim in claim_names([template], new.name, ordinals)
    }
    there = [name for name in sizes if name in live.claims]
    fresh = [size for name, size in sizes.items() if name not in live.claims]
    sentences = []
    if there:
        sentences.append(f"{_these(there)} {'is' if len(there) == 1 else 'are'} there already and used again.")
    if fresh:
        sentences.append(f"{_count(len(fresh), 'new claim')}, empty ({', '.join(sorted(set(fresh)))}).")
    return tuple(sentences)


def _deleted(before: _Set, plan: Plan) -> Forecast:
    at = (before.namespace, before.name, "delete")
    deletes = f"deletes StatefulSet {before.name}"
    if plan.forgotten:
        return Forecast(*at, f"drops StatefulSet {before.name} from the state only: no pod is touched")
    if before.orphans_its_pods:
        return Forecast(
            *at, f"{deletes}, and its {_count(before.replicas, 'pod')} keep running, as its annotation says"
        )
    lost = before.deletes_claims("whenDeleted") and bool(before.templates)
    kept = (
        () if lost or not before.templates else (f"{_these(before.claims(before.ordinals))} stay: stateful-web claims",)
    )
    return Forecast(
        *at,
        f"{deletes}: {_stops(before)}, {_fate(lost)}",
        kept,
        stops_all_pods=before.replicas > 0,
        deletes_claims=lost,
        stops=before.replicas,
    )


def _replaced(before: _Set, after: _Set, plan: Plan, live: Live | None) -> Forecast:
    fields = _top_fields(plan.replacing or plan.changed)
    moved = [field for field in fields if field in IMPOSSIBLE_TO_ADOPT]
    headline = f"replaces StatefulSet {before.name} ({_named(fields)} changed): "
    facts = _claim_facts(before, after)
    if before.orphans_its_pods:
        return _replaced_by_adoption(before, after, plan, live, headline, moved)
    lost = before.deletes_claims("whenDeleted") and bool(before.templates)
    if "metadata.name" in moved or "metadata.namespace" in moved:
        facts = [
            f"{after.namespace}/{after.name} starts with claims of its own.",
            *_taken_up(after, after.ordinals, plan, live),
        ]
    details = list(facts)
    if lost:
        details.append(
            f"Kubernetes deletes {_these(before.claims(before.ordinals))} with the set, as whenDeleted says. "
            f"To keep them, first: undo this change, {plan.keep_claims}, pulumi up"
        )
    details += _without(before, after, moved, plan, live)
    return Forecast(
        *(after.namespace, after.name, "replace"),
        f"{headline}{_stops(before)}, {_fate(lost)}",
        tuple(details),
        stops_all_pods=before.replicas > 0,
        deletes_claims=lost,
        replaces=True,
        stops=before.replicas,
    )


def _replaced_by_adoption(
    before: _Set, after: _Set, plan: Plan, live: Live | None, headline: str, moved: Sequence[str]
) -> Forecast:
    at = (after.namespace, after.name, "replace")
    pods = _count(before.replicas, "pod")
    if moved:
        reason = "; ".join(IMPOSSIBLE_TO_ADOPT[field] for field in moved)
        detail = f"They belong to no set then, since {reason}. To have them stopped, first: {plan.orphan[1]}, pulumi up"
        return Forecast(*at, f"{headline}leaves its {pods} running, and nothing adopts them", (detail,), replaces=True)
    details = [*_claim_facts(before, after), *_after_adoption(before, after, plan, live)]
    details.append(f"Afterwards: {plan.orphan[1]}, pulumi up. Until then, destroy leaves the pods running.")
    updated = before.replicas if _changes_template(plan) else 0
    return Forecast(
        *at,
        f"{headline}no pod stops, the new set adopts {pods}",
        tuple(details),
        replaces=True,
        restarts=updated,
    )


def _without(before: _Set, after: _Set, moved: Sequence[str], plan: Plan, live: Live | None) -> list[str]:
    """Say how to replace a set without stopping its pods, or why there is no way."""
    if not before.replicas or PROVIDER in moved:
        return []
    if moved:
        reasons = "; ".join(IMPOSSIBLE_TO_ADOPT[field] for field in moved)
        return [f"There is no way without the stop: {reasons}."]
    return [
        f"Without the stop: undo this change, {plan.orphan[0]}, pulumi up. Then make the change again, pulumi up: the "
        f"new set adopts the running pods. Then {plan.orphan[1]}, pulumi up.",
        *_after_adoption(before, after, plan, live),
    ]


def _after_adoption(before: _Set, after: _Set, plan: Plan, live: Live | None) -> list[str]:
    """Say what adopted pods lack, and what gives it to them."""
    kubectl, where = live.kubectl if live else "kubectl", f"--namespace {after.namespace}"
    added = sorted(set(after.templates) - set(before.templates))
    if added:
        # The controller tries to add the volume to the running pod, which the API server refuses, and stops there.
        pods = " ".join(before.pods(before.ordinals))
        return [
            f"Adopted pods lack the volume {', '.join(added)}, and the set waits until they are made anew. Delete "
            f"them one after the other, each when the one before is ready: {kubectl} delete pod {pods} {where}"
        ]
    if _changes_template(plan):
        return ["The adopted pods are then updated, since their template changes as well."]
    if before.spec.get("serviceName") != after.spec.get("serviceName"):
        return [
            "Adopted pods keep their old subdomain, and have no DNS name until they are made anew: "
            f"{kubectl} rollout restart statefulset/{after.name} {where}"
        ]
    return []


def _claim_facts(before: _Set, after: _Set) -> list[str]:
    """Say what a change of claim templates means for claims that exist: nothing."""
    facts = []
    for name, new in after.templates.items():
        old = before.templates.get(name)
        if old is None:
            facts.append(f"The claims of the new template {name} start empty.")
            continue
        if old.get("storageClassName") != new.get("storageClassName"):
            was, now = (_class(spec) for spec in (old, new))
            facts.append(f"Claims that exist keep {was}; only claims made from now on get {now}.")
        if _size(old) != _size(new):
            facts.append(f"Claims that exist keep their size; only claims made from now on request {_size(new)}.")
        if old.get("accessModes") != new.get("accessModes"):
            facts.append("Claims that exist keep their access modes.")
    gone = [name for name in before.templates if name not in after.templates]
    facts += [f"The claims of template {name} stay, and no pod mounts them any more." for name in gone]
    return facts


def _updated(before: _Set, after: _Set, plan: Plan, live: Live | None) -> Forecast:
    may_stop = "spec.replicas" in plan.changed and after.count_is_unknown
    if "spec.replicas" not in plan.changed or may_stop:
        # An autoscaler may own the count: what is asked for is not what is there.
        after = _Set(after.namespace, after.name, after.metadata, after.spec, before.replicas)
    old, new = before.ordinals, after.ordinals
    kept, added = [o for o in new if o in old], [o for o in new if o not in old]
    removed = [o for o in old if o not in new]
    parts, details = [], []
    rolled, why = _rolled(before, after, kept, plan, live)
    if rolled:
        parts.append(_rollout(after, rolled, len(kept), why))
    elif why:
        parts.append(f"no pod is touched: {why}")
        if after.strategy == "OnDelete" and kept and live:
            pods = " ".join(reversed(after.pods(kept)))
            details.append(f"{live.kubectl} delete pod {pods} --namespace {after.namespace}")
    lost = bool(removed) and after.deletes_claims("whenScaled") and bool(after.templates)
    if removed:
        parts.append(_removal(before, after, removed, lost))
    if added:
        parts.append(f"adds {_count(len(added), 'pod')} ({_list(after.pods(added))})")
        details += _taken_up(after, added, plan, live)
    if of_claims := "; ".join(clauses(plan.claims)):
        parts.append(of_claims if rolled or removed else f"{of_claims}, no pod restarts")
    if may_stop:
        parts.append("may stop or add pods: how many it has afterwards is known only then")
    if before.deletes_claims("whenDeleted") < after.deletes_claims("whenDeleted"):
        details.append("From then on Kubernetes deletes the claims with the set: when it is replaced, too.")
    if not parts:
        parts.append("no pod is touched" + (f" ({_named(_short(plan.changed))})" if plan.changed else ""))
    return Forecast(
        *(after.namespace, after.name, plan.op),
        "; ".join(parts),
        tuple(details),
        stops_all_pods=bool(removed) and not kept,
        deletes_claims=lost,
        stops=before.replicas if may_stop else len(removed),
        restarts=len(rolled),
        grows=growing(plan.claims),
        changes_claims=changing(plan.claims),
    )


def _removal(before: _Set, after: _Set, removed: Sequence[int], lost: bool) -> str:
    names = _list(list(reversed(before.pods(removed))))
    if len(removed) < before.replicas:
        return f"removes {_count(len(removed), 'pod')} ({names}), {_fate(lost)}"
    field = f"replicas {before.replicas} → {after.replicas}" if not after.replicas else names
    return f"{_stops(before)} ({field}), {_fate(lost)}"


def _rolled(before: _Set, after: _Set, kept: Sequence[int], plan: Plan, live: Live | None) -> tuple[Sequence[int], str]:
    """Return the ordinals of pods that are made anew, and the reason why those or none."""
    changes_template = _changes_template(plan)
    if after.strategy == "OnDelete":
        return (), "with OnDelete each gets the change when it is deleted" if changes_template and kept else ""
    in_reach = [ordinal for ordinal in kept if ordinal in after.above_partition]
    if changes_template:
        if kept and not in_reach:
            return (), f"partition {after.partition} holds them all back"
        return in_reach, _named(_short([path for path in plan.changed if _is_in_template(path)]))
    freed = [o for o in in_reach if before.strategy == "OnDelete" or o not in before.above_partition]
    if not freed:
        return (), ""
    waiting = freed if live is None or live.outdated is None else [o for o in freed if o in live.outdated]
    freeing = [path for path in plan.changed if path.startswith("spec.updateStrategy")]
    return waiting, _named(_short(freeing)) if waiting else ""


def _rollout(after: _Set, rolled: Sequence[int], kept: int, why: str) -> str:
    pods = _count(len(rolled), "pod")
    limit = after.rolling.get("maxUnavailable", 1)
    which = ""
    if len(rolled) < kept:
        pods, which = f"{len(rolled)} of {_count(kept, 'pod')}", f": {_list(list(reversed(after.pods(rolled))))}"
    pace = "" if len(rolled) == 1 else " one by one" if limit in (1, "1") else f", at most {limit} at a time"
    alone = ", the only one: none answers meanwhile" if kept == 1 and after.replicas == 1 else ""
    return f"updates {pods}{pace}{which}{alone} ({why})"


def _with_claims(found: Forecast, plan: Plan) -> Forecast:
    details = (*found.details, *(f"It {clause}." for clause in clauses(plan.claims)))
    return replace(found, details=details, grows=growing(plan.claims), changes_claims=changing(plan.claims))


def _changes_template(plan: Plan) -> bool:
    return any(_is_in_template(path) for path in plan.changed)


def _is_in_template(path: str) -> bool:
    return path == "spec" or re.match(r"spec\.template\b", path) is not None


def _top_fields(paths: Sequence[str]) -> list[str]:
    """Return the fields of the API reference that paths lead into, e.g. ``selector`` or ``metadata.name``."""
    fields = [re.match(r"(?:spec\.)?(metadata\.\w+|\w+)", path) for path in paths]
    return list(dict.fromkeys(field.group(1) if field else path for field, path in zip(fields, paths, strict=True)))


def _short(paths: Sequence[str]) -> list[str]:
    """Return paths as people speak of them: those of the pod without where the pod is."""
    return list(
        dict.fromkeys(
            re.sub(r"^(spec\.template\.spec|spec\.template\.metadata|spec\.template|spec|metadata)\.", "", p)
            for p in paths
        )
    )


def _named(fields: Sequence[str]) -> str:
    names = [field.removeprefix("metadata.") for field in fields]
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown or "inputs"


def _stops(before: _Set) -> str:
    pods = before.replicas
    return f"stops all {pods} pods" if pods > 1 else "stops its only pod" if pods else "no pod is touched"


def _fate(lost: bool) -> str:
    return "and Kubernetes deletes their claims with the data" if lost else "keeps claims"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]}"


def _these(claims: Sequence[str]) -> str:
    return f"claim{'' if len(claims) == 1 else 's'} {_list(claims)}"


def _class(spec: Inputs) -> str:
    name = spec.get("storageClassName")
    return "the cluster's default class" if name is None else f"class {name}" if name else "no class"


def _size(spec: Inputs) -> str | None:
    size = _map(_map(spec.get("resources")).get("requests")).get("storage")
    return None if size is None else str(size)


def _map(value: Any) -> Inputs:
    """Return a map as it is; a secret, an unknown value and nothing as an empty one."""
    return value if isinstance(value, Mapping) else {}


def _number(value: Any, default: int) -> int:
    return int(value) if isinstance(value, int | float) else default
