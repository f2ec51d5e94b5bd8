"""Options that several commands have, under the names that they have with Pulumi."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Function = Callable[..., Any]


def _change_folder(_context: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    if folder:
        os.chdir(folder)


def _stack_names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    names = (path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in Path.cwd().glob("Pulumi.*.yaml"))
    return sorted(name for name in names if name.startswith(begun))


in_folder = click.option(
    "-C", "--cwd", type=click.Path(exists=True, file_okay=False, path_type=Path), callback=_change_folder,
    is_eager=True, expose_value=False, metavar="FOLDER", help="Run in the project of another folder.",
)  # fmt: skip
of_stack = click.option(
    "-s", "--stack", default="", metavar="NAME", shell_complete=_stack_names,
    help="Name of the stack; by default the one that `pulumi stack select` has chosen.",
)  # fmt: skip
output = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
verbose = click.option("-v", "--verbose", is_flag=True, help="Name backend, cluster and context first.")


def options(*wanted: Function) -> Callable[[Function], Function]:
    """Return a decorator that gives a command several options, in the order of its help."""

    def decorate(command: Function) -> Function:
        for option in reversed(wanted):
            command = option(command)
        return command

    return decorate


def chosen(stack: str, verbose: bool = False) -> str:
    """Return the stack that is meant; with ``verbose``, say where it leads."""
    from ..pulumi_cli import selected_stack
    from ..targets import target

    stack = stack or selected_stack()
    for line in target(stack) if verbose else ():
        print(line, file=sys.stderr, flush=True)
    return stack


def say_setup(stack: str, is_needed: bool) -> None:
    """Say what a shell needs for the commands that were printed."""
    from ..surroundings import shell_setup

    if is_needed and (setup := shell_setup(stack)):
        print(f"These commands run in this folder, after: {setup}")
