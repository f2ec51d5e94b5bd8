"""A lock between processes, which ends with its holder and says whom it waits for."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.paths import ROOT, private_dir
from sandbox.progress import ticker


@contextmanager
def lock(path: Path, doing: str, say: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock file `path`; others that want it are told that this process is `doing` something.

    Gives a file descriptor. A child that inherits it keeps the lock, so nobody meets the orphan of a killed run
    at work. The file itself stays: removing it would let two processes hold two locks of one name.
    """
    private_dir(path.parent)
    with path.open("a+") as file:
        started = time.monotonic()
        with ticker(say) as tick:
            while not _taken(file.fileno()):
                file.seek(0)
                tick(f"waiting for {file.read() or 'another run'}: {time.monotonic() - started:.0f} s")
                time.sleep(0.1)
        file.truncate(0)
        file.write(f"process {os.getpid()} in {ROOT}, which is {doing}")
        file.flush()
        yield file.fileno()


@contextmanager
def lock_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file `path` if nobody else does; gives whether it is held."""
    with path.open("a") as file:
        yield _taken(file.fileno())


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
