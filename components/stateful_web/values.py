"""Values as users write them, in the one form that they have here, and in sentences about them."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import pulumi
from pulumi import _types

from .findings import Finding, Path

Manifest = dict[str, Any]
"""An object as Kubernetes gets it, or a part of one; values may be outputs."""
KINDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a map",
}
NOT_SHOWN = {"env", "content", "command", "args", "headers", "httpHeaders", "http_headers"}
"""Keys below which values may be confidential, whatever they are."""


def unwrapped(value: Any) -> Any:
    """Return a value in the one form that it has here: typed ``…Args`` as a map, an awaitable as an output."""
    if _types.is_input_type(type(value)) and not isinstance(value, Mapping):
        return _types.input_type_to_dict(value)
    if isinstance(value, Awaitable) and not isinstance(value, pulumi.Output):
        return pulumi.Output.from_input(value)
    return list(value) if isinstance(value, tuple) else value


def plain(value: Any) -> Any:
    """Return a value as it is written in Python: engine and other languages have floats alone, and unsorted maps."""
    value = unwrapped(value)
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_text(value: Any, is_quantity: bool) -> Any:
    """Return the text of a number or a boolean; a float has lost its own (1.10 is 1.1), which only quantities bear."""
    if isinstance(value, bool):
        return value if is_quantity else str(value).lower()
    if isinstance(value, float) and is_quantity:
        return str(int(value) if value.is_integer() else value)
    return str(value) if isinstance(value, int) else value


def fix(value: Any, expected: str) -> str:
    """Return the end of a sentence about a value of another kind."""
    if expected != KINDS[str] or not isinstance(value, int | float):
        return "."
    lost = ", and a number with decimals has lost its own text (1.10 is 1.1)" if isinstance(value, float) else ""
    return f"{lost}. Put it in quotes in the stack file, or use pulumi config set --path --type string."


def shown(value: Any, path: Path = ()) -> str:
    """Show a value in a sentence: as JSON, long ones cut, and none that may be confidential."""
    if NOT_SHOWN & set(path) or _may_be_confidential(value):
        return "a value that is not shown"
    text = json.dumps(value, default=lambda _: "an output", ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _may_be_confidential(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(NOT_SHOWN & value.keys()) or any(map(_may_be_confidential, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_may_be_confidential, value))
    return isinstance(value, pulumi.Output)


def map_at(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the map that lies there, or an empty one."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def twice(
    named: Sequence[tuple[Path, Any]], problem: str, same: Callable[[Any], Any] = lambda value: value
) -> Iterator[Finding]:
    """Find each value that equals an earlier one; ``same`` returns what is compared."""
    seen: set[Any] = set()
    for path, value in named:
        if same(value) in seen:
            yield Finding(path, f"is {shown(value)}: it {problem}")
        seen.add(same(value))
