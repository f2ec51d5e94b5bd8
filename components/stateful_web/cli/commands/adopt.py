"""``stateful-web adopt``."""

from pathlib import Path

import click

from .options import in_folder, options


@click.command
@click.argument("which", metavar="NAMESPACE/NAME")
@click.option("-s", "--stack", required=True, metavar="NAME", help="Name of the new stack.")
@options(in_folder)
def adopt(which: str, stack: str) -> None:
    """Write the file of a new stack for a live StatefulSet.

    NAMESPACE/NAME is that of the StatefulSet, in the current context of the kubeconfig. It changes nothing on the
    cluster.
    """
    from ..adopt.taking_over import adopt as taking_over

    for line in taking_over(which, stack, Path.cwd()):
        print(line)
