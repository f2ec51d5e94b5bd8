"""Options that several commands have, under the names that they have with Pulumi and kubectl."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..live_objects import Place, Seen

Function = Callable[..., Any]


class NotTogether(click.ClickException):
    """Options of which each is good, but not with the other; in one sentence, without the usage."""

    exit_code = 2


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
of_namespace = click.option(
    "-n", "--namespace", default="", metavar="NAME",
    help="Every StatefulSet of a namespace in the place of a stack's; Pulumi is not asked.",
)  # fmt: skip
of_context = click.option(
    "--context", default="", metavar="NAME",
    help="With --namespace: a context of the kubeconfig; by default the current one.",
)  # fmt: skip
output = click.option(
    "-o", "--output", type=click.Choice(["text", "json", "markdown"]), default="text", help="How it is printed."
)
verbose = click.option("-v", "--verbose", is_flag=True, help="Name backend, cluster and context first.")


def options(*wanted: Function) -> Callable[[Function], Function]:
    """Return a decorator that gives a command several options, in the order of its help."""

    def decorate(command: Function) -> Function:
        for option in reversed(wanted):
            command = option(command)
        return command

    return decorate


of_places = options(of_stack, of_namespace, of_context, in_folder, output)
"""Those of the commands that look at a stack's StatefulSets or a namespace's."""


def chosen(stack: str, verbose: bool = False) -> str:
    """Return the stack that is meant; with ``verbose``, say where it leads."""
    from ..pulumi_cli import selected_stack
    from ..targets import target

    stack = stack or selected_stack()
    _say(target(stack) if verbose else ())
    return stack


def asked(
    stack: str, namespace: str, context: str, verbose: bool, progress: Callable[[str], None]
) -> "tuple[str, list[Place]]":
    """Return the stack that is meant (empty for a namespace, without Pulumi), and the places to look at."""
    if namespace and stack:
        raise NotTogether("--namespace looks without Pulumi, and --stack by it: give one of them.")
    if context and not namespace:
        raise NotTogether("--context goes with --namespace: a stack's state says which clusters it is on.")
    from ...kubeconfig import ClusterAccess
    from ..live_objects import Place, places_of
    from ..targets import cluster_of, target

    if namespace:
        place = Place(ClusterAccess(context=context or None), namespace)
        _say(cluster_of(place.access) if verbose else ())
        return "", [place]
    from ..pulumi_cli import selected_stack, state_of

    progress("Asking Pulumi for the state of the stack")
    stack = stack or selected_stack()
    places = places_of(state_of(stack))
    _say(target(stack, list(dict.fromkeys(place.access for place in places))) if verbose else ())
    return stack, places


def nothing(stack: str, namespace: str) -> str:
    """Say that there is no StatefulSet where one was looked for."""
    return (
        f"Stack {stack} has no StatefulSet: nothing is deployed."
        if stack
        else f"Namespace {namespace} has no StatefulSet."
    )


def tell(seen: "Iterable[Seen]", problems: Sequence[str]) -> None:
    """Say what was not looked at, and what could not be; end with 1 for the latter."""
    refused = list(dict.fromkeys(kind for one in seen for kind in one.not_looked_at))
    sys.stdout.flush()
    _say([f"Not looked at, as this account may not list them: {', '.join(refused)}."] if refused else [])
    _say(problems)
    if problems:
        sys.exit(1)


def say_setup(stack: str, is_needed: bool) -> None:
    """Say what a shell needs for the commands that were printed."""
    from ..surroundings import shell_setup

    if is_needed and (setup := shell_setup(stack)):
        print(f"These commands run in this folder, after: {setup}")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)
