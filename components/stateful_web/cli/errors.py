"""What stands in the way of a command, in one sentence, and what the user does about it."""

OF_THE_EXTRA = ("click", "rich", "drawsvg")
"""Modules that the command needs and the component does not."""


class CliError(Exception):
    """What stands in the way, and what to do: one clear sentence."""


def sentence_of(error: Exception) -> str | None:
    """Return what a user is told of an error; ``None`` for a fault of ours, whose traceback is wanted."""
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] in OF_THE_EXTRA:
        return (
            f"The command needs {error.name}, which does not come with the component: pip install 'stateful-web[cli]'"
        )
    import httpx2
    import pulumi

    if isinstance(error, (CliError, pulumi.RunError)):
        return str(error)
    if isinstance(error, httpx2.HTTPError):
        return f"The cluster did not answer as it should: {error}."
    return None
