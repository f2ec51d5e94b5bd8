"""The inputs as ``args`` declares them, for texts about them."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

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
    """``integer``, ``text``, ``list of …`` or the name of a TypedDict."""
    required: bool
    takes_output: bool
    default: Any
    text: str
    """Meaning, units, default and source, as in the docstring."""


SCALARS = {str: "string", int: "integer", bool: "boolean"}
"""Pulumi's names of the types that a declared config key can have here."""


def typed_dicts() -> list[Any]:
    """Return the TypedDicts, the component's own first."""
    return [StatefulWebArgs, *(declared for declared in KEYS if declared is not StatefulWebArgs)]


def inputs_of(typed_dict: Any) -> list[Input]:
    """Return the keys of a TypedDict in the order in which they are written."""
    texts = docstrings(typed_dict)
    return [
        Input(
            key=key,
            type=_types(annotation),
            required=key in typed_dict.__required_keys__,
            takes_output=takes_output(annotation),
            default=KEYS[typed_dict][key].default,
            text=texts[key],
        )
        for key, annotation in keys(typed_dict).items()
    ]


def docstrings(declared: Any) -> dict[str, str]:
    """Return the text below each annotated name of a class; raises ``KeyError`` nowhere: a name may lack one."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(declared))).body
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - what a class's source parses to
    return dict(_texts(node))


def _texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            yield statement.target.id, " ".join(str(following.value.value).split())


def _types(annotation: Any) -> str:
    return " or ".join(map(_type, kinds(annotation)))


def _type(kind: Any) -> str:
    if isinstance(kind, Field):
        return f"{'list of ' if kind.is_list else ''}{kind.kind.partition('.')[2]}"
    if get_origin(kind) is list:
        return f"list of {_types(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return f"map to {_types(get_args(kind)[1])}"
    return SCALARS.get(kind) or ("any" if kind is Any else str(kind.__name__))


def config_key(key: str) -> str:
    """Return a key as stack config spells it."""
    return camel(key)
