"""Examples of the inputs, in the spellings of the stack file and of Python, for ``tools.reference.pages``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.stateful_web.args import StatefulWebArgs
from components.stateful_web.findings import camel
from components.stateful_web.schema import read
from settings import NAMESPACE
from tools.reference.entries import WIDTH

EXAMPLES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "examples.yaml").read_text())


def example_of(path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the first example that has the key at a path in the stack file's spelling; ``None`` if there is none."""
    first, *rest = path
    return next((example for example in EXAMPLES if first in example and _has(example[first], rest)), None)


def in_stack_file(example: Mapping[str, Any]) -> str:
    """Return an example as a stack file has it."""
    config = {f"{NAMESPACE}:{key}": value for key, value in example.items()}
    return yaml.safe_dump({"config": config}, sort_keys=False, width=WIDTH, allow_unicode=True)


def in_python(example: Mapping[str, Any]) -> str:
    """Return an example as a program gives it."""
    return f"{_literal(read(example, StatefulWebArgs, (), [], camel))}\n"


def _has(value: Any, path: Sequence[str]) -> bool:
    """Say whether a path leads to something; entries of lists and names that users choose, as in env, are skipped."""
    if not path:
        return True
    if isinstance(value, list):
        return any(_has(item, path) for item in value)
    if not isinstance(value, Mapping):
        return False
    if path[0] in value:
        return _has(value[path[0]], path[1:])
    return all(isinstance(item, Mapping) for item in value.values()) and any(_has(i, path) for i in value.values())


def _literal(value: Any, indent: str = "") -> str:
    """Return a value as the source of it, in lines that fit."""
    items: list[str] | None = None
    if isinstance(value, Mapping):
        opening, closing = "{", "}"
        items = [f"{json.dumps(key)}: {_literal(item, indent + '    ')}" for key, item in value.items()]
    elif isinstance(value, list):
        opening, closing = "[", "]"
        items = [_literal(item, indent + "    ") for item in value]
    if items is None:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    line = f"{opening}{', '.join(items)}{closing}"
    if "\n" not in line and len(indent) + len(line) <= WIDTH:
        return line
    return "".join([opening, "\n", *(f"{indent}    {item},\n" for item in items), indent, closing])
