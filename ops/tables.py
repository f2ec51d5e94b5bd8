"""What the ops commands print: tables for people, readable at 80 columns and without colour."""

import os
import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table

from ops.claims import Claim, age
from ops.doctor import Finding
from ops.forecast import Forecast
from ops.status import StatefulSetStatus

UNLIMITED = 1000
"""Columns of what is no terminal: a log or a pipe folds nothing, and neither do we."""
GAP = 2
"""Columns between two of a table."""


def console() -> Console:
    """Return where people read: as wide as the terminal, or as COLUMNS says, and else as wide as a line gets."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else UNLIMITED)


def print_status(sets: Sequence[StatefulSetStatus], console: Console) -> None:
    """Print the StatefulSets of a stack, each with its pods and claims."""
    for found in sets:
        kind = (
            "headless"
            if found.cluster_ip == "None"
            else f"at {found.cluster_ip or 'no address: there is no such Service'}"
        )
        console.print(
            f"StatefulSet [bold]{found.namespace}/{found.name}[/]: {found.ready} of {found.replicas} pods ready; "
            f"Service {found.service}, {kind}"
        )
        _print_table(
            console,
            ("POD", "STATUS", "READY", "RESTARTS", "NODE", "DNS NAME"),
            ((p.name, p.status, "yes" if p.ready else "no", p.restarts, p.node, p.host) for p in found.pods),
        )
        _print_table(
            console,
            ("CLAIM", "STATUS", "SIZE", "CLASS", "VOLUME", "POD"),
            ((c.name, c.phase, c.size, c.storage_class, c.volume, c.pod) for c in found.claims),
        )
        for claim in found.claims:
            if claim.problem:
                _say(console, f"Claim {claim.name} is {claim.phase}. {claim.problem}", style="yellow")


def print_forecasts(found: Sequence[Forecast], console: Console) -> None:
    """Print a line for each StatefulSet or provider, and below it what else to know."""
    for one in found:
        style = "bold red" if one.deletes_claims or one.stops_all_pods else "bold"
        where = f"{one.namespace}/{one.name}" if one.namespace else f"provider {one.name}"
        _say(console, f"{where}: {one.headline}", style=style)
        for detail in one.details:
            _say(console, f"  {detail}")


def print_findings(summaries: Sequence[tuple[str, Sequence[Finding]]], console: Console) -> None:
    """Print how far each StatefulSet is, what holds it up, and the commands that free it."""
    for summary, findings in summaries:
        _say(console, summary if findings else f"{summary}. Nothing is stuck.", style="bold")
        for one in findings:
            container = f", container {one.container}" if one.container else ""
            claim = f", claim {one.claim}" if one.claim and one.claim not in one.what else ""
            _say(console, f"\n{one.what}{container}{claim}: {one.reason}", style="yellow")
            if one.event:
                _say(console, f"  {one.event}")
            _say(console, f"  {one.fix}")
            for command in one.commands:
                _say(console, f"    {command}")


def print_claims(claims: Sequence[Claim], console: Console) -> None:
    """Print claims with what they are there for, and how each of those that nothing uses is removed."""
    namespaces = {claim.namespace for claim in claims}
    columns = ("CLAIM", "STATUS", "SIZE", "AGE", "VOLUME", "USED BY")
    _print_table(
        console,
        columns if len(namespaces) == 1 else (*columns, "NAMESPACE"),
        (
            (
                *(c.name, c.phase, c.size, age(c.age_seconds), c.volume, c.pod or f"left by {c.left_by}"),
                *(() if len(namespaces) == 1 else (c.namespace,)),
            )
            for c in claims
        ),
    )
    left = [claim for claim in claims if claim.left_by]
    if not left:
        _say(console, f"All are in use. One that is removed goes when its pod has ended: {claims[0].remove}")
        return
    _say(console, "Nothing was removed. To remove one that no pod uses, for good:")
    for claim in left:
        kept = f"  # its volume {claim.volume} stays, Released" if claim.reclaim == "Retain" else ""
        _say(console, f"  {claim.remove}{kept}")


def _say(console: Console, text: str, style: str = "") -> None:
    """Print text as it is, in one line: what a terminal folds, it copies as one."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; where it does not fit, its widest column comes below, beside the first one again.

    So names stay whole, and can be copied.
    """
    texts = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *texts, strict=True)]
    widest = max(range(1, len(columns)), key=widths.__getitem__)
    fits = sum(widths) + GAP * (len(widths) - 1) <= console.width
    if fits or widths[0] + GAP + widths[widest] > console.width:  # nothing is won where the first fills the line alone
        console.print(_table(columns, texts))
        return
    _print_table(console, *_without(columns, texts, {widest}))
    _print_table(console, *_without(columns, texts, set(range(1, len(columns))) - {widest}))


def _without(
    columns: Sequence[str], rows: Sequence[Sequence[str]], left_out: set[int]
) -> tuple[list[str], list[list[str]]]:
    def kept(cells: Sequence[str]) -> list[str]:
        return [cell for n, cell in enumerate(cells) if n not in left_out]

    return kept(columns), [kept(row) for row in rows]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    made = (Column(name, overflow="fold") for name in columns)
    table = Table(*made, box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for row in rows:
        table.add_row(*row)
    return table
