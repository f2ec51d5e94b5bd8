"""Claim templates, and the StorageClass they name. Pure: what the cluster has is handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .args import StorageArgs
from .findings import Finding, Path


@dataclass(frozen=True)
class StorageClass:
    """What a preview needs to know of a class on the cluster."""

    name: str
    provisioner: str
    is_default: bool = False

    def __str__(self) -> str:
        return f"{self.name} (default)" if self.is_default else self.name


def claim_template(storage: StorageArgs) -> dict[str, Any]:
    """Return the claim template; without a class named, the cluster's default is used."""
    spec: dict[str, Any] = {
        "accessModes": storage["access_modes"],
        "resources": {"requests": {"storage": storage["size"]}},
    }
    if "storage_class_name" in storage:
        spec["storageClassName"] = storage["storage_class_name"]
    return {"metadata": {"name": storage["volume_name"]}, "spec": spec}


def missing_class(wanted: str, classes: Sequence[StorageClass], path: Path) -> Finding | None:
    """Return what to say if the cluster has no class ``wanted``; ``""`` asks for none, so there is nothing to miss."""
    if wanted == "" or any(found.name == wanted for found in classes):
        return None
    there = ", ".join(str(found) for found in sorted(classes, key=lambda found: found.name)) or "none at all"
    return Finding(
        path,
        f'is "{wanted}": this cluster has no StorageClass "{wanted}" (it has: {there}). Set one of these.',
    )
