"""How `make test` runs: what is left to ALL=1 is said, tests that share fixtures stay together, and which Pythons."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tools import pythons


def run_pytest(*args: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_extended_tests_are_left_out_aloud_and_run_with_all() -> None:
    usual = run_pytest("--collect-only", "-q", "tests/cluster/test_conformance.py")
    assert re.search(r"\d+ extended tests were NOT run: make test ALL=1 runs them", usual)
    assert "::test_" not in usual
    everything = run_pytest("--collect-only", "-q", "--all", "tests/cluster/test_conformance.py")
    assert "NOT run" not in everything
    assert everything.count("::test_") > 10


def test_the_tests_of_a_file_run_in_one_process_and_what_is_left_out_is_said_by_the_one_that_began() -> None:
    files = [f"tests/unit/test_{name}.py" for name in ("names", "quantity", "merge", "proxies")]
    said = run_pytest("--numprocesses=2", "-v", *files, "tests/cluster/test_conformance.py")
    ran = set(re.findall(r"^\[(gw\d)\].* PASSED (tests/\S+?\.py)", said, re.MULTILINE))
    assert sorted(file for _, file in ran) == sorted(files), "each file has one process"
    assert {process for process, _ in ran} == {"gw0", "gw1"}
    assert "extended tests were NOT run" in said


def python_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_python_is_found_behind_a_launcher_that_has_none_and_a_missing_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    python_program(tmp_path / "bin" / "python3.77", "exit 127")
    assert pythons.python("3.77") is None
    installed = tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python"
    python_program(installed, "echo 3.77")
    assert pythons.python("3.77") == str(installed)
