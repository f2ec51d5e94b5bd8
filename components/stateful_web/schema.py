"""Walks inputs along the annotations of their TypedDicts: kinds of values, unknown keys, defaults and rules."""

import inspect
import types
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from typing import Any, ForwardRef, NotRequired, Required, Union, get_args, get_origin, is_typeddict

import pulumi

from . import kubernetes_inputs
from .args import KEYS
from .findings import Finding, InvalidInput, Name, Path, camel
from .pod_schema import Field
from .values import KINDS, as_text, fix, plain, shown, unwrapped

Spell = Callable[[str], str]
"""From a key in Python's spelling to the one in which it is given."""
QUANTITIES = {"size", "requests", "limits"}
"""Keys whose text is a quantity, or whose values are: numbers are quantities, too."""


def read(value: Any, annotation: Any, path: Path, findings: list[Finding], spell: Spell | None = str) -> Any:
    """Return ``value`` as ``annotation`` asks for it, adding to ``findings`` what does not fit.

    Keys of TypedDicts are looked up in the spelling that ``spell`` gives them (``str``: as in Python; ``camel``: as in
    stack config; ``None``: both) and returned in Python's. Outputs pass where the annotation is a ``pulumi.Input``;
    what they turn out to be is judged as soon as it is known. A ``Field`` is read along Kubernetes' schema.
    """
    if isinstance(annotation, Field):
        return kubernetes_inputs.read(value, annotation, path, findings)
    value = unwrapped(value)
    if isinstance(value, pulumi.Output):
        if takes_output(annotation):
            return value
        findings.append(Finding(path, "is an output, but it decides names or structure. Give it a plain value."))
        return value
    kind = kind_of(value, annotation)
    if kind is Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if is_typeddict(kind):
        return _read_typed_dict(value, kind, path, findings, spell)
    origin, parameters = get_origin(kind), get_args(kind)
    if origin is list and isinstance(value, list):
        return [read(item, parameters[0], (*path, i), findings, spell) for i, item in enumerate(value)]
    if origin is dict and isinstance(value, Mapping):
        return {str(key): read(item, parameters[1], (*path, Name(key)), findings, spell) for key, item in value.items()}
    if kind is int and isinstance(value, float) and value.is_integer():  # numbers of other languages
        return int(value)
    is_quantity = any(part in QUANTITIES and not isinstance(part, Name) for part in path[-2:])
    if kind is str and (is_quantity or isinstance(path[-1], Name | int)):  # what is in a map or a list
        value = as_text(value, is_quantity)
    if origin or not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        expected = KINDS[origin or kind]
        problem = f"is {shown(value, path)}: {expected} is expected{fix(value, expected)}"
        findings.append(Finding(path, problem, expected))
    return value


def fill(value: Any, annotation: Any) -> Any:
    """Return a value that ``read`` has found right with the defaults of its keys, which may lie deep in it."""
    kind = kind_of(value, annotation)
    if is_typeddict(kind):
        of_keys = keys(kind)
        given = {key: key_of.default for key, key_of in KEYS[kind].items() if key_of.default is not None} | value
        return {key: fill(item, of_keys[key]) for key, item in given.items()}
    if get_origin(kind) is list and isinstance(value, list):
        return [fill(item, get_args(kind)[0]) for item in value]
    return value


def judge(
    value: Any,
    annotation: Any,
    path: Path,
    findings: list[Finding],
    rule: Callable[[Any], str | None],
    show: Callable[[Any, Path], str] = shown,
) -> Any:
    """Hold a value and all below it against their rules; return it with its outputs set to be judged when known."""
    kind = kind_of(value, annotation)
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: _known(known, annotation, path, rule))
    problem = rule(value)
    if problem:
        findings.append(Finding(path, f"is {show(value, path)}: {problem}"))
    if is_typeddict(kind):
        of_keys = keys(kind)
        return {
            key: judge(item, of_keys[key], (*path, key), findings, KEYS[kind][key].rule or _anything, show)
            for key, item in value.items()
        }
    parameters = get_args(kind)
    if get_origin(kind) is list:
        return [judge(item, parameters[0], (*path, i), findings, _anything, show) for i, item in enumerate(value)]
    if get_origin(kind) is dict:
        return {
            key: judge(item, parameters[1], (*path, Name(key)), findings, _anything, show)
            for key, item in value.items()
        }
    return value


def map_inputs(value: Any, annotation: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value that ``read`` has found right, with ``change`` of each typed value that may be an output."""
    kind = kind_of(value, annotation)
    if is_typeddict(kind):
        return {key: map_inputs(item, keys(kind)[key], change) for key, item in value.items()}
    if get_origin(kind) is list:
        return [map_inputs(item, get_args(kind)[0], change) for item in value]
    if get_origin(kind) is dict:
        return {key: map_inputs(item, get_args(kind)[1], change) for key, item in value.items()}
    return change(value) if annotation is not Any and takes_output(annotation) else value


def notes(value: Any, annotation: Any, path: Path) -> Iterator[Finding]:
    """Find the keys in Kubernetes' own words that ``read`` has left as they are."""
    if isinstance(annotation, Field):
        yield from kubernetes_inputs.notes(value, annotation, path)
    elif is_typeddict(kind := kind_of(value, annotation)):
        for key, item in value.items():
            yield from notes(item, keys(kind)[key], (*path, key))


def _known(value: Any, annotation: Any, path: Path, rule: Callable[[Any], str | None]) -> Any:
    findings: list[Finding] = []
    # Of two kinds, the second is a map whose keys decide the structure: it is written out.
    first, *_ = kinds(annotation)
    right = read(plain(value), first, path, findings, spell=None)
    if findings:
        raise InvalidInput([findings[0].of_output()])
    judge(right, first, path, findings, rule, lambda *_: "an output that can not be used")
    if findings:
        raise InvalidInput(findings[:1])
    return right


def _anything(_: Any) -> None:
    return None


@cache
def keys(typed_dict: Any) -> Mapping[str, Any]:
    """Return the keys of a TypedDict with what they are, in the order in which they are written."""
    return {key: KEYS[typed_dict][key].of or kind for key, kind in inspect.get_annotations(typed_dict).items()}


def _read_typed_dict(value: Any, kind: Any, path: Path, findings: list[Finding], spell: Spell | None) -> Any:
    if not isinstance(value, Mapping):
        findings.append(Finding(path, f"is {shown(value, path)}: a map of its keys is expected."))
        return value
    known = {spelled(key): key for spelled in ((spell,) if spell else (str, camel)) for key in keys(kind)}
    result = {}
    for given, item in value.items():
        if given not in known:
            import difflib  # for a mistake alone

            near = difflib.get_close_matches(str(given), known, n=1)
            fix = f'Did you mean "{near[0]}"?' if near else f"Known keys: {', '.join(known)}."
            findings.append(Finding((*path, Name(given)), f"is not a key that exists. {fix}"))
        elif item is not None:  # YAML's "key:" and a Python caller's None both mean "absent"
            key = known[given]
            result[key] = read(item, keys(kind)[key], (*path, key), findings, spell)
    for key in sorted(kind.__required_keys__ - result.keys()):
        (wanted,) = kinds(keys(kind)[key])
        expected = KINDS[get_origin(wanted) or wanted]
        findings.append(Finding((*path, key), f"is missing: {expected} is expected. Set it."))
    return result


def kind_of(value: Any, annotation: Any) -> Any:
    """Return which of the kinds that an annotation stands for a value is to be: of two, the second is a map."""
    first, *second = kinds(annotation)
    return second[0] if second and isinstance(value, Mapping) else first


@cache
def kinds(annotation: Any) -> tuple[Any, ...]:
    """Return what an annotation stands for: without NotRequired, Required, Input and None."""
    annotation = _key_type(annotation)
    if get_origin(annotation) not in (Union, types.UnionType):
        return (annotation,)
    # pulumi.Input[T] is T, an awaitable of T, or an output of T (a forward reference in the SDK).
    return tuple(
        part
        for part in get_args(annotation)
        if get_origin(part) is not Awaitable and not isinstance(part, ForwardRef) and part is not types.NoneType
    )


@cache
def takes_output(annotation: Any) -> bool:
    """Say whether an annotation is a ``pulumi.Input``, or may be anything."""
    annotation = _key_type(annotation)
    return annotation is Any or any(isinstance(part, ForwardRef) for part in get_args(annotation))


def _key_type(annotation: Any) -> Any:
    while get_origin(annotation) in (NotRequired, Required):
        (annotation,) = get_args(annotation)
    return annotation
