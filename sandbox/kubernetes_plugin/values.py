"""Pulumi property values as plain JSON, and the secrets that this loses put back."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

from sandbox.kubernetes_plugin.errors import NeedsOfficialPlugin, Object

Properties = dict[str, PropertyValue]


def plain(properties: Mapping[str, PropertyValue]) -> Object:
    """Return the values without their secretness; an unknown value stays the engine's marker for one."""
    return {key: _plain(value) for key, value in properties.items()}


def _plain(value: PropertyValue) -> Any:
    inner = value.value
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    if inner is None or isinstance(inner, bool | float | str):
        return inner
    if isinstance(inner, Mapping):
        return plain(inner)
    if isinstance(inner, Sequence):
        return [_plain(item) for item in inner if isinstance(item, PropertyValue)]
    raise NeedsOfficialPlugin(f"An input of type {type(inner).__name__}")


def properties(values: Object) -> Properties:
    """Return plain JSON as property values, none of them secret."""
    return {key: _property(value) for key, value in values.items()}


def _property(value: Any) -> PropertyValue:
    if isinstance(value, Mapping):
        return PropertyValue(properties(dict(value)))
    if isinstance(value, list):
        return PropertyValue([_property(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def secret_like(values: Properties, model: Mapping[str, PropertyValue]) -> Properties:
    """Return values, secret where the model's are, and a Secret's data in any case.

    Maps are followed key by key. A list with a secret in it becomes secret as a whole: its order may differ.
    """
    kind = values.get("kind")
    if kind is not None and kind.value == "Secret":
        return {k: v.with_secret(True) if k in ("data", "stringData") else v for k, v in values.items()}
    marked = dict(values)
    for key, like in model.items():
        value = marked.get(key)
        if value is None:
            continue
        if isinstance(value.value, Mapping) and isinstance(like.value, Mapping) and not like.is_secret:
            marked[key] = PropertyValue(secret_like(dict(value.value), like.value))
        elif like.contains_secret():
            marked[key] = value.with_secret(True)
    return marked


def has_unknown(value: Any) -> bool:
    """Say whether a value, or one within it, is not known yet."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return bool(value == UNKNOWN)
