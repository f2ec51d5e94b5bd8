"""Ctrl-C on a long step: it ends soon and leaves nothing half made, and the next run goes on from there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkouts import WITHOUT_PREVIEWS, Checkout
from tests.support.interrupts import goes_on_after_ctrl_c, interrupted
from tests.support.processes import with_in_command
from tests.support.waiting import eventually

pytestmark = pytest.mark.extended


@pytest.mark.parametrize(
    ("at", "starts", "after"),
    [("Creating a cluster", "kwokctl", 2.0), ("pulumi up of stack dev", "pulumi up ", 0.5)],
    ids=["as the cluster is made", "as the stack is updated"],
)
def test_after_ctrl_c_make_up_goes_on_and_make_clean_leaves_nothing(
    tmp_path: Path, at: str, starts: str, after: float
) -> None:
    checkout = Checkout(tmp_path, WITHOUT_PREVIEWS)
    try:
        goes_on_after_ctrl_c(checkout, "up", at=at, starts=starts, after=after)
    finally:
        checkout.make("clean", "YES=1")
    assert with_in_command(str(checkout.folder / ".sandbox")) == []
    assert not (checkout.folder / ".sandbox").exists()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout in which ``make up`` has been run."""
    checkout = Checkout(tmp_path_factory.mktemp("deployed"), WITHOUT_PREVIEWS)
    try:
        checkout.make("up")
        yield checkout
    finally:
        checkout.make("clean", "YES=1")


def test_after_ctrl_c_on_make_preview_the_stack_is_neither_changed_nor_locked(deployed: Checkout) -> None:
    said = interrupted(deployed, "preview", at="Previewing update", after=0.5)
    assert "Traceback" not in said
    assert "Interrupted." in said
    assert "Nothing to recover" in deployed.make("recover")
    assert "4 unchanged" in deployed.make("up")


def test_after_ctrl_c_on_make_down_it_can_be_run_again_and_claims_stay(deployed: Checkout) -> None:
    deployed.make("up")
    claims = deployed.claims()
    said = interrupted(deployed, "down", at="Destroying", after=0.5)
    assert "Traceback" not in said
    assert "Interrupted. Run it again to go on from here." in said
    again = deployed.make("down")
    assert "Traceback" not in again
    assert with_in_command(str(deployed.folder / ".sandbox")) == [], "the cluster has ended"
    deployed.make("up")
    assert deployed.claims() == claims


LONG = {
    "make test, as it makes its cluster": (("test",), "workers [", "kwokctl", 0.5),
    "make test, in a story": (("test", "TIER=cluster"), "workers [", "pulumi up ", 2.0),
    "make bench": (("bench", "SIZES=1", "ROUNDS=1"), "kubectl", "", 3.0),
    "make mutants": (("mutants", "MODULES=component/quantity"), "making mutants", "", 3.0),
}
"""Targets that work in folders of their own: what is run, the words and the program to wait for, and how long after."""


@pytest.mark.parametrize(("target", "at", "starts", "after"), LONG.values(), ids=LONG)
def test_ctrl_c_leaves_no_process_no_cluster_and_no_change(
    tmp_path: Path, target: tuple[str, ...], at: str, starts: str, after: float
) -> None:
    checkout, temporary = Checkout(tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    said = interrupted(checkout, *target, at=at, starts=starts, after=after, more={"TMPDIR": str(temporary)})
    assert at in said
    eventually(lambda: with_in_command(str(tmp_path)) == [], "what it started has ended")
    assert list(temporary.rglob("kubeconfig")) == [], "no sandbox has stayed"
    # The official plugin leaves a file of its own when it is interrupted.
    left = [path.name for path in temporary.iterdir() if not re.fullmatch(r"pytest-of-.*|kubeconfig\d+", path.name)]
    assert left == [], "pytest alone keeps its folder, to be read"
    assert checkout.run("git", "status", "--porcelain").stdout == ""
