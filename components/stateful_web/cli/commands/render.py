"""``stateful-web render``."""

from typing import TextIO

import click

from .sources import SOURCES, WHERE, objects_of


@click.command(epilog=WHERE)
@SOURCES
def render(file: TextIO | None, plan: bool, stack: str) -> None:
    """Print objects as YAML.

    Each comes after those that it needs, and without what the API server alone writes.
    """
    from ..render import as_yaml

    click.echo(as_yaml(objects_of(file, plan, stack).objects), nl=False)
