"""What a preview plans for each resource, from the engine's events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from .pulumi_cli import is_secret

Event = Mapping[str, Any]
UNCHANGED = ("same", "refresh", "read", "read-replacement", "read-discard")
"""Operations that leave a resource as it is."""
REPLACING = ("replace", "create-replacement", "delete-replaced", "import-replacement")


@dataclass
class Step:
    """What a run plans for one resource."""

    urn: str
    type: str
    op: str
    old: Mapping[str, Any] | None
    """Its inputs in the state."""
    new: Mapping[str, Any] | None
    provider: str
    changed: list[str] = field(default_factory=list)
    replacing: list[str] = field(default_factory=list)
    forgotten: bool = False
    id: str = ""
    """Of the object that is there, e.g. ``shop/web``; empty if there is none."""

    @property
    def resource(self) -> str:
        """The name of the resource."""
        return self.urn.rpartition("::")[2]

    @property
    def is_component(self) -> bool:
        """Whether it is a child of a ``StatefulWeb``."""
        return "stateful-web:index:StatefulWeb$" in self.urn

    @property
    def provider_name(self) -> str:
        """The name of its provider."""
        return self.provider.rpartition("::")[2]


def steps_of(events: Iterable[Event]) -> list[Step]:
    """Return one step for each resource; a replacement comes as several events."""
    steps: dict[str, Step] = {}
    for event in events:
        about = event.get("resourcePreEvent", {}).get("metadata")
        if about is None:
            continue
        step = _step(about)
        known = steps.setdefault(step.urn, step)
        if known is not step:
            known.op = "replace" if "replace" in (known.op, step.op) else step.op
            known.old, known.new = known.old or step.old, step.new or known.new
            known.changed, known.replacing = known.changed or step.changed, known.replacing or step.replacing
    return list(steps.values())


def _step(about: Mapping[str, Any]) -> Step:
    old, new = about.get("old") or {}, about.get("new") or {}
    return Step(
        urn=about["urn"],
        type=about["type"],
        op="replace" if about["op"] in REPLACING else about["op"],
        old=old.get("inputs"),
        new=new.get("inputs") if about["op"] != "delete" else None,
        provider=str(new.get("provider") or old.get("provider") or "").rpartition("::")[0],
        changed=list(about.get("detailedDiff") or about.get("diffs") or ()),
        replacing=list(about.get("keys") or ()),
        forgotten=bool(old.get("retainOnDelete")),
        id=old.get("id") or "",
    )


def location(step: Step) -> tuple[str, str]:
    """Return namespace and name of the object as it will be, or was."""
    return named(step.new or step.old or {}, step)


def named(inputs: Mapping[str, Any], step: Step) -> tuple[str, str]:
    """Return namespace and name of an object, by its ID or resource where its own are secret or not known."""
    metadata = inputs.get("metadata")
    found = metadata if isinstance(metadata, Mapping) else {}
    namespace, name = (found.get(key) for key in ("namespace", "name"))
    by_id = step.id.rpartition("/")
    return (
        namespace if isinstance(namespace, str) and namespace != UNKNOWN else by_id[0] or "default",
        name if isinstance(name, str) and name != UNKNOWN else by_id[2] or step.resource,
    )


def shown(inputs: Mapping[str, Any] | None, step: Step) -> Mapping[str, Any] | None:
    """Return the inputs of an object with the namespace and name that people know it by."""
    if inputs is None:
        return None
    namespace, name = named(inputs, step)
    metadata = inputs.get("metadata")
    known = metadata if isinstance(metadata, Mapping) and not is_secret(metadata) else {}
    return {**inputs, "metadata": {**known, "namespace": namespace, "name": name}}


def described(step: Step) -> str:
    """Return the name of a resource for people: that of its object, if it is one of a cluster."""
    kind = step.type.rpartition(":")[2]
    if not step.type.startswith("kubernetes:") or "metadata" not in (step.new or step.old or {}):
        return f"{kind} {step.resource}"
    namespace, name = location(step)
    return f"{kind} {namespace}/{name}"
