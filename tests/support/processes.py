"""Processes that a test has started, found by their parents, and ended by their ids."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile

from tests.support.projects import Ended, Project

END_SECONDS = 180.0
"""By when a run that was disturbed has to have ended, one way or the other."""


@dataclass(frozen=True)
class Run:
    """A ``pulumi`` command under way."""

    process: "subprocess.Popen[bytes]"
    output: object

    @property
    def pid(self) -> int:
        """Of the engine."""
        return self.process.pid

    def is_through(self) -> bool:
        """Say whether it has ended well: nothing can disturb it any more."""
        return self.process.poll() == 0

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end, for so long at most; say whether it came."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is not None

    def ended(self) -> Ended:
        """Wait for its end; fail the test if there is none."""
        code = self.process.wait(END_SECONDS)
        self.output.seek(0)  # type: ignore[attr-defined]
        return Ended(code, self.output.read().decode())  # type: ignore[attr-defined]


@contextmanager
def running(project: Project, *args: str) -> Iterator[Run]:
    """Start the CLI; when the block ends, nothing that it started is left."""
    with TemporaryFile() as output:
        command = ["pulumi", *args, "--non-interactive", "--color=never"]
        process = subprocess.Popen(
            command,
            cwd=project.folder,
            env=project.env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Run(process, output)
        finally:
            for pid in (process.pid, *in_session(process.pid)):
                kill(pid)
            process.wait()


def kill(pid: int) -> bool:
    """End a process as a crash does; say whether it was there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def in_session(session: int) -> dict[int, str]:
    """Return what runs in the session that a process leads, or has led: pid to command line."""
    return {pid: command for pid, (_, of, command) in _table().items() if of == session}


def with_in_command(text: str) -> list[int]:
    """Return the processes that have a text in their command line, such as a path of a test's own folder."""
    return [pid for pid, (_, _, command) in _table().items() if text in command]


def below(pid: int, pattern: str) -> int | None:
    """Return the first descendant of a process whose command line has `pattern`."""
    table = _table()
    for found, (_, _, command) in table.items():
        if re.search(pattern, command) and pid in _ancestors(found, table):
            return found
    return None


def appears(run: Run, pattern: str) -> int | None:
    """Wait for such a descendant of a run; ``None`` if the run ends without one."""
    while run.process.poll() is None:
        if found := below(run.pid, pattern):
            return found
        time.sleep(0.03)
    return None


def command_line(pid: int) -> str:
    """Return the command line of a process."""
    return _table()[pid][2]


def is_running(pid: int) -> bool:
    """Say whether a process is there and has not ended, be it that nobody has asked for its end yet."""
    return pid in _table()


def _ancestors(pid: int, table: Mapping[int, tuple[int, int, str]]) -> Iterator[int]:
    while pid in table:
        pid = table[pid][0]
        yield pid


def _table() -> dict[int, tuple[int, int, str]]:
    """Return parent, session and command line of every process that is no zombie."""
    listed = subprocess.run(
        ["ps", "-ww", "-A", "-o", "pid=,ppid=,sess=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 4) for line in listed.stdout.splitlines())
    return {int(row[0]): (int(row[1]), int(row[2]), row[4]) for row in rows if len(row) == 5 and row[3][0] != "Z"}
