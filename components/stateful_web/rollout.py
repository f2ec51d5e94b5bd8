"""Waits for a rollout with a partition, which the kubernetes plugin's own wait can't do: it would never end.

The plugin waits until every pod has the new revision, and the pods below a partition never get it. So it is told to be
content with the object (``manifests.CONTENT_WITH_THE_OBJECT``), and this waits for what was asked: that the controller
has seen the generation that was written, that the pods from the partition on have the new revision, and that all are
ready.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from .kubeconfig import ClusterAccess, client

POLL_SECONDS = 0.5


class RolloutFailed(pulumi.RunError):
    """The pods that were asked for did not get ready in time; the message says what is missing."""


def missing(stateful_set: Mapping[str, Any], generation: int, partition: int) -> str | None:
    """Return what a rollout still waits for, or ``None`` if what was asked for has happened."""
    status, wanted = stateful_set.get("status", {}), stateful_set["spec"]["replicas"]
    if status.get("observedGeneration", 0) < generation:
        return "the controller has not seen the change yet"
    updated, ready = status.get("updatedReplicas", 0), status.get("readyReplicas", 0)
    to_update = max(0, wanted - partition)
    if status.get("replicas", 0) != wanted or updated < to_update:
        return f"{updated} of {to_update} pods have the new revision, {status.get('replicas', 0)} of {wanted} are there"
    return None if ready == wanted else f"{ready} of {wanted} pods are ready"


async def wait(
    access: ClusterAccess,
    namespace: str,
    name: str,
    generation: int,
    partition: int,
    seconds: int,
    say: Callable[[str], None],
) -> None:
    """Wait until the pods that a partition lets through are there and ready.

    Raises ``RolloutFailed`` after ``seconds``.
    """
    import httpx2
    from lightkube.core.exceptions import ApiError
    from lightkube.resources.apps_v1 import StatefulSet

    api = client(access)
    deadline = time.monotonic() + seconds
    told = ""

    def ask() -> str | None:
        nonlocal api
        try:
            return missing(api.get(StatefulSet, name, namespace=namespace).to_dict(), generation, partition)
        except (ApiError, httpx2.TransportError) as error:
            # It may answer again, and the object is in the state already.
            if isinstance(error, ApiError) and error.status.code == 401:
                api = client(access)  # a login may last for minutes only
            return f"the API server says: {error}"

    # Asked in a thread, so that other resources go on meanwhile.
    while waiting_for := await asyncio.to_thread(ask):
        if waiting_for != told:
            say(f"StatefulSet {namespace}/{name}, partition {partition}: {waiting_for}")
            told = waiting_for
        if time.monotonic() > deadline:
            raise RolloutFailed(
                f"StatefulSet {namespace}/{name} with partition {partition} is not rolled out after {seconds} s: "
                f"{waiting_for}. See why with kubectl describe pods; rolloutTimeoutSeconds allows it more time."
            )
        await asyncio.sleep(POLL_SECONDS)
