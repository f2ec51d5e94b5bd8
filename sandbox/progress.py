"""Long steps: a child process whose output goes to a log while one line shows what it does and for how long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError

EVERY = 15.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def ticker(say: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """A line that may be renewed at any rate: in place on a terminal, now and then by `say` elsewhere.

    It is drawn on stderr, as stdout may be read by a program. An empty text takes it away.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.markup import escape

        status = Console(stderr=True).status("")

        def draw(text: str) -> None:
            if text:
                status.update(escape(text))
                status.start()
            else:
                status.stop()

        try:
            yield draw
        finally:
            status.stop()
        return

    last = 0.0

    def speak(text: str) -> None:
        nonlocal last
        if text and time.monotonic() - last >= EVERY:
            last = time.monotonic()
            say(text)

    yield speak


def run(
    title: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    say: Callable[[str], None],
    env: Mapping[str, str],
    cwd: Path | None = None,
    held: int | None = None,
    total: int = 0,
    limit: float | None = None,
    hint: str = "",
) -> list[str]:
    """Run `command`, showing `title` and the elapsed seconds, and give the lines of its output.

    `held` is a lock's descriptor for the child to keep. With `total`, each line of output counts as one step of
    that many. After `limit` seconds it is stopped. When it fails, the SandboxError ends in `hint` and the last
    lines of `log`.
    """
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=() if held is None else (held,),
            start_new_session=limit is not None,  # so that its own children can be stopped with it
        )
    try:
        with ticker(say) as tick:
            while True:
                elapsed = time.monotonic() - started
                steps = f"{min(len(_lines(log)), total)} of {total} packages, " if total else ""
                tick(f"{title}: {steps}{elapsed:.0f} s")
                try:
                    code = process.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    if limit and elapsed > limit:
                        raise SandboxError(f"{title} was given up after {elapsed:.0f} s. {hint}") from None
    finally:
        if process.poll() is None:
            if limit:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
    lines = _lines(log)
    if code:
        tail = "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-15:])
        raise SandboxError(f"{title} failed (exit code {code}). {hint}\nThe end of {log}:\n{tail}")
    return lines


def _lines(log: Path) -> list[str]:
    """The lines of a log but for `go`'s remarks, such as the modules it downloads."""
    return [line for line in log.read_text(errors="replace").splitlines() if not line.startswith("go: ")]
