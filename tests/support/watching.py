"""What happens to pods, in the order in which the API server tells it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lightkube import Client
from lightkube.resources.core_v1 import Pod


@dataclass(frozen=True)
class PodEvent:
    """One event of the watch."""

    what: str
    """``ADDED``, ``MODIFIED`` or ``DELETED``."""
    pod: str
    ready: bool


@contextmanager
def pod_events(api: Client, namespace: str) -> Iterator[list[PodEvent]]:
    """Collect the events of a namespace's pods from now on; the list grows while the block runs."""
    events: list[PodEvent] = []
    listed = api.list(Pod, namespace=namespace)
    before = len(list(listed))  # read to its end, a list knows its version
    watch = api.watch(Pod, namespace=namespace, resource_version=listed.resourceVersion)
    stopped = threading.Event()

    def collect() -> None:
        try:
            for what, pod in watch:
                seen = pod.to_dict()
                conditions = seen.get("status", {}).get("conditions", ())
                ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
                events.append(PodEvent(what, seen["metadata"]["name"], ready))
                if stopped.is_set():
                    return
        except Exception:
            if not stopped.is_set():
                raise

    threading.Thread(target=collect, daemon=True, name=f"watching {namespace}, which had {before} pods").start()
    try:
        yield events
    finally:
        stopped.set()
