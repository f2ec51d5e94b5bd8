"""Stacks of release 0.1.0: how each was made, and what ``pulumi stack export`` said of it then.

They were recorded once, at that release, and are never recorded again: this is what users upgrade. A later release
takes on each of them without a replacement and without a restart, unless its changelog says so under "Breaking".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.projects import Project

FOLDER = Path(__file__).parents[1] / "engine" / "states" / "0.1.0"
IN_YAML = "hosted-from-yaml"
"""The example in YAML, of which the component is hosted by the engine."""

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

from components.stateful_web import StatefulWeb

inputs = {{"image": "web:1", "namespace": pulumi.Config("stateful-web").require("namespace"), "replicas": 2}}
StatefulWeb("web", inputs, pulumi.ResourceOptions({options}))
"""
RICH: dict[str, Any] = {
    "createNamespace": True,
    "retention": {"whenScaled": "Delete"},
    "storage": {"volumeName": "www", "createStorageClass": {"provisioner": "kubernetes.io/host-path"}},
    "volumes": [{"volumeName": "logs", "mountPath": "/logs"}],
    "labels": {"team": "web"},
    "annotations": {"example.com/owner": "team web"},
    "recommendedLabels": True,
    "env": {"MODE": "fast"},
    "files": [
        {"mountPath": "/etc/web", "content": {"web.conf": "listen 80;"}},
        {"mountPath": "/etc/keys", "content": {"key": "value"}, "secret": True},
    ],
    "resources": {"requests": {"cpu": "100m"}},
    "probes": {"readiness": {}},
    "security": "restricted",
    "topologySpread": True,
    "disruptionBudget": {},
    "networkPolicy": {},
    "serviceAccount": {},
    "clientService": {},
    "update": {"partition": 1},
}


@dataclass(frozen=True)
class Recorded:
    """How a stack was made."""

    configs: Sequence[Mapping[str, Any]] = ({},)
    """Changes of stack dev's config, each followed by an ``up``."""
    program: str = ""
    """In place of the repository's own."""

    def make(self, project: Project) -> None:
        """Deploy it in a project."""
        if self.program:
            project.program(self.program)
            project.configure({}, remove=tuple(key for key in project.config() if key != "namespace"))
        for config in self.configs:
            project.configure({**config, "namespace": project.namespace})
            project.up()


STACKS: Mapping[str, Recorded] = {
    "scenario": Recorded(),
    "rich": Recorded([RICH]),
    "grown": Recorded([{}, {"storage.size": "2Gi"}]),
    "protected": Recorded(program=PROGRAM.format(options="protect=True")),
    "autoscaled": Recorded([{"autoscaled": True}]),
    "explicit-provider": Recorded(
        program=PROGRAM.format(options='provider=k8s.Provider("elsewhere", kubeconfig=".sandbox/kubeconfig")')
    ),
    "partition": Recorded([{"image": "web:1"}, {"image": "web:2", "update": {"partition": 2}}]),
    "files": Recorded([{"files": [{"mountPath": "/etc/web", "content": {"web.conf": "listen 80;"}}]}]),
}


def recorded(project: Project) -> str:
    """Return the state of a stack that is up, as it is kept: of no namespace, machine or time."""

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            left_out = ("created", "modified", "sourcePosition", "stackTrace")
            return {key: kept(item) for key, item in value.items() if key not in left_out}
        return [kept(item) for item in value] if isinstance(value, list) else value

    exported = kept(json.loads(project.pulumi("stack", "export").output))
    return json.dumps(exported, indent=1).replace(project.namespace, "NAMESPACE") + "\n"


def state_of(name: str, namespace: str) -> str:
    """Return a recorded state, as if it were of this namespace."""
    return (FOLDER / f"{name}.json").read_text().replace("NAMESPACE", namespace)
