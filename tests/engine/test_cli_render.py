"""``render`` and ``diagram`` of a program that knows nothing of the component."""

import subprocess

import yaml

from sandbox.kwok_cluster import kubectl
from tests.support.cli import ops_stdout
from tests.support.projects import Project

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

near = {{"namespace": "{namespace}"}}
key = k8s.core.v1.Secret("key", metadata={{"name": "key", **near}}, string_data={{"password": "canary-1"}})
env = [
    {{"name": "PASSWORD", "value": pulumi.Output.secret("canary-2")}},
    {{"name": "KEY_UID", "value": key.metadata.uid}},
]
k8s.apps.v1.StatefulSet(
    "jobs",
    metadata={{"name": "jobs", **near}},
    spec={{
        "replicas": 2,
        "serviceName": "",
        "selector": {{"matchLabels": {{"app": "jobs"}}}},
        "template": {{
            "metadata": {{"labels": {{"app": "jobs"}}}},
            "spec": {{"containers": [{{"name": "job", "image": "job:1", "env": env}}]}},
        }},
    }},
)
"""


def test_the_objects_of_a_plan_are_printed_without_its_secrets_and_can_t_be_applied_by_mistake(
    project: Project,
) -> None:
    project.program(PROGRAM.format(namespace=project.namespace))
    planned = ops_stdout(project, "render", "--stack", "dev", "--plan")
    secret, jobs = yaml.safe_load_all(planned)
    (data,) = (secret[key] for key in ("data", "stringData") if key in secret)  # a plugin may encode it
    assert "secret" in repr(data)
    assert "not shown" in repr(jobs["spec"])  # a value, or the list in which the engine hides it
    assert "canary" not in planned

    digest = project.folder / "plan.json"
    digest.write_text(project.preview("--json", "--show-sames").output)
    assert ops_stdout(project, "render", "plan.json") == planned
    assert ">jobs-1<" in ops_stdout(project, "diagram", "plan.json")

    (project.folder / "planned.yaml").write_text(planned)
    apply = [str(kubectl()), "apply", "--dry-run=server", "--filename", "planned.yaml"]
    refused = subprocess.run(apply, cwd=project.folder, env=project.env, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "created" not in refused.stdout
