"""``stateful-web doctor``."""

import click

from .options import chosen, in_folder, of_stack, options, output, say_setup, verbose


@click.command
@options(of_stack, in_folder, output, verbose)
def doctor(stack: str, output: str, verbose: bool) -> None:
    """Say why a rollout is stuck, and which commands free it."""
    from ..doctor import diagnose, summary
    from ..live_objects import pictures
    from ..pulumi_cli import state_of
    from ..tables import console, print_findings, print_json
    from ..versions import findings as of_versions

    stack = chosen(stack, verbose)
    seen = [(summary(picture), [*diagnose(picture), *of_versions(picture)]) for picture in pictures(state_of(stack))]
    if output == "json":
        print_json([finding for _, findings in seen for finding in findings])
    elif seen:
        print_findings(seen, console())
        say_setup(stack, any(findings for _, findings in seen))
    else:
        print(f"Stack {stack} has no StatefulSet: nothing is deployed.")
