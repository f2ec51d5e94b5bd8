"""What a stack's config asks for, where the project's program hands it to the component as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CliError

if TYPE_CHECKING:
    from .. import StatefulWebArgs
    from .live_objects import Place


def is_read(folder: Path) -> bool:
    """Say whether a project's program has its config read by the component's own ``stack_config``.

    The same keys may mean something else to any other program.
    """
    return any("stack_config" in path.read_text(errors="replace") for path in folder.glob("*.py"))


def asked_for(folder: Path, stack: str, say: Callable[[str], None]) -> "StatefulWebArgs | None":
    """Return what the stack's config asks for; ``None`` where the component can't tell it from there."""
    from .. import InvalidInput
    from ..kubeconfig import namespace
    from .project import Project
    from .render import inputs_of
    from .targets import configured

    if not is_read(folder):
        say("Claims of an earlier life are looked for by the state and the live sets: config is the program's own.")
        return None
    try:
        asked = inputs_of(Project.at(folder), stack)
    except (CliError, InvalidInput) as error:
        say(f"Claims of an earlier life are looked for by the state and the live sets alone: {error}")
        return None
    asked.setdefault("namespace", namespace(configured(stack)) or "default")
    return asked


def with_planned(
    places: "list[Place]", asked: "StatefulWebArgs | None", stack: str
) -> "tuple[list[Place], Place | None]":
    """Return the places of a stack with that of its config, and which one this is: a destroyed stack has no other."""
    if asked is None:
        return places, None
    from .live_objects import Place
    from .targets import configured

    access, namespace = configured(stack), str(asked["namespace"])
    there = [place for place in places if place.namespace == namespace]
    if there:
        return places, next((place for place in there if place.access == access), there[0])
    planned = Place(access, namespace, ())
    return [*places, planned], planned
