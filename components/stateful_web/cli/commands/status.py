"""``stateful-web status``."""

import click

from .options import NotTogether, asked, nothing, of_places, options, tell, verbose


@click.command
@of_places
@click.option("-w", "--watch", is_flag=True, help="Follow a rollout until Ctrl-C; in a pipe, a line for each change.")
@options(verbose)
def status(stack: str, namespace: str, context: str, output: str, watch: bool, verbose: bool) -> None:
    """Show pods, claims, volumes and DNS names, live."""
    if watch and output != "text":
        raise NotTogether("--watch prints text: leave out --output.")
    from ..live_objects import see
    from ..progress import progress
    from ..reports import of_status
    from ..status import KINDS, missing, statuses
    from ..tables import console, print_json, print_status

    with progress("Looking") as step:
        stack, places = asked(stack, namespace, context, verbose, step)
        seen, problems = ([], []) if watch else see(places, *KINDS, progress=step)
    if watch and places:
        from ..watching import follow

        follow(places)
    sets = [found for one in seen for found in statuses(one)]
    problems += [sentence for one in seen for sentence in missing(one, stack)]
    if output == "json":
        print_json(sets)
    elif sets and output == "markdown":
        print(of_status(sets))
    elif sets:
        print_status(sets, console())
    elif not problems:
        print(nothing(stack, namespace))
    tell(seen, problems)
