"""Claims of a stack's StatefulSets: those that pods use, and those left by scaled-down pods or an earlier life."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ..names import claim_ordinal
from ..quantity import SUFFIXES, parse_quantity

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """A StatefulSet as a stack knows it: live, in its state, or as its config asks for it."""

    namespace: str
    name: str
    templates: frozenset[str]
    selector: Mapping[str, str]
    live: bool
    """Whether it is on the cluster."""
    ordinals: range
    """Those that it asks for."""
    behind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What of its claims lack what is asked for, in words, by their names."""


@dataclass(frozen=True)
class Claim:
    """A claim, and what it is there for."""

    namespace: str
    name: str
    phase: str
    size: str | None
    age_seconds: int
    volume: str | None
    reclaim: str | None
    """What becomes of the volume when the claim is removed: ``Delete`` or ``Retain``; ``None`` if not known."""
    pod: str | None
    """The pod that uses it."""
    left_by: str | None
    """What it was for, if nothing uses it."""
    remove: str
    """The command that removes it with its data."""
    unused_seconds: int | None = None
    """For how long no pod has used it; ``None`` if one does, or if it is not known: Kubernetes says it since 1.37 (the
    condition ``Unused``)."""
    modifying: str | None = None
    """How far the driver is with another class of volume attributes, as ``Infeasible: fast``; ``None``: done."""
    behind: tuple[str, ...] = ()
    """What it lacks of what the stack asks for, in words; the next ``up`` gives it."""
    cluster: str = ""
    """Address of the API server."""


def claims_of(
    sets: Sequence[Known],
    claims: Iterable[Object],
    pods: Iterable[Object],
    others: Iterable[Known],
    volumes: Mapping[str, str],
    now: datetime,
    kubectl: str,
) -> list[Claim]:
    """Return the claims of one namespace that belong to ``sets``, or did.

    ``others`` are live StatefulSets of the namespace that are not the stack's: their claims are their own. ``volumes``
    gives each volume's reclaim policy.
    """
    users = {
        volume["persistentVolumeClaim"]["claimName"]: pod["metadata"]["name"]
        for pod in pods
        for volume in pod["spec"].get("volumes") or ()
        if volume.get("persistentVolumeClaim")
    }
    found, elsewhere = [], list(others)
    for claim in claims:
        name = claim["metadata"]["name"]
        if any(_ordinal(name, other) is not None for other in elsewhere):
            continue
        for known in sets:
            left_by = _left_by(known, claim)
            if left_by is not None:
                lacks = known.behind.get(name, ())
                found.append(_claim(claim, users.get(name), left_by, lacks, volumes, now, kubectl))
                break
    return sorted(found, key=_order)


def _left_by(known: Known, claim: Object) -> str | None:
    """Say what a claim of a set is left by if no pod uses it; ``None`` if it is not of this set."""
    ordinal = _ordinal(claim["metadata"]["name"], known)
    if ordinal is not None:
        if not known.live:
            return f"{known.name}-{ordinal}: StatefulSet {known.name} is gone"
        if ordinal not in known.ordinals:
            return f"{known.name}-{ordinal}, scaled down"
        return f"{known.name}-{ordinal}, which is not there"
    # Claims get the selector of their set as labels: a set of another name, or with other templates, left this one.
    labels = claim["metadata"].get("labels") or {}
    numbered = re.fullmatch(r"(.+)-\d+", claim["metadata"]["name"])
    if numbered and known.selector and known.selector.items() <= labels.items():
        return "an earlier StatefulSet with the same labels"
    return None


def _claim(
    claim: Object,
    pod: str | None,
    left_by: str,
    behind: tuple[str, ...],
    volumes: Mapping[str, str],
    now: datetime,
    kubectl: str,
) -> Claim:
    metadata, spec, status = claim["metadata"], claim["spec"], claim.get("status") or {}
    volume = spec.get("volumeName")
    created = datetime.fromisoformat(metadata["creationTimestamp"])
    return Claim(
        namespace=metadata["namespace"],
        name=metadata["name"],
        phase="Terminating" if "deletionTimestamp" in metadata else status.get("phase", "Pending"),
        size=(status.get("capacity") or spec["resources"]["requests"]).get("storage"),
        age_seconds=int((now - created).total_seconds()),
        volume=volume,
        reclaim=volumes.get(volume) if volume else None,
        pod=pod,
        left_by=None if pod else left_by,
        remove=f"{kubectl} delete persistentvolumeclaim {metadata['name']} --namespace {metadata['namespace']}",
        unused_seconds=None if pod else unused_seconds(status, now),
        modifying=modifying(status),
        behind=behind,
    )


def unused_seconds(status: Object, now: datetime) -> int | None:
    """Return for how long no pod has used a claim; ``None`` if one does, or if Kubernetes does not say it."""
    unused = (c for c in status.get("conditions") or () if c["type"] == "Unused" and c["status"] == "True")
    times = (datetime.fromisoformat(condition["lastTransitionTime"]) for condition in unused)
    return next((int((now - since).total_seconds()) for since in times), None)


def modifying(status: Object) -> str | None:
    """Return how far a driver is with another class of volume attributes; ``None`` if nothing is to be done."""
    found = status.get("modifyVolumeStatus")
    return f"{found['status']}: {found.get('targetVolumeAttributesClassName', '')}" if found else None


def total(sizes: Iterable[str | None]) -> str:
    """Return the sum of sizes by its largest unit, e.g. ``2.5Gi``."""
    found = sum((parse_quantity(size) for size in sizes if size), Decimal())
    units = [(unit, SUFFIXES[unit]) for unit in ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki") if found >= SUFFIXES[unit]]
    unit, size = units[0] if units else ("", Decimal(1))
    return f"{found / size:.4g}{unit}"


def age(seconds: int) -> str:
    """Return an age as kubectl shows it, by its largest unit: ``3d``, ``5h``."""
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1))):
        if seconds >= length.total_seconds():
            return f"{int(seconds // length.total_seconds())}{unit}"
    return f"{seconds}s"


def _ordinal(claim: str, known: Known) -> int | None:
    return claim_ordinal(claim, known.templates, known.name)


def _order(claim: Claim) -> tuple[str, str, int]:
    base, _, ordinal = claim.name.rpartition("-")
    return claim.namespace, base, int(ordinal) if ordinal.isdigit() else 0
