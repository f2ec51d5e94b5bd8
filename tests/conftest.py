"""Tiers by folder, and the sandbox that the tiers with a cluster share: one for a run, removed with it."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.instance import Sandbox
from sandbox.node.needs import lacking
from sandbox.paths import ROOT
from tests.support.conformance import Recorder
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox
from tests.support.surroundings import leave_out

TIERS = {
    "unit": "unit",
    "policies": "policies",
    "engine": "engine",
    "standin": "engine",
    "cluster": "cluster",
    "faults": "faults",
    "node": "node",
}
"""Marker of the tests in each folder."""

LEFT_OUT: list[str] = []
"""What is said at the end of a run of tests that could not be run here."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how much is left to chance, and from which seed; and what is written of the run."""
    parser.addoption("--moments", type=int, help="random moments for each story about a fault (default: a few)")
    parser.addoption("--examples", type=int, default=200, help="inputs by chance for each property")
    parser.addoption("--seed", type=int, default=random.randrange(10**6), help="of what is left to chance")  # noqa: S311
    parser.addoption("--conformance", type=Path, metavar="FILE", help="write the table of the upstream stories there")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what would make a run of this machine's or user's; record verdicts if they are asked for."""
    leave_out(os.environ)
    if file := config.getoption("conformance"):
        config.pluginmanager.register(Recorder(file))


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, which repeats a run."""
    moments = config.getoption("moments")
    return f"faults: {f'--moments {moments} ' if moments else ''}--seed {config.getoption('seed')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test with the tier of its folder; one outside of them is a mistake.

    Tests of tier node are left out on a machine that can have no node, which is said; in CI they are not, and fail.
    """
    root = Path(__file__).parent
    for item in items:
        item.add_marker(TIERS[item.path.relative_to(root).parts[0]])
    nodes = [item for item in items if item.get_closest_marker("node")]
    if nodes and (why := lacking()) and os.environ.get("CI") != "true":
        items[:] = [item for item in items if item not in nodes]
        config.hook.pytest_deselected(items=nodes)
        LEFT_OUT.append(f"{len(nodes)} tests of tier node were NOT run: {why}")


SPENT: dict[str, float] = {}
"""Seconds by tier."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add what a test took to its tier."""
    tier = TIERS[Path(report.location[0]).parts[1]]
    SPENT[tier] = SPENT.get(tier, 0.0) + report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the time of each tier."""
    told = ", ".join(f"{tier} {seconds:.0f} s" for tier, seconds in SPENT.items())
    terminalreporter.write_line(f"Time per tier: {told or 'nothing was run'}")
    for line in LEFT_OUT:
        terminalreporter.write_line(line, yellow=True)


NEEDED_LATE = {"yaml": "engine", "kubelet": "node", "node": "node"}
"""Families of tools that only the tests of one tier need."""


@pytest.fixture(scope="session", autouse=True)
def built_ahead(request: pytest.FixtureRequest) -> Iterator[None]:
    """Build what later tiers need while the first one runs, which leaves much of two cores idle.

    Who needs it waits for it, and says why if it can't be had.
    """
    first, *rest = request.session.items
    wanted = [
        family
        for family, tier in NEEDED_LATE.items()
        if not first.get_closest_marker(tier) and any(item.get_closest_marker(tier) for item in rest)
    ]
    if not wanted:
        yield
        return
    build = subprocess.Popen(
        ["nice", sys.executable, "-c", f"from sandbox import toolchain; toolchain.ensure(*{wanted})"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    yield
    if build.poll() is None:
        os.killpg(build.pid, signal.SIGKILL)  # a later run takes up what is done so far
    build.wait()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a running cluster, for this run alone."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "project") as box:
        yield box


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """The program with stack dev in a namespace of its own, which is deleted when the test ends."""
    with Project.in_new_namespace(sandbox, tmp_path / "project") as made:
        yield made
