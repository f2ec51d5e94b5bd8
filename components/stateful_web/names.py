"""Names that Kubernetes derives for a StatefulSet, of pods, claims and DNS records; and the component's own."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

Pod = TypeVar("Pod")

COMPONENT_TYPE = "stateful-web:index:StatefulWeb"
"""Of the component, in a stack's state and to other languages."""

CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' default; a cluster may be set up with another."""


def pod_names(stateful_set: str, ordinals: Iterable[int]) -> list[str]:
    """Return the names of the pods with these ordinals: ``<set>-<ordinal>``."""
    return [f"{stateful_set}-{ordinal}" for ordinal in ordinals]


def above_partition(pods: Sequence[Pod], partition: int) -> Sequence[Pod]:
    """Return the pods that a rolling update reaches, of all pods in order, as names or ordinals.

    Kubernetes counts ``partition`` by index, not by ordinal: ``spec.ordinals.start`` does not matter.
    """
    return pods[partition:]


def claim_name(volume: str, pod: str) -> str:
    """Return the name of the claim that a pod has of a claim template: ``<volume>-<pod>``."""
    return f"{volume}-{pod}"


def claim_names(volumes: Iterable[str], stateful_set: str, ordinals: Iterable[int]) -> list[str]:
    """Return the names of the claims of the pods with these ordinals: by claim template, then by pod."""
    pods = pod_names(stateful_set, ordinals)
    return [claim_name(volume, pod) for volume in volumes for pod in pods]


def claim_ordinal(claim: str, volumes: Iterable[str], stateful_set: str) -> int | None:
    """Return the ordinal of the pod that a claim's name stands for; ``None`` if it is no claim of these templates."""
    form = re.fullmatch(r"(.+)-(0|[1-9][0-9]*)", claim)
    return int(form[2]) if form and form[1] in {f"{volume}-{stateful_set}" for volume in volumes} else None


def pod_host(pod: str, service: str, namespace: str) -> str:
    """Return a pod's full DNS name under its governing Service.

    See https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
    """
    return f"{pod}.{service}.{namespace}.svc.{CLUSTER_DOMAIN}"
