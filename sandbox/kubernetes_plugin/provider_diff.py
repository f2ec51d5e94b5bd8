"""Which change of a provider's settings replaces it, and so all its objects: DiffConfig of the official plugin."""

from pulumi.runtime.rpc import UNKNOWN

from sandbox.kubernetes_plugin.connection import named, read
from sandbox.kubernetes_plugin.errors import Object, Unreachable

IDENTIFIER = "clusterIdentifier"
POINTERS = ("kubeconfig", "context", "cluster")


def provider_diff(old: Object, new: Object) -> tuple[list[str], list[str]]:
    """Return the settings that differ, and those of them that replace the provider.

    The environment is not looked at. Raises Unreachable when a kubeconfig can't be read.
    """
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    if not changed:
        return [], []
    identifiers = old.get(IDENTIFIER), new.get(IDENTIFIER)
    replacing = [IDENTIFIER] if IDENTIFIER in changed and None not in identifiers else []
    unknown = next((key for key in POINTERS if new.get(key) == UNKNOWN), None)
    if unknown:
        changed = [unknown]
        replacing.append(unknown)
    else:
        before, after = _active_cluster(old), _active_cluster(new)
        if None not in (before, after) and before != after:
            replacing += [key for key in POINTERS if key in changed]
    stays = IDENTIFIER not in changed and identifiers[1] is not None
    return changed, [] if stays else replacing


def _active_cluster(settings: Object) -> Object | None:
    """Return what the kubeconfig says of the cluster that is chosen; None if it says nothing of it."""
    config = read(settings["kubeconfig"]) if settings.get("kubeconfig") else {}
    try:
        context = named(config, "context", settings.get("context", config.get("current-context")) or "")
        return named(config, "cluster", settings.get("cluster", context.get("cluster")) or "")
    except Unreachable:
        return None
