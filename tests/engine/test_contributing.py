"""The worked examples of CONTRIBUTING.md still apply to the code, and pass the tests that they name."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.checkouts import Checkout
from tests.support.pages import Block, blocks

PAGE = ROOT / "CONTRIBUTING.md"


def examples() -> list[tuple[Block, Block]]:
    """Return each diff with the shell block below it."""
    return [(one, after) for one, after in pairwise(blocks(PAGE)) if one.language == "diff"]


@pytest.mark.parametrize(("diff", "commands"), examples(), ids=["an input", "a rule"])
def test_an_example_applies_and_its_tests_pass_with_it_and_fail_without(
    diff: Block, commands: Block, tmp_path: Path
) -> None:
    checkout = Checkout(tmp_path)
    (name,) = re.findall(r"git apply (\S+)", commands.text)
    (checkout.folder / name).write_text(diff.text)
    said = checkout.run("bash", "-euo", "pipefail", "-c", commands.text).stdout
    assert " passed" in said
    assert checkout.run(".venv/bin/ruff", "check", ".").returncode == 0
    assert checkout.run(".venv/bin/ruff", "format", "--check", ".").returncode == 0

    tests_alone = checkout.run("git", "diff", "--name-only").stdout.split()
    checkout.run("git", "checkout", "--quiet", "--", *(file for file in tests_alone if not file.startswith("tests/")))
    (command,) = (line for line in commands.text.splitlines() if "pytest" in line)
    assert checkout.run("bash", "-c", command, check=False).returncode != 0
