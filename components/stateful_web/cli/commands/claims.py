"""``stateful-web claims``."""

import sys
from pathlib import Path

import click

from .options import asked, of_places, options, say_setup, tell, verbose


@click.command
@options(of_places, verbose)
def claims(stack: str, namespace: str, context: str, output: str, verbose: bool) -> None:
    """List every claim, also those that scaling down or an earlier life left, with the command that removes it.

    It removes none.
    """
    from .. import views
    from ..live_objects import see
    from ..own_config import asked_for, with_planned
    from ..progress import progress
    from ..reports import of_claims
    from ..tables import console, print_claims, print_json

    def say(line: str) -> None:
        if verbose:
            print(line, file=sys.stderr, flush=True)

    with progress("Looking") as step:
        stack, places = asked(stack, namespace, context, verbose, step)
        planned = asked_for(Path.cwd(), stack, say) if stack else None
        places, of_plan = with_planned(places, planned)
        seen, problems = see(places, "PersistentVolume", progress=step)
    inputs = planned.inputs if planned else None
    found = [claim for one in seen for claim in views.claims(one, inputs if one.place is of_plan else None)]
    if output == "json":
        print_json(found)
    elif found and output == "markdown":
        print(of_claims(found, stack))
    elif found:
        print_claims(found, console(), stack)
        say_setup(stack, any(claim.left_by or claim.behind for claim in found))
    elif not problems:
        print(f"{f'Stack {stack}' if stack else f'Namespace {namespace}'} has no claims, and left none.")
    tell(seen, problems)
