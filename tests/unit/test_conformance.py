"""The conformance page, the upstream names and the tests' marks say the same."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from sandbox.paths import ROOT
from tests.support.conformance import NOT_RUN, PAGE, Recorder, page, stories
from tests.support.upstream import SOURCES, WITHOUT_A_STORY

When = Literal["setup", "call"]
Outcome = Literal["passed", "failed", "skipped"]
NAMES = [name for source in SOURCES for name in source.names]
ROW = re.compile(r"^(\| .* \| .* \| `.*` \|) (.*) \|$", re.MULTILINE)
"""A row with a verdict, which is the last of its cells."""


def test_every_upstream_name_has_a_test_or_a_reason_and_not_both() -> None:
    told = {story.name for story in stories()}
    assert len(set(NAMES)) == len(NAMES)
    assert told | set(WITHOUT_A_STORY) == set(NAMES)
    assert not told & set(WITHOUT_A_STORY)


def test_the_page_is_what_a_run_of_these_tests_writes_and_all_passed() -> None:
    committed, verdicts = PAGE.read_text(), {story.test: "passed" for story in stories()}
    assert ROW.findall(committed) == ROW.findall(page(verdicts))
    assert all(f"| {name} | {reason} |" in committed for name, reason in WITHOUT_A_STORY.items())


def test_a_test_that_was_not_run_is_said_to_be_so() -> None:
    assert {verdict for _, verdict in ROW.findall(page({}))} == {NOT_RUN}


def report(test: str, when: When, outcome: Outcome) -> pytest.TestReport:
    return pytest.TestReport(test, ("", 0, ""), {}, outcome, None, when)


def test_a_test_has_passed_if_it_was_called_and_failed_with_none_of_its_parameters(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "page.md")
    phases: list[tuple[str, When, Outcome]] = [
        ("good[1]", "setup", "passed"),
        ("good[1]", "call", "passed"),
        ("good[2]", "call", "passed"),
        ("half[1]", "call", "failed"),
        ("half[2]", "call", "passed"),
        ("broken", "setup", "failed"),
        ("skipped", "setup", "skipped"),
        ("interrupted", "setup", "passed"),
    ]
    for test, when, outcome in phases:
        recorder.pytest_runtest_logreport(report(test, when, outcome))
    assert recorder.verdicts == {"good": "passed", "half": "failed", "broken": "failed", "skipped": "skipped"}


def test_a_run_writes_the_page_into_the_file_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    command = [sys.executable, "-m", "pytest", "tests/unit/test_quantity.py", f"--conformance={file}"]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert file.read_text() == page({})


def test_a_run_that_was_interrupted_leaves_the_page_of_the_run_before(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("before")
    Recorder(tmp_path / "page.md").pytest_sessionfinish(pytest.ExitCode.INTERRUPTED)
    assert (tmp_path / "page.md").read_text() == "before"
