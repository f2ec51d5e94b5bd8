"""Tiers by folder, and the sandbox that the tiers with a cluster share: one for a run, removed with it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.instance import Sandbox
from tests.support.projects import Project, copy_of_the_program

TIERS = {"unit": "unit", "policies": "policies", "engine": "engine", "standin": "engine", "cluster": "cluster"}
"""Marker of the tests in each folder."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with the tier of its folder; one outside of them is a mistake."""
    root = Path(__file__).parent
    for item in items:
        item.add_marker(TIERS[item.path.relative_to(root).parts[0]])


SPENT: dict[str, float] = {}
"""Seconds by tier."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add what a test took to its tier."""
    for tier in set(TIERS.values()) & set(report.keywords):
        SPENT[tier] = SPENT.get(tier, 0.0) + report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the time of each tier."""
    told = ", ".join(f"{tier} {seconds:.0f} s" for tier, seconds in SPENT.items())
    terminalreporter.write_line(f"Time per tier: {told or 'nothing was run'}")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a running cluster, for this run alone."""
    box = Sandbox(
        copy_of_the_program(tmp_path_factory.mktemp("sandbox") / "project"),
        lambda line: print(line, file=sys.__stderr__, flush=True),
    )
    try:
        box.cluster.up()
        yield box
    finally:
        box.cluster.delete_volume_folders()
        box.cluster.delete()


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """The program with stack dev in a namespace of its own, destroyed when the test ends."""
    with Project.in_new_namespace(sandbox, tmp_path / "project") as made:
        yield made
