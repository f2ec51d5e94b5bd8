"""``pulumi new`` from the template, and what its user does with it then."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim

from sandbox.paths import ROOT
from tests.support.distributions import Environment, build
from tests.support.projects import Project

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
    environment = Environment.with_wheel(folder / "venv", build(folder / wanted, tmp_path / "dist", epoch=0)["wheel"])
    # The sandbox's own language host runs programs in its own environment; the official one takes venv.
    shop = replace(
        project,
        own_host=True,
        folder=folder,
        env={**project.env, "PYTHONPATH": str(environment.packages), "PULUMI_STACK": "test"},
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
    made: Project,
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

    made.pulumi("config", "set", "--path", "storage.storage_class_nam", "fast")
    assert "storage_class_nam" in made.preview(check=False).output
    made.pulumi("config", "rm", "--path", "storage.storage_class_nam")

    passed = preview_in_ci(made)
    assert passed.returncode == 0, passed.stdout
    made.pulumi("config", "set", "--path", "storage.size", "200Gi")
    denied = preview_in_ci(made)
    assert denied.returncode != 0
    assert "storage-size-bounds" in denied.stdout


def preview_in_ci(made: Project) -> "subprocess.CompletedProcess[str]":
    """Run the last step of the workflow as GitHub does."""
    (step,) = (step for step in steps(made.folder) if step.get("name") == "preview")
    script = step["run"]
    env = {**made.env, "PULUMI_STACK": "test", "KUBECONFIG_TEXT": "", "RUNNER_TEMP": str(made.folder)}
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=made.folder, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def steps(folder: Path) -> list[dict[str, Any]]:
    text = (folder / ".github/workflows/preview.yml").read_text()
    found: list[dict[str, Any]] = yaml.safe_load(text)["jobs"]["preview"]["steps"]
    return found


def test_its_name_and_description_stand_where_the_template_has_gaps(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    make_as_printed(project, folder)
    texts = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert set(texts) == {path.name for path in TEMPLATE.rglob("*") if path.is_file()}
    for name, text in texts.items():
        assert "${PROJECT}" not in text, name
        assert "${DESCRIPTION}" not in text, name
    assert "storage_class_name" in texts["Pulumi.prod.yaml"]
    assert "template" not in yaml.safe_load(texts["Pulumi.yaml"])


def test_its_workflow_uses_the_actions_that_the_repository_s_own_one_is_pinned_to() -> None:
    def used(path: Path) -> set[str]:
        return set(re.findall(r"uses: (.*)", path.read_text()))

    own = used(ROOT / ".github/workflows/preview.yml")
    assert used(TEMPLATE / ".github/workflows/preview.yml") < own


def test_it_asks_for_the_release_that_it_comes_with() -> None:
    from components.stateful_web import __version__

    assert f"stateful-web=={__version__}" in (TEMPLATE / "requirements.txt").read_text()
    assert f"checkout v{__version__}" in (TEMPLATE / "README.md").read_text()
