"""Names: of objects that the program leaves unnamed, and of field managers."""

import hashlib
import secrets

from sandbox.kubernetes_plugin import objects
from sandbox.kubernetes_plugin.errors import Object, PluginError

_DIGITS = 8


def unique(prefix: str, seed: bytes = b"") -> str:
    """Return the prefix with a random ending, the same one for the same seed."""
    return f"{prefix}-{(hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex())[:_DIGITS]}"


def assign(inputs: Object, old_inputs: Object, resource_name: str, seed: bytes) -> None:
    """Give unnamed inputs the automatic name that they had, or a new one, and mark it as such.

    Raises PluginError for generateName, which server-side apply cannot serve.
    """
    if objects.name(inputs):
        return
    if old_inputs and objects.is_true(old_inputs, "autonamed"):
        name = objects.name(old_inputs)
    elif old_inputs:
        return
    elif objects.metadata(inputs).get("generateName"):
        raise PluginError("the `.metadata.generateName` field is not supported in Server-Side Apply mode")
    else:
        name = unique(resource_name, seed)
    metadata = inputs.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return  # Not known yet.
    metadata["name"] = name
    annotations = metadata.setdefault("annotations", {})
    if isinstance(annotations, dict):
        annotations["pulumi.com/autonamed"] = "true"
