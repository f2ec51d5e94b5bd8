"""Strategic merge: what ``pod_template`` adds to, changes in and removes from the pod that the component makes.

Maps are merged deep; lists whose entries have a merge key in Kubernetes are merged by it, other lists are replaced;
null removes (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .findings import Path

MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
}
"""From the patchMergeKey tags of k8s.io/api/core/v1; a field that is not here is replaced."""


def merged(base: Any, patch: Any, field: str = "") -> Any:
    """Return ``base`` with ``patch`` merged into it."""
    if isinstance(base, Mapping) and isinstance(patch, Mapping):
        kept = {key: value for key, value in base.items() if key not in patch}
        changed = {key: merged(base.get(key), value, key) for key, value in patch.items() if value is not None}
        return {**kept, **changed}
    if isinstance(patch, Mapping):
        return {key: merged(None, value, key) for key, value in patch.items() if value is not None}
    if isinstance(base, list) and isinstance(patch, list) and field in MERGE_KEYS:
        return _merged_by_key(base, patch, MERGE_KEYS[field])
    if isinstance(patch, list):
        return [merged(None, item) for item in patch]
    return patch


def common(patch: Any, live: Any, field: str = "") -> Any:
    """Return what of ``patch`` has a place in ``live``: keys and named entries that are there, whatever they hold."""
    if isinstance(patch, Mapping):
        there = live if isinstance(live, Mapping) else {}
        return {key: common(value, there[key], key) for key, value in patch.items() if key in there}
    if isinstance(patch, list) and isinstance(live, list) and field in MERGE_KEYS:
        by_name = {item[MERGE_KEYS[field]]: item for item in live}
        named = [(item, item[MERGE_KEYS[field]]) for item in patch]
        return [{MERGE_KEYS[field]: name} | common(item, by_name[name]) for item, name in named if name in by_name]
    return patch


def problems(patch: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Find entries of named lists that have no name to merge by."""
    if isinstance(patch, Mapping):
        for key, value in patch.items():
            yield from problems(value, (*path, str(key)))
    elif isinstance(patch, list):
        merge_key = MERGE_KEYS.get(str(path[-1]) if path else "")
        for i, item in enumerate(patch):
            if merge_key and not (isinstance(item, Mapping) and merge_key in item):
                yield (*path, i), f"has no {merge_key}, by which entries of {path[-1]} are merged. Give it one."
            yield from problems(item, (*path, i))


def _merged_by_key(base: list[Any], patch: list[Any], key: str) -> list[Any]:
    patches = {item[key]: item for item in patch}
    result = [merged(item, patches.pop(item[key], {})) for item in base]
    return result + [merged(None, item) for item in patches.values()]
