"""The commands of ``stateful-web``, run in a test's project as ``make`` runs them."""

import json
import subprocess
from typing import Any

from sandbox.instance import COMMAND, pack_options
from tests.support.projects import Ended, Project


def run_command(project: Project, command: str, stack: str = "dev", *more: str) -> Ended:
    """Run a command; its output is what it says on both streams."""
    asked = [*COMMAND, command, "--stack", stack, *more]
    return _run(project, [*asked, *_flags(project, command)], subprocess.STDOUT)


def command_json(project: Project, command: str) -> list[dict[str, Any]]:
    """Return what a command says to machines, on stdout alone: of a preview, its forecasts."""
    asked = [*COMMAND, command, "--stack", "dev", "--output", "json"]
    ended = _run(project, [*asked, *_flags(project, command)], subprocess.DEVNULL)
    assert ended.code == 0, ended.output
    said = json.loads(ended.output)
    found: list[dict[str, Any]] = said["forecasts"] if command == "preview" else said
    return found


def ops_stdout(project: Project, command: str, *more: str) -> str:
    """Return what a command prints for the next one in a pipe."""
    ended = _run(project, [*COMMAND, command, *more], subprocess.DEVNULL)
    assert ended.code == 0, ended.output
    return ended.output


def follow(project: Project, command: str) -> None:
    """Run a command as somebody who copies it into a shell; fail the test if it fails."""
    ended = _run(project, ["sh", "-c", command], subprocess.STDOUT)
    assert ended.code == 0, f"{command}:\n{ended.output}"


def follow_printed(project: Project, said: Ended) -> None:
    """Follow the commands that stand in lines of their own, and say yes."""
    for line in said.output.splitlines():
        if line.startswith("  "):
            follow(project, f"PULUMI_SKIP_CONFIRMATIONS=true {line.strip()}")


def _flags(project: Project, command: str) -> list[str]:
    """Return the engine's flags that ``make preview`` gives: the packs, where the project has them."""
    with_packs = command == "preview" and (project.folder / "policies").exists()
    return ["--", *pack_options()] if with_packs else []


def _run(project: Project, command: list[str], stderr: int) -> Ended:
    ended = subprocess.run(
        command,
        cwd=project.folder,
        env=project.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)
