"""The command from the wheel and its extra alone, in another project: three StatefulSets on two clusters."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from sandbox.instance import Sandbox
from sandbox.paths import ROOT
from tests.support.distributions import Environment, build
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox

PROGRAM = '''
import pulumi
import pulumi_kubernetes as k8s
import yaml

from components.stateful_web import StatefulWeb

config = pulumi.Config()
namespace, elsewhere = config.require("namespace"), config.require("elsewhere")
here, there = (k8s.Provider(name, kubeconfig=config.require(name)) for name in ("here", "there"))
inputs = {"image": "registry.k8s.io/nginx-slim:0.27", "namespace": namespace, "replicas": 2}
StatefulWeb("ours", inputs, pulumi.ResourceOptions(provider=here))

MANIFEST = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME, namespace: NAMESPACE}
spec:
  replicas: 1
  serviceName: NAME
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: web, image: "registry.k8s.io/nginx-slim:0.27"}]}
"""
group = pulumi.ComponentResource("kubernetes:yaml:ConfigGroup", "manifests", opts=pulumi.ResourceOptions())
for name, where, provider, parent in (("raw", namespace, here, None), ("from-yaml", elsewhere, there, group)):
    given = yaml.safe_load(MANIFEST.replace("NAMESPACE", where).replace("NAME", name))
    opts = pulumi.ResourceOptions(provider=provider, parent=parent)
    k8s.apps.v1.StatefulSet(name, metadata=given["metadata"], spec=given["spec"], opts=opts)
'''


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment with the wheel and its extra, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build(ROOT, folder / "dist", epoch=0)["wheel"]
    return Environment.with_wheel(folder / "environment", wheel, "cli").folder / "bin" / "stateful-web"


@pytest.fixture(params=["another context", pytest.param("another sandbox", marks=pytest.mark.extended)])
def kubeconfig_there(sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The second cluster; to the command, another way to the same one is another cluster, too."""
    with ExitStack() as running:
        box = sandbox
        if request.param == "another sandbox":
            box = running.enter_context(running_sandbox(tmp_path / "there"))
        there = tmp_path / "there.kubeconfig"
        there.write_text(box.cluster.kubeconfig.read_text().replace("127.0.0.1", "localhost"))
        yield there


def test_every_command_of_the_wheel_in_a_project_of_three_sets_on_two_clusters(
    project: Project, kubeconfig_there: Path, command: Path
) -> None:
    elsewhere = f"{project.namespace}-there"
    Client(KubeConfig.from_file(kubeconfig_there)).create(Namespace(metadata=ObjectMeta(name=elsewhere)))
    (project.folder / "settings.py").unlink()
    shutil.rmtree(project.folder / "policies")
    project.program(PROGRAM)
    project.configure(
        {
            "elsewhere": elsewhere,
            "here": str(project.values()["kubernetes:kubeconfig"]),
            "there": str(kubeconfig_there),
        },
        remove=tuple(key for key in project.config() if key != "namespace"),
    )
    project.up()

    def said(*args: str, code: int = 0) -> str:
        without = {"STATEFUL_WEB_STACK", "STATEFUL_WEB_START", "STATEFUL_WEB_SHELL_SETUP", "PYTHONPATH"}
        env = {name: value for name, value in project.env.items() if name not in without}
        ended = subprocess.run(
            [command, *args], cwd=project.folder, env=env, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stdout + (ended.stderr if code else "")

    sets = {(one["namespace"], one["name"]): one for one in json.loads(said("status", "--output", "json"))}
    assert {name: (one["ready"], one["replicas"]) for name, one in sets.items()} == {
        (project.namespace, "ours"): (2, 2),
        (project.namespace, "raw"): (1, 1),
        (elsewhere, "from-yaml"): (1, 1),
    }
    assert len({one["cluster"] for one in sets.values()}) == 2
    table = said("status")
    assert all(f"StatefulSet {namespace}/{name}: " in table for namespace, name in sets)
    assert "| POD | STATUS |" in said("status", "-o", "markdown")

    assert said("doctor").count("Nothing is stuck.") == 3
    claims = json.loads(said("claims", "-o", "json"))
    assert [(claim["name"], claim["pod"]) for claim in claims] == [
        ("data-ours-0", "ours-0"),
        ("data-ours-1", "ours-1"),
    ]
    assert said("recover").startswith("Nothing to recover")
    assert "no pod is touched" in said("preview")
    planned = said("render", "--plan")
    made = {(of["kind"], of["metadata"]["name"]) for of in yaml.safe_load_all(planned)}
    assert made == {("Service", "ours"), *(("StatefulSet", name) for _, name in sets)}
    (project.folder / "planned.yaml").write_text(planned)
    assert all(f">{name}-0<" in said("diagram", "planned.yaml") for _, name in sets)

    kubeconfig_there.rename(kubeconfig_there.with_suffix(".away"))
    left = said("status", code=1)
    assert f"StatefulSet {project.namespace}/ours: 2 of 2 pods ready" in left
    assert f"StatefulSet {elsewhere}/from-yaml is not shown" in left
