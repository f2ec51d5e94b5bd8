"""Moments by chance, from a seed that is printed, and a stack that lives through them."""

import random
from collections.abc import Iterator

import pytest

from sandbox.instance import Sandbox
from tests.support.projects import Project

MOMENTS = 5
"""Of a story in a run of all tests, where neither the run nor the story says another number; else there is one."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a story that takes a ``moment`` once for each: as many as are asked for, or as its mark says.

    The numbers begin where the seed says, so that short runs tell of another kind each time.
    """
    if "moment" in metafunc.fixturenames:
        option = metafunc.config.getoption
        mark = metafunc.definition.get_closest_marker("moments")
        usual = (mark.args[0] if mark else MOMENTS) if option("all") else 1
        first = option("seed") % 100
        metafunc.parametrize("moment", range(first, first + (option("moments") or usual)))


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """What is left to chance in this test; the same for the same seed, whatever else runs."""
    test = request.node.nodeid.partition("@")[0]  # what follows is the group of its process
    return random.Random(f"{request.config.getoption('seed')}:{test}")  # noqa: S311 - not for secrets


@pytest.fixture(scope="module")
def lasting(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack for the tests of a module, each of which leaves it converged."""
    with Project.in_new_namespace(sandbox, tmp_path_factory.mktemp("lasting") / "project") as made:
        yield made
