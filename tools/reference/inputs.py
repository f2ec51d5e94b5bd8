"""The inputs as ``args`` declares them, for texts about them."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, get_args, get_origin, is_typeddict

from components.stateful_web import choices
from components.stateful_web.args import KEYS, StatefulWebArgs
from components.stateful_web.findings import camel
from components.stateful_web.pod_schema import Field
from components.stateful_web.schema import keys, kinds, takes_output


@dataclass(frozen=True)
class Input:
    """One key of a TypedDict."""

    key: str
    """In Python's spelling."""
    type: str
    """``integer``, ``list of strings``, …"""
    words: tuple[str, ...]
    """The texts that it takes, if there are only a few."""
    kubernetes: Field | None
    """What of Kubernetes it is, if it is that."""
    typed_dict: Any
    """The TypedDict that it holds, if it holds one."""
    required: bool
    takes_output: bool
    default: Any
    text: str
    """Meaning, units, default and source, as in the docstring."""

    @property
    def meaning(self) -> str:
        """Its text without the default."""
        return self.text.partition(" Default:")[0]

    @property
    def default_in_words(self) -> str:
        """What its text says of the default; empty if it is required."""
        return self.text.partition(" Default: ")[2].removesuffix(".")


SCALARS = {str: "string", int: "integer", bool: "boolean"}
"""Pulumi's names of the types that a declared config key can have here."""


def typed_dicts() -> list[Any]:
    """Return the TypedDicts, the component's own first."""
    return [StatefulWebArgs, *(declared for declared in KEYS if declared is not StatefulWebArgs)]


@cache
def inputs_of(typed_dict: Any) -> list[Input]:
    """Return the keys of a TypedDict in the order in which they are written."""
    texts, words = docstrings(typed_dict), _words(typed_dict)
    return [
        Input(
            key=key,
            type=_types(annotation),
            words=words.get(key, ()),
            kubernetes=annotation if isinstance(annotation, Field) else None,
            typed_dict=next(filter(is_typeddict, _parts(annotation)), None),
            required=key in typed_dict.__required_keys__,
            takes_output=takes_output(annotation),
            default=KEYS[typed_dict][key].default,
            text=texts[key],
        )
        for key, annotation in keys(typed_dict).items()
    ]


def docstrings(declared: Any) -> dict[str, str]:
    """Return the text below each annotated name of a class; a name without one is left out."""
    body = _body(declared)
    return {
        statement.target.id: " ".join(str(following.value.value).split())
        for statement, following in pairwise(body)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }


def _words(declared: Any) -> dict[str, tuple[str, ...]]:
    """Return the words of each name whose annotation is a choice: at runtime that is a ``str``."""
    return {
        statement.target.id: get_args(getattr(choices, part.id))
        for statement in _body(declared)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        for part in ast.walk(statement.annotation)
        if isinstance(part, ast.Name) and hasattr(choices, part.id) and get_args(getattr(choices, part.id))
    }


def _body(declared: Any) -> list[ast.stmt]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(declared))).body
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - what a class's source parses to
    return node.body


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation stands for, and what is in it."""
    for kind in kinds(annotation):
        yield kind
        for argument in get_args(kind):
            yield from _parts(argument)


def _types(annotation: Any, several: bool = False) -> str:
    return " or ".join(_type(kind, several) for kind in kinds(annotation))


def _type(kind: Any, several: bool) -> str:
    if isinstance(kind, Field):
        return "list of objects" if kind.is_list else "object"
    if get_origin(kind) is list:
        return f"list of {_types(get_args(kind)[0], several=True)}"
    if get_origin(kind) is dict:
        return f"map of {_types(get_args(kind)[1], several=True)}"
    if kind is Any:
        return "integer or string"
    return SCALARS.get(kind, "object") + ("s" if several else "")


def config_key(key: str) -> str:
    """Return a key as stack config spells it."""
    return camel(key)
