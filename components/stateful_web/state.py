"""What the stack's own state has of a web server, asked of the engine: where the cluster can't tell, it still knows."""

from collections.abc import Mapping
from typing import Any

import pulumi

from .api_server import once_a_run
from .live import Object, Recorded, live_templates
from .names import claim_ordinal
from .patches import OF_METADATA, OF_SPEC
from .values import map_at

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"


def recorded(kind: str, component: str, name: str) -> Recorded:
    """Return what the state has of a component of this type: its set, and patches of the set's claims.

    If the component has been renamed, with an alias, its set is found by the set's own ``name``.
    """
    try:
        resources = once_a_run("state", _resources)
    except Exception as error:  # whatever the engine or its backend says
        return Recorded(unread=str(error).strip().rstrip("."))
    sets = [(urn, outputs) for urn, outputs in resources.items() if f"{kind}${STATEFUL_SET}::" in urn]
    by_child = [outputs for urn, outputs in sets if urn.endswith(f"::{component}-set")]
    by_name = [outputs for _, outputs in sets if outputs["metadata"]["name"] == name]
    stateful_set = next(iter([found for found in by_child if found in by_name] + by_child + by_name), None)
    if stateful_set is None:
        return Recorded()
    patches = {of: _patches(stateful_set, resources, of) for of in (OF_SPEC, OF_METADATA)}
    return Recorded(stateful_set, patches[OF_SPEC], frozenset(patches[OF_METADATA]))


def _patches(stateful_set: Object, resources: Mapping[str, Object], of: str) -> dict[str, str | None]:
    """Return the size of each claim of which there is a patch of this kind."""
    metadata, volumes = stateful_set["metadata"], [t["metadata"]["name"] for t in live_templates(stateful_set)]
    found = [(urn, outputs) for urn, outputs in resources.items() if f"{PATCH}::" in urn]
    return {
        claim["metadata"]["name"]: map_at(claim, "spec", "resources", "requests").get("storage")
        for urn, claim in found
        if urn.endswith(f"-{of}-{claim['metadata']['name']}")
        and claim_ordinal(claim["metadata"]["name"], volumes, metadata["name"]) is not None
        and claim["metadata"].get("namespace") == metadata.get("namespace")
    }


def _resources() -> Mapping[str, Object]:
    """Return the outputs of the resources in this stack's state, by URN."""
    organization = pulumi.get_organization() or "organization"
    try:
        found = _read(f"{organization}/{pulumi.get_project()}/{pulumi.get_stack()}")
    except Exception:  # a backend of the first kind knows stacks by their own names alone
        found = _read(pulumi.get_stack())
    return {
        str(urn): resource["outputs"]
        for urn, resource in found.items()
        if isinstance(resource, Mapping) and isinstance(resource.get("outputs"), Mapping)
    }


def _read(stack: str) -> Mapping[str, Any]:
    answer: Any = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack})
    return (answer.value or {}).get("outputs") or {}
