"""Waiting for a cluster to get where it goes."""

import time
from collections.abc import Callable

LONG_ENOUGH = 60.0


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail the test if it does not in a minute."""
    deadline = time.monotonic() + LONG_ENOUGH
    while not holds():
        assert time.monotonic() < deadline, f"not so after {LONG_ENOUGH:.0f} s: {what}"
        time.sleep(0.1)
