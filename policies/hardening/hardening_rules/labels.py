"""The rule on labels by which people and tools find objects."""

import re
from collections.abc import Iterator
from typing import Final

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
            known |= dict.fromkeys(("name", "instance"), _label_value(obj.name))
        yield Finding(
            obj,
            f"has no label {listed(missing)}",
            "add it to metadata.labels; the selector needs no change",
            remedy=tuple(
                (("metadata", "labels", key), known[short])
                for key in missing
                if (short := key.removeprefix("app.kubernetes.io/")) != key and known.get(short)
            ),
        )


def _label_value(name: str) -> str:
    """Return a name as the API server takes it for the value of a label: cut, as names may be longer; or empty.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
    """
    cut = name[:63].rstrip("-._")
    return cut if _LABEL_VALUE.fullmatch(cut) else ""


_LABEL_VALUE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")

RECOMMENDED_LABELS = Rule(
    name="recommended-labels",
    display_name="Objects carry the recommended labels",
    description="Workloads and Services must carry Kubernetes' recommended labels.",
    remediation="Add the labels to metadata.labels (StatefulWeb: recommendedLabels). Enforcement level remediate adds "
    "name, instance and managed-by; of a name that is longer than a label, the first 63 characters. See "
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
