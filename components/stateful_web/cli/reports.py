"""What status, doctor and claims say in Markdown. Pure."""

from collections.abc import Iterator, Sequence

from .claims import Claim
from .doctor import Finding
from .markdown import code, escaped, fenced, table
from .status import StatefulSetStatus
from .tables import Rows, all_claims, claims_of, pods, removal, service, unused

NAMES = ("POD", "CLAIM", "NODE", "DNS NAME", "CLASS", "VOLUME", "NAMESPACE", "CLUSTER")
"""Columns of what is copied: it is set as code."""


def of_status(sets: Sequence[StatefulSetStatus]) -> str:
    """Return StatefulSets with their pods and claims."""
    return "\n\n".join(block for found in sets for block in _status(found, len({s.cluster for s in sets}) > 1))


def _status(found: StatefulSetStatus, names_cluster: bool) -> Iterator[str]:
    yield f"### StatefulSet {code(f'{found.namespace}/{found.name}')}: {found.headline}"
    yield escaped(service(found)) + (f", cluster {code(found.cluster)}" if names_cluster else "")
    for rows in (pods(found), claims_of(found)):
        if rows[1]:
            yield _table(rows)
    for claim in found.claims:
        if claim.problem:
            yield f"Claim {code(claim.name)} is {escaped(claim.phase)}. {escaped(claim.problem)}"


def of_findings(summaries: Sequence[tuple[str, Sequence[Finding]]]) -> str:
    """Return how far each StatefulSet is, what holds it up, and the commands that free it."""
    return "\n\n".join(block for summary, findings in summaries for block in _findings(summary, findings))


def _findings(summary: str, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"### {escaped(summary)}"
    if not findings:
        yield "Nothing is stuck."
        return
    rows = [[_what(one), escaped(one.reason), escaped(one.event or "-"), escaped(one.fix)] for one in findings]
    yield table(("WHAT", "REASON", "EVENT", "WHAT TO DO"), rows)
    if free := [command for one in findings for command in one.commands]:
        yield fenced("\n".join(dict.fromkeys(free)), "sh")


def _what(one: Finding) -> str:
    more = (("container", one.container), ("claim", one.claim if one.claim and one.claim not in one.what else None))
    return escaped(one.what) + "".join(f", {word} {code(name)}" for word, name in more if name)


def of_claims(claims: Sequence[Claim], stack: str) -> str:
    """Return claims with what they are there for, what they lack, and how those that nothing uses are removed."""
    return "\n\n".join(_claims(claims, stack))


def _claims(claims: Sequence[Claim], stack: str) -> Iterator[str]:
    yield _table(all_claims(claims))
    for claim in claims:
        if claim.modifying:
            yield f"Claim {code(claim.name)}: its driver answers to another class with {escaped(claim.modifying)}."
    if lacking := [f"{code(claim.name)} ({escaped('; '.join(claim.behind))})" for claim in claims if claim.behind]:
        yield f"Behind what the stack asks for: {', '.join(lacking)}. To give it to them:"
        yield fenced(f"pulumi up --stack {stack}", "sh")
    if left := [claim for claim in claims if claim.left_by]:
        yield f"{unused(left)} Nothing was removed. To remove one that no pod uses, for good:"
        yield fenced("\n".join(map(removal, left)), "sh")


def _table(rows: Rows) -> str:
    columns, cells = rows
    made = [
        [
            "-" if cell is None else code(str(cell)) if column in NAMES else escaped(str(cell))
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in cells
    ]
    return table(columns, made)
