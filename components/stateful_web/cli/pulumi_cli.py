"""The Pulumi CLI, as a user would call it: in the current folder and environment."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..kubeconfig import ClusterAccess
from .errors import CliError
from .surroundings import start

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the key by which the engine marks a map as a secret


def own_name(stack: str) -> str:
    """Return a stack's name without organization and project, as its files have it."""
    return stack.rpartition("/")[2]


@dataclass(frozen=True)
class Deployed:
    """An object of the cluster, as a stack's state has it."""

    urn: str
    inputs: Mapping[str, Any]
    access: ClusterAccess
    """How its provider reaches the cluster."""
    plugin_version: str = ""
    """Of its provider; empty if the state does not say."""
    id: str = ""
    """``namespace/name``; empty until it has been created. Inputs may lack both, or have them encrypted."""

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return self.id.rpartition("/")[0] or str(_metadata(self.inputs).get("namespace", "default"))

    @property
    def name(self) -> str:
        """The object's name on the cluster; empty if it gets one when it is created."""
        return self.id.rpartition("/")[2] or str(_metadata(self.inputs).get("name", ""))


@dataclass(frozen=True)
class State:
    """A stack's state, as ``pulumi stack export`` prints it, without its secrets."""

    stack: str
    deployment: Mapping[str, Any]

    @property
    def resources(self) -> Sequence[Mapping[str, Any]]:
        """Every resource, in the order of their creation."""
        return self.deployment.get("resources") or ()

    @property
    def pending(self) -> Sequence[Mapping[str, Any]]:
        """Operations that are under way, or were when a run ended."""
        return self.deployment.get("pending_operations") or ()

    def stateful_sets(self) -> list[Deployed]:
        """Return the StatefulSets, also those whose creation is under way: it waits for their pods."""
        creating = [operation["resource"] for operation in self.pending if operation["type"] == "creating"]
        found = {
            resource["urn"]: Deployed(
                *(resource["urn"], resource.get("inputs") or {}, self.access_of(resource)),
                *(self._plugin_of(resource), str(resource.get("id", ""))),
            )
            for resource in (*self.resources, *creating)
            if resource["type"] == STATEFUL_SET and not resource.get("delete")
        }
        return [deployed for deployed in found.values() if deployed.name]

    def access_of(self, resource: Mapping[str, Any]) -> ClusterAccess:
        """Return how a resource's provider reaches the cluster."""
        urn = _provider_of(resource)
        inputs = _inputs_of(self.resources, urn)
        if any(is_secret(value) for value in inputs.values()):
            inputs = {key: _revealed(value) for key, value in _inputs_of(self._with_secrets, urn).items()}
        return ClusterAccess.of(inputs)

    def _plugin_of(self, resource: Mapping[str, Any]) -> str:
        return str(_inputs_of(self.resources, _provider_of(resource)).get("version", ""))

    @cached_property
    def _with_secrets(self) -> Sequence[Mapping[str, Any]]:
        # Read only where a provider's own inputs are encrypted, as a kubeconfig may be.
        exported = pulumi("stack", "export", "--stack", self.stack, "--show-secrets")
        found: Sequence[Mapping[str, Any]] = json.loads(exported)["deployment"].get("resources") or ()
        return found


def is_secret(value: Any) -> bool:
    """Say whether the engine has put a secret's mark in the place of a value."""
    return isinstance(value, Mapping) and SECRET in value


def _metadata(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    found = inputs.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _provider_of(resource: Mapping[str, Any]) -> str:
    return str(resource.get("provider", "")).rpartition("::")[0]


def _inputs_of(resources: Sequence[Mapping[str, Any]], urn: str) -> Mapping[str, Any]:
    return next((found.get("inputs", {}) for found in resources if found["urn"] == urn), {})


def _revealed(value: Any) -> Any:
    return json.loads(value["plaintext"]) if is_secret(value) else value


def login() -> Mapping[str, Any]:
    """Return who is logged in (``user``), and at which backend (``url``)."""
    found: Mapping[str, Any] = json.loads(pulumi("whoami", "--verbose", "--json"))
    return found


def selected_stack() -> str:
    """Return the stack that ``pulumi stack select`` has chosen, or ``PULUMI_STACK`` names; ``CliError`` if none is."""
    try:
        return pulumi("stack", "--show-name").strip()
    except CliError as error:
        if "no stack selected" in str(error):
            raise CliError(
                "No stack is selected: name one with --stack, or choose it by pulumi stack select."
            ) from error
        raise


def state_of(stack: str) -> State:
    """Return a stack's state; raises ``CliError`` if there is no such stack."""
    return State(stack, json.loads(pulumi("stack", "export", "--stack", stack))["deployment"] or {})


def replace_state(stack: str, changes: Mapping[str, Any]) -> None:
    """Write a stack's state with some of its parts changed."""
    exported = json.loads(pulumi("stack", "export", "--stack", stack))
    exported["deployment"] |= changes
    pulumi("stack", "import", "--stack", stack, given=json.dumps(exported))


def pulumi(*args: str, given: str = "") -> str:
    """Run the CLI, with text for its standard input, and return what it prints.

    Raises ``CliError`` with its own words.
    """
    command = ["pulumi", *args, "--non-interactive"]
    try:
        ended = run_to_its_end(command, given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError as error:
        raise CliError(
            "pulumi is not on PATH. Put it there, or install it: https://www.pulumi.com/docs/install"
        ) from error
    if missing := re.search(r"no stack named '([^']+)' found", ended.stderr):
        first = start(missing[1]) or f"pulumi stack init {missing[1]}"
        raise CliError(f"Stack {missing[1]} is not there yet: run {first}")
    if ended.returncode:
        raise CliError(f"pulumi {' '.join(args[:2])}: {ended.stderr.strip().removeprefix('error: ')}")
    return ended.stdout


def run_to_its_end(
    command: Sequence[str], given: str | None = None, **options: Any
) -> "subprocess.CompletedProcess[str]":
    """Run the CLI to its end, also after Ctrl-C: the terminal tells it so, too, and it ends what it is at.

    ``options`` are those of ``subprocess.Popen``. Raises ``KeyboardInterrupt`` when it has ended.
    """
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            out, err = process.communicate(given)
        except KeyboardInterrupt:
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
