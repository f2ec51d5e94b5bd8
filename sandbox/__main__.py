"""The commands behind make: ``python -m sandbox up``, ``down``, ``clean``, ``env``."""

import argparse
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable

from sandbox.errors import SandboxError
from sandbox.instance import CommandFailed, Sandbox
from sandbox.paths import ROOT, user_cache

STACK = "dev"
PACKS = ("policies/stateful", "policies/hardening")


def teller() -> Callable[[str], None]:
    """Return what prints a line with the seconds since now; on stderr, since stdout may be read by a program."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:4.0f} s] {line}", file=sys.stderr, flush=True)

    return say


def up(box: Sandbox) -> None:
    """Bring up the cluster and stack dev with both packs, and show what is there; go on after a killed run."""
    box.cluster.up()
    box.run("pulumi", "stack", "select", "--create", STACK)
    box.run(sys.executable, "-m", "ops", "recover", "--stack", STACK, "--quiet")
    box.say(f"pulumi up of stack {STACK}, with the policy packs {' and '.join(PACKS)}")
    code = box.run("pulumi", "up", "--stack", STACK, "--yes", "--non-interactive", *pack_options(), check=False)
    box.run(sys.executable, "-m", "ops", "status", "--stack", STACK)
    if code:
        raise SandboxError(f"pulumi up failed (exit code {code}): its own words are above.")
    box.say('Done. By hand from here: eval "$(make -s env)", then pulumi and kubectl. To end it: make down')


def pack_options() -> list[str]:
    """Return the CLI's options for the packs with stack dev's configuration."""
    return [
        option
        for pack in PACKS
        for option in ("--policy-pack", pack, "--policy-pack-config", f"{pack}/policy-config.{STACK}.json")
    ]


def down(box: Sandbox) -> None:
    """Destroy stack dev and end the cluster's processes; claims and volumes stay."""
    if not box.cluster.exists():
        print("There is no sandbox here: nothing to bring down.")
        return
    box.cluster.up()  # Pulumi needs it, to remove what is on it
    box.run("pulumi", "stack", "select", "--create", STACK)
    box.run(sys.executable, "-m", "ops", "recover", "--stack", STACK, "--quiet")
    box.run("pulumi", "destroy", "--stack", STACK, "--yes", "--non-interactive")
    print("These stay, and the next `make up` finds them (`make clean` deletes them):", flush=True)
    print_claims(box)
    box.cluster.stop()


def clean(box: Sandbox, yes: bool) -> None:
    """Delete the sandbox with its data, after listing the claims and asking."""
    if box.cluster.exists():
        box.cluster.up()  # only a running cluster knows its claims
        print("This deletes the sandbox of this checkout, with these claims and their data:", flush=True)
        print_claims(box)
        if not (yes or agreed()):
            raise SandboxError("Nothing was deleted. To delete it without being asked: make clean YES=1")
        box.cluster.delete_volume_folders()
    box.cluster.delete()
    shutil.rmtree(box.state)
    cache = user_cache()
    size = sum(path.lstat().st_size for path in cache.rglob("*") if not path.is_dir())
    print(f"Deleted. Built tools, shared by all your checkouts, stay in {cache} ({size / 2**30:.1f} GiB).")


def env(box: Sandbox) -> None:
    """Print the variables that make Pulumi and kubectl use the sandbox, for a shell to evaluate."""
    for name, value in box.exports().items():
        print(f"export {name}={shlex.quote(value)}")


def print_claims(box: Sandbox) -> None:
    """Show every claim of the cluster."""
    box.run("kubectl", "get", "persistentvolumeclaims", "--all-namespaces")


def agreed() -> bool:
    """Ask for a yes; without a terminal, nobody is there to say it."""
    return sys.stdin.isatty() and input("Delete it? Type yes: ").strip() == "yes"


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "clean", "env"])
    parser.add_argument("--yes", action="store_true", help="delete without asking (clean)")
    given = parser.parse_args()
    os.umask(0o077)
    box = Sandbox(ROOT, teller())
    try:
        if given.command == "clean":
            clean(box, given.yes)
        else:
            {"up": up, "down": down, "env": env}[given.command](box)
    except (SandboxError, CommandFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run it again to go on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
