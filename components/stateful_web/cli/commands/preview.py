"""``stateful-web preview``."""

import sys
from pathlib import Path

import click

from .options import chosen, in_folder, of_stack, options, output, verbose

fail_on = click.option(
    "--fail-on", multiple=True, type=click.Choice(["restart", "stop", "replace"]),
    help="End with exit code 10 if pods restart or stop (restart), if pods stop or claims are deleted (stop), or if a "
    "StatefulSet is replaced, even if its pods go on (replace). Can be given more than once.",
)  # fmt: skip


@click.command(context_settings={"ignore_unknown_options": True})
@options(of_stack, in_folder, output, fail_on, verbose)
@click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[-- FLAGS]")
def preview(stack: str, output: str, fail_on: tuple[str, ...], verbose: bool, flags: tuple[str, ...]) -> None:
    """Run the engine's preview, then say what the change does to pods and data, worst first.

    FLAGS are those of `pulumi preview`, e.g. `-- --policy-pack policies --refresh`. With `--output markdown`, a comment
    for a pull request, and with json, the engine's own words go to stderr.
    """
    import pulumi

    from .. import preview as engine
    from ..errors import CliError
    from ..own_config import is_read
    from ..project import titled
    from ..pulumi_cli import state_of
    from ..review import as_failed, as_json, as_markdown, gates
    from ..tables import console, print_review

    if output == "markdown" and any(flag.partition("=")[0] == "--show-secrets" for flag in flags):
        raise CliError("--show-secrets is not for a comment, which many read: leave it out, or use --output text.")
    title = stack or "the selected stack"
    try:
        stack = chosen(stack, verbose)
        title = titled(Path.cwd(), stack)
        state = state_of(stack)
        if output == "markdown":
            flags = ("--suppress-progress", "--color=never", *flags)
        previewed = engine.run(stack, flags, shown_on_stdout=output == "text", kept=output == "markdown")
        found = engine.review(title, previewed, state, fail_on, by_config=is_read(Path.cwd()))
    except (CliError, pulumi.RunError) as error:
        if output == "markdown":
            print(as_failed(title, str(error)), end="")
        raise
    if output == "json":
        print(as_json(found))
    elif output == "markdown":
        print(as_markdown(found, click.unstyle(previewed.printed)), end="")
    else:
        print_review(found, console())
    for line in gates(found):
        print(f"Refused by {line}", file=sys.stdout if output == "text" else sys.stderr)
    sys.exit(found.exit_code)
