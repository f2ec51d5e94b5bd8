"""Results as a page for people: the table, the machine, the raw numbers, and plots."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygal  # type: ignore[import-untyped]

from benchmarks.sampling import Row
from benchmarks.spent import Spent

PARTS_SHOWN = ("engine", "plugin", "program")


@dataclass(frozen=True)
class Life:
    """What the steps of a stack's life have cost both sides, with one plugin."""

    count: int
    """Of StatefulWebs."""
    plugin: str
    steps: Mapping[str, Mapping[str, Sequence[Spent]]]
    """By step, then by side."""


def machine() -> dict[str, str]:
    """Say on what it ran; a name of the machine is no one's business."""
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processors": f"{os.cpu_count()} of {model or platform.machine()}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load before the run": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def side_by_side(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in their order, those of one work with several plugins together."""
    first: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        first.setdefault((row.work, row.against), place)
    return sorted(rows, key=lambda row: first[row.work, row.against])


def named(row: Row) -> str:
    """Return what was measured, and with which plugin."""
    return f"{row.work}, {row.plugin}" if row.plugin else row.work


def table(rows: Sequence[Row]) -> list[str]:
    """Return the table of ratios."""
    lines = [
        "| work | ours | against | theirs | ratio (least to most) | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in side_by_side(rows):
        ours, theirs = statistics.median(row.ours), statistics.median(row.peer)
        spread = f"**{row.ratio:.2f}** ({min(row.ratios):.2f} to {max(row.ratios):.2f})"
        target = "stated" if row.target is None else f"≤ {row.target:g}"
        verdict = "" if row.target is None else "met" if row.holds else "**missed**"
        cells = [named(row), f"{ours:.2f} {row.unit}", row.against, f"{theirs:.2f} {row.unit}", spread, target, verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def raw_numbers(rows: Sequence[Row]) -> list[str]:
    """Return every sample."""
    lines = ["| work | ours | theirs |", "|---|---|---|"]
    for row in side_by_side(rows):
        ours, theirs = (" ".join(f"{value:.2f}" for value in side) for side in (row.ours, row.peer))
        lines.append(f"| {named(row)}, against {row.against} | {ours} | {theirs} |")
    return lines


def profile(lives: Sequence[Life]) -> list[str]:
    """Return where the processor's time of each step goes, and what the engine writes: medians of both sides."""
    lines = [
        "| work | side | time | engine | plugin | program | the engine writes |",
        "|---|---|---|---|---|---|---|",
    ]
    for life in lives:
        for step, sides in life.steps.items():
            for side, found in sides.items():
                taken = statistics.median(one.seconds for one in found)
                parts = (statistics.median(one.processor(part) for one in found) for part in PARTS_SHOWN)
                written = statistics.median(one.written("engine") for one in found)
                cells = [f"{step}, N = {life.count}, {life.plugin}", side, f"{taken:.1f} s"]
                cells += [*(f"{seconds:.1f} s" for seconds in parts), f"{written:.0f} MB"]
                lines.append(f"| {' | '.join(cells)} |")
    return lines


def plot(file: Path, step: str, lives: Sequence[Life]) -> None:
    """Write medians of a step by the number of StatefulWebs, for each side and plugin, as an SVG."""
    sizes = sorted({life.count for life in lives})
    series: dict[str, list[float | None]] = {}
    for life in lives:
        for side, found in life.steps[step].items():
            values = series.setdefault(f"{side}, {life.plugin}", [None] * len(sizes))
            values[sizes.index(life.count)] = round(statistics.median(one.seconds for one in found), 2)
    style = pygal.style.CleanStyle(font_family="sans-serif")
    made = pygal.Bar(title=step, x_title="StatefulWebs", y_title="seconds", style=style, js=[], height=360)
    made.x_labels = [str(size) for size in sizes]
    for name, values in series.items():
        made.add(name, values)
    file.write_text(made.render(disable_xml_declaration=True, is_unicode=True))


def write(
    file: Path, rows: Sequence[Row], lives: Sequence[Life], facts: Mapping[str, str], plots: Sequence[Path]
) -> None:
    """Write the page."""
    lines = [
        "# Results",
        "",
        "Written by `make bench`. Both sides of a comparison run in turn, in one run, on one cluster of the sandbox; a",
        "ratio is the median of the pairs' ratios, with the least and the most. Below 1 is faster, or less. Raw is the",
        "same objects by the typed resources of `pulumi-kubernetes`.",
        "",
        *table(rows),
        "",
        *(f"![{path.stem}]({path.name})" for path in plots),
        "",
        "## Where the time goes",
        "",
        "Medians of what each process had of the processor; the engine writes the state.",
        "",
        *profile(lives),
        "",
        "## Machine and versions",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        "",
        "## Raw numbers",
        "",
        *raw_numbers(rows),
        "",
    ]
    file.write_text("\n".join(lines))
