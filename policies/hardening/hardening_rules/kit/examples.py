"""Makes examples out of objects that keep every rule, by changing one thing."""

import copy
from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Manifest:
    """Return ``base`` changed by a merge patch (RFC 7396): maps deep, lists whole, ``None`` removes."""
    result = copy.deepcopy(dict(base))
    for key, change in changes.items():
        if change is None:
            result.pop(key, None)
        elif isinstance(change, Mapping):
            result[key] = merged(result.get(key) or {}, change)
        else:
            result[key] = change
    return result
