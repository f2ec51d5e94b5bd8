"""The rule on labels by which people and tools find objects."""

from collections.abc import Iterator

from policies.kit.model import SERVICE, UNKNOWN, Object, get, listed
from policies.kit.rule import Config, Finding, Rule, each

from .containers import SERVING
from .manifests import service, stateful_set


def _recommended(obj: Object, config: Config) -> Iterator[Finding]:
    labels = obj.get("metadata", "labels")
    if labels is UNKNOWN or obj.patch:
        return
    missing = [key for key in config["required"] if not get(labels, key)]
    if missing:
        known = {"managed-by": "pulumi"}
        if isinstance(obj.name, str):
            known |= {"name": obj.name, "instance": obj.name}
        yield Finding(
            obj,
            f"has no label {listed(missing)}",
            "add it to metadata.labels; the selector needs no change",
            remedy=tuple(
                (("metadata", "labels", key), known[short])
                for key in missing
                if (short := key.removeprefix("app.kubernetes.io/")) in known and short != key
            ),
        )


RECOMMENDED_LABELS = Rule(
    name="recommended-labels",
    display_name="Objects carry the recommended labels",
    description="Workloads and Services must carry Kubernetes' recommended labels.",
    remediation="Add the labels to metadata.labels (StatefulWeb: recommendedLabels). Enforcement level remediate adds "
    "name, instance and managed-by. See "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.",
    severity="low",
    level="advisory",
    kinds=(*SERVING, SERVICE),
    check=each(_recommended),
    remediable=True,
    properties={
        "required": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"],
            "description": "The labels that must be there, whatever their value.",
        }
    },
    passing=(stateful_set(), service()),
    failing=(stateful_set(metadata={"labels": {"app.kubernetes.io/managed-by": None}}),),
)
