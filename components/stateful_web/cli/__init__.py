"""The command ``stateful-web``: what a stack's StatefulSets are at, and what a change does to their pods and data."""

import os
import sys


def main() -> None:
    """Run the command and end with its exit code."""
    try:
        import click
    except ModuleNotFoundError as error:
        from .errors import sentence_of

        sys.exit(sentence_of(error))
    from .commands import stateful_web

    try:
        code = stateful_web.main(prog_name="stateful-web", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        # Who reads has read enough, as `head` does; Python would say so once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        from .errors import sentence_of

        if (said := sentence_of(error)) is None:
            raise
        print(said, file=sys.stderr)
        code = 1
    sys.exit(code)
