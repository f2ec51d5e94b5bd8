"""The commands: ``python -m ops status --stack dev``. Run in the project's folder and the stack's environment."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import httpx2
import pulumi

from . import recover, targets
from .pulumi_cli import OWN_STACKS, OpsError, state_of

PACKS = Path("policies")


def status(stack: str, as_json: bool) -> int:
    """Print the live picture of a stack."""
    from .status import status_of
    from .tables import console, print_status

    sets = status_of(state_of(stack))
    if as_json:
        print_json(sets)
    elif sets:
        print_status(sets, console())
    else:
        print(f"Stack {stack} has no StatefulSet: nothing is deployed.")
    return 0


def preview(stack: str, as_json: bool) -> int:
    """Print the engine's preview and a forecast for pods and data; return the preview's exit code."""
    from . import preview as engine
    from .tables import console, print_forecasts

    state = state_of(stack)
    previewed = engine.run(stack, PACKS, to_stderr=as_json)
    found = engine.forecasts(previewed.steps, state)
    loose = engine.claims_of_no_set(previewed.steps)
    if as_json:
        print_json(found)
        return previewed.code
    if found or previewed.finished:
        print("Forecast" if previewed.finished else "Forecast, as far as the preview came:")
    print_forecasts(found, console())
    if loose:
        print(f"Claims of no StatefulSet of this stack: {loose}")
    elif not found and previewed.finished:
        print("This stack has no StatefulSet: no pod is touched.")
    return previewed.code


def doctor(stack: str, as_json: bool) -> int:
    """Print what holds the pods of a stack up, and what frees them."""
    from .doctor import diagnose, summary
    from .live_objects import pictures
    from .tables import console, print_findings
    from .versions import findings as of_versions

    seen = [(summary(picture), [*diagnose(picture), *of_versions(picture)]) for picture in pictures(state_of(stack))]
    if as_json:
        print_json([finding for _, findings in seen for finding in findings])
    elif seen:
        print_findings(seen, console())
        hint(stack, any(findings for _, findings in seen))
    else:
        print(f"Stack {stack} has no StatefulSet: nothing is deployed.")
    return 0


def claims(stack: str, as_json: bool) -> int:
    """Print every claim of a stack's StatefulSets, with the command that removes it; remove none."""
    from .. import InvalidInput, StatefulWebArgs, kubeconfig
    from . import live_objects
    from .project import Project
    from .render import inputs_of
    from .tables import console, print_claims

    state, access = state_of(stack), targets.configured(stack)
    asked: StatefulWebArgs | None = None
    try:
        asked = inputs_of(Project.at(Path.cwd()), stack)
        asked.setdefault("namespace", kubeconfig.namespace(access) or "default")
    except (OpsError, InvalidInput) as error:
        print(f"Claims of an earlier life are looked for by the state alone: {error}", file=sys.stderr)
    found = live_objects.claims(state, asked, access)
    if as_json:
        print_json(found)
    elif found:
        print_claims(found, console(), stack)
        hint(stack, any(claim.left_by or claim.behind for claim in found))
    else:
        print(f"Stack {stack} has no claims, and left none.")
    return 0


def adopt(which: str, stack: str) -> int:
    """Write the file of a new stack for a live StatefulSet, and say what comes next."""
    from .adopt.taking_over import adopt as taking_over

    for line in taking_over(which, stack, Path.cwd()):
        print(line)
    return 0


def hint(stack: str, is_needed: bool, file: TextIO | None = None) -> None:
    """Say how the commands that were printed get this checkout's own tools."""
    if is_needed and stack in OWN_STACKS:
        node = " NODE=1" if stack == "node" else ""
        print(f'These commands run in this folder, after: eval "$(make -s env{node})"', file=file)


def print_json(found: Sequence[Any]) -> None:
    """Print dataclasses for machines."""
    print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))


def main() -> int:
    """Run one command; return the exit code."""
    commands = {"status": status, "preview": preview, "doctor": doctor, "claims": claims}
    parser = argparse.ArgumentParser(prog="ops", description=__doc__)
    parser.add_argument("command", choices=[*commands, "recover", "adopt"])
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--quiet", action="store_true", help="say only what is done (recover)")
    parser.add_argument("--json", action="store_true", help="for machines (all but recover and adopt)")
    parser.add_argument("--set", default="", help="namespace/name of the live StatefulSet (adopt)")
    given = parser.parse_args()
    stack = given.stack
    try:
        if given.command == "adopt":
            return adopt(given.set, stack)
        for line in () if given.quiet else targets.announce(stack):
            print(line, file=sys.stderr, flush=True)
        if given.command in commands:
            return commands[given.command](stack, given.json)
        if not recover.recover(stack, print) and not given.quiet:
            print(
                f"Nothing to recover: stack {stack} has no lock of a dead run that was seen, and no pending operation."
            )
    except (OpsError, pulumi.RunError) as error:
        print(error, file=sys.stderr)
        hint(stack, f"--stack {stack}" in str(error), sys.stderr)
        return 1
    except httpx2.HTTPError as error:
        start = f" Start it with: {OWN_STACKS[stack]}" if stack in OWN_STACKS else ""
        print(f"The cluster of stack {stack} did not answer as it should: {error}.{start}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
