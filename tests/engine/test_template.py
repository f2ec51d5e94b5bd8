"""``pulumi new`` from the template, and what its user does with it then."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from sandbox.paths import ROOT
from tests.support.actions import Runner
from tests.support.distributions import Environment, build
from tests.support.projects import Project
from tests.support.scenario import SERVICE, STATEFUL_SET
from tests.support.waiting import eventually

TEMPLATE = ROOT / "templates/python"


def make_as_printed(project: Project, folder: Path) -> None:
    """Run the command of the page that tells of it, with the answers to its questions."""
    (printed,) = re.findall(r"^pulumi (new .*)$", (ROOT / "docs/how-to/elsewhere.md").read_text(), re.MULTILINE)
    words = printed.replace("path/to/stateful-web", str(ROOT)).replace("shop", str(folder)).split()
    project.pulumi(*words, "--yes", "--name", "shop", "--description", "Sells")


@pytest.fixture
def made(project: Project, tmp_path: Path) -> Iterator[Project]:
    """A project from the template, with the repository as its submodule and what its requirements.txt asks for."""
    folder = tmp_path / "shop"
    make_as_printed(project, folder)
    (folder / "stateful-web").symlink_to(ROOT)
    (wanted,) = (line for line in (folder / "requirements.txt").read_text().splitlines() if not line.startswith("#"))
    source, extra = wanted.removesuffix("]").split("[")
    wheel = build(folder / source, tmp_path / "dist", epoch=0)["wheel"]
    environment = Environment.with_wheel(folder / "venv", wheel, extra)
    # The sandbox's own language host runs programs in its own environment; the official one takes venv.
    shop = replace(
        project,
        own_host=True,
        folder=folder,
        env={
            **project.env,
            "PATH": f"{environment.folder / 'bin'}:{project.env['PATH']}",
            "PYTHONPATH": str(environment.packages),
            "PULUMI_STACK": "test",
        },
    )
    shop.pulumi("stack", "init", "test")
    shop.pulumi("config", "set", "kubernetes:kubeconfig", project.env["KUBECONFIG"])
    shop.pulumi("config", "set", "namespace", project.namespace)
    for key, declared in yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())["template"]["config"].items():
        shop.pulumi("config", "set", key, declared["default"])
    try:
        yield shop
    finally:
        shop.pulumi("destroy", "--yes", "--skip-preview")


@pytest.mark.extended
def test_a_project_from_the_template_deploys_takes_overrides_and_is_judged_by_the_packs_in_its_workflow(
    made: Project, tmp_path: Path
) -> None:
    made.up()
    assert sorted(made.list(PersistentVolumeClaim)) == ["data-shop-0"]

    made.pulumi("config", "set", "replicas", "2")
    made.pulumi("config", "set", "--path", "storage.size", "2Gi")
    made.up()
    assert made.get(StatefulSet, "shop")["spec"]["replicas"] == 2
    sizes = [claim["spec"]["resources"]["requests"] for claim in made.list(PersistentVolumeClaim).values()]
    assert sizes == [{"storage": "2Gi"}] * 2
    made.pulumi("config", "set", "replicas", "0")
    made.up()
    assert made.get(StatefulSet, "shop")["spec"]["replicas"] == 0
    made.pulumi("config", "set", "replicas", "2")

    made.pulumi("config", "set", "--path", "storage.storageClassNam", "fast")
    assert "shop:storage.storageClassNam is not a key that exists" in made.preview(check=False).output
    made.pulumi("config", "rm", "--path", "storage.storageClassNam")

    passed = preview_in_ci(made, tmp_path / "passed")
    assert passed.outputs["exit-code"] == "0"
    made.pulumi("config", "set", "--path", "storage.size", "200Gi")
    denied = preview_in_ci(made, tmp_path / "denied")
    assert denied.outputs["exit-code"] not in ("0", "10")
    comment = Path(denied.outputs["comment-path"]).read_text()
    assert comment.startswith(
        "<!-- stateful-web preview of shop/test -->\n### Preview of `shop/test`: denied by 1 rule"
    )
    assert "`stateful/storage-size-bounds`" in comment


def command(made: Project, *words: str) -> str:
    """Run the command that the component brings; return what it prints."""
    ended = subprocess.run(
        ["stateful-web", *words], cwd=made.folder, env=made.env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.extended
def test_the_command_knows_the_project_and_adopts_a_live_set_into_it(made: Project) -> None:
    assert "creates StatefulSet shop" in command(made, "preview")
    rendered, planned = (list(yaml.safe_load_all(command(made, "render", *more))) for more in ((), ("--plan",)))
    assert [found["metadata"]["name"] for found in rendered] == ["shop", "shop"]
    assert [found["spec"] for found in planned] == [found["spec"] for found in rendered]
    made.up()
    assert f"StatefulSet {made.namespace}/shop: 1 of 1 pods ready" in command(made, "status")
    assert "data-shop-0" in command(made, "claims")
    assert "Nothing is stuck" in command(made, "doctor")
    assert "<svg" in command(made, "diagram", "--plan")

    made.kubectl("apply", "--filename", "-", given=yaml.safe_dump_all([SERVICE, STATEFUL_SET]))
    eventually(lambda: len(made.list(PersistentVolumeClaim)) == 4, "three pods have their claims")
    before = made.uids(Pod)
    command(made, "adopt", f"{made.namespace}/web", "--stack", "old")
    adopted = yaml.safe_load((made.folder / "Pulumi.old.yaml").read_text())["config"]
    assert {key.partition(":")[0] for key in adopted} == {"kubernetes", "shop"}
    made.pulumi("stack", "init", "old")
    made.up("--stack", "old")
    assert made.uids(Pod) == before
    made.up("--stack", "old", "--expect-no-changes")
    made.pulumi("destroy", "--yes", "--skip-preview", "--stack", "old")


def preview_in_ci(made: Project, temp: Path) -> Runner:
    """Run the preview of the workflow as GitHub does, with the command of this checkout as installed."""
    text = (made.folder / ".github/workflows/preview.yml").read_text()
    (asked,) = (
        step["with"] for step in yaml.safe_load(text)["jobs"]["preview"]["steps"] if step.get("id") == "preview"
    )
    runner = Runner(temp, made.env)
    runner.command.parent.mkdir(parents=True)
    runner.command.symlink_to(Path(sys.prefix, "bin/stateful-web"))
    ended = runner.run("preview", {**asked, "stack": "test"}, made.folder)
    assert ended.returncode == 0, ended.stderr
    return runner


def test_its_name_and_description_stand_where_the_template_has_gaps(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    make_as_printed(project, folder)
    texts = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert set(texts) == {path.name for path in TEMPLATE.rglob("*") if path.is_file()}
    for name, text in texts.items():
        assert "${PROJECT}" not in text, name
        assert "${DESCRIPTION}" not in text, name
    assert "storageClassName" in texts["Pulumi.prod.yaml"]
    assert "template" not in yaml.safe_load(texts["Pulumi.yaml"])


def test_its_workflow_uses_the_actions_that_the_repository_s_own_one_is_pinned_to() -> None:
    def used(path: Path) -> set[str]:
        return set(re.findall(r"uses: (.*@.*)", path.read_text()))

    own = used(ROOT / ".github/workflows/preview.yml")
    assert used(TEMPLATE / ".github/workflows/preview.yml") <= own


def test_it_asks_for_the_release_that_it_comes_with() -> None:
    from components.stateful_web import __version__

    assert f"stateful-web[cli]=={__version__}" in (TEMPLATE / "requirements.txt").read_text()
    assert f"checkout v{__version__}" in (TEMPLATE / "README.md").read_text()
