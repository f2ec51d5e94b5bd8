"""Growth of claims without a restart. Pure: what is live is handed in.

Kubernetes can't change a claim template of a StatefulSet (https://github.com/kubernetes/kubernetes/issues/68737), and
to replace the set stops its pods. So the template of a set keeps the size that it was born with, and each claim gets a
patch with the size that is asked for: the claims of new pods, too, once they are there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .args import StatefulWebArgs
from .findings import Finding, Path
from .live import NOT_YET, Live, Object, Unanswered, asked_ordinals, requested, template_sizes
from .names import claim_names, claim_ordinal
from .patches import REGROWN, Patch
from .quantity import parse_quantity
from .storage import claim_templates

MANAGER = "pulumi-kubernetes"
"""How the names of the kubernetes plugin's field managers begin."""


@dataclass(frozen=True)
class Growth:
    """What is to be done about the claims' sizes."""

    patches: tuple[Patch, ...] = ()
    """By template, and in the order of the pods."""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
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
    """Return which claims are to be patched to which size, and what is wrong with that.

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


def claims_of_template(inputs: StatefulWebArgs, volume: str, live: Live) -> list[str]:
    """Return the names of the claims that a template's pods have, or get.

    Where others own the count, or it is not known yet, any of the claims that are there may be one of them.
    """
    name, pods = inputs["name"], asked_ordinals(inputs)
    if pods is not None and not inputs["autoscaled"]:
        return claim_names([volume], name, pods)
    there = {ordinal for claim in live.known_claims if (ordinal := claim_ordinal(claim, [volume], name)) is not None}
    return claim_names([volume], name, sorted(there))


def _of_template(inputs: StatefulWebArgs, live: Live, path: Path, template: Mapping[str, Any]) -> Growth:
    volume, asked, at = template["volume_name"], template["size"], (*path, "size")
    if asked is NOT_YET:
        return Growth(tuple(_kept_patches(inputs, live, volume)))
    born = template_sizes(live.known_set).get(volume, asked)
    if _bytes(asked) < _bytes(born):
        why = f"the claims of {volume} were made with {born}, and Kubernetes can not shrink a volume"
        return Growth(findings=(Finding(at, f'is "{asked}", but {why}. Set {born} or more.'),))
    grows = _bytes(born) < _bytes(asked)
    found: list[Patch | Finding | str] = []
    for name in claims_of_template(inputs, volume, live):
        claim = live.known_claims.get(name)
        if claim is not None:
            found += _of_claim(live, claim, asked, grows, at)
        elif grows:
            found.append(Patch(name, asked))
    return Growth(
        tuple(one for one in found if isinstance(one, Patch)),
        tuple(one for one in found if isinstance(one, Finding)),
        tuple(one for one in found if isinstance(one, str)),
    )


def _of_claim(live: Live, claim: Object, asked: str, grows: bool, at: Path) -> Iterator[Patch | Finding | str]:
    """Yield the patch of a claim, or why it gets none.

    A request may go down to anything above what the volume has, so that a failed expansion can be taken back
    (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recovering-from-failure-when-expanding-volumes).
    """
    name, has, is_ours = claim["metadata"]["name"], requested(claim), is_asked_by_pulumi(claim)
    volume_has = claim.get("status", {}).get("capacity", {}).get("storage")
    patch = Patch(name, asked, _regrown(live, claim, asked))
    if _bytes(asked) >= _bytes(has):
        rigid = _class_that_can_not_grow(claim, live)
        if grows or is_ours or _bytes(asked) > _bytes(has):
            yield patch
        if rigid and _bytes(asked) > _bytes(has):
            yield Finding(
                at,
                f'is "{asked}": claim {name} has {has} of StorageClass "{rigid}", which can not grow '
                f"(allowVolumeExpansion is not true). Set {has}, or let the class expand volumes if its driver can.",
            )
    elif not is_ours:
        yield f"Claim {name} has {has}, more than the {asked} asked for: it is left alone."
    elif volume_has is None or _bytes(volume_has) >= _bytes(has):
        why = f"claim {name} has been grown to {has}, and Kubernetes can not shrink a volume"
        yield Finding(at, f'is "{asked}", but {why}. Set {has} or more.')
    elif _bytes(asked) <= _bytes(volume_has):
        why = f"the volume of claim {name} has {volume_has} already, and Kubernetes can not shrink a volume"
        yield Finding(at, f'is "{asked}", but {why}. Set more than {volume_has}.')
    else:
        yield patch


def _kept_patches(inputs: StatefulWebArgs, live: Live, volume: str | None = None) -> Iterator[Patch]:
    """Yield what the stack's state has for the claims of one template, or of all."""
    volumes = [volume] if volume else [template["volume_name"] for _, template in claim_templates(inputs)]
    for claim, size in live.recorded.patches.items():
        if claim_ordinal(claim, volumes, inputs["name"]) is not None:
            yield Patch(claim, size, kept=True)


def _regrown(live: Live, claim: Object, asked: str) -> str:
    """Return the annotation by which a patch that the stack has already is written again for a claim made anew."""
    metadata = claim["metadata"]
    if metadata["name"] in live.recorded.patches and _bytes(requested(claim)) < _bytes(asked):
        return str(metadata["uid"])
    return str((metadata.get("annotations") or {}).get(REGROWN, ""))


def is_asked_by_pulumi(claim: Object) -> bool:
    """Say whether the size that a claim requests was applied by a patch of Pulumi's, and not by somebody else."""
    for entry in claim["metadata"].get("managedFields") or ():
        requests = (entry.get("fieldsV1") or {}).get("f:spec", {}).get("f:resources", {}).get("f:requests", {})
        if entry.get("operation") == "Apply" and "f:storage" in requests:
            return str(entry.get("manager", "")).startswith(MANAGER)
    return False


def is_applied_by_pulumi(found: Object) -> bool:
    """Say whether an object is one of Pulumi's."""
    managers = (entry.get("manager") for entry in found["metadata"].get("managedFields") or ())
    return any(str(manager).startswith(MANAGER) for manager in managers)


def _class_that_can_not_grow(claim: Object, live: Live) -> str | None:
    of_claim = live.class_named(claim["spec"].get("storageClassName"))
    return of_claim.name if of_claim and not of_claim.can_grow else None


def _in_their_spelling(born: str | None, asked: Any) -> Any:
    """Return the size that a template was born with; the same size is spelled as it is asked for."""
    return asked if born is None or (asked is not NOT_YET and _bytes(born) == _bytes(asked)) else born


def _bytes(size: str) -> Decimal:
    return parse_quantity(size)
