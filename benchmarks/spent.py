"""What a ``pulumi`` command costs: its time, and of each of its processes processor, memory and what it writes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

from tests.support.processes import running
from tests.support.projects import Project

PAUSE = 0.1
"""Seconds between two looks; what a process has spent since the last one is not seen."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "pack": ("pulumi.policy",),
    "plugin": ("pulumi-resource-kubernetes", "sandbox.kubernetes_plugin"),
    "program": ("pulumi-language-python-exec", "sandbox.language_host"),
    "engine": ("pulumi ",),
}
"""What the command line of each process has, the first that fits."""
TICKS = sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """What one process has spent."""

    part: str
    seconds: float
    """Of the processor."""
    megabytes: float
    """The most memory that it has held."""
    written: float
    """Megabytes that it has written, to files and to others."""


@dataclass(frozen=True)
class Spent:
    """What a command has spent."""

    seconds: float
    """On the clock."""
    processes: tuple[Process, ...] = ()

    def processor(self, part: str) -> float:
        """Return the processor's seconds of a part."""
        return sum(process.seconds for process in self.processes if process.part == part)

    def written(self, part: str) -> float:
        """Return the megabytes that a part has written."""
        return sum(process.written for process in self.processes if process.part == part)

    def peak(self, part: str) -> float:
        """Return the megabytes that the largest process of a part has held."""
        return max((process.megabytes for process in self.processes if process.part == part), default=0.0)


def spent(project: Project, *command: str) -> Spent:
    """Run the CLI with a language host of its own, as users do; raise with its words if it fails."""
    seen: dict[str, Process] = {}
    began = time.monotonic()
    with running(project, *command) as run:
        while run.process.poll() is None:
            for folder in Path("/proc").glob("[0-9]*"):
                if found := look(folder, run.pid):
                    seen[folder.name] = found
            time.sleep(PAUSE)
        seconds = time.monotonic() - began
        ended = run.ended()
    if ended.code:
        raise RuntimeError(f"pulumi {' '.join(command)} failed: {ended.output}")
    return Spent(seconds, tuple(seen.values()))


def look(folder: Path, session: int) -> Process | None:
    """Read what a process has spent by its folder in ``/proc``; ``None`` if it has ended, or is of another session."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        # One that nobody has waited for yet has lost its command line and its memory.
        if fields[0] == "Z" or int(fields[3]) != session:
            return None
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        status, written = (_fields(folder / name) for name in ("status", "io"))
    except (OSError, IndexError):
        return None
    part = next((part for part, words in PARTS.items() if any(word in command for word in words)), "other")
    peak, characters = status.get("VmHWM", "0").split()[0], written.get("wchar", "0")
    return Process(part, sum(map(int, fields[11:13])) / TICKS, int(peak) / 1024, int(characters) / 1e6)


def _fields(file: Path) -> dict[str, str]:
    """Return lines such as ``VmHWM: 12 kB`` by their names."""
    return {name: value.strip() for name, _, value in (line.partition(":") for line in file.read_text().splitlines())}
