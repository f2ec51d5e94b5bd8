"""The page of results, from measurements that are made up."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import MagicMock
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import programs
from benchmarks.report import Life
from benchmarks.sampling import Row, in_turn, processor_seconds
from benchmarks.spent import Process, Spent, look
from policies.stateful.stateful_rules import RULES

ROWS = [
    Row("up, N = 100", [2.0, 2.2, 2.6], [2.0, 2.0, 2.0], "raw", 1.25, plugin="stand-in"),
    Row("preview, N = 100", [3.0], [2.0], "raw", 1.25),
    Row("render", [0.5], [0.05], "helm template", None),
    Row("up, N = 100", [1.0], [2.0], "raw", 1.25, plugin="official plugin"),
]
SPENT = Spent(2.0, (Process("engine", 1.5, 80.0, 12.0), Process("program", 0.25, 90.0, 1.0)))
RAW = Spent(1.0, (Process("program", 0.5, 100.0, 1.0),))


def life(count: int, plugin: str = "stand-in") -> Life:
    return Life(count, plugin, {step: {"ours": [SPENT], "raw": [RAW]} for step in benchmarks.STEPS})


@pytest.fixture
def page(tmp_path: Path) -> str:
    benchmarks.publish(ROWS, [life(1), life(10), life(10, "official plugin")], {"processors": "2"}, tmp_path)
    return (tmp_path / "RESULTS.md").read_text()


def test_a_row_has_medians_the_ratio_with_its_spread_and_whether_its_target_is_met(page: str) -> None:
    assert "| up, N = 100, stand-in | 2.20 s | raw | 2.00 s | **1.10** (1.00 to 1.30) | ≤ 1.25 | met |" in page
    assert "| **1.50** (1.50 to 1.50) | ≤ 1.25 | **missed** |" in page
    assert "| **10.00** (10.00 to 10.00) | stated |  |" in page


def test_the_rows_of_one_work_with_both_plugins_stand_together(page: str) -> None:
    lines = page.splitlines()
    (first,) = (n for n, line in enumerate(lines) if line.startswith("| up, N = 100, stand-in | 2.20 s"))
    assert lines[first + 1].startswith("| up, N = 100, official plugin |")


def test_every_sample_and_the_machine_are_told(page: str) -> None:
    assert "| up, N = 100, stand-in, against raw | 2.00 2.20 2.60 | 2.00 2.00 2.00 |" in page
    assert "- processors: 2" in page


def test_each_step_says_which_process_has_had_the_processor_and_what_the_engine_has_written(page: str) -> None:
    assert "| first up, N = 10, official plugin | ours | 2.0 s | 1.5 s | 0.0 s | 0.2 s | 12 MB |" in page


def test_each_step_has_a_plot_of_both_sides_and_plugins(page: str, tmp_path: Path) -> None:
    for step in benchmarks.STEPS:
        name = f"{step.replace(' ', '-')}.svg"
        assert f"({name})" in page
        words = "".join(ElementTree.parse(tmp_path / name).getroot().itertext())  # noqa: S314 - our own
        assert all(word in words for word in ("ours, stand-in", "raw, official plugin", step, "10"))


def test_large_stacks_alone_have_a_page_of_their_own(tmp_path: Path) -> None:
    benchmarks.publish(list(benchmarks.rows_of(life(500))), [life(500)], {}, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["RESULTS-large.md"]


def test_a_hundred_have_targets_and_other_sizes_none() -> None:
    targets = {count: [row.target for row in benchmarks.rows_of(life(count))] for count in (10, 100, 500)}
    assert targets == {10: [None] * 5, 100: [1.1] * 4 + [1.0], 500: [None] * 5}


def test_both_sides_of_a_comparison_take_turns_in_going_first() -> None:
    order: list[str] = []

    def work(name: str) -> float:
        order.append(name)
        return 1.0

    in_turn(3, {"ours": lambda: work("ours"), "raw": lambda: work("raw")})
    assert order == ["ours", "raw", "raw", "ours", "ours", "raw"]


@pytest.mark.parametrize(("count", "pairs"), [(100, 3), (500, 1)])
def test_a_large_stack_lives_once(count: int, pairs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def side(_: object, folder: Path, __: object) -> Iterator[str]:
        yield MagicMock(**{"name": folder.name})

    commands: list[Sequence[str]] = []

    def spent(_: object, *command: str) -> Spent:
        commands.append(command)
        return SPENT

    monkeypatch.setattr(benchmarks, "side", side)
    monkeypatch.setattr(benchmarks, "spent", spent)
    found = benchmarks.against_raw(MagicMock(), tmp_path, count, rounds=3)
    assert {step: len(sides["ours"]) for step, sides in found.items()} == dict.fromkeys(benchmarks.STEPS, pairs)
    assert len(commands) == 2 * (1 + pairs * len(benchmarks.STEPS)), "each side is warmed up by one preview"


def test_an_official_plugin_on_path_is_measured_beside_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin")
    assert benchmarks.paths_to_measure() == [f"{tmp_path}{os.pathsep}/usr/bin"]
    (tmp_path / "pulumi-resource-kubernetes").touch()
    assert benchmarks.paths_to_measure() == ["/usr/bin", f"{tmp_path}{os.pathsep}/usr/bin"]


def test_an_empty_pack_has_as_many_rules_of_each_kind(tmp_path: Path) -> None:
    pack = Path(programs.empty_pack(tmp_path, "empty", RULES))
    served = (pack / "__main__.py").read_text()
    compile(served, "__main__.py", "exec")
    assert f"enumerate({[rule.whole_stack for rule in RULES]})" in served


def test_processor_time_is_that_of_the_work_and_not_of_waiting() -> None:
    assert processor_seconds(lambda: subprocess.run([sys.executable, "-Sc", "import time; time.sleep(0.3)"])) < 0.3


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_is_read_if_it_is_of_the_session() -> None:
    own = Path("/proc/self")
    found = look(own, os.getsid(0))
    assert found is not None
    assert found.part == "other"
    assert found.megabytes > 1
    assert found.written > 0
    assert look(own, -1) is None
    assert look(Path("/proc/none"), os.getsid(0)) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_has_ended_keeps_what_was_last_seen_of_it() -> None:
    with subprocess.Popen([sys.executable, "-Sc", ""], stdin=subprocess.DEVNULL) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert look(Path(f"/proc/{child.pid}"), os.getsid(0)) is None


def test_parts_are_told_apart_by_their_processes() -> None:
    assert (SPENT.processor("engine"), SPENT.written("engine"), SPENT.peak("program")) == (1.5, 12.0, 90.0)
    assert (SPENT.processor("plugin"), SPENT.peak("plugin")) == (0, 0)
