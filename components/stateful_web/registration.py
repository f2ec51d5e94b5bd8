"""Registers children from their manifests, as the typed classes of ``pulumi_kubernetes`` do, without their cost.

Those translate every nested key again, and to import them takes longer than the rest of a program.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pulumi

from .values import Manifest

TOKENS: Mapping[tuple[str, str], str] = {
    # A namespace outlives the stack, and to create it again would be an error: a patch creates it or takes it as it is.
    ("v1", "Namespace"): "kubernetes:core/v1:NamespacePatch",
}
"""Types of the kubernetes plugin for objects that have not the one of their kind."""
FORMER_TYPES: Mapping[str, tuple[str, ...]] = {
    "kubernetes:apps/v1:StatefulSet": ("kubernetes:apps/v1beta1:StatefulSet", "kubernetes:apps/v1beta2:StatefulSet"),
    "kubernetes:storage.k8s.io/v1:StorageClass": ("kubernetes:storage.k8s.io/v1beta1:StorageClass",),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": ("kubernetes:extensions/v1beta1:NetworkPolicy",),
    "kubernetes:policy/v1:PodDisruptionBudget": ("kubernetes:policy/v1beta1:PodDisruptionBudget",),
}
"""Aliases that the typed classes have."""
SECRETS: Mapping[str, tuple[str, ...]] = {"kubernetes:core/v1:Secret": ("data", "stringData")}
"""Properties that are secret in every state, whatever is given."""

CLAIM_PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"


class KubernetesObject(pulumi.CustomResource):
    """An object of Kubernetes, or a patch of one, by its manifest."""

    if TYPE_CHECKING:  # at run time, the SDK would work out these types again at each registration
        metadata: pulumi.Output[Any]
        spec: pulumi.Output[Any]

    def __init__(self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions, token: str = "") -> None:
        """Register it; ``token`` is its type where that does not follow from the manifest."""
        token = token or _token(manifest)
        secret = SECRETS.get(token, ())
        properties = {key: pulumi.Output.secret(item) if key in secret else item for key, item in manifest.items()}
        given = pulumi.ResourceOptions(
            version=plugin_version(),
            aliases=[pulumi.Alias(type_=former) for former in FORMER_TYPES.get(token, ())],
            additional_secret_outputs=list(secret),
        )
        super().__init__(token, name, properties, pulumi.ResourceOptions.merge(given, opts))


@cache
def plugin_version() -> str:
    """Return the version of the kubernetes plugin that the installed SDK asks for."""
    import importlib.metadata  # late: it takes as long as all modules here

    found = importlib.metadata.version("pulumi-kubernetes")
    if found.replace(".", "").isdigit():
        return found
    from pulumi_kubernetes import _utilities  # which knows how a pre-release is spelled for the engine

    return str(_utilities.get_version())  # type: ignore[no-untyped-call]


def _token(manifest: Manifest) -> str:
    kind = (manifest["apiVersion"], manifest["kind"])
    group, _, version = kind[0].rpartition("/")
    return TOKENS.get(kind, f"kubernetes:{group or 'core'}/{version}:{kind[1]}")
