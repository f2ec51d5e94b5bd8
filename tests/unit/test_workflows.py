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

FILES = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
FILES["template"] = ROOT / "templates/python/.github/workflows/preview.yml"
# YAML 1.1 takes the key `on` for a boolean; no test looks at it but as text.
WORKFLOWS: dict[str, Any] = {name: yaml.safe_load(path.read_text()) for name, path in FILES.items()}
PREVIEWS = ("preview.yml", "template")
JOBS = [pytest.param(flow, job, id=f"{flow}/{job}") for flow, read in WORKFLOWS.items() for job in read["jobs"]]
WRITES = {
    **{(flow, "comment"): {"pull-requests": "write"} for flow in PREVIEWS},
    ("release.yml", "pypi"): {"id-token": "write"},
    ("release.yml", "github"): {"contents": "write"},
}
"""The only jobs that may write, and what."""


def commands(*flows: str) -> Iterator[list[str]]:
    """Return the words of every command line of every step, of some workflows or all."""
    for flow in [WORKFLOWS[name] for name in flows or WORKFLOWS]:
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
    for checkout in checkouts:
        assert checkout["with"]["persist-credentials"] is False
        if (flow, job) in WRITES:
            assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize("flow", PREVIEWS)
def test_the_job_that_writes_a_comment_has_no_secret_and_runs_the_action_alone(flow: str) -> None:
    steps = WORKFLOWS[flow]["jobs"]["comment"]["steps"]
    assert not [step for step in steps if "run" in step]
    assert "secrets." not in str(steps)


@pytest.mark.parametrize(("flow", "job"), JOBS)
def test_a_job_ends_in_time(flow: str, job: str) -> None:
    assert WORKFLOWS[flow]["jobs"][job]["timeout-minutes"] <= (180 if flow == "nightly.yml" else 60)


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    for path in FILES.values():
        used = re.findall(r"uses: (.*)", path.read_text())
        assert used
        for action in (name for name in used if not name.startswith("./")):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_no_workflow_runs_with_secrets_on_a_request_from_a_fork() -> None:
    for path in FILES.values():
        assert "pull_request_target" not in path.read_text()
        assert "workflow_run" not in path.read_text()
    for flow in PREVIEWS:
        assert "head.repo.full_name == github.repository" in WORKFLOWS[flow]["jobs"]["preview"]["if"]


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


@pytest.mark.parametrize(("flow", "folder"), [("preview.yml", ROOT), ("template", ROOT / "templates/python")])
def test_the_preview_runs_both_packs_with_configurations_that_exist(flow: str, folder: Path) -> None:
    (preview,) = (step["with"] for step in WORKFLOWS[flow]["jobs"]["preview"]["steps"] if step.get("id") == "preview")
    packs, configs = preview["packs"].split(), preview["pack-configs"].split()
    assert len(packs) == len(configs) == 2
    assert all((folder / path).exists() for path in configs)
    before = list(commands(flow))
    if flow == "preview.yml":
        assert ["make", "venv", "packs"] in before
    for pack in packs:
        assert ["pulumi", "-C", pack, "install"] in before, "which gives each pack its environment"


@pytest.mark.parametrize("flow", PREVIEWS)
def test_the_comment_is_the_one_that_the_preview_has_made(flow: str) -> None:
    preview, comment = (WORKFLOWS[flow]["jobs"][job]["steps"] for job in ("preview", "comment"))
    (made,) = (step for step in preview if step.get("id") == "preview")
    (kept,) = (step["with"] for step in preview if "upload-artifact@" in step.get("uses", ""))
    got, written = comment[-2]["with"], comment[-1]
    assert made["with"]["comment"] == "false"
    assert (written["uses"], written["with"]["stack"]) == (made["uses"], made["with"]["stack"])
    assert kept["path"] == "${{ steps.preview.outputs.comment-path }}"
    assert (got["name"], got["path"]) == (kept["name"], "${{ runner.temp }}")
    name = written["with"]["comment-from"].removeprefix("${{ runner.temp }}/")
    assert f'comment="$RUNNER_TEMP/{name}"' in (ROOT / "action.yml").read_text()


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
