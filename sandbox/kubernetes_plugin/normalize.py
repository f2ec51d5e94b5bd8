"""Inputs in the form in which the API server will hand them back, so that a comparison finds real changes only."""

import base64
import binascii
import copy
import functools
import re
import typing
from fractions import Fraction
from typing import Any

import msgspec
from lightkube.core.exceptions import LoadResourceError
from lightkube.core.resource_registry import resource_registry

from sandbox.kubernetes_plugin import objects
from sandbox.kubernetes_plugin.errors import Object
from sandbox.kubernetes_plugin.values import has_unknown

_QUANTITIES = {
    *("requests", "limits", "capacity", "hard", "overhead", "allocatable", "sizeLimit"),
    *("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"),
}
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")


class _Mismatch(Exception):
    """A value is not of the type that its field has."""


def normalize(inputs: Object) -> Object:
    """Return the inputs without read-only metadata and, for built-in kinds, without fields that do not exist.

    Quantities take their canonical form, and a Secret's stringData goes into its data. Inputs with unknown values
    keep all but the metadata, and so does an object with a value of the wrong type: the API server will name it.
    """
    obj = copy.deepcopy(inputs)
    for field in objects.READ_ONLY:
        objects.metadata(obj).pop(field, None)
    if has_unknown(obj):
        return obj
    if obj.get("apiVersion") == "v1" and obj.get("kind") == "Secret":
        _encode(obj)
    try:
        return dict(_fit(obj, _built_in(str(obj.get("apiVersion", "")), str(obj.get("kind", ""))), ""))
    except _Mismatch:
        return obj


def _encode(secret: Object) -> None:
    data = dict(secret.get("data") or {})
    for key, value in data.items():
        try:
            data[key] = base64.b64encode(base64.b64decode(value)).decode()
        except (TypeError, binascii.Error):
            continue  # The API server will say so.
    for key, value in (secret.pop("stringData", None) or {}).items():
        data[key] = base64.b64encode(str(value).encode()).decode()
    if data:
        secret["data"] = data


def _built_in(api_version: str, kind: str) -> Any:
    """Return the type of a built-in kind; Any for another."""
    try:
        return resource_registry.load(api_version, kind)
    except (LoadResourceError, AttributeError, ValueError):  # the latter two for names that no kind can have
        return Any


@functools.cache
def _fields(model: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of a type's fields, by the fields' names in an object."""
    return {field.encode_name: _present(field.type) for field in msgspec.structs.fields(model)}


def _present(type_: Any) -> Any:
    """Return the type of a value that is there, for one that may be left out."""
    if typing.get_origin(type_) is not typing.Union:
        return type_
    others = [other for other in typing.get_args(type_) if other is not type(None)]
    return others[0] if len(others) == 1 else Any


def _fit(value: Any, type_: Any, field: str) -> Any:
    if typing.get_origin(type_) is list:
        if not isinstance(value, list):
            raise _Mismatch
        (of,) = typing.get_args(type_)
        return [_fit(item, of, field) for item in value]
    if type_ is dict:
        if not isinstance(value, dict):
            raise _Mismatch
        return {key: quantity(item) for key, item in value.items()} if field in _QUANTITIES else value
    if type_ is str and field in _QUANTITIES:
        return quantity(value)
    if not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
        return value
    if not isinstance(value, dict):
        raise _Mismatch
    known = _fields(type_)
    return {key: _fit(item, known[key], key) for key, item in value.items() if key in known and item is not None}


def quantity(value: Any) -> Any:
    """Return a quantity as the API server writes it: ``1024Mi`` is ``1Gi``, ``0.5`` is ``500m``."""
    match = _QUANTITY.fullmatch(str(value))
    if not match or match[1].count(".") > 1:
        return value
    number, unit = match.groups()
    if unit.endswith("i"):
        exact = Fraction(number) * 1024 ** _BINARY.index(unit)
        # Below 1024 there is no binary unit to write it in.
        if exact.denominator == 1 and abs(exact) >= 1024:
            return _write(exact, 1024, _BINARY)
    else:
        exact = Fraction(number) * Fraction(1000) ** (_DECIMAL.index(unit) - _DECIMAL.index(""))
    smallest = exact * 1000 ** _DECIMAL.index("")
    return _write(smallest, 1000, _DECIMAL) if smallest.denominator == 1 and smallest else str(int(exact))


def _write(amount: Fraction, base: int, units: tuple[str, ...]) -> str:
    unit = 0
    while unit + 1 < len(units) and amount % base == 0:
        amount, unit = amount / base, unit + 1
    return f"{int(amount)}{units[unit]}"
