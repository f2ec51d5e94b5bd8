"""The component from any other Pulumi language: its schema, and a program in YAML on the real engine."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod, Service

from sandbox.instance import Sandbox
from sandbox.paths import ROOT
from tests.support.projects import Project

SCHEMA = Path(__file__).parent / "schema.json"


def properties(project: Project, changes: dict[str, Any]) -> None:
    """Change inputs of the program."""
    path = project.folder / "Pulumi.yaml"
    program = yaml.safe_load(path.read_text())
    program["resources"]["web"]["properties"] |= changes
    path.write_text(yaml.safe_dump(program))


def container(project: Project) -> dict[str, Any]:
    (found,) = project.get(StatefulSet, "web")["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.extended
def test_the_schema_is_the_recorded_one(project: Project) -> None:
    schema = json.loads(
        subprocess.run(
            ["pulumi", "package", "get-schema", "./components"],
            cwd=project.folder, env=project.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip
    assert schema == json.loads(SCHEMA.read_text()), (
        "the public surface has changed; if so meant: pulumi package get-schema ./components > tests/engine/schema.json"
    )


def test_a_program_in_yaml_deploys_it_and_a_second_up_has_nothing_to_do_and_destroy_removes_it(
    in_yaml: Project,
) -> None:
    in_yaml.up()
    assert sorted(in_yaml.list(Pod)) == ["web-0", "web-1"]
    assert in_yaml.outputs() == {
        "hosts": [f"web-{n}.nginx.{in_yaml.namespace}.svc.cluster.local" for n in range(2)],
        "claims": ["data-web-0", "data-web-1"],
    }
    in_yaml.up("--expect-no-changes")
    in_yaml.pulumi("destroy", "--yes", "--skip-preview")
    assert in_yaml.list(StatefulSet) == in_yaml.list(Service) == in_yaml.list(Pod) == {}


@pytest.mark.extended
def test_whole_numbers_nested_keys_and_a_secret_arrive_and_the_secret_stays_encrypted(in_yaml: Project) -> None:
    properties(in_yaml, {"port": 8080, "update": {"partition": 1}, "probes": {"readiness": {"periodSeconds": 7}}})
    in_yaml.pulumi("config", "set", "--secret", "greeting", "canary-6f1b")
    said = in_yaml.up().output
    assert container(in_yaml)["ports"] == [{"name": "web", "containerPort": 8080, "protocol": "TCP"}]
    assert container(in_yaml)["readinessProbe"]["periodSeconds"] == 7
    state = in_yaml.state()
    (found,) = (r for r in state if r["type"] == "kubernetes:apps/v1:StatefulSet")
    assert found["inputs"]["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 1
    assert in_yaml.get(StatefulSet, "web")["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 1
    assert container(in_yaml)["env"] == [{"name": "GREETING", "value": "canary-6f1b"}]
    assert "canary-6f1b" not in said
    assert "canary-6f1b" not in json.dumps(state)


@pytest.mark.extended
def test_outputs_of_other_resources_and_what_depends_on_them_pass_through(in_yaml: Project) -> None:
    path = in_yaml.folder / "Pulumi.yaml"
    program = yaml.safe_load(path.read_text())
    program["resources"]["mirror"] = {
        "type": "stateful-web:StatefulWeb",
        "properties": {
            "image": "registry.k8s.io/nginx-slim:0.27",
            "namespace": "${web.namespace}",
            "replicas": "${web.replicas}",
            "env": {"ORIGIN": "${web.podHosts[0]}"},
        },
    }
    path.write_text(yaml.safe_dump(program))
    in_yaml.preview()
    in_yaml.up()
    spec = in_yaml.get(StatefulSet, "mirror")["spec"]
    assert spec["replicas"] == 2
    assert spec["template"]["spec"]["containers"][0]["env"] == [
        {"name": "ORIGIN", "value": f"web-0.nginx.{in_yaml.namespace}.svc.cluster.local"}
    ]
    found = {resource["urn"]: resource for resource in in_yaml.state()}
    (mirror,) = (r for urn, r in found.items() if urn.endswith("$kubernetes:apps/v1:StatefulSet::mirror-set"))
    assert any(urn.endswith("StatefulWeb::web") for urn in mirror["dependencies"]), mirror["dependencies"]
    in_yaml.up("--expect-no-changes")


def test_the_plugins_requirements_are_the_packages_own() -> None:
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    listed = [line for line in (ROOT / "components/requirements.txt").read_text().splitlines() if line[0] != "#"]
    assert sorted(listed) == sorted(wanted)


HANDED_OVER = """
import pulumi, pulumi_kubernetes as k8s

elsewhere = k8s.Provider("elsewhere", kubeconfig={kubeconfig!r})
pulumi.ComponentResource(
    "stateful-web:index:StatefulWeb", "web",
    {{"image": "web:1", "namespace": {namespace!r}, "storage": {{"storageClassName": {storage_class!r}}}}},
    pulumi.ResourceOptions(providers=[elsewhere]), remote=True,
)
"""


def test_a_provider_that_is_handed_over_is_used_and_no_other_cluster_is_asked(
    project: Project, sandbox: Sandbox
) -> None:
    settings = yaml.safe_load((project.folder / "Pulumi.yaml").read_text())
    settings["plugins"] = {"providers": [{"name": "stateful-web", "path": "components"}]}
    (project.folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    kubeconfig = str(sandbox.cluster.kubeconfig)
    project.pulumi("config", "set", "kubernetes:kubeconfig", "nowhere")

    def storage_class(name: str) -> None:
        given = {"kubeconfig": kubeconfig, "namespace": project.namespace, "storage_class": name}
        project.program(HANDED_OVER.format(**given))

    storage_class("fast")
    for refused in (project.preview(check=False), project.up(check=False)):
        assert refused.code != 0
        assert 'storage.storageClassName is "fast": this cluster has no StorageClass "fast" (it has: ' in refused.output
        # The SDK may print one of its own, of the caller whose engine has just stopped; none leads into the component.
        assert "stateful_web/" not in refused.output
        assert project.list(StatefulSet) == project.list(Service) == {}, "refused before anything is created"
    storage_class("my-sc")
    project.up()
    assert sorted(project.list(Pod)) == ["web-0"]
    children = [r for r in project.state() if r["urn"].split("::")[-1] in ("web-headless", "web-set")]
    assert len(children) == 2
    assert all("::elsewhere::" in child["provider"] for child in children)
    project.up("--expect-no-changes")
