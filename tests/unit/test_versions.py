"""The supported versions stand in one module; whatever else names them agrees with it."""

import re
import tomllib
from typing import Any

import pytest

from components.stateful_web import versions
from sandbox.paths import ROOT
from sandbox.toolchain.families import FAMILIES, OTHER_MINORS, PINNED_KUBERNETES
from tools.reference.pages import versions_table

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_readme_has_the_table_of_the_reference() -> None:
    assert versions_table() in (ROOT / "README.md").read_text()


def test_the_sandbox_builds_every_supported_kubernetes_and_the_newest_is_its_own() -> None:
    assert FAMILIES[PINNED_KUBERNETES].version.startswith(f"v{versions.KUBERNETES[-1]}.")
    assert [*reversed(OTHER_MINORS)] == [*versions.KUBERNETES[:-1]]


def test_a_sandbox_s_binaries_are_of_the_minor_that_their_folder_names() -> None:
    for minor in OTHER_MINORS:
        assert FAMILIES[f"{PINNED_KUBERNETES}-{minor}"].version.startswith(f"v{minor}.")


@pytest.mark.parametrize(
    ("package", "oldest", "end"), [("pulumi", versions.PULUMI, 4), ("pulumi-kubernetes", versions.PLUGIN, 5)]
)
def test_the_package_requires_what_is_supported(package: str, oldest: str, end: int) -> None:
    wanted = f"{package}>={oldest},<{end}"
    assert wanted in PYPROJECT["project"]["dependencies"]
    assert wanted in (ROOT / "components" / "requirements.txt").read_text().splitlines()
    assert f"{oldest} and later, below {end}" in versions_table()


def test_the_supported_pythons_are_those_that_the_package_allows_and_the_workflow_has() -> None:
    assert PYPROJECT["project"]["requires-python"] == f">={versions.PYTHON[0]}"
    workflow = (ROOT / ".github/workflows/check.yml").read_text()
    for version in versions.PYTHON:
        assert re.search(rf"^ +{re.escape(version)}$", workflow, re.MULTILINE)


def test_the_packs_and_the_workflows_use_the_engine_s_sdk_of_the_lock() -> None:
    found = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert found
    for pack in ("stateful", "hardening"):
        assert f"pulumi=={found[1]}\n" in (ROOT / "policies" / pack / "requirements.txt").read_text()
    for project in (ROOT, ROOT / "templates/python"):
        assert f"pulumi-version: {found[1]}\n" in (project / ".github/workflows/preview.yml").read_text()


def test_pods_are_judged_by_the_pod_security_standards_of_the_newest_kubernetes() -> None:
    rules = ROOT / "policies/hardening/hardening_rules/pod_security.py"
    assert rules.read_text().splitlines()[0].endswith(f"at version {versions.KUBERNETES[-1]}.")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("v1.37.2", (1, 37, 2)),
        ("v1.35.2-eks-1a2b3c", (1, 35, 2)),
        ("v1.35.1+k3s1", (1, 35, 1)),
        ("4.34.2", (4, 34, 2)),
        ("1.36", (1, 36, 0)),
        ("", ()),
        ("unknown", ()),
    ],
)
def test_a_version_is_read_whatever_a_vendor_adds(text: str, numbers: tuple[int, ...]) -> None:
    assert versions.parsed(text) == numbers
