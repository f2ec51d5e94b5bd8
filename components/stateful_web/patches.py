"""Patches of claims: how a claim gets what its template does not have. Pure."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from .findings import Finding, Path
from .manifests import FORCED
from .merge import merged
from .settled import revealed
from .values import Manifest

OF_SPEC, OF_METADATA = "claim", "metadata"
"""What stands in the name of a patch between those of the component and the claim, for life."""
REGROWN = "stateful-web.dev/regrown"
"""Annotation of a claim that was made anew after it had grown: the UID for which its patch was written again."""

REWRITTEN = "stateful-web.dev/rewritten"
"""The same of a claim's labels and annotations."""
MANAGED_BY, FIELD_MANAGER = "pulumi.com/patchFieldManager", "stateful-web"
"""Annotation that tells the kubernetes plugin the field manager of a patch, and that of labels and annotations; the
claim has it, too."""


@dataclass(frozen=True)
class Patch:
    """A patch of one claim's spec."""

    claim: str
    size: str | None = None
    """``None``: the patch says nothing of it."""
    attributes_class: str | None = None
    """VolumeAttributesClass; ``None``: the patch says nothing of it."""
    regrown: str = ""
    """Value of the annotation ``REGROWN``; empty: none."""
    kept: bool = False
    """It stays as the stack's state has it, whatever is said here."""


@dataclass(frozen=True)
class MetadataPatch:
    """A patch of one claim's labels and annotations."""

    claim: str
    template: Path
    """Where the claim template is given that says which."""
    rewritten: str = ""
    """Value of the annotation ``REWRITTEN``; empty: none."""
    kept: bool = False
    """It stays as the stack's state has it, whatever is said here."""


class Decided(NamedTuple):
    """What a claim's patch has of one field, and what there is to say of it."""

    value: str | None = None
    """``None``: nothing."""
    said: Finding | str | None = None


def claim_patch(patch: Patch, namespace: Any) -> Manifest:
    """Return the object of a patch; the StatefulSet's controller owns the fields until then."""
    regrown = {REGROWN: patch.regrown} if patch.regrown else {}
    spec: Manifest = {}
    if patch.size is not None:
        spec["resources"] = {"requests": {"storage": revealed(patch.size)}}
    if patch.attributes_class is not None:
        spec["volumeAttributesClassName"] = revealed(patch.attributes_class)
    return {**_claim(patch.claim, namespace, {**FORCED, **regrown}), "spec": spec}


def metadata_patch(patch: MetadataPatch, labels: Any, annotations: Any, namespace: Any) -> Manifest:
    """Return the object of a patch; labels and annotations may be outputs."""
    rewritten = {REWRITTEN: patch.rewritten} if patch.rewritten else {}
    ours = {**FORCED, MANAGED_BY: FIELD_MANAGER, **rewritten}
    made = _claim(patch.claim, namespace, merged(annotations, ours))
    if labels:
        made["metadata"]["labels"] = labels
    return made


def _claim(name: str, namespace: Any, annotations: Any) -> Manifest:
    where = {} if namespace is None else {"namespace": namespace}
    metadata = {"name": name, **where, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
