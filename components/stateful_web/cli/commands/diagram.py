"""``stateful-web diagram``."""

from typing import TextIO

import click

from .sources import SOURCES, WHERE, objects_of


@click.command(epilog=WHERE)
@SOURCES
def diagram(file: TextIO | None, plan: bool, stack: str) -> None:
    """Draw StatefulSets as SVG.

    The picture has their Services, pods in order, claims, volumes and classes.
    """
    from ..diagram import diagram as drawn

    click.echo(drawn(objects_of(file, plan, stack).objects), nl=False)
