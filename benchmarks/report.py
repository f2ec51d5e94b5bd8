"""Results as a page for people: the table, the machine, the raw numbers, and plots."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import pygal  # type: ignore[import-untyped]

from benchmarks.sampling import Row


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


def table(rows: Sequence[Row]) -> list[str]:
    """Return the table of ratios."""
    lines = [
        "| work | ours | against | theirs | ratio (least to most) | bar | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours, theirs = statistics.median(row.ours), statistics.median(row.peer)
        spread = f"**{row.ratio:.2f}** ({min(row.ratios):.2f} to {max(row.ratios):.2f})"
        bar = "stated" if row.bar is None else f"≤ {row.bar:g}"
        verdict = "" if row.bar is None else "kept" if row.holds else "**missed**"
        cells = [row.work, f"{ours:.2f} {row.unit}", row.against, f"{theirs:.2f} {row.unit}", spread, bar, verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def raw_numbers(rows: Sequence[Row]) -> list[str]:
    """Return every sample."""
    lines = ["| work | ours | theirs |", "|---|---|---|"]
    for row in rows:
        ours, theirs = (" ".join(f"{value:.2f}" for value in side) for side in (row.ours, row.peer))
        lines.append(f"| {row.work}, against {row.against} | {ours} | {theirs} |")
    return lines


def plot(file: Path, title: str, sizes: Sequence[int], series: Mapping[str, Sequence[float | None]]) -> None:
    """Write medians by the number of StatefulWebs as an SVG."""
    style = pygal.style.CleanStyle(font_family="sans-serif")
    made = pygal.Bar(title=title, x_title="StatefulWebs", y_title="seconds", style=style, js=[], height=360)
    made.x_labels = [str(size) for size in sizes]
    for name, values in series.items():
        made.add(name, [None if value is None else round(value, 2) for value in values])
    file.write_text(made.render(disable_xml_declaration=True, is_unicode=True))


def write(file: Path, rows: Sequence[Row], facts: Mapping[str, str], plots: Sequence[Path]) -> None:
    """Write the page."""
    lines = [
        "# Results",
        "",
        "Written by `make bench`. Both sides of a comparison run in turn, in one run, on one cluster of the sandbox; a",
        "ratio is the median of the pairs' ratios, with the least and the most. Below 1 is faster, or less.",
        "",
        *table(rows),
        "",
        *(f"![{path.stem}]({path.name})" for path in plots),
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
