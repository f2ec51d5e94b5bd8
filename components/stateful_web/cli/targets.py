"""Which backend and cluster a command is about to use, and the kubectl that reaches the same one."""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import pulumi as sdk

from ..api_server import shown
from ..kubeconfig import KEYS, ClusterAccess, client
from .pulumi_cli import login, pulumi


def configured(stack: str) -> ClusterAccess:
    """Return how the default provider reaches the cluster, by a stack's config."""
    config: Mapping[str, Mapping[str, Any]] = json.loads(pulumi("config", "--json", "--stack", stack))

    def value(key: str) -> str | None:
        found = config.get(key, {})
        return pulumi("config", "get", key, "--stack", stack).strip() if found.get("secret") else found.get("value")

    return ClusterAccess.of({key: value(f"kubernetes:{key}") for key in KEYS})


def target(stack: str, accesses: Iterable[ClusterAccess] = ()) -> list[str]:
    """Return the backend of a stack, and cluster and context of each access, or of the stack's config; a line each."""
    who = login()
    backend = f"Backend: {who.get('url') or 'that of pulumi login'} ({who.get('user')})"
    return [backend, *(line for access in (accesses or [configured(stack)]) for line in cluster_of(access))]


def cluster_of(access: ClusterAccess) -> list[str]:
    """Return cluster and context of an access, a line each."""
    cluster, context = "", access.context
    try:
        reached = client(access).config
        cluster, context = shown(reached.cluster.server), reached.context_name
    except sdk.RunError as error:
        cluster = str(error)
    return [f"Cluster: {cluster}", f"Context: {context or 'the current one'}"]


def kubectl(reached: ClusterAccess) -> str:
    """Return the start of a kubectl command for a cluster.

    A kubeconfig given as text has no name: the command fails until it is given one, and so meets no other cluster.
    """
    words = ["kubectl"]
    if reached.kubeconfig:
        words += ["--kubeconfig", reached.path or "<file with this kubeconfig>"]
    if reached.context:
        words += ["--context", reached.context]
    if reached.cluster:
        words += ["--cluster", reached.cluster]
    return shlex.join(words)
