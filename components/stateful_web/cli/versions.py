"""What the versions in use do to a StatefulSet: a cluster that this release does not support, and known traps."""

import re
from collections.abc import Iterator

from ..versions import KUBERNETES, parsed
from .doctor import Finding, Picture, is_ready

WAIT_FOR = "pulumi.com/waitFor"


def findings(picture: Picture) -> Iterator[Finding]:
    """Return what to know of the versions of cluster and plugin; nothing of one that is not known."""
    yield from _support(picture)
    yield from _parallel(picture)
    yield from _wait_for(picture)


def _support(picture: Picture) -> Iterator[Finding]:
    minor = parsed(picture.cluster_version)[:2]
    oldest, newest = parsed(KUBERNETES[0])[:2], parsed(KUBERNETES[-1])[:2]
    if minor and not oldest <= minor <= newest:
        does = "upgrade the cluster" if minor < oldest else "look for a newer release of stateful-web"
        fix = (
            f"The cluster is Kubernetes {picture.cluster_version}, and this release of stateful-web is tested on "
            f"{KUBERNETES[0]} to {KUBERNETES[-1]}: {does}."
        )
        yield Finding("cluster", "UnsupportedVersion", fix)


def _parallel(picture: Picture) -> Iterator[Finding]:
    """Feature MaxUnavailableStatefulSet: on since 1.35.0, off again since 1.35.4, on and mended since 1.37.0."""
    affected = (1, 35, 0) <= parsed(picture.cluster_version) < (1, 35, 4)
    if not affected or picture.ordered or picture.strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return
    stuck = " ".join(pod["metadata"]["name"] for pod in picture.pods if not is_ready(pod))
    fix = (
        f"Kubernetes {picture.cluster_version} stops the rollout of a Parallel StatefulSet while as many pods as "
        "update.maxUnavailable (1 if absent) are not ready, older ones included: upgrade the cluster to 1.35.4 or "
        "later, and until then delete the pods that are not ready "
        "(https://github.com/kubernetes/kubernetes/issues/137409)."
    )
    commands = (picture.command("delete", "pod", stuck),) if stuck else ()
    yield Finding(f"StatefulSet {picture.name}", "ParallelRollout", fix, commands)


def _wait_for(picture: Picture) -> Iterator[Finding]:
    annotations = (picture.stateful_set or {}).get("metadata", {}).get("annotations") or {}
    operator = re.search(r"[!<>]=", annotations.get(WAIT_FOR, ""))
    if operator and () < parsed(picture.plugin_version) < (4, 34, 0):
        fix = (
            f'Annotation {WAIT_FOR} has "{operator[0]}", which the kubernetes plugin {picture.plugin_version} can\'t '
            "read: use pulumi-kubernetes 4.34 or later, or a path without it "
            "(https://github.com/pulumi/pulumi-kubernetes/pull/4524)."
        )
        yield Finding(f"StatefulSet {picture.name}", "WaitForOperator", fix)
