"""``stateful-web claims``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import chosen, in_folder, of_stack, options, output, say_setup, verbose

if TYPE_CHECKING:
    from ... import StatefulWebArgs


@click.command
@options(of_stack, in_folder, output, verbose)
def claims(stack: str, output: str, verbose: bool) -> None:
    """List every claim, also those that scaling down or an earlier life left, with the command that removes it.

    It removes none.
    """
    from .. import live_objects
    from ..pulumi_cli import state_of
    from ..tables import console, print_claims, print_json
    from ..targets import configured

    stack = chosen(stack, verbose)
    state, access = state_of(stack), configured(stack)
    found = live_objects.claims(state, _asked(stack), access)
    if output == "json":
        print_json(found)
    elif found:
        print_claims(found, console(), stack)
        say_setup(stack, any(claim.left_by or claim.behind for claim in found))
    else:
        print(f"Stack {stack} has no claims, and left none.")


def _asked(stack: str) -> "StatefulWebArgs | None":
    """Return what the stack's config asks for, where the component can tell it from there."""
    from ... import InvalidInput
    from ...kubeconfig import namespace
    from ..errors import CliError
    from ..project import Project
    from ..render import inputs_of
    from ..targets import configured

    try:
        asked = inputs_of(Project.at(Path.cwd()), stack)
    except (CliError, InvalidInput) as error:
        print(f"Claims of an earlier life are looked for by the state alone: {error}", file=sys.stderr)
        return None
    asked.setdefault("namespace", namespace(configured(stack)) or "default")
    return asked
