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


def screen_of(command: Sequence[str | Path], columns: int, env: Mapping[str, str], cwd: Path) -> Screen:
    """Run a program in a terminal of so many columns; fail the test if it fails."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    plain = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")}
    told = {"TERM": "xterm-256color", **({"NO_COLOR": "1"} if "NO_COLOR" in env else {})}
    with subprocess.Popen(command, cwd=cwd, env=plain | told, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = _read(ours)
    os.close(ours)
    screen = pyte.Screen(columns, LINES)
    pyte.ByteStream(screen).feed(written)
    assert process.returncode == 0, "\n".join(screen.display)
    cells = [screen.buffer[y][x] for y in range(LINES) for x in range(columns)]
    shown = "\n".join(line.rstrip() for line in screen.display).rstrip().splitlines()
    return Screen(shown, {cell.fg for cell in cells} - {"default"}, any(cell.bold for cell in cells))


def _read(terminal: int) -> bytes:
    written = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return written
        if not piece:
            return written
        written += piece


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
