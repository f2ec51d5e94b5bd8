"""What the ops commands print: tables for people."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Column, Table

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
                console.print(f"Claim {claim.name} is {claim.phase}. {claim.problem}", style="yellow")


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table(*(Column(name, overflow="fold") for name in columns), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("-" if cell is None else str(cell) for cell in row))
    return table
