"""Makes examples out of objects that keep every rule, by changing one thing."""

from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Manifest:
    """Return ``base`` changed by a merge patch (RFC 7396): maps deep, lists whole, ``None`` removes."""
    result = {key: _copied(value) for key, value in base.items()}
    for key, change in changes.items():
        if change is None:
            result.pop(key, None)
        elif isinstance(change, Mapping):
            result[key] = merged(result.get(key) or {}, change)
        else:
            result[key] = _copied(change)
    return result


def _copied(value: Any) -> Any:
    # Unlike copy.deepcopy, also of parts that appear twice: changing one must not change the other.
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
