"""Ctrl-C as a terminal gives it: to a command and all that it has started."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping

from tests.support.checkouts import Checkout
from tests.support.processes import below

ENDS_IN = 60.0
"""Seconds in which an interrupted command ends: the engine ends the step that it is at."""
STARTS_IN = 300.0
"""Seconds in which a command starts the program that is waited for: it may have a cluster to make before."""


def heed_ctrl_c() -> None:
    """Have a new process end by it: what a shell runs in the background ignores it, with all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(
    checkout: Checkout, *target: str, at: str, starts: str = "", after: float, more: Mapping[str, str] | None = None
) -> str:
    """Run make, and press Ctrl-C some seconds after a line with ``at``; return what it said, fail if it was through.

    With ``starts``, so long after a program with that in its command line has been started, too.
    """
    process = subprocess.Popen(
        ["make", *target], cwd=checkout.folder, env={**checkout.env(), **(more or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=heed_ctrl_c,
    )  # fmt: skip
    try:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if at in line:
                break
        if starts:
            _await_start(process, starts)
        time.sleep(after)
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=ENDS_IN)
        return "".join([*said, rest])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        assert process.returncode != 0, "it was through before it was interrupted"


def _await_start(process: "subprocess.Popen[str]", pattern: str) -> None:
    deadline = time.monotonic() + STARTS_IN
    while below(process.pid, pattern) is None:
        assert process.poll() is None, f"it ended without {pattern}"
        assert time.monotonic() < deadline, f"no {pattern} after {STARTS_IN:.0f} s"
        time.sleep(0.1)


def goes_on_after_ctrl_c(checkout: Checkout, target: str, *, at: str, starts: str = "", after: float) -> None:
    """Interrupt a target that brings up a stack, and run it again; fail the test if its pods don't run then."""
    said = interrupted(checkout, target, at=at, starts=starts, after=after)
    assert "Traceback" not in said
    assert "Interrupted. Run it again to go on from here." in said
    again = checkout.make(target)
    assert "3 of 3 pods ready" in again
    assert "Traceback" not in again
