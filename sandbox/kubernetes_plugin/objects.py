"""Small questions to Kubernetes objects."""

from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from sandbox.kubernetes_plugin.errors import Object

READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)


def metadata(obj: Object) -> Object:
    """Return the object's metadata, empty where there is none or it is unknown."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}


def name(obj: Object) -> str:
    """Return the name, or nothing."""
    return str(metadata(obj).get("name") or "")


def namespace(obj: Object) -> str:
    """Return the namespace, or nothing."""
    return str(metadata(obj).get("namespace") or "")


def resource_id(obj: Object) -> str:
    """Return ``namespace/name``, or the name alone for an object of the whole cluster."""
    return "/".join(filter(None, (namespace(obj), name(obj))))


def annotation(obj: Object, key: str) -> str:
    """Return the value of the annotation ``pulumi.com/<key>``, or nothing."""
    annotations = metadata(obj).get("annotations")
    value = annotations.get(f"pulumi.com/{key}") if isinstance(annotations, dict) else None
    return "" if value is None or value == UNKNOWN else str(value)


def is_true(obj: Object, key: str) -> bool:
    """Say whether the annotation ``pulumi.com/<key>`` is ``true``."""
    return annotation(obj, key) == "true"


def at(obj: Any, *path: str) -> Any:
    """Return what lies under a path of keys, or None."""
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def number(obj: Object, *path: str) -> int:
    """Return the number under a path of keys, or 0."""
    return int(at(obj, *path) or 0)


def condition(obj: Object, kind: str) -> Object:
    """Return the status condition of a type, whatever its case, or an empty one."""
    for found in at(obj, "status", "conditions") or []:
        if str(found.get("type", "")).lower() == kind.lower():
            return dict(found)
    return {}


def prune(live: Any, shape: Any) -> Any:
    """Return of the live object only what the shape asks for, so that the two can be compared.

    The API server leaves out what is empty: something empty that was asked for and is not there, is there.
    """
    if isinstance(live, dict) and isinstance(shape, dict):
        pruned = {key: prune(live[key], value) for key, value in shape.items() if key in live}
        missing = {key: value for key, value in shape.items() if key not in live and _is_empty(value)}
        return pruned | missing
    if isinstance(live, list) and isinstance(shape, list):
        return [prune(*pair) for pair in zip(live, shape, strict=False)]
    return live


def _is_empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(item) for item in value.values())
    return not value
