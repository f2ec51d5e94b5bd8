"""How `make test` runs the two halves of the suite."""

import signal
import sys

import pytest

from tests.support.halves import HALVES, side_by_side


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_both_say_their_lines_and_one_that_fails_is_not_forgotten(capfd: pytest.CaptureFixture[str]) -> None:
    assert side_by_side({"one": python("print('a\\nb')"), "two": python("print('c'); raise SystemExit(3)")}) == 3
    said = capfd.readouterr().out.splitlines()
    assert [line for line in said if line.startswith("one |")] == ["one | a", "one | b"]
    assert "two | c" in said
    assert said[-2] in "bc", "what a half says last is said at the end, as it is"
    assert any(line.startswith("two ended with exit code 3 after ") for line in said)
    before = signal.getsignal(signal.SIGTERM)
    assert side_by_side({"one": python("")}) == 0
    assert signal.getsignal(signal.SIGTERM) == before


def test_every_test_is_in_one_of_them() -> None:
    one, other = (command[-1] for command in HALVES.values())
    assert other == f"not {one}"
