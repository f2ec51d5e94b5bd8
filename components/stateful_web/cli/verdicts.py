"""What policy packs say of a planned change, from the engine's events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = ("mandatory", "remediate", "advisory")
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Verdict:
    """A policy that an object violates."""

    pack: str
    rule: str
    level: str
    """``mandatory`` denies the change, ``advisory`` does not; with ``remediate`` the pack changes the object."""
    severity: str
    """``critical``, ``high``, ``medium`` or ``low``; empty if the pack says none."""
    object: str
    """What it is about, e.g. ``StatefulSet shop/web``."""
    message: str
    urn: str = ""

    @property
    def denies(self) -> bool:
        """Whether the change is refused for it."""
        return self.level == "mandatory"


def verdicts_of(events: Iterable[Mapping[str, Any]], objects: Mapping[str, str]) -> list[Verdict]:
    """Return what packs found, worst first; ``objects`` are the names of resources by URN."""
    found: list[Verdict] = []
    for event in events:
        if about := event.get("policyEvent"):
            found.append(_verdict(about, objects, about["enforcementLevel"], _own_words(about["message"])))
        elif about := event.get("policyRemediationEvent"):
            found.append(_verdict(about, objects, "remediate", "The pack changes the object."))
    return sorted(
        dict.fromkeys(found),
        key=lambda v: (_rank(LEVELS, v.level), _rank(SEVERITIES, v.severity), v.pack, v.rule, v.object, v.message),
    )


def packs_of(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the version of every pack that was run, by its name."""
    packs = next((e["summaryEvent"].get("PolicyPacks") or {} for e in events if "summaryEvent" in e), {})
    # A local pack is named with where it lies: stateful|local|policies/stateful.
    return {name.partition("|")[0]: str(version) for name, version in sorted(packs.items())}


def _verdict(about: Mapping[str, Any], objects: Mapping[str, str], level: str, message: str) -> Verdict:
    urn = about.get("resourceUrn", "")
    return Verdict(
        pack=about["policyPackName"],
        rule=about["policyName"],
        level=level,
        severity=about.get("severity") or "",
        object=objects.get(urn, urn.rpartition("::")[2]),
        message=message,
        urn=urn,
    )


def _own_words(message: str) -> str:
    """Return what a rule says of this object; the SDK puts its description into a line before."""
    first, _, rest = message.strip().partition("\n")
    return " ".join((rest or first).split())


def _rank(order: tuple[str, ...], word: str) -> int:
    return order.index(word) if word in order else len(order)
