"""The Kubernetes objects in the plan of a preview, whatever the program is written in. Pure.

The engine's events and ``pulumi preview --json`` have the whole inputs of every resource; a file of ``--save-plan`` has
what changes in them, and no more.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pulumi.runtime.rpc import UNKNOWN

from ..values import Manifest
from .pulumi_cli import is_secret
from .steps import Event, steps_of

STAYS = ("same", "create", "update", "replace", "create-replacement", "import", "import-replacement")
"""Operations after which there is an object."""
NO_KINDS = ("helm.sh", "kustomize", "yaml")
"""Groups of types that Kubernetes does not have: components, whose objects are in the plan, and releases of Helm."""
NOT_SHOWN = "not shown"
"""Key of a map in the place of a value; the API server takes such a map nowhere, so none is applied by mistake."""
SECRET_TEXT = "[secret]"  # noqa: S105 - what `pulumi preview --json` has in the place of a secret
SECRET, LATER = "secret", "not known before up"


class Planned(NamedTuple):
    """What a run plans for a resource."""

    urn: str
    type: str
    op: str
    inputs: Mapping[str, Any] | None


def of_events(events: Iterable[Event]) -> list[Planned]:
    """Return what the engine's events (``--event-log``) plan."""
    return [Planned(step.urn, step.type, step.op, step.new) for step in steps_of(events) if step.new is not None]


def of_digest(digest: Mapping[str, Any]) -> list[Planned]:
    """Return what a document of ``pulumi preview --json`` plans."""
    found = ((step, step.get("newState") or {}) for step in digest.get("steps") or ())
    return [Planned(step["urn"], new.get("type", ""), step["op"], new.get("inputs")) for step, new in found]


def planned_objects(resources: Iterable[Planned]) -> tuple[list[Manifest], list[str]]:
    """Return the objects that there are after a run, and what there is to say of what they lack."""
    found = {resource.urn: resource for resource in resources if resource.op in STAYS}
    objects, said = [], []
    for resource in found.values():
        package, _, of = resource.type.partition(":")
        version, _, kind = of.rpartition(":")
        if package != "kubernetes" or not version:
            continue
        name = resource.urn.rpartition("::")[2]
        if kind.endswith("Patch"):
            said.append(f"Left out: {kind} {name}, which changes an object that is there.")
        elif kind == "Release" and version.startswith("helm.sh/"):
            said.append(f"Left out: Release {name}, whose objects Helm makes, so that the plan does not have them.")
        if kind.endswith("Patch") or version.split("/")[0] in NO_KINDS:
            continue
        named = {"apiVersion": version.removeprefix("core/"), "kind": kind}
        manifest = {**named, **(resource.inputs or {}), **named}
        hidden: list[str] = []
        shown = _shown(manifest, "", hidden, is_secret_object=kind == "Secret")
        objects.append(shown)
        said += _told(shown, hidden)
    return objects, said


def _shown(value: Any, path: str, hidden: list[str], *, is_secret_object: bool) -> Any:
    """Return a value without what is secret or unknown in it, whose paths come to ``hidden``."""
    if is_secret(value) or value == SECRET_TEXT:
        hidden.append(f"{path} ({SECRET})")
        return {NOT_SHOWN: SECRET}
    if value == UNKNOWN:
        hidden.append(f"{path} ({LATER})")
        return {NOT_SHOWN: LATER}
    if isinstance(value, Mapping):
        confidential = ("data", "stringData") if is_secret_object and not path else ()
        return {
            key: _kept_back(item, key, hidden)
            if key in confidential
            else _shown(item, f"{path}.{key}".lstrip("."), hidden, is_secret_object=is_secret_object)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_shown(v, f"{path}[{i}]", hidden, is_secret_object=is_secret_object) for i, v in enumerate(value)]
    return value


def _kept_back(value: Any, path: str, hidden: list[str]) -> Any:
    """Return the data of a Secret with its keys alone, also where a program has not marked it as secret."""
    hidden.append(f"{path} ({SECRET})")
    if isinstance(value, Mapping) and not is_secret(value):
        return {key: {NOT_SHOWN: SECRET} for key in value}
    return {NOT_SHOWN: SECRET}


def _told(manifest: Manifest, hidden: list[str]) -> Iterator[str]:
    if hidden:
        metadata = manifest.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        of = f"{manifest['kind']} {name}" if isinstance(name, str) else str(manifest["kind"])
        yield f"{of}: not shown, and not to be applied without it: {', '.join(hidden)}."
