"""``stateful-web status``."""

import click

from .options import chosen, in_folder, of_stack, options, output, verbose


@click.command
@options(of_stack, in_folder, output, verbose)
def status(stack: str, output: str, verbose: bool) -> None:
    """Show pods, claims, volumes and DNS names, live."""
    from ..pulumi_cli import state_of
    from ..status import status_of
    from ..tables import console, print_json, print_status

    stack = chosen(stack, verbose)
    sets = status_of(state_of(stack))
    if output == "json":
        print_json(sets)
    elif sets:
        print_status(sets, console())
    else:
        print(f"Stack {stack} has no StatefulSet: nothing is deployed.")
