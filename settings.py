"""What this program calls its config keys and its component; the component's own ``stack_config`` reads them."""

from contextlib import AbstractContextManager

from components.stateful_web import StatefulWebArgs, stack_config
from components.stateful_web.stack_config import COMPONENT

__all__ = ["COMPONENT", "NAMESPACE", "config_keys_in_errors", "load"]

NAMESPACE = "stateful-web"
"""Of the config keys."""


def load() -> StatefulWebArgs:
    """Return the component's inputs from the stack's config; raises ``InvalidInput`` for what can't be used."""
    return stack_config.load(NAMESPACE)


def config_keys_in_errors() -> AbstractContextManager[None]:
    """Name config keys instead of inputs in findings that the component raises, now or when outputs are known."""
    return stack_config.config_keys_in_errors(NAMESPACE)
