"""The part of JSONPath (RFC 9535) that conditions use, filters included: ``{$[?$.status.updatedReplicas > 1]}``.

Left out are slices, lists of selectors, ``..``, functions, escapes in texts, and more than two operands in a row: the
official plugin's parser (theory/jsonpath 0.9) takes a third one only where no blank stands before its operator.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes_plugin.errors import NeedsOfficialPlugin, Object, PluginError

Select = Callable[[Any, Any], list[Any]]
"""What a query or a literal stands for, given the whole object and the value that ``@`` means."""
Test = Callable[[Any, Any], bool]

_TEXT = r"""'[^'\\]*'|"[^"\\]*\""""
_STEP = rf"\.[A-Za-z_]\w*|\[(?:{_TEXT}|-?\d+)\]"
_COMPARABLE = rf"[$@](?:{_STEP})*|{_TEXT}|-?\d+(?:\.\d+)?|true|false|null"
_COMPARISON = rf"(?P<left>{_COMPARABLE})\s*(?P<operator>==|<|>)\s*(?P<right>{_COMPARABLE})"


@dataclass(frozen=True)
class JsonPath:
    """A path, and the text that its first result must have; None when any result will do."""

    select: Select
    expected: str | None

    def matches(self, obj: Object) -> bool:
        """Say whether the object has what is expected."""
        found = self.select(obj, obj)
        return bool(found) and (self.expected is None or _text(found[0]) == self.expected)


def parse(text: str) -> JsonPath:
    """Read ``{.path}`` or ``{.path}=value``.

    As in the official plugin, a single ``=`` ends the path wherever it stands: a filter has no ``<=``, ``>=``, ``!=``.

    Raises PluginError for another form, NeedsOfficialPlugin for syntax that is left out here.
    """
    path, *expected = re.split(r"(?<!=)=(?!=)", text)
    whole = re.fullmatch(r"\{\s*\$?(?P<path>.*?)\s*\}", path)
    if not whole or len(expected) > 1 or expected == [""]:
        raise PluginError(f"the annotation pulumi.com/waitFor expects {{.path}} or {{.path}}=value, got {text}")
    reader = _Reader(f"${whole['path']}")
    try:
        select = reader.query()
        reader.need("$")
    except _LeftOut as error:
        raise NeedsOfficialPlugin(f"The JSONPath {text}") from error
    return JsonPath(select, expected[0] if expected else None)


class _LeftOut(Exception):
    """Something that the reader does not know."""


class _Reader:
    """Reads a path from left to right."""

    def __init__(self, path: str) -> None:
        self._rest = path

    def take(self, pattern: str) -> re.Match[str] | None:
        """Read what a pattern matches after blanks, or nothing."""
        found = re.match(rf"\s*(?:{pattern})", self._rest)
        if found:
            self._rest = self._rest[found.end() :]
        return found

    def need(self, pattern: str) -> str:
        """Read what a pattern matches after blanks.

        Raises _LeftOut for anything else.
        """
        found = self.take(pattern)
        if not found:
            raise _LeftOut
        return found[0].strip()

    def query(self) -> Select:
        """Read a query and all its segments."""
        of_all = self.need(r"[$@]") == "$"
        segments: list[Select] = []
        while segment := self._segment():
            segments.append(segment)

        def select(whole: Any, current: Any) -> list[Any]:
            found = [whole if of_all else current]
            for segment in segments:
                found = [selected for value in found for selected in segment(whole, value)]
            return found

        return select

    def _segment(self) -> Select | None:
        if step := self.take(_STEP):
            key = _key(step[0].strip())
            return lambda _, value: _child(value, key)
        if self.take(r"\[\s*\*\s*\]|\.\*"):
            return lambda _, value: _children(value)
        if self.take(r"\[\s*\?"):
            test = self._any()
            self.need(r"\]")
            return lambda whole, value: [child for child in _children(value) if test(whole, child)]
        return None

    def _any(self) -> Test:
        test = self._all()
        if not self.take(r"\|\|"):
            return test
        other = self._all()
        return lambda whole, current: test(whole, current) or other(whole, current)

    def _all(self) -> Test:
        test = self._one()
        if not self.take("&&"):
            return test
        other = self._one()
        return lambda whole, current: test(whole, current) and other(whole, current)

    def _one(self) -> Test:
        if self.take("!"):
            positive = self._group() or self._exists()
            return lambda whole, current: not positive(whole, current)
        return self._group() or self._comparison() or self._exists()

    def _group(self) -> Test | None:
        if not self.take(r"\("):
            return None
        test = self._any()
        self.need(r"\)")
        return test

    def _comparison(self) -> Test | None:
        found = self.take(_COMPARISON)
        if not found:
            return None
        left, right = _comparable(found["left"]), _comparable(found["right"])
        if found["operator"] == ">":
            left, right = right, left
        compare = _equal if found["operator"] == "==" else _less
        return lambda whole, current: compare(left(whole, current), right(whole, current))

    def _exists(self) -> Test:
        query = self.query()
        return lambda whole, current: bool(query(whole, current))


def _key(step: str) -> str | int:
    if step.startswith("."):
        return step[1:]
    return int(step[1:-1]) if step[-2].isdigit() else step[2:-2]


def _child(value: Any, key: str | int) -> list[Any]:
    if isinstance(key, str):
        return [value[key]] if isinstance(value, dict) and key in value else []
    return value[key:][:1] if isinstance(value, list) and -len(value) <= key else []


def _children(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _comparable(text: str) -> Select:
    if text[0] in "$@":
        return _Reader(text).query()
    value = text[1:-1] if text[0] in "'\"" else json.loads(text)
    return lambda *_: [value]


def _equal(one: list[Any], other: list[Any]) -> bool:
    """Compare what two sides select; what is not there equals only what is not there."""
    return _kinds(one) == _kinds(other) and one == other


def _less(one: list[Any], other: list[Any]) -> bool:
    return _kinds(one) == _kinds(other) in (["number"], ["str"]) and bool(one[0] < other[0])


def _kinds(values: Iterable[Any]) -> list[str]:
    """Return the types of JSON: a boolean is no number."""
    return ["number" if type(value) in (int, float) else type(value).__name__ for value in values]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
