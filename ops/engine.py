"""The Pulumi CLI, as a user would call it: in the current folder and environment."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.stateful_web.cluster import ClusterAccess

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"


class OpsError(Exception):
    """What stands in the way, and what to do: one clear sentence."""


@dataclass(frozen=True)
class Deployed:
    """An object of the cluster, as a stack's state has it."""

    urn: str
    type: str
    id: str
    """``namespace/name``."""
    outputs: Mapping[str, Any]
    access: ClusterAccess
    """How its provider reaches the cluster."""

    @property
    def namespace(self) -> str:
        """The object's namespace."""
        return str(self.outputs["metadata"]["namespace"])

    @property
    def name(self) -> str:
        """The object's name on the cluster."""
        return str(self.outputs["metadata"]["name"])


@dataclass(frozen=True)
class State:
    """A stack's state, as ``pulumi stack export`` prints it, without its secrets."""

    deployment: Mapping[str, Any]

    @property
    def resources(self) -> Sequence[Mapping[str, Any]]:
        """Every resource, in the order of their creation."""
        return self.deployment.get("resources") or ()

    @property
    def pending(self) -> Sequence[Mapping[str, Any]]:
        """Operations that were under way when a run ended."""
        return self.deployment.get("pending_operations") or ()

    def objects(self, type_token: str) -> list[Deployed]:
        """Return the objects of one type."""
        return [
            Deployed(found["urn"], type_token, found["id"], found["outputs"], self.access_of(found))
            for found in self.resources
            if found["type"] == type_token and not found.get("delete")
        ]

    def access_of(self, resource: Mapping[str, Any]) -> ClusterAccess:
        """Return how a resource's provider reaches the cluster."""
        provider_urn = str(resource.get("provider", "")).rpartition("::")[0]
        inputs: Mapping[str, Any] = next(
            (found.get("inputs", {}) for found in self.resources if found["urn"] == provider_urn), {}
        )
        return ClusterAccess(*(inputs.get(key) for key in ("kubeconfig", "context", "cluster")))


def state_of(stack: str) -> State:
    """Return a stack's state; raises ``OpsError`` if there is no such stack."""
    return State(json.loads(pulumi("stack", "export", "--stack", stack))["deployment"] or {})


def replace_state(stack: str, changes: Mapping[str, Any]) -> None:
    """Write a stack's state with some of its parts changed."""
    exported = json.loads(pulumi("stack", "export", "--stack", stack))
    exported["deployment"] |= changes
    pulumi("stack", "import", "--stack", stack, given=json.dumps(exported))


def pulumi(*args: str, given: str = "") -> str:
    """Run the CLI, with text for its standard input, and return what it prints.

    Raises ``OpsError`` with its own words.
    """
    command = ["pulumi", *args, "--non-interactive"]
    ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise OpsError(f"pulumi {' '.join(args[:2])}: {ended.stderr.strip().removeprefix('error: ')}")
    return ended.stdout
