"""``stateful-web render``."""

from pathlib import Path

import click

from .options import chosen, in_folder, of_stack, options


@click.command
@options(of_stack, in_folder)
def render(stack: str) -> None:
    """Print the objects of a first deploy as YAML, for `kubectl apply -f -`; no cluster and no engine are asked."""
    from ..project import Project
    from ..render import as_yaml, objects_of

    project = Project.at(Path.cwd())
    click.echo(as_yaml(objects_of(project, chosen(stack))), nl=False)
