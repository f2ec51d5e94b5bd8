"""What others take of this repository: the wheel, the component as a package from a git tag, and single packs."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim

from components.stateful_web import __version__
from policies.assemble import assemble
from sandbox import toolchain
from sandbox.paths import ROOT
from tests.support.distributions import Environment, build
from tests.support.git_server import HOST, git_host
from tests.support.projects import Project

pytestmark = pytest.mark.extended

PROGRAM = """
import json, sys
import pulumi
import pulumi_kubernetes as k8s
from pulumi import automation as auto
import stateful_web
from stateful_web import StatefulWeb, StatefulWebArgs


def program() -> None:
    inputs: StatefulWebArgs = {"image": "registry.k8s.io/nginx-slim:0.27", "namespace": NAMESPACE, "replicas": 2}
    web = StatefulWeb("shop", inputs, pulumi.ResourceOptions(provider=k8s.Provider("there", kubeconfig=KUBECONFIG)))
    pulumi.export("claims", web.claim_names)


NAMESPACE, KUBECONFIG = sys.argv[1:]
stack = auto.create_or_select_stack(stack_name="other", project_name="another-program", program=program)
try:
    claims = stack.up().outputs["claims"].value
finally:
    stack.destroy()
print(json.dumps({"claims": claims, "from": stateful_web.__file__, "modules": sorted(sys.modules)}))
"""


def test_a_program_in_an_environment_with_the_wheel_alone_deploys_the_component(
    project: Project, tmp_path: Path
) -> None:
    wheel = build(ROOT, tmp_path / "dist", epoch=0)["wheel"]
    environment = Environment.with_wheel(tmp_path / "environment", wheel)
    other = tmp_path / "other"
    other.mkdir()
    (other / "deploy.py").write_text(PROGRAM)
    ended = subprocess.run(
        [environment.python, "deploy.py", project.namespace, project.env["KUBECONFIG"]],
        cwd=other, env=project.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said = json.loads(ended.stdout.splitlines()[-1])
    assert Path(said["from"]).is_relative_to(environment.packages)
    assert not {"components", "sandbox", "policies"} & set(said["modules"])
    assert said["claims"] == ["data-shop-0", "data-shop-1"] == sorted(project.list(PersistentVolumeClaim))


def git(folder: Path, *args: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def published(folder: Path) -> None:
    """Make a repository of the component's folder as it is, tagged with its version; and then a later commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "components"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A release")
    git(folder, "tag", f"v{__version__}")
    (folder / "components/stateful_web/__init__.py").write_text("raise SystemExit('not this one')\n")
    git(folder, "commit", "--quiet", "--all", "--message", "After the release")


def test_pulumi_package_add_takes_the_component_from_a_git_tag(project: Project, tmp_path: Path) -> None:
    published(tmp_path / "served" / "example" / "stateful-web.git")
    folder = tmp_path / "yaml"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: others\nruntime: yaml\n")
    (language,) = toolchain.ensure("yaml", say=lambda _: None)
    env = {
        **project.env,
        "PATH": f"{language}:{project.env['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),  # where the engine keeps the clone
        "PULUMI_STACK": "theirs",
    }
    theirs = Project(folder, env, project.namespace, project.api)
    with git_host(tmp_path / "served", tmp_path) as reach:
        replace(theirs, env={**env, **reach}).pulumi(
            "package", "add", f"https://{HOST}/example/stateful-web/components@v{__version__}"
        )
    program = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    program["resources"] = {
        "web": {
            "type": "stateful-web:StatefulWeb",
            "properties": {"image": "registry.k8s.io/nginx-slim:0.27", "namespace": project.namespace},
        }
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    theirs.pulumi("stack", "init", "theirs")
    theirs.pulumi("config", "set", "kubernetes:kubeconfig", project.env["KUBECONFIG"])
    try:
        theirs.up()
        assert theirs.get(StatefulSet, "web")["spec"]["serviceName"] == "web"
    finally:
        theirs.pulumi("destroy", "--yes", "--skip-preview")
    assert HOST in json.dumps(program["packages"])


@pytest.mark.parametrize(
    ("pack", "bad", "rule"),
    [
        ("stateful", {"terminationGracePeriodSeconds": 0}, "graceful-termination"),
        ("hardening", {"hostNetwork": True}, "pod-security-restricted"),
    ],
)
def test_a_pack_that_was_assembled_judges_on_the_engine_where_there_is_no_other(
    project: Project, tmp_path: Path, pack: str, bad: dict[str, object], rule: str
) -> None:
    assemble(ROOT, tmp_path / "elsewhere")
    alone = tmp_path / "elsewhere" / pack
    shutil.rmtree(project.folder / "policies")
    project.configure({"podTemplate": {"spec": bad}})
    config = {rule: {"enforcementLevel": "mandatory"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    options = ("--policy-pack", str(alone), "--policy-pack-config", str(tmp_path / "config.json"))
    without = project.preview(*options, check=False)
    assert without.code != 0
    assert "venv" in without.output, "it runs in an environment of its own, not in that of the program"
    requirements = (alone / "requirements.txt").read_text().splitlines()
    Environment.of(alone / "venv", [line.partition("==")[0] for line in requirements if not line.startswith("#")])
    denied = project.preview(*options, check=False)
    assert denied.code != 0
    assert rule in denied.output
    project.configure({}, remove=("podTemplate",))
    assert project.preview("--policy-pack", str(alone)).code == 0
