"""What a stack's config asks for, where the project's program hands it to the component as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .errors import CliError

if TYPE_CHECKING:
    from .. import StatefulWebArgs
    from ..kubeconfig import ClusterAccess
    from .live_objects import Place


def is_read(folder: Path) -> bool:
    """Say whether a project's program has its config read by the component's own ``stack_config``.

    The same keys may mean something else to any other program.
    """
    return any("stack_config" in path.read_text(errors="replace") for path in folder.glob("*.py"))


class Asked(NamedTuple):
    """What a stack's config asks for, and how it reaches the cluster."""

    inputs: "StatefulWebArgs"
    access: "ClusterAccess"


def asked_for(folder: Path, stack: str, say: Callable[[str], None]) -> Asked | None:
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
        inputs = inputs_of(Project.at(folder), stack)
    except (CliError, InvalidInput) as error:
        say(f"Claims of an earlier life are looked for by the state and the live sets alone: {error}")
        return None
    access = configured(stack)
    inputs.setdefault("namespace", namespace(access) or "default")
    return Asked(inputs, access)


def with_planned(places: "list[Place]", asked: Asked | None) -> "tuple[list[Place], Place | None]":
    """Return the places of a stack with that of its config, and which one this is: a destroyed stack has no other."""
    if asked is None:
        return places, None
    from .live_objects import Place

    namespace = str(asked.inputs["namespace"])
    there = [place for place in places if place.namespace == namespace]
    if there:
        return places, next((place for place in there if place.access == asked.access), there[0])
    planned = Place(asked.access, namespace, ())
    return [*places, planned], planned
