"""``stateful-web recover``."""

import click

from .options import chosen, in_folder, of_stack, options, verbose


@click.command
@options(of_stack, in_folder, verbose)
@click.option("-q", "--quiet", is_flag=True, help="Say only what is done.")
def recover(stack: str, verbose: bool, quiet: bool) -> None:
    """Release a dead run's lock, and settle what a killed run left pending."""
    from .. import recover as recovery

    stack = chosen(stack, verbose)
    if not recovery.recover(stack, print) and not quiet:
        print(f"Nothing to recover: stack {stack} has no lock of a dead run that was seen, and no pending operation.")
