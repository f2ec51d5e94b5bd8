"""Pulumi's type tokens and what they mean in Kubernetes."""

from dataclasses import dataclass

from sandbox.kubernetes_plugin.errors import NeedsOfficialPlugin, PluginError

_OFFICIAL_ONLY = ("helm.sh", "yaml", "kustomize")
# Their awaits follow objects of other kinds, or their updates need a PUT.
_OFFICIAL_KINDS = {"CustomResourceDefinition", "DaemonSet", "Ingress", "Job", "ReplicationController"}


@dataclass(frozen=True)
class Token:
    """A resource type: ``kubernetes:apps/v1:StatefulSet`` or, as a patch of one, ``…:StatefulSetPatch``."""

    api_version: str
    kind: str
    is_patch: bool


def parse(urn: str) -> Token:
    """Read a URN's type.

    Raises NeedsOfficialPlugin for what the stand-in leaves out, PluginError for lists and foreign types.
    """
    token = urn.split("::")[2].split("$")[-1]
    package, _, rest = token.partition(":")
    module, _, kind = rest.rpartition(":")
    group, _, version = module.partition("/")
    if package != "kubernetes":
        raise PluginError(f"{token} is not a type of the kubernetes provider")
    is_patch = kind.endswith("Patch")
    kind = kind.removesuffix("Patch")
    if group in _OFFICIAL_ONLY or kind in _OFFICIAL_KINDS or not version:
        raise NeedsOfficialPlugin(token)
    if kind.endswith("List"):
        raise PluginError(f"{token} is a list, which cannot be created directly: use the type of its items")
    return Token(version if group == "core" else module, kind, is_patch)


def resource_name(urn: str) -> str:
    """Return the name that the program gave the resource."""
    return urn.split("::", 3)[3]
