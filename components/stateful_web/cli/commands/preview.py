"""``stateful-web preview``."""

import sys

import click

from .options import chosen, in_folder, of_stack, options, output, verbose


@click.command(context_settings={"ignore_unknown_options": True})
@options(of_stack, in_folder, output, verbose)
@click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[-- FLAGS]")
def preview(stack: str, output: str, verbose: bool, flags: tuple[str, ...]) -> None:
    """Run the engine's preview, then say what the change does to pods and data.

    FLAGS are those of `pulumi preview`, e.g. `-- --policy-pack policies --refresh`.
    """
    from .. import preview as engine
    from ..pulumi_cli import state_of
    from ..tables import console, print_forecasts, print_json

    stack = chosen(stack, verbose)
    state = state_of(stack)
    previewed = engine.run(stack, flags, to_stderr=output != "text")
    found = engine.forecasts(previewed.steps, state)
    loose = engine.claims_of_no_set(previewed.steps)
    if output == "json":
        print_json(found)
        sys.exit(previewed.code)
    if found or previewed.finished:
        print("Forecast" if previewed.finished else "Forecast, as far as the preview came:")
    print_forecasts(found, console())
    if loose:
        print(f"Claims of no StatefulSet of this stack: {loose}")
    elif not found and previewed.finished:
        print("This stack has no StatefulSet: no pod is touched.")
    sys.exit(previewed.code)
