"""The one exception that the sandbox raises for what its user can put right."""


class SandboxError(Exception):
    """What went wrong and how to put it right: one clear sentence first, details on lines of their own."""
