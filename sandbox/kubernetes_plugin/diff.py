"""What an update would change, and what of it takes a replacement.

Compared are the new inputs and the live object as far as the old inputs shaped it: drift counts as a change, and
what the cluster filled in by itself does not.
"""

from collections.abc import Iterator
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiff, PropertyDiffKind

from sandbox.kubernetes_plugin import objects, paths
from sandbox.kubernetes_plugin.errors import Object
from sandbox.kubernetes_plugin.paths import Path

_ADD, _DELETE, _UPDATE = PropertyDiffKind.ADD, PropertyDiffKind.DELETE, PropertyDiffKind.UPDATE
_REPLACING = {
    _ADD: PropertyDiffKind.ADD_REPLACE,
    _DELETE: PropertyDiffKind.DELETE_REPLACE,
    _UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}


def diff(
    live: Object,
    old: Object,
    new: Object,
    *,
    namespaced: bool,
    replacing: list[tuple[str, ...]],
    ignore_changes: list[str],
) -> DiffResponse:
    """Compare the live object, by the shape of the old inputs, with the new inputs."""
    before: Object = objects.prune(live, old)
    before.setdefault("apiVersion", new.get("apiVersion"))
    before.setdefault("kind", new.get("kind"))
    before, after = dict(before), dict(new)
    for side in (before, after):
        side["metadata"] = dict(objects.metadata(side))
        side["metadata"].pop("namespace", None)
        if namespaced:
            side["metadata"]["namespace"] = objects.namespace(live if side is before else new) or "default"
    before["metadata"].pop("resourceVersion", None)
    if objects.name(new):
        before["metadata"]["name"] = objects.name(live)

    ignored = [paths.parse(path) for path in ignore_changes]
    detailed: dict[str, PropertyDiff] = {}
    replaces: list[str] = []
    for path, kind, value in _changes((), before, after):
        if any(paths.contains(ignore, path) for ignore in ignored):
            continue
        text = paths.write(path)
        replaced = any(_touches(path, value, field) for field in replacing)
        detailed[text] = PropertyDiff(_REPLACING[kind] if replaced else kind, input_diff=kind is _DELETE)
        if replaced or (kind is _DELETE and path == ("metadata",)):
            replaces.append(text)
    return DiffResponse(
        changes=bool(detailed),
        replaces=replaces,
        detailed_diff=detailed,
        # Only an object that takes another name can be there before the old one has gone.
        delete_before_replace=bool(replaces)
        and not objects.is_true(new, "autonamed")
        and objects.name(new) == objects.name(live)
        and objects.namespace(after) == objects.namespace(before),
    )


def _changes(path: Path, old: Any, new: Any) -> Iterator[tuple[Path, PropertyDiffKind, Any]]:
    """Yield each change with its path and the new value; None for what is deleted."""
    if isinstance(old, dict) and isinstance(new, dict):
        steps: list[Any] = [*old, *(key for key in new if key not in old)]
        for step in steps:
            yield from _change((*path, step), old, new, step, step in old, step in new)
    elif isinstance(old, list) and isinstance(new, list):
        for step in range(max(len(old), len(new))):
            yield from _change((*path, step), old, new, step, step < len(old), step < len(new))
    elif old != new:
        yield path, _UPDATE, new


def _change(
    path: Path, old: Any, new: Any, step: Any, is_old: bool, is_new: bool
) -> Iterator[tuple[Path, PropertyDiffKind, Any]]:
    if is_old and is_new:
        yield from _changes(path, old[step], new[step])
    elif is_new:
        yield path, _ADD, new[step]
    else:
        yield path, _DELETE, None


def _touches(path: Path, value: Any, field: tuple[str, ...]) -> bool:
    """Say whether a change at a path, to a value, reaches a field: above it, at it or below it."""
    for depth, wanted in enumerate(field):
        if depth < len(path):
            if wanted != path[depth] and not (wanted == "*" and isinstance(path[depth], int)):
                return False
        elif wanted == "*":
            return isinstance(value, list) and any(_touches((), item, field[depth + 1 :]) for item in value)
        elif isinstance(value, dict) and wanted in value:
            value = value[wanted]
        else:
            return False
    return True
