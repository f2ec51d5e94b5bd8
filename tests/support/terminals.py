"""Programs in a terminal of a given size, and what stands on its screen in the end."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyte

LINES = 60


@dataclass(frozen=True)
class Screen:
    """What a terminal shows."""

    lines: list[str]
    """Without the blanks at their ends; without empty lines at the end."""
    colours: set[str]
    """Other than the default one."""
    bold: bool
    """Whether anything is."""
    cursor: bool
    """Whether it can be seen."""


def screen_of(
    command: Sequence[str | Path], columns: int, env: Mapping[str, str], cwd: Path, *, interrupted_at: str = ""
) -> Screen:
    """Run a program in a terminal of so many columns, until Ctrl-C where it says a text; fail the test if it fails."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    plain = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")}
    told = {"TERM": "xterm-256color", **({"NO_COLOR": "1"} if "NO_COLOR" in env else {})}
    streams: Any = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(
        command, cwd=cwd, env=plain | told, **streams, start_new_session=True, preexec_fn=_has_terminal
    ) as process:
        os.close(theirs)
        written = _read(ours, interrupted_at.encode())
    os.close(ours)
    screen = pyte.Screen(columns, LINES)
    pyte.ByteStream(screen).feed(written)
    assert process.returncode == (130 if interrupted_at else 0), "\n".join(screen.display)
    cells = [screen.buffer[y][x] for y in range(LINES) for x in range(columns)]
    shown = "\n".join(line.rstrip() for line in screen.display).rstrip().splitlines()
    colours = {cell.fg for cell in cells} - {"default"}
    return Screen(shown, colours, any(cell.bold for cell in cells), not screen.cursor.hidden)


def _has_terminal() -> None:
    """Make standard input the terminal by which Ctrl-C comes."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(terminal: int, interrupted_at: bytes) -> bytes:
    written = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return written
        if not piece:
            return written
        written += piece
        if interrupted_at and interrupted_at in written:
            os.write(terminal, b"\x03")
            interrupted_at = b""


def columns_of(lines: Sequence[str], header: str) -> list[dict[str, str]]:
    """Return the rows of the table below a header line, cut where the names of its columns begin."""
    at = lines.index(header)
    starts = [n for n, text in enumerate(header) if text != " " and (n == 0 or header[n - 2 : n] == "  ")]
    ends = [*starts[1:], None]
    rows = []
    for line in lines[at + 1 :]:
        is_cut = all(start == 0 or line[start - 2 : start] in ("  ", "") for start in starts)
        if line[:1].isspace() or line.isupper() or not is_cut:  # the next table has a header of capitals
            break
        rows.append({header[s:e].strip(): line[s:e].strip() for s, e in zip(starts, ends, strict=True)})
    return rows
