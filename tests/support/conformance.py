"""The page that says which test tells which upstream story: from the tests' marks, and the verdicts of a run."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from sandbox.toolchain.families import FAMILIES, wanted_kubernetes
from tests.support.upstream import SOURCES, WITHOUT_A_STORY, Source

PAGE = ROOT / "docs/conformance.md"
NOT_RUN = "not run"
HEAD = """\
# Conformance

What Kubernetes' own end-to-end tests and its tutorial promise of StatefulSets, told here with `pulumi up` of the
component and read back from the API server. In tier `node` a probe, a mount or a process decides, on a real kubelet; in
the others the real control plane alone does.

Written by `make conformance` from a run of these tests on Kubernetes {kubernetes}.
"""


@dataclass(frozen=True)
class Story:
    """A test that tells what an upstream name promises."""

    name: str
    test: str
    """Its node in pytest, without parameters."""

    @property
    def tier(self) -> str:
        """The folder that it is in."""
        return Path(self.test).parts[1]


def stories() -> list[Story]:
    """Return every mark ``upstream`` of the tests, whichever of them are collected in this run."""
    return [story for file in sorted((ROOT / "tests").rglob("test_*.py")) for story in _marked(file)]


def _marked(file: Path) -> Iterator[Story]:
    functions = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))
    for function in functions:
        for decorator in function.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(attr="upstream"), args=[ast.Constant(value=str(name))]):
                    yield Story(name, f"{file.relative_to(ROOT).as_posix()}::{function.name}")


def page(verdicts: Mapping[str, str]) -> str:
    """Return the page; ``verdicts`` are by test."""
    told = stories()
    head = HEAD.format(kubernetes=FAMILIES[wanted_kubernetes()].version)
    return "\n".join([head, *(line for source in SOURCES for line in _section(source, told, verdicts))])


def _section(source: Source, told: list[Story], verdicts: Mapping[str, str]) -> list[str]:
    rows = [
        f"| {name} | {story.tier} | `{story.test.removeprefix('tests/')}` | {verdicts.get(story.test, NOT_RUN)} |"
        for name in source.names
        for story in told
        if story.name == name
    ]
    reasons = [f"| {name} | {WITHOUT_A_STORY[name]} |" for name in source.names if name in WITHOUT_A_STORY]
    table = ["| name | tier | test in `tests/` | verdict |", "|---|---|---|---|", *rows, ""]
    rest = ["Not told here:", "", "| name | why |", "|---|---|", *reasons, ""] if reasons else []
    return [f"## {source.title}", "", f"<{source.url}>", "", *table, *rest]


@dataclass(eq=False)  # pytest keeps plugins in sets
class Recorder:
    """A pytest plugin that writes the page at the end of a run."""

    file: Path
    verdicts: dict[str, str] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how a test ended; a failure with any of its parameters counts for all."""
        test = report.nodeid.partition("[")[0].partition("@")[0]  # what follows are parameters, and the process's group
        if report.failed:
            self.verdicts[test] = "failed"
        elif report.skipped or report.when == "call":
            self.verdicts.setdefault(test, report.outcome)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the page of a run that came to its end; one that was interrupted leaves the page of the run before."""
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self.file.write_text(page(self.verdicts))
