"""What ``make render`` prints makes, applied by kubectl, the objects that ``pulumi up`` makes."""

import subprocess
from typing import Any

import pytest
import yaml
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, Namespace, Secret, Service
from lightkube.resources.policy_v1 import PodDisruptionBudget

from sandbox.instance import COMMAND
from sandbox.kwok_cluster import kubectl
from tests.support.projects import Project

KINDS: tuple[Any, ...] = (Service, StatefulSet, ConfigMap, Secret, PodDisruptionBudget)
RICH = {
    "labels": {"team": "web"},
    "recommendedLabels": True,
    "podManagementPolicy": "Parallel",
    "update": {"partition": 1},
    "env": {"A": "1"},
    "files": [
        {"mountPath": "/etc/site", "content": {"a.conf": "b"}},
        {"mountPath": "/etc/keys", "content": {"k": "v"}, "secret": True},
    ],
    "volumes": [{"volumeName": "logs", "mountPath": "/logs"}],
    "probes": {"readiness": {}},
    "resources": {"requests": {"cpu": "1000m"}},
    "security": "restricted",
    "topologySpread": True,
    "disruptionBudget": {},
    "podTemplate": {"spec": {"nodeSelector": {"type": "kwok"}, "automountServiceAccountToken": None}},
}


def rendered(project: Project, stack: str = "dev") -> subprocess.CompletedProcess[str]:
    """Run what ``make render`` runs, in an environment with nothing in it."""
    command = [*COMMAND, "render", "--stack", stack]
    return subprocess.run(command, cwd=project.folder, env={}, capture_output=True, text=True, check=False)


def spelled_alike(objects: dict[str, Any], namespace: str) -> Any:
    """Return objects without what is of one namespace or moment."""
    text = yaml.safe_dump(objects).replace(namespace, "NAMESPACE")
    alike = yaml.safe_load(text)
    for found in alike.values():
        for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"):
            found["metadata"].pop(key, None)
        found["metadata"].get("annotations", {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
        if not found["metadata"].get("annotations"):
            found["metadata"].pop("annotations", None)
        found.pop("status", None)
    return alike


@pytest.mark.parametrize(
    "values",
    [pytest.param({}, id="the scenario", marks=pytest.mark.extended), pytest.param(RICH, id="many inputs")],
)
def test_applying_it_and_pulumi_up_give_equal_objects(project: Project, values: dict[str, Any]) -> None:
    other = f"{project.namespace}-kubectl"
    project.configure(values)
    project.up()
    by_pulumi = [spelled_alike(project.list(kind), project.namespace) for kind in KINDS]

    project.configure({"namespace": other})
    output = rendered(project)
    assert output.returncode == 0, output.stderr
    project.api.create(Namespace(metadata=ObjectMeta(name=other)))
    subprocess.run(
        [kubectl(), "apply", "--filename", "-"],
        input=output.stdout, env=dict(project.env), capture_output=True, text=True, check=True,
    )  # fmt: skip
    listed = [{i.metadata.name: i.to_dict() for i in project.api.list(kind, namespace=other)} for kind in KINDS]
    by_kubectl = [spelled_alike(objects, other) for objects in listed]
    assert by_kubectl == by_pulumi
    assert len(by_pulumi[1]) == 1


@pytest.mark.parametrize("stack", ["dev", "my-org/stateful-web/dev"])
def test_text_that_looks_like_something_else_is_text_for_kubectl_too(project: Project, stack: str) -> None:
    text = [
        "7408e12",
        "1e3",
        "08",
        "0o17",
        "0x1F",
        "1_0",
        "1_0e3",
        "0X1F",
        ".5",
        ".5e3",
        "+1",
        "1:30",
        "2001-01-01",
        "y",
        "N",
        "on",
        "null",
        "~",
    ]
    given = {f"V{i}": value for i, value in enumerate(text)}
    project.configure({"env": given})
    output = rendered(project, stack)
    read = project.kubectl("create", "--dry-run=client", "--output=yaml", "--filename", "-", given=output.stdout)
    (web,) = (found for found in yaml.safe_load_all(read) if found["kind"] == "StatefulSet")
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert {of["name"]: of["value"] for of in container["env"]} == given


def test_an_encrypted_value_is_refused_with_its_key(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "--path", "env.PASSWORD", "canary-77")
    refused = rendered(project)
    assert refused.returncode != 0
    assert refused.stderr.startswith("stateful-web:env.PASSWORD is encrypted,")
    assert refused.stdout == ""


def test_numbers_that_the_cli_wrote_as_text_are_numbers(project: Project) -> None:
    project.pulumi("config", "set", "replicas", "5")
    output = rendered(project)
    (web,) = (o for o in yaml.safe_load_all(output.stdout) if o["kind"] == "StatefulSet")
    assert web["spec"]["replicas"] == 5


def test_bad_config_is_refused_as_the_program_does(project: Project) -> None:
    project.configure({"storage.size": "big"})
    refused = rendered(project)
    assert refused.returncode != 0
    assert refused.stderr == 'stateful-web:storage.size is "big": a Kubernetes quantity is expected, e.g. 10Gi.\n'
