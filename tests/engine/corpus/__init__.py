"""Programs that try to get around the pack ``stateful``, and programs that it must leave alone: a function each.

All cases of a kind are declared in one Pulumi program, so that one preview judges them all: ``declare`` runs their
functions, and ``case_of`` finds the case of a violation from the URN that the engine reports.
"""

from collections.abc import Iterable

from . import bad, good
from .cases import Case

BAD: tuple[Case, ...] = bad.CASES
GOOD: tuple[Case, ...] = good.CASES

CONFIG = {
    "storage-class-allowed": {"allowed": ["standard", "rook-ceph-block"]},
    "storage-size-bounds": {"minimum": "1Gi", "maximum": "1Ti"},
}
"""The pack's configuration for all cases: two rules judge nothing, or little, without one."""


def declare(names: Iterable[str], namespace: str) -> None:
    """Declare the objects of these cases in the program that is running."""
    cases = {case.name: case for case in (*BAD, *GOOD)}
    for name in names:
        cases[name].declare(name, namespace)


def case_of(urn: str) -> str:
    """Return the name of the case that declared a resource."""
    return urn.rpartition("::")[2].partition(".")[0]
