"""Who has asked for a field of a live object, by its managed fields
(https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). Pure."""

from .live import Object
from .values import map_at

MANAGER = "pulumi-kubernetes"
"""How the names of the kubernetes plugin's field managers begin."""


def is_asked_by_pulumi(claim: Object) -> bool:
    """Say whether the size that a claim requests was applied by a patch of Pulumi's, and not by somebody else."""
    return is_patched_by_pulumi(claim, "resources", "requests", "storage")


def is_patched_by_pulumi(claim: Object, *path: str) -> bool:
    """Say whether a field of a claim's spec was applied by a patch of Pulumi's, and not by somebody else."""
    for entry in claim["metadata"].get("managedFields") or ():
        owned = map_at(entry.get("fieldsV1"), "f:spec", *(f"f:{key}" for key in path[:-1]))
        if entry.get("operation") == "Apply" and f"f:{path[-1]}" in owned:
            return str(entry.get("manager", "")).startswith(MANAGER)
    return False


def is_applied_by_pulumi(found: Object) -> bool:
    """Say whether an object is one of Pulumi's."""
    managers = (entry.get("manager") for entry in found["metadata"].get("managedFields") or ())
    return any(str(manager).startswith(MANAGER) for manager in managers)
