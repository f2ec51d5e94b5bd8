"""What is live, as one immutable value: each question has its answer, or the reason why it has none. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from .args import StatefulWebArgs
from .names import claim_names, claim_ordinal
from .storage import AttributesClass, StorageClass

Object = Mapping[str, Any]
Class = TypeVar("Class", StorageClass, AttributesClass)


class Why(Enum):
    """Why a question has no answer."""

    NOT_ALLOWED = "the account may not ask it"
    UNREACHABLE = "the cluster does not answer"
    NOT_ASKED = "nobody is to be asked, or it is not known here whom"
    NOT_YET_KNOWN = "only up will know where, or of what"


DEFAULT_NAMESPACE = "default"
"""Of Kubernetes, where neither provider nor context names one."""
NOT_YET = Why.NOT_YET_KNOWN
"""Stands for an input that is not known before ``up``."""


@dataclass(frozen=True)
class Unanswered:
    """A question without an answer."""

    why: Why
    words: str = ""
    """Why, as a sentence without its full stop; the API server's own words where it refused."""


@dataclass(frozen=True)
class Recorded:
    """What the stack's own state has of a web server; asked only where the cluster can't tell."""

    stateful_set: Object | None = None
    patches: Mapping[str, str | None] = field(default_factory=dict)
    """Size of each claim of which the stack has a patch, by the claim's name."""
    metadata_patches: frozenset[str] = frozenset()
    """Names of the claims of whose labels and annotations the stack has a patch."""
    unread: str = ""
    """Why the state could not be read, as a sentence without its full stop."""


@dataclass(frozen=True)
class Live:
    """What there is of one web server."""

    stateful_set: Object | Unanswered | None = None
    claims: Mapping[str, Object] | Unanswered = field(default_factory=dict)
    """Claims of the namespace by name: all of them, or those that its pods have or get."""
    classes: Sequence[StorageClass] | Unanswered = ()
    """All StorageClasses of the cluster."""
    named_classes: Mapping[str, StorageClass | None] = field(default_factory=dict)
    """Classes that were asked for by name, since the account may not list them; ``None`` for one that is not there."""
    attributes_classes: Sequence[AttributesClass] | Unanswered = ()
    """All VolumeAttributesClasses of the cluster."""
    named_attributes_classes: Mapping[str, AttributesClass | None] = field(default_factory=dict)
    """As ``named_classes``."""
    in_default_namespace: bool = False
    """Whether a set of this name that Pulumi manages is in the namespace ``default``, and none where it would be."""
    recorded: Recorded = field(default_factory=Recorded)

    @property
    def known_set(self) -> Object | None:
        """The live set; ``None`` where there is none, or where that is not known."""
        return None if isinstance(self.stateful_set, Unanswered) else self.stateful_set

    @property
    def known_claims(self) -> Mapping[str, Object]:
        """The live claims; none where they are not known."""
        return {} if isinstance(self.claims, Unanswered) else self.claims

    @property
    def last_set(self) -> Object | None:
        """The set as it was last seen: on the cluster, else in the stack's state where the cluster can't tell."""
        return self.recorded.stateful_set if isinstance(self.stateful_set, Unanswered) else self.stateful_set

    def class_named(self, name: str | None) -> StorageClass | None:
        """Return a class of the cluster; ``None`` if it is not there, or not known."""
        return _named(self.classes, self.named_classes, name)

    def attributes_class_named(self, name: str) -> AttributesClass | None:
        """Return a VolumeAttributesClass of the cluster; ``None`` if it is not there, or not known."""
        return _named(self.attributes_classes, self.named_attributes_classes, name)


def _named(
    listed: Sequence[Class] | Unanswered, asked_for: Mapping[str, Class | None], name: str | None
) -> Class | None:
    if isinstance(listed, Unanswered):
        return asked_for.get(name or "")
    return next((found for found in listed if found.name == name), None)


def is_known(value: Any) -> bool:
    """Say whether nothing in a value is left for ``up`` to know."""
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list) else value is not NOT_YET


def template_sizes(stateful_set: Object | None) -> dict[str, str]:
    """Return the size in each claim template of a set, by the template's name."""
    return {template["metadata"]["name"]: requested(template) for template in live_templates(stateful_set)}


def template_classes(stateful_set: Object | None) -> dict[str, str | None]:
    """Return the VolumeAttributesClass in each claim template of a set, or ``None``, by the template's name."""
    return {
        template["metadata"]["name"]: volume_attributes_class(template) for template in live_templates(stateful_set)
    }


def live_templates(stateful_set: Object | None) -> Sequence[Object]:
    """Return the claim templates of a set; none if there is no set."""
    return (stateful_set or {}).get("spec", {}).get("volumeClaimTemplates") or ()


def ordinals(stateful_set: Object | None) -> range:
    """Return the ordinals of a set's pods; none if there is no set, or if they are not known before ``up``."""
    spec = (stateful_set or {}).get("spec", {})
    start, count = (spec.get("ordinals") or {}).get("start", 0), spec.get("replicas", 0)
    # The engine's state has no other numbers than floats.
    return range(0) if NOT_YET in (start, count) else range(int(start), int(start) + int(count))


def asked_ordinals(inputs: StatefulWebArgs) -> range | None:
    """Return the ordinals of the pods that the inputs ask for; ``None`` if they are not known before ``up``."""
    start, count = inputs["ordinals_start"], inputs["replicas"]
    return range(start, start + count) if isinstance(start, int) and isinstance(count, int) else None


def claims_of_template(inputs: StatefulWebArgs, volume: str, live: Live) -> list[str]:
    """Return the names of the claims that a template's pods have, or get.

    Where others own the count, or it is not known yet, any of the claims that are there may be one of them; a new set
    begins with the pods that are asked for.
    """
    name, pods = inputs["name"], asked_ordinals(inputs)
    if pods is not None and not inputs["autoscaled"]:
        return claim_names([volume], name, pods)
    there = {ordinal for claim in live.known_claims if (ordinal := claim_ordinal(claim, [volume], name)) is not None}
    first = pods if pods is not None and live.stateful_set is None else ()
    return claim_names([volume], name, sorted({*there, *first}))


def requested(claim: Object) -> str:
    """Return the size that a claim, or a claim template, requests."""
    return str(claim["spec"]["resources"]["requests"]["storage"])


def is_unbound(claim: Object) -> bool:
    """Say whether Kubernetes changes nothing of a claim's spec, since it has no volume
    (``ValidatePersistentVolumeClaimUpdate`` in its pkg/apis/core/validation/validation.go)."""
    return bool((claim.get("status") or {}).get("phase", "Bound") != "Bound")


def volume_attributes_class(claim: Object) -> str | None:
    """Return the VolumeAttributesClass that a claim, or a claim template, names."""
    found: str | None = claim["spec"].get("volumeAttributesClassName")
    return found
