"""The commands and their options, a module each; what a command needs is imported when it runs."""

import click

from ... import __version__
from .adopt import adopt
from .claims import claims
from .diagram import diagram
from .doctor import doctor
from .options import in_folder
from .preview import preview
from .recover import recover
from .render import render
from .status import status

EPILOG = """\b
Exit codes:
  0    done
  1    something stands in the way of all or a part; one sentence says what, and what to do
  2    an option or argument that does not exist, or does not go with another
  10   preview --fail-on: the change does what was not wanted
  130  interrupted
preview ends with the exit code of pulumi preview where that is not 0.
"""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
@in_folder
def stateful_web() -> None:
    """Look after the StatefulSets of a Pulumi stack: what they are at, what a change does to pods and data, and what
    frees them when they are stuck. It works in every Pulumi project, whatever its language."""


for command in (status, preview, doctor, claims, recover, adopt, render, diagram):
    stateful_web.add_command(command)
