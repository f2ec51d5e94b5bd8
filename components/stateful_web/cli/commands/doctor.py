"""``stateful-web doctor``."""

from pathlib import Path

import click

from .options import asked, nothing, of_places, options, say_setup, tell, verbose


@click.command
@options(of_places, verbose)
def doctor(stack: str, namespace: str, context: str, output: str, verbose: bool) -> None:
    """Say why a rollout is stuck, and which commands free it."""
    from .. import own_config
    from ..doctor import diagnose, summary
    from ..live_objects import see
    from ..progress import progress
    from ..reports import of_findings
    from ..tables import console, print_findings, print_json
    from ..versions import findings as of_versions
    from ..views import pictures

    with progress("Looking") as step:
        stack, places = asked(stack, namespace, context, verbose, step)
        seen, problems = see(places, "Event", "StorageClass", version=True, progress=step)
    is_read = bool(stack) and own_config.is_read(Path.cwd())

    def takes(command: str) -> bool:
        return not command.startswith("pulumi ") or (bool(stack) if " config " not in command else is_read)

    several = len({one.cluster for one in seen}) > 1
    found = [
        (summary(picture) + (f", on {one.cluster}" if several else ""), [
            finding.of(picture.name, picture.namespace, one.cluster, takes)
            for finding in (*diagnose(picture), *of_versions(picture))
        ])
        for one in seen
        for picture in pictures(one, stack)
    ]  # fmt: skip
    if output == "json":
        print_json([finding for _, findings in found for finding in findings])
    elif found and output == "markdown":
        print(of_findings(found))
    elif found:
        print_findings(found, console())
        say_setup(stack, any(findings for _, findings in found))
    elif not problems:
        print(nothing(stack, namespace))
    tell(seen, problems)
