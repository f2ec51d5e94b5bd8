"""Waiting for a cluster to get where it goes."""

import time
from collections.abc import Callable

LONG_ENOUGH = 60.0


def eventually(holds: Callable[[], bool], what: str, seconds: float = LONG_ENOUGH) -> None:
    """Wait until something holds; fail the test if it does not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so after {seconds:.0f} s: {what}"
        time.sleep(0.1)
