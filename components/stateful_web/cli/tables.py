"""What the commands print: tables for people, readable at 80 columns and without colour."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from .claims import Claim, age, total
from .doctor import Finding
from .review import Review
from .status import StatefulSetStatus

UNLIMITED = 1000
"""Columns of what is no terminal: a log or a pipe folds nothing, and neither do we."""
Rows = tuple[Sequence[str], Sequence[Sequence[object]]]
"""Names of columns, and rows."""
GAP = 2
"""Columns between two of a table."""


def console() -> Console:
    """Return where people read: as wide as the terminal, or as COLUMNS says, and else as wide as a line gets."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else UNLIMITED)


def print_json(found: Sequence[Any]) -> None:
    """Print dataclasses for machines."""
    print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))


def print_status(sets: Sequence[StatefulSetStatus], console: Console) -> None:
    """Print StatefulSets, each with its pods and claims."""
    clusters = {found.cluster for found in sets}
    for found in sets:
        _say(console, f"StatefulSet {found.namespace}/{found.name}: {found.headline}; {service(found)}", style="bold")
        if len(clusters) > 1:
            _say(console, f"Cluster {found.cluster}")
        _print_table(console, *pods(found))
        _print_table(console, *claims_of(found))
        for claim in found.claims:
            if claim.problem:
                _say(console, f"Claim {claim.name} is {claim.phase}. {claim.problem}", style="yellow")


def picture(sets: Sequence[StatefulSetStatus], last: Iterable[str], console: Console) -> Text:
    """Return what is drawn of a rollout: pods in order, claims with their growth, and what happened last."""
    page = StringIO()
    drawn = Console(width=console.width, file=page, force_terminal=True, no_color=console.no_color)
    for found in sets:
        _say(drawn, f"StatefulSet {found.namespace}/{found.name}: {found.headline}", style="bold")
        columns, rows = pods(found)
        _print_table(drawn, columns[:-1], [row[:-1] for row in rows])
        columns, rows = claims_of(found)
        _print_table(drawn, columns[:3], [row[:3] for row in rows])
    for line in last:
        _say(drawn, line)
    return Text.from_ansi(page.getvalue())


def service(of: StatefulSetStatus) -> str:
    """Say what the governing Service is."""
    if not of.service:
        return "no governing Service"
    is_at = {"None": "headless", "": "not looked at", None: "at no address: there is no such Service"}
    return f"Service {of.service}, {is_at.get(of.cluster_ip, f'at {of.cluster_ip}')}"


def pods(of: StatefulSetStatus) -> Rows:
    """Return the columns and rows of a set's pods."""
    rows = [(p.name, p.status, "yes" if p.ready else "no", p.restarts, p.node, p.host or None) for p in of.pods]
    return ("POD", "STATUS", "READY", "RESTARTS", "NODE", "DNS NAME"), rows


def claims_of(of: StatefulSetStatus) -> Rows:
    """Return the columns and rows of a set's claims."""
    rows = [(c.name, c.phase, c.sizes, c.storage_class, c.volume, c.pod) for c in of.claims]
    return ("CLAIM", "STATUS", "SIZE", "CLASS", "VOLUME", "POD"), rows


def print_review(review: Review, console: Console) -> None:
    """Print what a preview found, below the engine's own words."""
    if review.forecasts or review.finished:
        print("Forecast" if review.finished else "Forecast, as far as the preview came:")
    for found in review.forecasts:
        style = "bold red" if found.deletes_claims or found.stops_all_pods else "bold"
        _say(console, f"{review.where(found)}: {found.headline}", style=style)
        for detail in (*found.details, *found.not_looked_at):
            _say(console, f"  {detail}")
    if review.claims_of_no_set:
        _say(console, f"Claims of no StatefulSet of this stack: {review.claims_of_no_set}")
    elif not review.forecasts and review.finished:
        _say(console, "This stack has no StatefulSet: no pod is touched.")
    for line in review.not_looked_at:
        _say(console, line)
    for verdict in review.denied:
        _say(console, f"Denied by {verdict.pack}/{verdict.rule}: {verdict.message}", style="red")


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


def all_claims(claims: Sequence[Claim]) -> Rows:
    """Return the columns and rows of claims: what they are there for, or were."""
    columns: dict[str, list[Any]] = {
        "CLAIM": [c.name for c in claims],
        "STATUS": [c.phase for c in claims],
        "SIZE": [c.size for c in claims],
        "AGE": [age(c.age_seconds) for c in claims],
        "VOLUME": [c.volume for c in claims],
        "USED BY": [c.pod or f"left by {c.left_by}" for c in claims],
    }
    if any(claim.left_by for claim in claims):
        columns["UNUSED FOR"] = [_unused_for(c) for c in claims]
    for name, cells in (("NAMESPACE", [c.namespace for c in claims]), ("CLUSTER", [c.cluster for c in claims])):
        if len(set(cells)) > 1:
            columns[name] = cells
    return list(columns), list(zip(*columns.values(), strict=True))


def print_claims(claims: Sequence[Claim], console: Console, stack: str) -> None:
    """Print claims with what they are there for, what they lack, and how those that nothing uses are removed."""
    left = [claim for claim in claims if claim.left_by]
    _print_table(console, *all_claims(claims))
    for claim in claims:
        if claim.modifying:
            _say(console, f"Claim {claim.name}: its driver answers to another class with {claim.modifying}.", "yellow")
    if lacking := [f"{claim.name} ({'; '.join(claim.behind)})" for claim in claims if claim.behind]:
        _say(console, f"Behind what the stack asks for: {', '.join(lacking)}. To give it to them:", style="yellow")
        _say(console, f"  pulumi up --stack {stack}")
    if not left:
        _say(console, f"All are in use. One that is removed goes when its pod has ended: {claims[0].remove}")
        return
    _say(console, unused(left))
    _say(console, "Nothing was removed. To remove one that no pod uses, for good:")
    for claim in left:
        _say(console, f"  {removal(claim)}")


def unused(left: Sequence[Claim]) -> str:
    """Say how many claims are left, and what they hold."""
    return f"Unused: {len(left)} claim{'s' if len(left) > 1 else ''}, {total(claim.size for claim in left)}."


def removal(claim: Claim) -> str:
    """Return the command that removes a claim, and what stays then."""
    return claim.remove + (f"  # its volume {claim.volume} stays, Released" if claim.reclaim == "Retain" else "")


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
