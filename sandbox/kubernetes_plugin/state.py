"""What the engine keeps of a resource: the live object, with the inputs that shaped it beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.kubernetes_plugin import values
from sandbox.kubernetes_plugin.errors import Object
from sandbox.kubernetes_plugin.values import Properties

_INPUTS, _API_VERSION, _MANAGER = "__inputs", "__initialApiVersion", "__fieldManager"


@dataclass(frozen=True)
class State:
    """The last known state of a resource."""

    inputs: Object
    live: Object
    api_version: str
    """The apiVersion that the object was created with."""
    manager: str
    """The field manager of its updates."""

    def properties(self, secret_like: Mapping[str, PropertyValue]) -> Properties:
        """Return the state for the engine, secret where the given inputs are."""
        live = values.secret_like(values.properties(self.live), secret_like)
        inputs = values.secret_like(values.properties(self.inputs), secret_like)
        own = {_API_VERSION: self.api_version, _MANAGER: self.manager}
        return {**live, _INPUTS: PropertyValue(inputs), **values.properties(own)}


def parse(properties: Mapping[str, PropertyValue]) -> State:
    """Read a state that the engine kept; an empty one where it kept none."""
    live = values.plain(properties)
    inputs = live.pop(_INPUTS, {})
    version = live.pop(_API_VERSION, "") or inputs.get("apiVersion", "")
    return State(inputs, live, version, live.pop(_MANAGER, ""))
