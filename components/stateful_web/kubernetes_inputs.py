"""Reads inputs in Kubernetes' own words, such as ``pod_template``, along Kubernetes' schema.

They are taken as pulumi_kubernetes takes them: keys as in Kubernetes or in Python's spelling, typed ``…Args``, and
outputs where a value or a whole map or list of values is wanted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pulumi

from .findings import Finding, InvalidInput, Name, Path, camel
from .merge import MAP_KEYS, problems
from .pod_schema import MAP, QUANTITY, TEXT, Field, fields, python_key, python_keys
from .values import KINDS, as_text, fix, plain, shown, unwrapped

NEAR = 0.75
"""How alike an unknown key must be to a known one to be taken for a mistake."""
MERGED_AS = {"init_containers": "initContainers", "sidecars": "initContainers"}
"""Inputs whose entries are merged as those of a field of the pod."""
EXPECTED = {TEXT: KINDS[str], QUANTITY: KINDS[str], "int": KINDS[int], "bool": KINDS[bool]}


def read(value: Any, field: Field, path: Path, findings: list[Finding]) -> Any:
    """Return what a field such as ``Field("core_v1.PodTemplateSpec")`` holds as plain maps in Kubernetes' spelling.

    What does not fit is added to ``findings``. A key that the schema does not have stays as it is, unless it is like
    one that it has: the API server may be newer.
    """
    value = unwrapped(value)
    if value is None:
        return None
    if isinstance(value, pulumi.Output):
        is_entry = isinstance(path[-1], int)
        if field.is_object and (_merged_as(path[-2 if is_entry else -1]) or not (is_entry or field.is_list)):
            problem = "is an output, which hides keys that are merged. Write it out, with outputs as its values."
            findings.append(Finding(path, problem))
            return value
        return value.apply(lambda known: _known(known, field, path))
    if field.is_list:
        if not isinstance(value, list):
            return _wrong(value, KINDS[list], path, findings)
        entry, before = replace(field, is_list=False), len(findings)
        entries = [read(item, entry, (*path, i), findings) for i, item in enumerate(value)]
        if (merged_as := _merged_as(path[-1])) and len(findings) == before:
            findings += [Finding((*path, *at), problem) for at, problem in problems(entries, merged_as)]
        return entries
    if field.is_object:
        return _read_object(value, field.kind, path, findings)
    if field.kind == MAP:
        if not isinstance(value, Mapping):
            return _wrong(value, KINDS[dict], path, findings)
        entry = Field(field.values)
        return {str(key): read(item, entry, (*path, Name(key)), findings) for key, item in value.items()}
    return _read_scalar(value, field.kind, path, findings)


def _merged_as(key: str | int) -> str | None:
    """Return the field by whose map keys the entries at a key are merged, if they are."""
    field = MERGED_AS.get(str(key), str(key))
    return field if field in MAP_KEYS else None


def _read_scalar(value: Any, kind: str, path: Path, findings: list[Finding]) -> Any:
    if kind in (TEXT, QUANTITY):
        value = as_text(value, is_quantity=kind == QUANTITY)
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    is_of_another_kind = not isinstance(value, str) if kind in (TEXT, QUANTITY) else isinstance(value, Mapping | list)
    return _wrong(value, EXPECTED.get(kind, "a single value"), path, findings) if is_of_another_kind else value


def _read_object(value: Any, kind: str, path: Path, findings: list[Finding]) -> Any:
    if not isinstance(value, Mapping):
        return _wrong(value, "a map of its keys", path, findings)
    written: dict[str, str] = {}
    result = {}
    for given, item in ((str(given), item) for given, item in value.items()):
        key = given if given in fields(kind) else python_keys(kind).get(given.rstrip("_"))
        at = (*path, Name(given))
        if given.startswith("$"):
            problem = "is a directive of kubectl patch, which means nothing here: null removes a key. Remove it."
            findings.append(Finding(at, problem))
        elif key is None:
            if near := _near(given, kind):
                findings.append(Finding(at, f'is not a key that exists. Did you mean "{near}"?'))
            result[given] = plain(item)
        elif key in written:
            findings.append(Finding(at, f"is given, and so is {written[key]}, which is the same key. Remove one."))
        else:
            written[key] = given
            result[key] = read(item, fields(kind)[key], (*path, key), findings)
    return result


def notes(value: Any, field: Field, path: Path) -> Iterator[Finding]:
    """Find the keys that ``read`` has left as they are, since the schema does not have them."""
    if field.is_list and isinstance(value, list):
        for i, entry in enumerate(value):
            yield from notes(entry, replace(field, is_list=False), (*path, i))
    elif field.is_object and isinstance(value, Mapping):
        for key, item in value.items():
            if key in fields(field.kind):
                yield from notes(item, fields(field.kind)[key], (*path, key))
            else:
                problem = "is not a key that this release knows. It is passed on, and the API server decides."
                yield Finding((*path, Name(key)), problem)


def _known(value: Any, field: Field, path: Path) -> Any:
    findings: list[Finding] = []
    right = read(plain(value), field, path, findings)
    if findings:
        raise InvalidInput([findings[0].of_output()])
    return right


def _wrong(value: Any, expected: str, path: Path, findings: list[Finding]) -> Any:
    problem = f"is {shown(value, path)}: {expected} is expected{fix(value, expected)}"
    findings.append(Finding(path, problem, expected))
    return value


def _near(given: str, kind: str) -> str | None:
    """Return the key that an unknown one is a mistake for."""
    known = {key.lower(): key for key in fields(kind)}
    import difflib  # for a mistake alone

    close = difflib.get_close_matches(given.replace("_", "").lower(), known, n=1, cutoff=NEAR)
    # Later versions of the API add a word to a name that they have: restartPolicyRules.
    if not close or (camel(given).lower().startswith(close[0]) and camel(given)[len(close[0]) :][:1].isupper()):
        return None
    return python_key(known[close[0]]) if "_" in given else known[close[0]]
