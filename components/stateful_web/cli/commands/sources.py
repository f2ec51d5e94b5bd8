"""Where `render` and `diagram` take their objects from."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from .options import NotTogether, chosen, in_folder, of_stack, options

if TYPE_CHECKING:
    from ..given import Given

WHERE = """\b
Where the objects come from:
  nothing named  the stack's file: objects of a first deploy, of a program that
                 takes its inputs by stack_config; no cluster, no engine
  --plan         the plan of `pulumi preview`, of a program in any language
  FILE           objects in YAML or JSON, as of `kubectl get -o yaml` and
  (- is stdin)   `helm template`, or `pulumi preview --json --show-sames`
A plan's secrets and values that are not known before up are left out, and named.
"""
SOURCES = options(
    click.argument("file", type=click.File(encoding="utf-8"), required=False),
    click.option("--plan", is_flag=True, help="Run `pulumi preview`, and take the objects of its plan."),
    of_stack,
    in_folder,
)
"""Argument and options that say where from."""


def objects_of(file: TextIO | None, plan: bool, stack: str) -> "Given":
    """Return the objects that are asked for; what there is to say of them is said."""
    if file and (plan or stack):
        raise NotTogether("FILE has the objects: leave out --plan and --stack.")
    found = _read(file) if file else _planned(chosen(stack)) if plan else _of_stack_file(chosen(stack))
    for line in found.said:
        print(line, file=sys.stderr)
    return found


def _read(file: TextIO) -> "Given":
    from ..errors import CliError
    from ..given import given

    try:
        return given(file.read())
    except UnicodeDecodeError as error:
        raise CliError(f"The input is not text in UTF-8: {error.reason}.") from error


def _planned(stack: str) -> "Given":
    from .. import preview as engine
    from ..errors import CliError
    from ..given import of_plan
    from ..planned import of_events

    previewed = engine.run(stack, ())
    if previewed.code or not previewed.finished:
        raise CliError("The preview came to no end, so its plan has not every object. Correct what it says above.")
    return of_plan(of_events(previewed.events))


def _of_stack_file(stack: str) -> "Given":
    from ... import InvalidInput
    from ..errors import CliError
    from ..given import Given
    from ..own_config import is_read
    from ..project import Project
    from ..render import objects_of

    try:
        return Given(objects_of(Project.at(Path.cwd()), stack))
    except InvalidInput as error:
        if is_read(Path.cwd()):
            raise
        raise CliError(f"{error}\nThis program may take its inputs from elsewhere. For its objects: --plan") from error
