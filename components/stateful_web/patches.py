"""Patches of claims: how a claim gets a size that its template does not have. Pure."""

from dataclasses import dataclass
from typing import Any

from .manifests import FORCED
from .values import Manifest

REGROWN = "stateful-web.dev/regrown"
"""Annotation of a claim that was made anew after it had grown: the UID for which its patch was written again."""


@dataclass(frozen=True)
class Patch:
    """A patch of one claim."""

    claim: str
    size: str
    regrown: str = ""
    """Value of the annotation ``REGROWN``; empty: none."""
    kept: bool = False
    """It stays as the stack's state has it, whatever is said here."""


def claim_patch(patch: Patch, size: Any, namespace: Any) -> Manifest:
    """Return the object of a patch; the StatefulSet's controller owns the field until then.

    ``size`` is the patch's own, or a secret output of it.
    """
    annotations = {**FORCED, **({REGROWN: patch.regrown} if patch.regrown else {})}
    metadata = {
        "name": patch.claim,
        **({} if namespace is None else {"namespace": namespace}),
        "annotations": annotations,
    }
    spec = {"resources": {"requests": {"storage": size}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}
