"""The repository's GitHub action, step by step, as a runner runs it."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.paths import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}


@dataclass
class Runner:
    """A job's machine: its folder for temporary files, and what the steps so far have said."""

    temp: Path
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    number: str = "7"
    """Of the pull request; empty for a run of something else."""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> Path:
        """Where the action installs the command."""
        return self.temp / "stateful-web/bin/stateful-web"

    def run(self, step: str, inputs: Mapping[str, str], cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Run a step with inputs; its outputs are then there for the next ones."""
        asked = {name: about.get("default", "") for name, about in ACTION["inputs"].items()} | dict(inputs)
        output = self.temp / "output"
        output.touch()
        given = {name: self._value(text, asked) for name, text in STEPS[step].get("env", {}).items()}
        files = {"GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": self.temp / "summary"}
        here = {"RUNNER_TEMP": str(self.temp), "GITHUB_ACTION_PATH": str(ROOT)}
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]],
            cwd=cwd, env={**self.env, **given, **here, **{name: str(path) for name, path in files.items()}},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return ended

    def _value(self, text: str, inputs: Mapping[str, str]) -> str:
        """Return what GitHub puts in the place of an expression of the action."""
        expression = re.fullmatch(r"\$\{\{ (.*) \}\}", text)
        assert expression, text
        known = {
            **{f"inputs.{name}": value for name, value in inputs.items()},
            **{f"steps.preview.outputs.{name}": value for name, value in self.outputs.items()},
            "github.repository": "my-org/shop",
            "github.event.pull_request.number": self.number,
        }
        return next((known[name] for name in expression[1].split(" || ") if known.get(name)), "")
