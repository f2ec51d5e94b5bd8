"""What live claims lack of what a stack's config asks for, decided as the component does. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..args import StatefulWebArgs
from ..claim_metadata import metadata_patches
from ..growth import growth
from ..live import Live, requested, volume_attributes_class
from ..quantity import parse_quantity
from ..storage import claim_templates

Object = Mapping[str, Any]


def behind(asked: StatefulWebArgs, stateful_set: Object, claims: Mapping[str, Object]) -> dict[str, tuple[str, ...]]:
    """Return what each claim lacks, in words, by its name; the next ``up`` gives it. None that lacks nothing."""
    live = Live(stateful_set, claims)
    found: dict[str, list[str]] = {}
    for patch in growth(asked, live).patches:
        if patch.claim in claims and not patch.kept:
            found.setdefault(patch.claim, []).extend(_of_spec(claims[patch.claim], patch.size, patch.attributes_class))
    templates = dict(claim_templates(asked))
    for of_labels in metadata_patches(asked, live):
        if of_labels.claim in claims:
            words = _of_metadata(claims[of_labels.claim], templates[of_labels.template])
            found.setdefault(of_labels.claim, []).extend(words)
    return {name: tuple(words) for name, words in found.items() if words}


def _of_spec(claim: Object, size: str | None, of_class: str | None) -> Iterator[str]:
    has, has_class = requested(claim), volume_attributes_class(claim)
    if size is not None and parse_quantity(has) < parse_quantity(size):
        yield f"{has} of {size}"
    if of_class not in (None, has_class):
        yield f"class {has_class or 'none'}, not {of_class}"


def _of_metadata(claim: Object, template: Mapping[str, Any]) -> Iterator[str]:
    for what, key in (("label", "labels"), ("annotation", "annotations")):
        has = claim["metadata"].get(key) or {}
        yield from (f"no {what} {name}={value}" for name, value in template[key].items() if has.get(name) != value)
