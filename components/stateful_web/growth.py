"""Growth of claims without a restart. Pure: what is live is handed in.

Kubernetes can't change a claim template of a StatefulSet (https://github.com/kubernetes/kubernetes/issues/68737), and
to replace the set stops its pods. So the template of a live set keeps the size that it was born with, and each claim
gets a patch with the size that is asked for: the claims of new pods, too, once they are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .args import StatefulWebArgs
from .findings import Finding
from .names import claim_name, pod_names
from .quantity import parse_quantity
from .storage import StorageClass
from .validation import claim_templates


@dataclass(frozen=True)
class Live:
    """What is on the cluster of a web server."""

    stateful_set: Mapping[str, Any] | None
    claims: Mapping[str, Mapping[str, Any]]
    """All claims of the namespace, by name."""
    classes: Sequence[StorageClass]


@dataclass
class Plan:
    """What is to be done about the claims' sizes."""

    patches: dict[str, str] = field(default_factory=dict)
    """Claim to size, in order."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is left alone, in sentences."""


def template_size(stateful_set: Mapping[str, Any] | None, volume: str, asked: str) -> str:
    """Return the size for a claim template: that of the live one, which can't be changed, or what is asked for."""
    born = _template_sizes(stateful_set).get(volume)
    return asked if born is None or _same(born, asked) else born


def plan(args: StatefulWebArgs, live: Live) -> Plan:
    """Return which claims are to be patched to which size, and what is wrong with that."""
    made = Plan()
    for path, storage in claim_templates(args):
        volume, asked = storage["volume_name"], storage["size"]
        at = (*path, "size")
        born = _template_sizes(live.stateful_set).get(volume, asked)
        if parse_quantity(asked) < parse_quantity(born):
            made.findings.append(_shrinks(at, asked, f"the claims of {volume} were made with {born}"))
            continue
        born_smaller = parse_quantity(born) < parse_quantity(asked)
        for name in _claim_names(args, volume, live):
            claim = live.claims.get(name)
            if claim is None:
                if born_smaller:
                    made.patches[name] = asked
                continue
            has, ours = _requested(claim), _asked_by_pulumi(claim)
            if parse_quantity(has) > parse_quantity(asked):
                if ours:
                    made.findings.append(_shrinks(at, asked, f"claim {name} has been grown to {has}"))
                else:
                    made.notes.append(f"Claim {name} has {has}, more than the {asked} asked for: it is left alone.")
            elif born_smaller or ours or parse_quantity(has) < parse_quantity(asked):
                made.patches[name] = asked
                rigid = _class_that_can_not_grow(claim, live.classes)
                if rigid and parse_quantity(has) < parse_quantity(asked):
                    made.findings.append(
                        Finding(
                            at,
                            f'is "{asked}": claim {name} has {has} of StorageClass "{rigid}", which can not grow '
                            f"(allowVolumeExpansion is not true). Set {has}, or let the class expand volumes if its "
                            "driver can.",
                        )
                    )
    return made


def _claim_names(args: StatefulWebArgs, volume: str, live: Live) -> list[str]:
    if args["autoscaled"] or not isinstance(args["replicas"], int):
        # Whoever owns the count may have made any of them.
        prefix = claim_name(volume, f"{args['name']}-")
        found = [name for name in live.claims if name.startswith(prefix) and name.removeprefix(prefix).isdigit()]
        return sorted(found, key=lambda name: int(name.removeprefix(prefix)))
    start = args["ordinals_start"]
    pods = pod_names(args["name"], args["replicas"], start if isinstance(start, int) else 0)
    return [claim_name(volume, pod) for pod in pods]


def _template_sizes(stateful_set: Mapping[str, Any] | None) -> dict[str, str]:
    templates = stateful_set["spec"].get("volumeClaimTemplates", ()) if stateful_set else ()
    return {template["metadata"]["name"]: _requested(template) for template in templates}


def _requested(claim: Mapping[str, Any]) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def _asked_by_pulumi(claim: Mapping[str, Any]) -> bool:
    """Say whether the size that a claim requests was applied by a patch of ours, and not by somebody else."""
    for entry in claim["metadata"].get("managedFields", ()):
        requests = entry.get("fieldsV1", {}).get("f:spec", {}).get("f:resources", {}).get("f:requests", {})
        if entry.get("operation") == "Apply" and "f:storage" in requests:
            return str(entry.get("manager", "")).startswith("pulumi-kubernetes")
    return False


def _class_that_can_not_grow(claim: Mapping[str, Any], classes: Sequence[StorageClass]) -> str | None:
    name = claim["spec"].get("storageClassName")
    return next((found.name for found in classes if found.name == name and not found.can_grow), None)


def _shrinks(at: Any, asked: str, why: str) -> Finding:
    size = why.rpartition(" ")[2]
    return Finding(at, f'is "{asked}", but {why}, and Kubernetes can not shrink a volume. Set {size} or more.')


def _same(one: str, other: str) -> bool:
    return parse_quantity(one) == parse_quantity(other)
