"""Kubernetes objects as plain data, with an explicit mark for what a preview can not know yet."""

import json
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final


class Unknown(Enum):
    """The type of ``UNKNOWN``."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""Stands for a value that depends on something that is not created yet. Only ``pulumi up`` knows it."""

STATEFUL_SET: Final = "StatefulSet.apps"
SERVICE: Final = "Service"
PROVIDER: Final = "Provider.kubernetes"
"""A kubernetes provider of the program, by an API group that no cluster has."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """Which cluster a resource goes to, as far as its provider tells."""

    provider: str = ""
    """The provider's URN."""

    address: tuple[Any, ...] = ()
    """The provider's kubeconfig, context and cluster, as far as it names them. May be secret."""

    namespace: Any = None
    """The provider's default namespace."""

    def is_same(self, other: "Cluster") -> bool | Unknown:
        """Say whether two providers reach one cluster: they do, unless both name one and the names differ."""
        if self.provider == other.provider:
            return True
        named = zip(self.address, other.address, strict=False)
        return all_of(_is_same_address(mine, theirs) for mine, theirs in named if None not in (mine, theirs))


def _is_same_address(mine: Any, theirs: Any) -> bool | Unknown:
    """Compare two addresses, of which one may be a file's full path and the other its end: one comes from config.

    Which folder a relative path starts from, only the provider knows.
    """
    if not (isinstance(mine, str) and isinstance(theirs, str)) or "\n" in mine + theirs:
        return is_equal(mine, theirs)
    longer, shorter = sorted((posixpath.normpath(mine), posixpath.normpath(theirs)), key=len, reverse=True)
    return longer == shorter or (longer.startswith("/") and longer.endswith(f"/{shorter.removeprefix('~/')}"))


@dataclass(frozen=True, eq=False)
class Object:
    """One Kubernetes object of the program, or the part of one that a Patch resource sets."""

    kind: str
    """Kind and API group without version, as in ``StatefulSet.apps``; core kinds have no group: ``Service``."""

    data: Mapping[str, Any]
    """metadata, spec and so on: dicts, lists and scalars, or ``UNKNOWN`` in place of any of them."""

    urn: str = ""
    resource: str = ""
    """The Pulumi name."""

    patch: bool = False
    """A Patch resource: what it does not mention is set elsewhere."""

    cluster: Cluster = field(default_factory=Cluster)

    inputs: Mapping[str, Any] | None = None
    """What the program asked for, when ``data`` is what came of it and the engine has shown both."""

    ignored: tuple[str, ...] = ()
    """The property paths of the option ``ignore_changes``."""

    @property
    def name(self) -> Any:
        """Return metadata.name, ``None`` or ``UNKNOWN``."""
        return get(self.data, "metadata", "name")

    @property
    def namespace(self) -> Any:
        """Return the namespace that the object lands in, or ``UNKNOWN``."""
        return get(self.data, "metadata", "namespace") or self.cluster.namespace or "default"

    def get(self, *path: str) -> Any:
        """Return what lies at ``path``; see the function of this name."""
        return get(self.data, *path)

    def is_named(self, name: str, like: "Object") -> bool | Unknown:
        """Say whether this is the object called ``name`` in the cluster and namespace of ``like``."""
        return all_of([is_equal(self.name, name), self.is_beside(like)])

    def is_beside(self, other: "Object") -> bool | Unknown:
        """Say whether two objects are in one cluster and namespace."""
        return all_of([self.cluster.is_same(other.cluster), is_equal(self.namespace, other.namespace)])

    def __str__(self) -> str:
        patch = "Patch" if self.patch else ""
        place = f"{self.namespace}/" if isinstance(self.namespace, str) else ""
        name = f" {one_line(f'{place}{self.name}')}" if isinstance(self.name, str) else ""
        resource = f" (resource {quote(self.resource)})" if self.resource else ""
        return f"{self.kind.partition('.')[0]}{patch}{name}{resource}"


def by_name(objects: Iterable[Object], kind: str) -> Callable[[str], list[Object]]:
    """Return a look-up of the objects of a kind that have a name, or may have it."""
    known: dict[Any, list[Object]] = {}
    unknown = []
    for obj in objects:
        if obj.kind == kind and obj.name is UNKNOWN:
            unknown.append(obj)
        elif obj.kind == kind and isinstance(obj.name, str):
            known.setdefault(obj.name, []).append(obj)
    return lambda name: known.get(name, []) + unknown


def get(value: Any, *path: str) -> Any:
    """Return what lies at ``path``: ``None`` where there is nothing, ``UNKNOWN`` where it or a parent is not known."""
    for key in path:
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def entries(value: Any) -> list[Any]:
    """Return the known entries of a list; of anything else, none."""
    return [entry for entry in value if entry is not UNKNOWN] if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a map; for anything else, an empty one."""
    return value if isinstance(value, Mapping) else {}


def is_complete(value: Any) -> bool:
    """Say whether all entries of a list, or all keys of a map, are known: only then is an absence certain."""
    return value is not UNKNOWN and not (isinstance(value, list) and UNKNOWN in value)


def all_of(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """Return the conjunction of answers: one ``False`` decides, and ``UNKNOWN`` beats ``True``."""
    answers = list(answers)
    if False in answers:
        return False
    return UNKNOWN if UNKNOWN in answers else True


def is_equal(left: Any, right: Any) -> bool | Unknown:
    """Compare two values of which either may be unknown."""
    return UNKNOWN if UNKNOWN in (left, right) else bool(left == right)


def lacking(selector: Any, labels: Any) -> dict[str, Any]:
    """Return the pairs of ``selector`` that ``labels`` certainly do not have."""
    return {key: value for key, value in mapping(selector).items() if is_equal(get(labels, key), value) is False}


def matches(selector: Any, labels: Any) -> bool | Unknown:
    """Say whether a LabelSelector selects pods with these labels: an empty one selects all, an absent one none.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
    """
    if not isinstance(selector, Mapping):
        return UNKNOWN if selector is UNKNOWN else False
    pairs, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    if not (is_complete(pairs) and is_complete(expressions)):
        return UNKNOWN
    return all_of(
        [
            *(is_equal(get(labels, key), value) for key, value in mapping(pairs).items()),
            *(holds(expression, labels) for expression in entries(expressions)),
        ]
    )


def holds(expression: Any, labels: Any) -> bool | Unknown:
    """Say whether labels meet one entry of matchExpressions."""
    operator, values, value = (
        get(expression, "operator"),
        get(expression, "values"),
        get(labels, str(get(expression, "key"))),
    )
    if UNKNOWN in (operator, value) or get(expression, "key") is UNKNOWN:
        return UNKNOWN
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    found: bool | Unknown = value in entries(values)
    if not found and value is not None and not is_complete(values):
        return UNKNOWN
    return found if operator == "In" else not found


def integer(value: Any) -> Any:
    """Return a number as an int (the engine sends floats), ``UNKNOWN``, or ``None`` for anything else."""
    if value is UNKNOWN or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def text(value: Any) -> Any:
    """Return text and ``UNKNOWN`` as they are, and ``None`` for anything else."""
    return value if isinstance(value, str) or value is UNKNOWN else None


def one_line(words: str, limit: int = 120) -> str:
    """Return text that is safe in a one-line message: printable and not long."""
    words = "".join(char if char.isprintable() else "?" for char in words)
    return words if len(words) <= limit else f"{words[: limit - 1]}…"


def quote(value: Any) -> str:
    """Show a scalar in a message as JSON does, on one line and not long."""
    if isinstance(value, str):
        return f'"{one_line(value)}"'
    return one_line(json.dumps(value, default=lambda _: "?"))


def listed(values: Iterable[Any], limit: int = 5) -> str:
    """Join names for a message: the first few, and how many more there are."""
    texts = [value if isinstance(value, str) else quote(value) for value in values]
    more = f" and {len(texts) - limit} more" if len(texts) > limit else ""
    return ", ".join(one_line(words) for words in texts[:limit]) + more
