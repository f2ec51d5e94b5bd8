"""The commands: ``python -m ops status --stack dev``. Run in the project's folder and the stack's environment."""

import argparse
import dataclasses
import json
import sys

import httpx2
import pulumi

from ops import recover
from ops.engine import OpsError, state_of


def status(stack: str, as_json: bool) -> None:
    """Print the live picture of a stack."""
    from rich.console import Console

    from ops.status import status_of
    from ops.tables import print_status

    sets = status_of(state_of(stack))
    if as_json:
        print(json.dumps([dataclasses.asdict(found) for found in sets], indent=2))
    elif sets:
        print_status(sets, Console())
    else:
        print(f"Stack {stack} has no StatefulSet: nothing is deployed.")


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="ops", description=__doc__)
    parser.add_argument("command", choices=["status", "recover"])
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--quiet", action="store_true", help="say nothing where there is nothing to do (recover)")
    parser.add_argument("--json", action="store_true", help="for machines (status)")
    given = parser.parse_args()
    try:
        if given.command == "status":
            status(given.stack, given.json)
        else:
            if not recover.recover(given.stack, print) and not given.quiet:
                print(f"Nothing to recover: stack {given.stack} is not locked and no operation is pending.")
    except (OpsError, pulumi.RunError) as error:
        print(error, file=sys.stderr)
        return 1
    except httpx2.HTTPError as error:
        print(f"The cluster of stack {given.stack} did not answer as it should: {error}. Is it up?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
