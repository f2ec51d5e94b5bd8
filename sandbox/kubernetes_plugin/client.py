"""The official client library, imported late: it takes a while, and the engine starts the plugin in every preview."""

import functools
import importlib
import threading
from typing import Any

# The library imports its parts as they are asked for, in circles: two threads at once would lock each other out.
_lock = threading.RLock()


def module(name: str) -> Any:
    """Return a module of the library."""
    with _lock:
        importlib.import_module("kubernetes.client.api_client")
        return importlib.import_module(f"kubernetes.{name}")


@functools.cache
def model(name: str) -> Any:
    """Return the model of an API type, with the names and types of its fields; None if there is none."""
    with _lock:
        return getattr(module("client"), name, None)


def preload() -> None:
    """Import what nearly every run needs."""
    module("config.kube_config")
    model("V1StatefulSet")
