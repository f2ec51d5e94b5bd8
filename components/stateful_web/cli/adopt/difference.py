"""How two objects differ, list entries compared as the API server merges them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...merge import MAP_KEYS, identity

Place = tuple[str, ...]
"""Keys to a value; an entry of a keyed list has those of its identity, as ``name=web``."""


def excess(one: Any, other: Any, field: str = "", at: Place = ()) -> Iterator[Place]:
    """Yield where ``one`` has something that ``other`` does not have, or has in another way or order."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key, value in one.items():
            if key not in other:
                yield (*at, key)
            else:
                yield from excess(value, other[key], key, (*at, key))
    elif isinstance(one, list) and isinstance(other, list) and field in MAP_KEYS:
        theirs = {identity(item, field): item for item in other}
        shared = [identity(item, field) for item in one if identity(item, field) in theirs]
        if shared != [named for named in theirs if named in shared]:
            yield (*at, "order")
        for item in one:
            named = identity(item, field)
            here = (*at, "=".join((MAP_KEYS[field][0], str(named[0]))))
            if named not in theirs:
                yield here
            else:
                yield from excess(item, theirs[named], "", here)
    elif one != other:
        yield at


def patch_to(wanted: Any, base: Any, field: str = "") -> Any:
    """Return what is to be merged into ``base`` to have ``wanted``; keyed lists can only get entries more."""
    if isinstance(wanted, Mapping) and isinstance(base, Mapping):
        changed = {
            key: patch_to(value, base[key], key) if key in base else value
            for key, value in wanted.items()
            if key not in base or base[key] != value
        }
        return {**changed, **{key: None for key in base if key not in wanted}}
    if isinstance(wanted, list) and isinstance(base, list) and field in MAP_KEYS:
        theirs = {identity(item, field): item for item in base}
        patches = []
        for item in wanted:
            own = theirs.get(identity(item, field))
            if own is None:
                patches.append(item)
            elif own != item:
                keys = {key: item[key] for key in MAP_KEYS[field] if key in item}
                patches.append({**keys, **patch_to(item, own)})
        return patches
    return wanted
