"""What the plugin answers when it cannot do what was asked."""

from typing import Any

Object = dict[str, Any]
"""A Kubernetes object, or a part of one, as plain JSON."""


class PluginError(Exception):
    """An answer for the user: the engine prints its text."""


class NeedsOfficialPlugin(PluginError):
    """The stand-in does not cover this, and says so instead of guessing."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs the official plugin: this is the sandbox's stand-in for pulumi-resource-kubernetes"
        )


class Unreachable(PluginError):
    """No connection to the cluster; the text says why, in one line."""


class UnknownKind(PluginError):
    """The API server serves no such apiVersion and kind."""


class ApiError(PluginError):
    """An answer other than success by the API server, with its own message as text."""

    def __init__(self, code: int, status: Object) -> None:
        super().__init__(status.get("message") or f"the API server answered {code}")
        self.code = code
        self.reason = str(status.get("reason", ""))
        self.details: Object = status.get("details") or {}


class Unfinished(PluginError):
    """The object is there, but did not become ready; ``live`` is its last known state."""

    def __init__(self, message: str, live: Object, missing: list[str]) -> None:
        super().__init__(message)
        self.live = live
        self.missing = missing


class InitFailed(PluginError):
    """Tells the engine to keep a resource in the state although the operation on it failed."""

    def __init__(self, message: str, resource_id: str, state: Any, reasons: list[str], inputs: Any = None):
        super().__init__(message)
        self.resource_id = resource_id
        self.state = state
        self.reasons = reasons
        self.inputs = inputs
