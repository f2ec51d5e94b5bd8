"""Ctrl-C on a long step: it ends soon, in one sentence, and the next run goes on from there."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.checkouts import Checkout

ENDS_IN = 60.0
"""Seconds in which an interrupted command ends: the engine ends the step that it is at."""


def interrupted(checkout: Checkout, at: str, after: float) -> str:
    """Run make up in a terminal's own group of processes, and press Ctrl-C some seconds after a line with ``at``."""
    process = subprocess.Popen(
        ["make", "up"], cwd=checkout.folder, env=checkout.env(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        # A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if at in line:
                time.sleep(after)
                os.killpg(process.pid, signal.SIGINT)
                break
        rest, _ = process.communicate(timeout=ENDS_IN)
        return "".join([*said, rest])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        assert process.returncode != 0, "it was through before it was interrupted"


def processes_of(checkout: Checkout) -> list[str]:
    """Return the programs that run with a path of the checkout's own sandbox."""
    listed = subprocess.run(["ps", "-e", "-ww", "-o", "command="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(checkout.folder / ".sandbox") in line]


@pytest.mark.parametrize(
    ("at", "after"),
    [("Creating a cluster", 2.0), ("pulumi up of stack dev", 2.0)],
    ids=["as the cluster is made", "as the stack is updated"],
)
def test_after_ctrl_c_make_up_goes_on_and_make_clean_leaves_nothing(tmp_path: Path, at: str, after: float) -> None:
    checkout = Checkout(tmp_path)
    try:
        said = interrupted(checkout, at, after)
        assert "Traceback" not in said
        assert "Interrupted. Run it again to go on from here." in said
        again = checkout.make("up")
        assert "3 of 3 pods ready" in again
        assert "Traceback" not in again
    finally:
        checkout.make("clean", "YES=1")
    assert processes_of(checkout) == []
    assert not (checkout.folder / ".sandbox").exists()
