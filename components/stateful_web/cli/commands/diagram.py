"""``stateful-web diagram``."""

from pathlib import Path

import click

from .options import chosen, in_folder, of_stack, options


@click.command
@options(of_stack, in_folder)
def diagram(stack: str) -> None:
    """Print a picture of the objects of a first deploy, as SVG; no cluster and no engine are asked."""
    from ..diagram import diagram as drawn
    from ..project import Project
    from ..render import objects_of

    project = Project.at(Path.cwd())
    click.echo(drawn(objects_of(project, chosen(stack))), nl=False)
