"""Reads plain values by the annotations of a TypedDict: kinds, unknown keys, and integers that arrive as floats."""

import difflib
import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ForwardRef, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import pulumi

from .findings import Finding, Path

KINDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def read(value: Any, annotation: Any, path: Path, findings: list[Finding], spell: Callable[[str], str] = str) -> Any:
    """Return ``value`` as ``annotation`` asks for it, adding to ``findings`` what does not fit.

    Keys of TypedDicts are looked up in the spelling that ``spell`` gives them (``str``: as in Python; ``camel``: as in
    stack config) and returned in Python's. Outputs pass where the annotation is a ``pulumi.Input``.
    """
    if takes_output(annotation) and isinstance(value, pulumi.Output | Awaitable):
        return value
    annotation = without_markers(annotation)
    if annotation is Any:
        return value
    if is_typeddict(annotation):
        return _read_typed_dict(value, annotation, path, findings, spell)
    origin, parameters = get_origin(annotation), get_args(annotation)
    if origin is list:
        if not isinstance(value, list | tuple):
            return _refuse(value, "a list", path, findings)
        return [read(item, parameters[0], (*path, i), findings, spell) for i, item in enumerate(value)]
    if origin is dict:
        if not isinstance(value, Mapping):
            return _refuse(value, "a map", path, findings)
        return {str(key): read(item, parameters[1], (*path, str(key)), findings) for key, item in value.items()}
    return _read_scalar(value, annotation, path, findings)


def keys(typed_dict: Any) -> dict[str, Any]:
    """Return the keys of a TypedDict with their annotations, in the order in which they are written."""
    return inspect.get_annotations(typed_dict)


def _read_typed_dict(
    value: Any, annotation: Any, path: Path, findings: list[Finding], spell: Callable[[str], str]
) -> Any:
    if not isinstance(value, Mapping):
        return _refuse(value, "a map of its keys", path, findings)
    known = {spell(key): (key, of_key) for key, of_key in keys(annotation).items()}
    result = {}
    for given, item in value.items():
        if given not in known:
            near = difflib.get_close_matches(str(given), known, n=1)
            fix = f'Did you mean "{near[0]}"?' if near else f"Known keys: {', '.join(known)}."
            findings.append(Finding((*path, str(given)), f"is not a key that exists. {fix}"))
            continue
        key, of_key = known[given]
        if item is None:  # YAML's "key:" and a Python caller's None both mean "absent"
            continue
        result[key] = read(item, of_key, (*path, key), findings, spell)
    for key in sorted(annotation.__required_keys__ - result.keys()):
        if not any(finding.path == (*path, key) for finding in findings):
            findings.append(Finding((*path, key), f"is missing: {KINDS[str]} is expected. Set it."))
    return result


def _read_scalar(value: Any, annotation: Any, path: Path, findings: list[Finding]) -> Any:
    # Numbers from other languages arrive as floats.
    if annotation is int and isinstance(value, float) and value.is_integer():
        return int(value)
    fits = isinstance(value, annotation) and not (annotation is int and isinstance(value, bool))
    return value if fits else _refuse(value, KINDS[annotation], path, findings)


def _refuse(value: Any, expected: str, path: Path, findings: list[Finding]) -> Any:
    findings.append(Finding(path, f"is {show(value)}: {expected} is expected."))
    return value


def show(value: Any) -> str:
    """Show a value in a sentence: text in quotes, as JSON would, long ones cut."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f'{text[:76]}…"'


def without_markers(annotation: Any) -> Any:
    """Return the kind of value that an annotation stands for: without NotRequired, Required, Input and None."""
    annotation = _key_type(annotation)
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    # pulumi.Input[T] is T, an awaitable of T, or an output of T (a forward reference in the SDK).
    (plain,) = (
        part
        for part in get_args(annotation)
        if get_origin(part) is not Awaitable and not isinstance(part, ForwardRef) and part is not types.NoneType
    )
    return plain


def takes_output(annotation: Any) -> bool:
    """Say whether an annotation is a ``pulumi.Input``."""
    return any(isinstance(part, ForwardRef) for part in get_args(_key_type(annotation)))


def _key_type(annotation: Any) -> Any:
    while get_origin(annotation) in (NotRequired, Required):
        (annotation,) = get_args(annotation)
    return annotation
