"""What resources of their own change about claims, and the words for it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ..values import map_at
from .pulumi_cli import is_secret

METADATA = ("labels", "annotations")
OF_PATCHES = ("pulumi.com/", "stateful-web.dev/")
"""How the annotations begin that are about the patch itself."""


@dataclass(frozen=True)
class Claim:
    """What a patch can change about a claim."""

    size: str | None = None
    attributes_class: str | None = None
    metadata: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {key: {} for key in METADATA})
    """``labels`` and ``annotations``, without those about patches."""

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Claim":
        """Return it from a live object or a resource's inputs; what is secret, or not known yet, is not read."""
        size = map_at(found, "spec", "resources", "requests").get("storage")
        of_class = map_at(found, "spec").get("volumeAttributesClassName")
        return cls(
            size if isinstance(size, str) else None,
            of_class if isinstance(of_class, str) else None,
            {what: _of_users(map_at(found, "metadata", what)) for what in METADATA},
        )

    def patched(self, was: "Claim", asked: "Claim") -> "Claim":
        """Return what it is after the inputs of a resource that changes it were one thing and are another."""
        metadata = {
            what: {**{key: item for key, item in has.items() if key not in was.metadata[what]}, **asked.metadata[what]}
            for what, has in self.metadata.items()
        }
        return Claim(asked.size or self.size, asked.attributes_class or self.attributes_class, metadata)


@dataclass(frozen=True)
class ClaimChange:
    """A claim that a resource of its own changes."""

    claim: str
    old: Claim | None
    """``None`` if it isn't known, or there is no such claim yet."""
    new: Claim


def clauses(changes: Sequence[ClaimChange]) -> list[str]:
    """Say what becomes of claims, one clause a kind of change. One that is not there yet is made, and not changed."""
    both = [(change.old, change.new) for change in changes if change.old]
    return [*_growth(both), *_classes(both), *_metadata(both)]


def growing(changes: Iterable[ClaimChange]) -> int:
    """Return how many claims get another size."""
    return len(_sizes((change.old, change.new) for change in changes if change.old))


def changing(changes: Iterable[ClaimChange]) -> int:
    """Return how many claims that are there change in any way."""
    return sum(change.old is not None and change.old != change.new for change in changes)


def _sizes(both: Iterable[tuple[Claim, Claim]]) -> list[tuple[str, str]]:
    return sorted((old.size, new.size) for old, new in both if old.size and new.size and old.size != new.size)


def _growth(both: Iterable[tuple[Claim, Claim]]) -> Iterator[str]:
    if parts := [f"{_count(list(group))} {old} → {new}" for (old, new), group in groupby(_sizes(both))]:
        yield f"grows {' and '.join(parts)}"


def _classes(both: Iterable[tuple[Claim, Claim]]) -> Iterator[str]:
    changed = sorted(
        new.attributes_class
        for old, new in both
        if new.attributes_class and old.attributes_class != new.attributes_class
    )
    if parts := [f"{_count(list(group))} to {name}" for name, group in groupby(changed)]:
        yield f"changes the class of {' and '.join(parts)}"


def _metadata(both: Iterable[tuple[Claim, Claim]]) -> Iterator[str]:
    changed = [[what for what in old.metadata if old.metadata[what] != new.metadata[what]] for old, new in both]
    for kinds, group in groupby(sorted(filter(None, changed))):
        yield f"changes {' and '.join(kinds)} of {_count(list(group))}"


def _of_users(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {} if is_secret(given) else {key: item for key, item in given.items() if not key.startswith(OF_PATCHES)}


def _count(claims: Sequence[Any]) -> str:
    return f"{len(claims)} claim{'' if len(claims) == 1 else 's'}"
