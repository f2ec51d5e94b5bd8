"""Merges what ``pod_template`` says into the pod that the component makes.

Maps are merged deep, lists by all the map keys that their entries have in Kubernetes, as the API server's own
server-side apply does (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy). Other lists
are replaced, of alternatives the new one stays, and null removes. What is known only later is merged then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pulumi

from .findings import Path

MAP_KEYS: Mapping[str, Sequence[str]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "resourceClaims": ("name",),
    "claims": ("name",),
    "schedulingGates": ("name",),
    "evictionResponders": ("name",),
    "ownerReferences": ("uid",),
}
"""x-kubernetes-list-map-keys of the API server's OpenAPI, by field; the entries of other lists have no identity."""

DEFAULTS: Mapping[str, Any] = {"protocol": "TCP"}
"""Map keys that an entry can leave out."""


def _is_source(key: str) -> bool:
    return key != "name"


ALTERNATIVES: Mapping[str, Callable[[str], bool]] = {
    "volumes": _is_source,
    "env": _is_source,
    "valueFrom": lambda _: True,
    **dict.fromkeys(
        ("startupProbe", "readinessProbe", "livenessProbe", "preStop", "postStart"),
        lambda key: key in ("exec", "httpGet", "tcpSocket", "grpc", "sleep"),
    ),
}
"""Which keys of a field, or of its entries, exclude each other."""


def merged(base: Any, patch: Any, field: str = "") -> Any:
    """Return ``base`` with ``patch`` merged into it, both of a field with this name."""
    if _is_known_later(base, patch, field):
        return pulumi.Output.all(base, patch).apply(lambda both: merged(both[0], both[1], field))
    if isinstance(patch, Mapping):
        return _merged_maps(base if isinstance(base, Mapping) else {}, patch, field)
    if isinstance(patch, list) and isinstance(base, list) and field in MAP_KEYS:
        return _merged_by_keys(base, patch, field)
    if isinstance(patch, list):
        return [merged(None, item, field) for item in patch]
    return patch


def common(patch: Any, live: Any, field: str = "") -> Any:
    """Return what of ``patch`` has a place in ``live``: keys and named entries that are there, whatever they hold."""
    if isinstance(patch, pulumi.Output):
        return patch.apply(lambda known: common(known, live, field))
    if isinstance(patch, Mapping):
        there = live if isinstance(live, Mapping) else {}
        return {key: common(value, there[key], key) for key, value in patch.items() if key in there}
    if isinstance(patch, list) and isinstance(live, list) and field in MAP_KEYS:
        by_key = {identity(item, field): item for item in live}
        named = [(item, identity(item, field)) for item in patch]
        return [
            {key: item[key] for key in MAP_KEYS[field] if key in item} | common(item, by_key[name])
            for item, name in named
            if name in by_key
        ]
    return patch


def in_order_of(live: Any, made: Any, field: str = "") -> Any:
    """Return ``made`` with the entries of its keyed lists in the order that they have in ``live``, new ones last.

    Another order is another pod to Kubernetes. Lists that are not known yet stay as they are.
    """
    if isinstance(made, Mapping) and isinstance(live, Mapping):
        return {key: in_order_of(live.get(key), value, key) for key, value in made.items()}
    if isinstance(made, list) and isinstance(live, list) and field in MAP_KEYS:
        there = {identity(item, field): item for item in live}
        places = {key: place for place, key in enumerate(there)}
        ordered = sorted(made, key=lambda item: places.get(identity(item, field), len(live)))
        return [in_order_of(there.get(identity(item, field)), item) for item in ordered]
    return made


def problems(entries: Sequence[Any], field: str) -> Iterator[tuple[Path, str]]:
    """Find entries that can't be merged by their keys: without one, with one that is not known yet, or twice there."""
    seen: dict[Any, int] = {}
    for i, entry in enumerate(entries):
        named = dict(zip(MAP_KEYS[field], identity(entry or {}, field), strict=True))
        missing = [key for key, value in named.items() if value is None]
        unknown = [key for key, value in named.items() if isinstance(value, pulumi.Output)]
        if missing:
            yield (i,), f"has no {missing[0]}, by which entries of {field} are merged. Give it one."
        elif unknown and field != "ports":  # their numbers may be outputs: the list is merged when they are known
            yield (i, unknown[0]), f"is an output, but entries of {field} are merged by it. Give it a plain value."
        elif not unknown and (first := seen.setdefault(tuple(named.values()), i)) != i:
            yield (i,), f"has the same {' and '.join(named)} as entry {first}: one entry is expected. Remove one."


def _is_known_later(base: Any, patch: Any, field: str) -> bool:
    """Say whether two values can't be merged before their outputs are known, as more than the new one is wanted."""
    if isinstance(base, pulumi.Output):
        return isinstance(patch, Mapping | pulumi.Output) or (isinstance(patch, list) and field in MAP_KEYS)
    if isinstance(patch, pulumi.Output):
        return isinstance(base, Mapping)
    if isinstance(base, list) and isinstance(patch, list) and field in MAP_KEYS:
        keys = [key for entry in (*base, *patch) for key in identity(entry, field)]
        return any(isinstance(key, pulumi.Output) for key in keys)
    return False


def _merged_maps(base: Mapping[str, Any], patch: Mapping[str, Any], field: str) -> dict[str, Any]:
    is_alternative: Callable[[str], bool] = ALTERNATIVES.get(field, lambda _: False)
    is_chosen = any(is_alternative(key) for key, value in patch.items() if value is not None)
    changed = {key: merged(base.get(key), value, key) for key, value in patch.items() if value is not None}
    kept = {k: v for k, v in base.items() if k in changed or (k not in patch and not (is_chosen and is_alternative(k)))}
    return kept | changed


def _merged_by_keys(base: list[Any], patch: list[Any], field: str) -> list[Any]:
    patches = {identity(item, field): item for item in patch}
    result = [merged(item, patches.pop(identity(item, field), {}), field) for item in base]
    return result + [merged(None, item, field) for item in patches.values()]


def identity(entry: Mapping[str, Any], field: str) -> tuple[Any, ...]:
    """Return the values of an entry's map keys, by which it is merged."""
    given = ((key, entry.get(key)) for key in MAP_KEYS[field])
    return tuple(DEFAULTS.get(key) if value is None else value for key, value in given)
