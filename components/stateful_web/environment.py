"""The order of a container's environment variables. Pure; values may be outputs.

Kubernetes replaces ``$(NAME)`` in a value if NAME stands earlier in the list, and leaves it as it is if not
(https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from .findings import Finding, InvalidInput, Name

Entry = Mapping[str, Any]
REFERENCE = re.compile(r"\$\$|\$\(([^)]*)\)")
"""``$$`` stands for a dollar sign, so that ``$$(NAME)`` is no reference."""


def entries(env: Any) -> Any:
    """Return the entries of variables that are given by name; an output of them is sorted, as maps have no order.

    What is not known yet stays as it is.
    """
    if isinstance(env, pulumi.Output):
        return env.apply(lambda known: entries(_judged(dict(sorted(known.items())))))
    return [{"name": name, **_value(value)} for name, value in env.items()] if isinstance(env, Mapping) else env


def problem(value: Any) -> str | None:
    """Return what is wrong with the source of a variable: it names no place, or two."""
    if not isinstance(value, Mapping):
        return None
    named = {"config_map_name", "secret_name", "field_path"} & value.keys()
    if len(named) == 1 and ("key" in value) != ("field_path" in value):
        return None
    return "needs exactly one of secretName with key, configMapName with key, and fieldPath. Give one."


def _judged(env: Mapping[str, Any]) -> Mapping[str, Any]:
    findings = [Finding(("env", Name(name)), found) for name, value in env.items() if (found := problem(value))]
    if findings:
        raise InvalidInput(findings)
    return env


def _value(given: Any) -> Entry:
    if not isinstance(given, Mapping):
        return {"value": given}
    if "field_path" in given:
        return {"valueFrom": {"fieldRef": {"fieldPath": given["field_path"]}}}
    if "secret_name" in given:
        return {"valueFrom": {"secretKeyRef": {"name": given["secret_name"], "key": given["key"]}}}
    return {"valueFrom": {"configMapKeyRef": {"name": given["config_map_name"], "key": given["key"]}}}


def source(given: Mapping[str, Any]) -> Entry:
    """Return an object whose keys become variables."""
    if "secret_name" in given:
        of = {"secretRef": {"name": given["secret_name"]}}
    else:
        of = {"configMapRef": {"name": given["config_map_name"]}}
    return {**({"prefix": given["prefix"]} if "prefix" in given else {}), **of}


def in_order(given: Any) -> Any:
    """Return entries in their order, but each that refers to a later one behind it; those in a circle stay.

    The order is decided when the values that may refer to a later entry are known. A preview takes those that are not
    known yet to refer to none.
    """
    if isinstance(given, pulumi.Output):
        return given.apply(in_order)
    if not isinstance(given, list):
        return given
    values = [entry.get("value") for entry in given]
    if not any(isinstance(value, pulumi.Output) for value in values[:-1]):
        return [given[i] for i in _order(given, values)]
    texts: Any = pulumi.Output.unsecret(pulumi.Output.all(*values))
    order = texts.apply(lambda known: _order(given, known), run_with_unknowns=True)

    def at(place: int, key: str | None = None) -> Any:
        return order.apply(
            lambda known: pulumi.Output.from_input(given[known[place]][key] if key else given[known[place]])
        )

    if any(entry.keys() != given[0].keys() for entry in given):
        return [at(place) for place in range(len(given))]
    # So only values are secret or unknown, and no names.
    return [{key: at(place, key) for key in given[0]} for place in range(len(given))]


def _order(given: Sequence[Entry], values: Sequence[Any]) -> list[int]:
    numbers = {entry["name"]: i for i, entry in enumerate(given)}
    refers = [
        {numbers[name] for name in _names(value) if name in numbers and numbers[name] != i}
        for i, value in enumerate(values)
    ]
    reached = [_reached(i, refers) for i in range(len(given))]
    # References in a circle count for nothing, and those who are in it stay in their order.
    needs = [
        {other for other in refers[i] if i not in reached[other]}
        | {j for j in range(i) if j in reached[i] and i in reached[j]}
        for i in range(len(given))
    ]
    order: list[int] = []
    left = list(range(len(given)))
    while left:
        following = next(i for i in left if needs[i] <= set(order))
        left.remove(following)
        order.append(following)
    return order


def _names(value: Any) -> list[str]:
    return [name for name in REFERENCE.findall(value) if name] if isinstance(value, str) else []


def _reached(start: int, refers: Sequence[set[int]]) -> set[int]:
    """Return all that an entry refers to, directly or not, and itself."""
    reached, new = set(), {start}
    while new:
        reached |= new
        new = {other for i in new for other in refers[i]} - reached
    return reached
