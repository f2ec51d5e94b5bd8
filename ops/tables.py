"""What the ops commands print: tables for people, readable at 80 columns and without colour."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Column, Table

from ops.claims import Claim, age
from ops.doctor import Finding
from ops.forecast import Forecast
from ops.status import StatefulSetStatus


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
        console.print(
            _table(
                ("POD", "STATUS", "READY", "RESTARTS", "NODE", "DNS NAME"),
                ((p.name, p.status, "yes" if p.ready else "no", p.restarts, p.node, p.host) for p in found.pods),
            )
        )
        console.print(
            _table(
                ("CLAIM", "STATUS", "SIZE", "CLASS", "VOLUME", "POD"),
                ((c.name, c.phase, c.size, c.storage_class, c.volume, c.pod) for c in found.claims),
            )
        )
        for claim in found.claims:
            if claim.problem:
                _say(console, f"Claim {claim.name} is {claim.phase}. {claim.problem}", style="yellow")


def print_forecasts(found: Sequence[Forecast], console: Console) -> None:
    """Print a line for each StatefulSet, and below it what else to know."""
    for one in found:
        style = "bold red" if one.deletes_claims or one.stops_all_pods else "bold"
        _say(console, f"{one.namespace}/{one.name}: {one.headline}", style=style)
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
    console.print(
        _table(
            columns if len(namespaces) == 1 else ("NAMESPACE", *columns),
            (
                (
                    *(() if len(namespaces) == 1 else (c.namespace,)),
                    *(c.name, c.phase, c.size, age(c.age_seconds), c.volume, c.pod or f"left by {c.left_by}"),
                )
                for c in claims
            ),
        )
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


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table(*(Column(name, overflow="fold") for name in columns), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("-" if cell is None else str(cell) for cell in row))
    return table
