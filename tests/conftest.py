"""Tiers by folder, what is left to ``ALL=1``, and the sandbox that the tiers with a cluster share.

``make test`` runs as many tests at once as there are cores. Those of a file stay in one process, which has the
fixtures that they share; those of tier ``node`` do, too, as they share a machine.
"""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.instance import Sandbox
from sandbox.node.needs import lacking
from tests.support.conformance import Recorder
from tests.support.projects import Project
from tests.support.sandboxes import remove_sandboxes_below, shared_sandbox
from tests.support.surroundings import leave_out

TIERS = {
    "node": "node",
    "faults": "faults",
    "cluster": "cluster",
    "engine": "engine",
    "standin": "engine",
    "component": "component",
    "policies": "policies",
    "unit": "unit",
}
"""Marker of the tests in each folder; those that take longest are begun first."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how much is run and left to chance, and from which seed; and what is written of the run."""
    parser.addoption("--all", action="store_true", help="run the tests that are marked extended, too")
    parser.addoption("--moments", type=int, help="random moments for each story about a fault (default: one)")
    parser.addoption("--examples", type=int, default=200, help="inputs by chance for each property")
    parser.addoption("--seed", type=int, help="of what is left to chance")
    parser.addoption("--conformance", type=Path, metavar="FILE", help="write the table of the upstream stories there")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what would make a run of this machine's or user's; record verdicts if they are asked for."""
    leave_out(os.environ)
    if is_worker(config):
        config.option.seed = config.workerinput["seed"]  # type: ignore[attr-defined]
        return
    if config.getoption("seed") is None:
        config.option.seed = random.randrange(10**6)  # noqa: S311 - not for secrets
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if file := config.getoption("conformance"):
        config.pluginmanager.register(Recorder(file))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Have all processes leave the same to chance."""
    node.workerinput["seed"] = node.config.getoption("seed")


def is_worker(config: pytest.Config) -> bool:
    """Say whether this process runs tests for another one, which began the run and ends it."""
    return hasattr(config, "workerinput")


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, which repeats a run."""
    moments = config.getoption("moments")
    return f"faults: {f'--moments {moments} ' if moments else ''}--seed {config.getoption('seed')}"


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test with the tier of its folder, and leave out what is not asked for or can't be had.

    A test outside of the folders is a mistake. Tests of tier node are left out on a machine that can have no node,
    which is said; in CI they are not, and fail.
    """
    root = Path(__file__).parent
    order = list(TIERS)
    for item in items:
        folder = item.path.relative_to(root).parts[0]
        item.add_marker(TIERS[folder])
        item.add_marker(pytest.mark.xdist_group("node" if folder == "node" else str(item.path.relative_to(root))))
    items.sort(key=lambda item: order.index(item.path.relative_to(root).parts[0]))
    if not config.getoption("all"):
        _leave_out(config, items, "extended", "make test ALL=1 runs them")
    if (why := lacking()) and os.environ.get("CI") != "true":
        _leave_out(config, items, "node", why)


def _leave_out(config: pytest.Config, items: list[pytest.Item], mark: str, why: str) -> None:
    left = [item for item in items if item.get_closest_marker(mark)]
    if left:
        items[:] = [item for item in items if not item.get_closest_marker(mark)]
        config.hook.pytest_deselected(items=left)
        LEFT_OUT.append(f"{len(left)} {mark} tests were NOT run: {why}")


LEFT_OUT: list[str] = []
"""What is said at the end of a run of tests that were not run."""


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process left out: each has collected the same."""
    LEFT_OUT[:] = getattr(node, "workeroutput", {}).get("left_out", LEFT_OUT)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was left out; who began the run takes its sandboxes away when all others have ended."""
    if is_worker(session.config):
        session.config.workeroutput["left_out"] = LEFT_OUT  # type: ignore[attr-defined]
    else:
        remove_sandboxes_below(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]


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


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Sandbox:
    """A sandbox with a running cluster, for this run alone, which all its processes share."""
    own = tmp_path_factory.getbasetemp()
    return shared_sandbox((own if worker_id == "master" else own.parent) / "shared" / "project")


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Iterator[Project]:
    """The program with stack dev in a namespace of its own, which is deleted when the test ends."""
    with Project.in_new_namespace(sandbox, tmp_path / "project") as made:
        yield made
