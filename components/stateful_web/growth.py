"""Growth of claims without a restart. Pure: what is live is handed in.

Kubernetes can't change a claim template of a StatefulSet (https://github.com/kubernetes/kubernetes/issues/68737), and
to replace the set stops its pods. So the template of a set keeps the size that it was born with, and each claim gets a
patch with the size that is asked for: the claims of new pods, too, once they are there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import attributes_class
from .args import StatefulWebArgs
from .findings import Finding, Path
from .live import (
    NOT_YET,
    Live,
    Object,
    Unanswered,
    claims_of_template,
    is_unbound,
    requested,
    template_sizes,
    volume_attributes_class,
)
from .managers import is_asked_by_pulumi
from .names import claim_ordinal
from .patches import REGROWN, Decided, Patch
from .quantity import parse_quantity
from .storage import claim_templates


@dataclass(frozen=True)
class Growth:
    """What is to be done about the claims' sizes, and their classes of volume attributes_class."""

    patches: tuple[Patch, ...] = ()
    """By template, and in the order of the pods."""
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding | str, ...] = ()
    """What is left alone, in sentences."""


def kept_sizes(inputs: StatefulWebArgs, live: Live) -> dict[str, Any]:
    """Return the size for each claim template by its name: that of the set's own, which can't be changed.

    A template that the set does not have gets the size that is asked for.
    """
    born = template_sizes(live.last_set)
    return {
        template["volume_name"]: _in_their_spelling(born.get(template["volume_name"]), template["size"])
        for _, template in claim_templates(inputs)
    }


def growth(inputs: StatefulWebArgs, live: Live) -> Growth:
    """Return which claims are to be patched to which size and class of volume attributes, and what is wrong with that.

    Where the set or its claims are not known, each patch that the stack has stays as it is, and none is added.
    """
    if isinstance(live.stateful_set, Unanswered) or isinstance(live.claims, Unanswered):
        return Growth(tuple(_kept_patches(inputs, live)))
    found = [_of_template(inputs, live, path, template) for path, template in claim_templates(inputs)]
    return Growth(
        tuple(patch for growth in found for patch in growth.patches),
        tuple(finding for growth in found for finding in growth.findings),
        tuple(note for growth in found for note in growth.notes),
    )


def has_outgrown(inputs: StatefulWebArgs, live: Live) -> bool:
    """Say whether a claim has less than it is to have."""
    return any(
        _bytes(requested(live.known_claims[name])) < _bytes(template["size"])
        for _, template in claim_templates(inputs)
        if template["size"] is not NOT_YET
        for name in claims_of_template(inputs, template["volume_name"], live)
        if name in live.known_claims
    )


def is_behind(inputs: StatefulWebArgs, live: Live) -> bool:
    """Say whether a claim has less than it is to have, or another class of volume attributes."""
    return has_outgrown(inputs, live) or any(
        volume_attributes_class(live.known_claims[name]) != template[attributes_class.INPUT]
        for _, template in claim_templates(inputs)
        if template.get(attributes_class.INPUT) not in (None, NOT_YET)
        for name in claims_of_template(inputs, template["volume_name"], live)
        if name in live.known_claims
    )


def _of_template(inputs: StatefulWebArgs, live: Live, path: Path, template: Mapping[str, Any]) -> Growth:
    volume, asked, at = template["volume_name"], template["size"], (*path, "size")
    if NOT_YET in (asked, template.get(attributes_class.INPUT)):
        return Growth(tuple(_kept_patches(inputs, live, volume)))
    born = template_sizes(live.known_set).get(volume, asked)
    if _bytes(asked) < _bytes(born) and not template["resized_by_others"]:
        why = f"the claims of {volume} were made with {born}, and Kubernetes can not shrink a volume"
        return Growth(findings=(Finding(at, f'is "{asked}", but {why}. Set {born} or more.'),))
    grows = _bytes(born) < _bytes(asked)
    patches: list[Patch] = []
    said: list[Finding | str | None] = []
    for name in (names := claims_of_template(inputs, volume, live)):
        claim = live.known_claims.get(name)
        size = _size(live, claim, template, grows, at)
        of_class = attributes_class.of_claim(live, claim, path, template)
        patches += _patch(live, name, template, size.value, of_class.value)
        said += [size.said, of_class.said]
    return Growth(
        tuple(patches),
        tuple(one for one in said if isinstance(one, Finding)),
        (
            *attributes_class.kept_without_input(live, path, template, names),
            *(one for one in said if isinstance(one, str)),
        ),
    )


def _patch(
    live: Live, name: str, template: Mapping[str, Any], size: str | None, of_class: str | None
) -> Iterator[Patch]:
    """Yield the patch of a claim, if it has one.

    Where others have grown a claim, the patch that the stack has of it stays as it is: its size is not ours any more.
    """
    claim = live.known_claims.get(name)
    is_left_alone = claim is not None and size is None and of_class in (None, volume_attributes_class(claim))
    recorded = live.recorded.patches.get(name)
    if is_left_alone and template["resized_by_others"] and recorded is not None:
        yield Patch(name, recorded, kept=True)
    elif size is not None or of_class is not None:
        yield Patch(name, size, of_class, "" if claim is None else _regrown(live, claim, size, of_class))


def _size(live: Live, claim: Object | None, template: Mapping[str, Any], grows: bool, at: Path) -> Decided:
    """Return the size that the patch of a claim has, or why it has none.

    A request may go down to anything above what the volume has, so that a failed expansion can be taken back
    (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recovering-from-failure-when-expanding-volumes);
    where others resize claims, none does.
    """
    asked = template["size"]
    if claim is None:
        return Decided(asked if grows else None)
    name, has, is_ours = claim["metadata"]["name"], requested(claim), is_asked_by_pulumi(claim)
    volume_has = claim.get("status", {}).get("capacity", {}).get("storage")
    if _bytes(asked) > _bytes(has):
        rigid = _class_that_can_not_grow(claim, live)
        if rigid:
            return Decided(asked, _can_not_grow(name, has, asked, rigid, at))
        if is_unbound(claim):
            why = f"Kubernetes grows bound claims only: the first up after that gives it {asked}"
            return Decided(said=f"Claim {name} is not bound, and {why}.")
        return Decided(asked)
    if template["resized_by_others"]:
        return Decided(_in_their_spelling(has, asked) if is_ours else None)
    if _bytes(asked) == _bytes(has):
        return Decided(asked if grows or is_ours else None)
    if not is_ours:
        return Decided(said=f"Claim {name} has {has}, more than the {asked} asked for: it is left alone.")
    if volume_has is None or _bytes(volume_has) >= _bytes(has):
        why = f"claim {name} has been grown to {has}, and Kubernetes can not shrink a volume"
        return Decided(said=Finding(at, f'is "{asked}", but {why}. Set {has} or more.'))
    if _bytes(asked) <= _bytes(volume_has):
        why = f"the volume of claim {name} has {volume_has} already, and Kubernetes can not shrink a volume"
        return Decided(said=Finding(at, f'is "{asked}", but {why}. Set more than {volume_has}.'))
    return Decided(asked)


def _can_not_grow(name: str, has: str, asked: str, rigid: str, at: Path) -> Finding:
    return Finding(
        at,
        f'is "{asked}": claim {name} has {has} of StorageClass "{rigid}", which can not grow '
        f"(allowVolumeExpansion is not true). Set {has}, or let the class expand volumes if its driver can.",
    )


def _kept_patches(inputs: StatefulWebArgs, live: Live, volume: str | None = None) -> Iterator[Patch]:
    """Yield what the stack's state has for the claims of one template, or of all."""
    volumes = [volume] if volume else [template["volume_name"] for _, template in claim_templates(inputs)]
    for claim, size in live.recorded.patches.items():
        if claim_ordinal(claim, volumes, inputs["name"]) is not None:
            yield Patch(claim, size, kept=True)


def _regrown(live: Live, claim: Object, size: str | None, of_class: str | None) -> str:
    """Return the annotation by which a patch that the stack has already is written again for a claim made anew."""
    metadata = claim["metadata"]
    is_smaller = size is not None and _bytes(requested(claim)) < _bytes(size)
    is_of_another = of_class not in (None, volume_attributes_class(claim))
    if metadata["name"] in live.recorded.patches and (is_smaller or is_of_another):
        return str(metadata["uid"])
    return str((metadata.get("annotations") or {}).get(REGROWN, ""))


def _class_that_can_not_grow(claim: Object, live: Live) -> str | None:
    of_claim = live.class_named(claim["spec"].get("storageClassName"))
    return of_claim.name if of_claim and not of_claim.can_grow else None


def _in_their_spelling(born: str | None, asked: Any) -> Any:
    """Return the size that a template was born with; the same size is spelled as it is asked for."""
    return asked if born is None or (asked is not NOT_YET and _bytes(born) == _bytes(asked)) else born


def _bytes(size: str) -> Decimal:
    return parse_quantity(size)
