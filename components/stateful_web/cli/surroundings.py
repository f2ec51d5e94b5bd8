"""What the environment says of a stack that is made for it, as a sandbox's is; nothing is said of any other stack."""

import os


def start(stack: str) -> str | None:
    """Return the command that starts the stack's cluster and deploys the stack."""
    return _of(stack, "STATEFUL_WEB_START")


def shell_setup(stack: str) -> str | None:
    """Return what a shell runs before the commands of Pulumi and kubectl reach the stack and its cluster."""
    return _of(stack, "STATEFUL_WEB_SHELL_SETUP")


def _of(stack: str, variable: str) -> str | None:
    return os.environ.get(variable) if stack == os.environ.get("STATEFUL_WEB_STACK") else None
