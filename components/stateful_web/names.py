"""Names that Kubernetes derives for a StatefulSet: of pods, claims and DNS records."""

from collections.abc import Sequence
from typing import TypeVar

Pod = TypeVar("Pod")

CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' default; a cluster may be set up with another."""


def pod_names(stateful_set: str, replicas: int, start: int = 0) -> list[str]:
    """Return the pods' names in order: ``<set>-<ordinal>``, with ordinals from ``start`` on."""
    return [f"{stateful_set}-{ordinal}" for ordinal in range(start, start + replicas)]


def above_partition(pods: Sequence[Pod], partition: int) -> Sequence[Pod]:
    """Return the pods that a rolling update reaches, of all pods in order, as names or ordinals.

    Kubernetes counts ``partition`` by index, not by ordinal: ``spec.ordinals.start`` does not matter.
    """
    return pods[partition:]


def claim_name(volume: str, pod: str) -> str:
    """Return the name of the claim that a pod has of a claim template: ``<volume>-<pod>``."""
    return f"{volume}-{pod}"


def pod_host(pod: str, service: str, namespace: str) -> str:
    """Return a pod's full DNS name under its governing Service.

    See https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
    """
    return f"{pod}.{service}.{namespace}.svc.{CLUSTER_DOMAIN}"
