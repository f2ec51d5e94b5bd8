"""Labels and annotations of claims, kept up on live ones by patches of their own. Pure: what is live is handed in.

A claim template of a set can't be changed, so it has none of them. Every patch has the same field manager, whatever
stack it is of and however often that was destroyed: so a key that is left out is removed from a claim where a patch has
set it and nobody else holds on to it
(https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .args import StatefulWebArgs
from .findings import Path
from .live import Live, Object, Unanswered, claims_of_template
from .names import claim_ordinal
from .patches import FIELD_MANAGER, MANAGED_BY, REWRITTEN, MetadataPatch
from .storage import claim_templates


def metadata_patches(inputs: StatefulWebArgs, live: Live) -> tuple[MetadataPatch, ...]:
    """Return the patches of the claims' labels and annotations, by template, and in the order of the pods.

    Where the set or its claims are not known, each patch that the stack has stays as it is, and none is added.
    """
    if isinstance(live.stateful_set, Unanswered) or isinstance(live.claims, Unanswered):
        return tuple(_kept(inputs, live))
    return tuple(
        patch for path, template in claim_templates(inputs) for patch in _of_template(inputs, live, path, template)
    )


def lacks_patch(inputs: StatefulWebArgs, live: Live) -> bool:
    """Say whether a claim is to have labels or annotations and no patch has set any yet; it may have been made anew."""
    return any(
        patch.claim in live.known_claims and not _is_patched(live.known_claims[patch.claim])
        for patch in metadata_patches(inputs, live)
    )


def _of_template(
    inputs: StatefulWebArgs, live: Live, path: Path, template: Mapping[str, Any]
) -> Iterator[MetadataPatch]:
    for name in claims_of_template(inputs, template["volume_name"], live):
        claim = live.known_claims.get(name)
        # One that was patched goes on being so when nothing is asked for any more: that takes the last keys away.
        if template["labels"] or template["annotations"] or (claim and _is_patched(claim)):
            yield MetadataPatch(name, path, "" if claim is None else _rewritten(live, claim))


def _kept(inputs: StatefulWebArgs, live: Live) -> Iterator[MetadataPatch]:
    for path, template in claim_templates(inputs):
        for claim in live.recorded.metadata_patches:
            if claim_ordinal(claim, [template["volume_name"]], inputs["name"]) is not None:
                yield MetadataPatch(claim, path, kept=True)


def _is_patched(claim: Object) -> bool:
    return _annotations(claim).get(MANAGED_BY) == FIELD_MANAGER


def _rewritten(live: Live, claim: Object) -> str:
    metadata = claim["metadata"]
    if metadata["name"] in live.recorded.metadata_patches and not _is_patched(claim):
        return str(metadata["uid"])
    return str(_annotations(claim).get(REWRITTEN, ""))


def _annotations(claim: Object) -> Mapping[str, str]:
    return claim["metadata"].get("annotations") or {}
