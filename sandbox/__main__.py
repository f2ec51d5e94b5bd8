"""The commands behind make: ``python -m sandbox up``, ``down``, ``clean``, ``env``, ``open``.

With ``--node``, for the sandbox with a real node; with ``--context``, for a cluster of the user's own.
"""

import argparse
import errno
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox import ports
from sandbox.errors import SandboxError
from sandbox.instance import PROJECT, CommandFailed, Engine, Sandbox
from sandbox.kwok_cluster import VOLUMES
from sandbox.own_cluster import CONTEXT, OwnCluster
from sandbox.paths import ROOT, user_cache

STACKS = ("dev", "node")
"""The sandboxes' own."""

FIXES = {
    errno.ENOSPC: " Free some space, and run this again.",
    errno.EACCES: " See to it that this user may write there (what root made is root's), and run this again.",
}


def teller() -> Callable[[str], None]:
    """Return what prints a line with the seconds since now; on stderr, since stdout may be read by a program."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:4.0f} s] {line}", file=sys.stderr, flush=True)

    return say


def up(box: Sandbox) -> None:
    """Bring up the cluster and its stack with both packs, and show what is there; go on after a killed run."""
    box.cluster.up()
    box.deploy(box.stack)
    told = box.targets
    box.say(f'Done. By hand from here: eval "$({told["env"]})", then pulumi and kubectl. To end it: {told["down"]}')


def down(box: Sandbox) -> None:
    """Destroy the sandbox's stack and end the cluster's processes; claims and volumes stay."""
    if not box.cluster.exists():
        box.cluster.stop()  # what a killed run left half made
        print("There is no sandbox here: nothing to bring down.")
        return
    box.cluster.up()  # Pulumi needs it, to remove what is on it
    box.destroy(box.stack)
    print(f"These stay, and the next `{box.targets['up']}` finds them (`make clean` deletes them):", flush=True)
    print_claims(box)
    box.cluster.stop()


def clean(box: Sandbox, yes: bool) -> None:
    """Delete this checkout's sandboxes with their data, after listing the claims and asking.

    Raises ``SandboxError`` if the state of a stack that is not the sandbox's own would go with it.
    """
    refuse_to_lose(box.state / "backend")
    boxes = [box]
    if (box.state / "node").exists():
        boxes.append(Sandbox(box.project, box.say, has_node=True))
    existing = [one for one in boxes if one.cluster.exists()]
    for one in existing:
        what = f"This deletes the sandbox of stack {one.stack}"
        try:
            one.cluster.up()  # only a running cluster knows its claims
            print(f"{what}, with these claims and their data:", flush=True)
            print_claims(one)
        except (SandboxError, CommandFailed) as error:
            print(f"{what} with its data; its claims can't be listed, since it does not start: {error}", flush=True)
    if existing and not (yes or agreed()):
        raise SandboxError("Nothing was deleted. To delete it without being asked: make clean YES=1")
    for one in existing:
        if one.cluster.is_running():
            one.cluster.delete_volume_folders()
        elif not one.has_node:
            print(f"The folders of its volumes stay in {VOLUMES}.")
    for one in boxes:
        one.cluster.delete()
    shutil.rmtree(box.state)
    cache = user_cache()
    print(f"Deleted. Built tools, shared by all your checkouts, stay in {cache} ({size_of(cache) / 2**30:.1f} GiB).")


def size_of(folder: Path) -> int:
    """Return how many bytes the files of a folder have, those left out that another run takes away meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(place, name).lstat().st_size
    return size


def refuse_to_lose(backend: Path) -> None:
    """Raise ``SandboxError`` if the backend has a stack of somebody's own with resources, maybe of a real cluster."""
    for path in sorted(backend.glob(".pulumi/stacks/*/*.json*")):
        stack, project = path.name.partition(".json")[0], path.parent.name
        is_ours = project == PROJECT and stack in STACKS
        if is_ours or path.suffix in (".bak", ".attrs") or not has_resources(path):
            continue
        if project == PROJECT and stack.startswith(CONTEXT):
            raise SandboxError(
                f"Nothing was deleted: stack {stack} is on a cluster of yours, and its state lies in {backend}. Run "
                f"make down CONTEXT=name, with the context that Pulumi.{stack}.yaml names, and this again."
            )
        raise SandboxError(
            f"Nothing was deleted: the state of stack {stack} of project {project} lies in {backend}. In a shell with "
            f"the variables of `make env`, and in that project's folder, either `pulumi destroy --stack {stack}`, or "
            f"keep it by `pulumi stack export --stack {stack} --file FILE` and `pulumi stack rm --force {stack}`. Then "
            "run this again."
        )


def has_resources(state: Path) -> bool:
    """Say whether a file of the backend has resources; what can't be read, as it is compressed, may have some."""
    try:
        return bool((json.loads(state.read_text())["checkpoint"].get("latest") or {}).get("resources"))
    except ValueError:
        return True


def serve(box: Sandbox) -> None:
    """Serve the page of the first pod on loopback until interrupted."""
    told = box.targets
    if not box.cluster.is_running():
        raise SandboxError(f"The sandbox of stack {box.stack} does not run: start it with {told['up']}.")
    outputs = json.loads(box.read("pulumi", "stack", "output", "--json", "--stack", box.stack))
    if not outputs.get("pod_hosts"):
        raise SandboxError(f"Stack {box.stack} has no pod to open: {told['up']} deploys it, with 1 replica or more.")
    pod, namespace = outputs["pod_hosts"][0].split(".")[0], outputs["namespace"]
    path = "jsonpath={.spec.containers[0].ports[0].containerPort}"
    inside = box.read("kubectl", "--namespace", namespace, "get", "pod", pod, "--output", path)
    (port,) = ports.free_block(box.state / "open", 1)
    print(f"http://127.0.0.1:{port}/ is pod {pod} until you press Ctrl-C", flush=True)
    # It says itself why it ends, be it that it was told to.
    forward = ["port-forward", "--address", "127.0.0.1", f"pod/{pod}", f"{port}:{inside}"]
    box.run("kubectl", "--namespace", namespace, *forward, check=False)


def env(engine: Engine) -> None:
    """Print the variables that make Pulumi and kubectl use a sandbox or a stack, for a shell to evaluate."""
    for name, value in engine.exports().items():
        print(f"export {name}={shlex.quote(value)}")


def run_elsewhere(command: str, own: OwnCluster) -> None:
    """Run a command for a cluster of the user's own."""
    if command == "up":
        own.up()
    elif command == "down":
        own.down()
    elif command == "env":
        env(own)
    else:
        raise SandboxError(f"{command} is for the sandbox alone: leave CONTEXT out.")


def print_claims(box: Sandbox) -> None:
    """Show every claim of the cluster."""
    box.run("kubectl", "get", "persistentvolumeclaims", "--all-namespaces")


def agreed() -> bool:
    """Ask for a yes; without a terminal, nobody is there to say it."""
    return sys.stdin.isatty() and input("Delete it? Type yes: ").strip() == "yes"


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "clean", "env", "open"])
    parser.add_argument("--node", action="store_true", help="the sandbox with a real node")
    parser.add_argument("--context", help="a context of your kubeconfig, in place of a sandbox (up, down, env)")
    parser.add_argument("--yes", action="store_true", help="delete without asking (clean)")
    parser.add_argument("--verbose", action="store_true", help="say which tools are used, as up always does")
    given = parser.parse_args()
    os.umask(0o077)
    box = Sandbox(ROOT, teller(), has_node=given.node, verbose=given.verbose or given.command == "up")
    try:
        if given.context:
            run_elsewhere(given.command, OwnCluster(ROOT, box.say, given.context, verbose=box.verbose))
        elif given.command == "clean":
            clean(box, given.yes)
        else:
            {"up": up, "down": down, "env": env, "open": serve}[given.command](box)
    except (SandboxError, CommandFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        fix = FIXES.get(error.errno or 0, "")
        print(f"The sandbox in {box.project / '.sandbox'} can't go on: {what}{error.strerror}.{fix}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run it again to go on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
