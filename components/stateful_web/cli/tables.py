"""What the ops commands print: tables for people, readable at 80 columns and without colour."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table

from .claims import Claim, age, total
from .doctor import Finding
from .forecast import Forecast
from .status import StatefulSetStatus

UNLIMITED = 1000
"""Columns of what is no terminal: a log or a pipe folds nothing, and neither do we."""
GAP = 2
"""Columns between two of a table."""


def console() -> Console:
    """Return where people read: as wide as the terminal, or as COLUMNS says, and else as wide as a line gets."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else UNLIMITED)


def print_json(found: Sequence[Any]) -> None:
    """Print dataclasses for machines."""
    print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))


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


def print_claims(claims: Sequence[Claim], console: Console, stack: str) -> None:
    """Print claims with what they are there for, what they lack, and how those that nothing uses are removed."""
    left = [claim for claim in claims if claim.left_by]
    columns = {
        "CLAIM": [c.name for c in claims],
        "STATUS": [c.phase for c in claims],
        "SIZE": [c.size for c in claims],
        "AGE": [age(c.age_seconds) for c in claims],
        "VOLUME": [c.volume for c in claims],
        "USED BY": [c.pod or f"left by {c.left_by}" for c in claims],
    }
    if left:
        columns["UNUSED FOR"] = [_unused_for(c) for c in claims]
    if len({claim.namespace for claim in claims}) > 1:
        columns["NAMESPACE"] = [c.namespace for c in claims]
    _print_table(console, list(columns), zip(*columns.values(), strict=True))
    for claim in claims:
        if claim.modifying:
            _say(console, f"Claim {claim.name}: its driver answers to another class with {claim.modifying}.", "yellow")
    if lacking := [f"{claim.name} ({'; '.join(claim.behind)})" for claim in claims if claim.behind]:
        _say(console, f"Behind what the stack asks for: {', '.join(lacking)}. To give it to them:", style="yellow")
        _say(console, f"  pulumi up --stack {stack}")
    if not left:
        _say(console, f"All are in use. One that is removed goes when its pod has ended: {claims[0].remove}")
        return
    claims_left = "1 claim" if len(left) == 1 else f"{len(left)} claims"
    _say(console, f"Unused: {claims_left}, {total(claim.size for claim in left)}.")
    _say(console, "Nothing was removed. To remove one that no pod uses, for good:")
    for claim in left:
        kept = f"  # its volume {claim.volume} stays, Released" if claim.reclaim == "Retain" else ""
        _say(console, f"  {claim.remove}{kept}")


def _unused_for(claim: Claim) -> str | None:
    if not claim.left_by:
        return None
    return "not known" if claim.unused_seconds is None else age(claim.unused_seconds)


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
