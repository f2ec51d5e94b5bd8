"""The workflows for users: pinned, with the least permissions, and of commands that exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.paths import ROOT
from sandbox.toolchain.families import OTHER_MINORS

FOLDER = ROOT / ".github/workflows"
# YAML 1.1 takes the key `on` for a boolean; no test looks at it but as text.
WORKFLOWS: dict[str, Any] = {path.name: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}
JOBS = [pytest.param(flow, job, id=f"{flow}/{job}") for flow, read in WORKFLOWS.items() for job in read["jobs"]]
WRITES = {
    ("preview.yml", "comment"): {"pull-requests": "write"},
    ("release.yml", "pypi"): {"id-token": "write"},
    ("release.yml", "github"): {"contents": "write"},
}
"""The only jobs that may write, and what."""


def commands() -> Iterator[list[str]]:
    """Return the words of every command line of every step."""
    for flow in WORKFLOWS.values():
        for job in flow["jobs"].values():
            for step in job["steps"]:
                for line in step.get("run", "").replace("\\\n", " ").splitlines():
                    yield shlex.split(line, comments=True)


@pytest.mark.parametrize(("flow", "job"), JOBS)
def test_a_job_has_no_more_permissions_than_it_needs(flow: str, job: str) -> None:
    permissions = WORKFLOWS[flow]["jobs"][job].get("permissions", WORKFLOWS[flow]["permissions"])
    writing = {scope: level for scope, level in permissions.items() if level != "read"}
    assert writing == WRITES.get((flow, job), {})
    assert set(permissions) <= {"contents", "pull-requests", "id-token"}


@pytest.mark.parametrize(("flow", "job"), JOBS)
def test_a_job_that_runs_the_request_s_code_has_no_token_that_may_write(flow: str, job: str) -> None:
    described = WORKFLOWS[flow]["jobs"][job]
    checkouts = [step for step in described["steps"] if "checkout@" in step.get("uses", "")]
    if (flow, job) in WRITES:
        assert not checkouts
    for checkout in checkouts:
        assert checkout["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("flow", "job"), JOBS)
def test_a_job_ends_in_time(flow: str, job: str) -> None:
    assert WORKFLOWS[flow]["jobs"][job]["timeout-minutes"] <= (180 if flow == "nightly.yml" else 60)


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    for path in FOLDER.glob("*.yml"):
        used = re.findall(r"uses: (.*)", path.read_text())
        assert used
        for action in used:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_no_workflow_runs_with_secrets_on_a_request_from_a_fork() -> None:
    for path in FOLDER.glob("*.yml"):
        assert "pull_request_target" not in path.read_text()
        assert "workflow_run" not in path.read_text()
    assert "head.repo.full_name == github.repository" in WORKFLOWS["preview.yml"]["jobs"]["preview"]["if"]


def test_no_script_has_text_of_others_pasted_into_it() -> None:
    for flow in WORKFLOWS.values():
        for job in flow["jobs"].values():
            for step in job["steps"]:
                pasted = re.findall(r"\$\{\{(.*?)\}\}", step.get("run", ""))
                assert [name.strip() for name in pasted] in ([], ["matrix.tier"], ["matrix.kubernetes"])


def test_the_make_targets_that_they_name_exist_and_so_do_the_tiers() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = {words[1] for words in commands() if words[:1] == ["make"]}
    assert {"check", "coverage", "test", "test-pythons", "venv", "admission", "faults"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    markers = (ROOT / "pyproject.toml").read_text()
    for tier in WORKFLOWS["check.yml"]["jobs"]["test"]["strategy"]["matrix"]["tier"]:
        assert f'"{tier}: ' in markers


def test_the_preview_runs_both_packs_with_configurations_that_exist() -> None:
    (preview,) = (words for words in commands() if words[:2] == ["pulumi", "preview"])
    packs = [preview[n + 1] for n, word in enumerate(preview) if word == "--policy-pack"]
    configs = [preview[n + 1] for n, word in enumerate(preview) if word == "--policy-pack-config"]
    assert packs == ["dist/packs/stateful", "dist/packs/hardening"]
    assert configs == [f"policies/{Path(pack).name}/policy-config.prod.json" for pack in packs]
    assert all((ROOT / path).exists() for path in configs)
    before = list(commands())[: list(commands()).index(preview)]
    assert ["make", "venv", "packs"] in before
    for pack in packs:
        assert ["pulumi", "-C", pack, "install"] in before, "which gives each pack its environment"


def test_tools_are_kept_for_the_next_run_by_the_hash_of_their_pins() -> None:
    for flow, name in (("check.yml", "test"), ("check.yml", "node"), ("nightly.yml", "all"), ("nightly.yml", "faults")):
        (cache,) = (
            step["with"] for step in WORKFLOWS[flow]["jobs"][name]["steps"] if "actions/cache@" in step.get("uses", "")
        )
        assert cache["path"] == "~/.cache/stateful-web"
        assert "hashFiles('sandbox/toolchain/**')" in cache["key"]


def test_every_night_all_tests_run_on_every_kubernetes_that_can_be_built() -> None:
    jobs = WORKFLOWS["nightly.yml"]["jobs"]
    assert any("make test ALL=1" in step.get("run", "") for step in jobs["all"]["steps"])
    assert jobs["kubernetes"]["strategy"]["matrix"]["kubernetes"] == list(OTHER_MINORS)
