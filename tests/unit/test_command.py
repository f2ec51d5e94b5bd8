"""The command ``stateful-web`` itself: what its help loads, completion, and how it ends."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from components.stateful_web.cli.claims import Claim
from components.stateful_web.cli.commands import EPILOG, stateful_web
from components.stateful_web.cli.doctor import Finding
from components.stateful_web.cli.status import ClaimStatus, PodStatus, StatefulSetStatus
from sandbox.paths import ROOT
from tests.support.terminals import screen_of

PAGE = (ROOT / "docs/how-to/command.md").read_text()
HEAVY = {"pulumi", "pulumi_kubernetes", "lightkube", "httpx2", "rich", "yaml", "msgspec", "json", "drawsvg", "grpc"}
HELP = """
import contextlib, io, sys
from components.stateful_web.cli import main

for args in ([], *([name] for name in sys.argv[1:])):
    sys.argv[1:] = [*args, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main()
    assert "--help" in said.getvalue()
print(*sys.modules)
"""


def run(*args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "components.stateful_web.cli", *args]
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


def test_help_loads_nothing_but_what_click_needs() -> None:
    """So it is there at once: the time is that of ``import click``, and of a few small modules."""
    ended = subprocess.run(
        [sys.executable, "-c", HELP, *stateful_web.commands], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {module.partition(".")[0] for module in ended.stdout.split()}
    assert "click" in loaded
    assert not HEAVY & loaded


@pytest.mark.parametrize(
    ("shell", "says"), [("zsh", "#compdef stateful-web"), ("fish", "complete --no-files --command stateful-web")]
)
def test_each_shell_gets_its_completion(shell: str, says: str) -> None:
    assert says in run(_STATEFUL_WEB_COMPLETE=f"{shell}_source").stdout
    assert f"_STATEFUL_WEB_COMPLETE={shell}_source stateful-web" in PAGE


def test_commands_and_options_are_completed() -> None:
    asked = {"_STATEFUL_WEB_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    assert run(**asked, COMP_WORDS="stateful-web sta").stdout == "plain,status\n"
    asked["COMP_CWORD"] = "2"
    assert run(**asked, COMP_WORDS="stateful-web status --wat").stdout == "plain,--watch\n"


def test_who_has_read_enough_hears_no_more() -> None:
    script = f"{sys.executable} -m components.stateful_web.cli --help | head -n 1"
    ended = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("Usage: stateful-web")
    assert ended.stderr == ""


def test_a_stack_without_a_pulumi_on_path_is_told_in_a_sentence(tmp_path: Path) -> None:
    ended = run("status", PATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("pulumi is not on PATH. Put it there, or install it: ")


def test_the_page_has_every_exit_code_of_the_help() -> None:
    codes = re.findall(r"^  (\d+) ", EPILOG, re.MULTILINE)
    assert codes == re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("row", "of"),
    [
        ("`status`", StatefulSetStatus),
        ("its `pods`", PodStatus),
        ("its `claims`", ClaimStatus),
        ("`doctor`", Finding),
        ("`claims`", Claim),
    ],
)
def test_the_page_has_every_key_of_the_json(row: str, of: type) -> None:
    (line,) = (line for line in PAGE.partition("## JSON")[2].splitlines() if line.startswith(f"| {row} |"))
    assert set(re.findall(r"`(\w+)`", line.rpartition(" | ")[2])) == {field.name for field in fields(of)}


def test_what_a_long_step_is_at_is_shown_in_a_terminal_alone_and_leaves_nothing() -> None:
    script = "from components.stateful_web.cli.progress import progress\nwith progress('Reading'): pass\nprint('done')"
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    screen = screen_of(command, 80, os.environ, ROOT)
    assert screen.lines == ["done"]
    assert screen.cursor
