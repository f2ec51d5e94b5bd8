"""The page of results, from measurements that are made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import MagicMock
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.sampling import Row, in_turn

ROWS = [
    Row("up, N = 100", [2.0, 2.2, 2.6], [2.0, 2.0, 2.0], "raw", 1.25),
    Row("up, N = 500", [3.0], [2.0], "raw", 1.25),
    Row("render", [0.5], [0.05], "helm template", None),
]
LIVES = {size: {step: {"ours": [2.0], "raw": [1.0]} for step in benchmarks.STEPS} for size in (1, 10)}


@pytest.fixture
def page(tmp_path: Path) -> str:
    benchmarks.publish(ROWS, LIVES, {"processors": "2"}, tmp_path)
    return (tmp_path / "RESULTS.md").read_text()


def test_a_row_has_medians_the_ratio_with_its_spread_and_whether_its_bar_is_kept(page: str) -> None:
    assert "| up, N = 100 | 2.20 s | raw | 2.00 s | **1.10** (1.00 to 1.30) | ≤ 1.25 | kept |" in page
    assert "| **1.50** (1.50 to 1.50) | ≤ 1.25 | **missed** |" in page
    assert "| **10.00** (10.00 to 10.00) | stated |  |" in page


def test_every_sample_and_the_machine_are_told(page: str) -> None:
    assert "| up, N = 100, against raw | 2.00 2.20 2.60 | 2.00 2.00 2.00 |" in page
    assert "- processors: 2" in page


def test_each_step_has_a_plot_of_both_sides(page: str, tmp_path: Path) -> None:
    for step in benchmarks.STEPS:
        name = f"{step.replace(' ', '-')}.svg"
        assert f"({name})" in page
        words = "".join(ElementTree.parse(tmp_path / name).getroot().itertext())  # noqa: S314 - our own
        assert all(word in words for word in ("ours", "raw", step, "10"))


def test_both_sides_of_a_comparison_take_turns_in_going_first() -> None:
    order: list[str] = []

    def work(name: str) -> float:
        order.append(name)
        return 1.0

    in_turn(3, {"ours": lambda: work("ours"), "raw": lambda: work("raw")})
    assert order == ["ours", "raw", "raw", "ours", "ours", "raw"]


@pytest.mark.parametrize(("count", "looks", "changes"), [(100, 3, 3), (500, 3, 1)])
def test_a_large_stack_is_looked_at_as_often_and_changed_once(
    count: int, looks: int, changes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects: list[MagicMock] = []

    @contextmanager
    def side(*_: object) -> Iterator[MagicMock]:
        projects.append(MagicMock(folder=tmp_path, namespace="default"))
        yield projects[-1]

    monkeypatch.setattr(benchmarks, "side", side)
    samples = benchmarks.against_raw(MagicMock(), tmp_path, count, rounds=3)
    for project in projects:
        assert project.preview.call_count == looks
        assert project.pulumi.call_count == changes
        assert project.up.call_count == looks + changes
    assert {step: len(taken["ours"]) for step, taken in samples.items()} == {
        "preview": looks,
        "first up": changes,
        "no-change up": looks,
        "destroy": changes,
    }
