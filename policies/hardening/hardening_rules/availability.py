"""Rules on workloads of several pods: a node that goes must not take all of them along."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, all_of, entries, get, integer, is_complete, listed, matches, quote
from policies.kit.pods import labels, template
from policies.kit.rule import Config, Finding, Rule, each

from .manifests import budget, stateful_set, with_pod

_REPLICATED: Final = ("StatefulSet.apps", "Deployment.apps")
_BUDGET: Final = "PodDisruptionBudget.policy"
_MIN_REPLICAS: Final = {
    "minReplicas": {
        "type": "number",
        "minimum": 1,
        "default": 2,
        "description": "The number of replicas from which on the rule applies.",
    }
}


def _is_replicated(workload: Object, config: Config) -> bool:
    replicas = integer(workload.get("spec", "replicas"))
    return (
        workload.kind in _REPLICATED
        and not workload.patch
        and isinstance(replicas, int)
        and replicas >= config["minReplicas"]
    )


def _disruption_budget(objects: Sequence[Object], config: Config) -> Iterator[Finding]:
    budgets = [obj for obj in objects if obj.kind == _BUDGET]
    for workload in objects:
        if not _is_replicated(workload, config):
            continue
        answers = [
            all_of([found.is_beside(workload), matches(found.get("spec", "selector"), labels(workload))])
            for found in budgets
        ]
        if True not in answers and UNKNOWN not in answers:
            yield Finding(
                workload,
                f"has {integer(workload.get('spec', 'replicas'))} replicas and no PodDisruptionBudget in this program: "
                "a drain may stop them all at once",
                "declare a PodDisruptionBudget with maxUnavailable 1 that selects its pods",
            )
        for found, answer in zip(budgets, answers, strict=True):
            if answer is True and _blocks(found, workload):
                yield Finding(
                    found,
                    f"lets no pod of {workload} go: every drain of a node hangs",
                    "set maxUnavailable to 1",
                    also=(workload,),
                )


def _blocks(found: Object, workload: Object) -> bool:
    least, most = (found.get("spec", key) for key in ("minAvailable", "maxUnavailable"))
    replicas = integer(workload.get("spec", "replicas"))
    if most in (0, "0", "0%"):
        return True
    kept = _pods(least, replicas)
    return isinstance(kept, int) and kept >= replicas


def _pods(count: Any, replicas: int) -> Any:
    """Return a number of pods, or a share of the replicas, which Kubernetes rounds up."""
    if isinstance(count, str) and (share := count.removesuffix("%")) != count and share.isdigit():
        return math.ceil(int(share) * replicas / 100)
    return integer(count)


DISRUPTION_BUDGET = Rule(
    name="disruption-budget",
    display_name="Drains leave some pods running",
    description="A workload of several replicas must have a PodDisruptionBudget that lets go of some, not of all.",
    remediation="Declare a PodDisruptionBudget in the workload's namespace whose selector matches its pods, with "
    "maxUnavailable 1 (StatefulWeb: disruptionBudget).",
    severity="medium",
    level="advisory",
    kinds=(*_REPLICATED, _BUDGET),
    whole_stack=True,
    check=_disruption_budget,
    properties=_MIN_REPLICAS,
    passing=(stateful_set(), budget()),
    failing=(stateful_set(), budget(spec={"maxUnavailable": 0})),
)


def _spread(workload: Object, config: Config) -> Iterator[Finding]:
    if not _is_replicated(workload, config):
        return
    keys, pod = config["topologyKeys"], get(template(workload), "spec")
    constraints = get(pod, "topologySpreadConstraints")
    required, preferred = (
        get(pod, "affinity", "podAntiAffinity", f"{how}DuringSchedulingIgnoredDuringExecution")
        for how in ("required", "preferred")
    )
    if not all(is_complete(terms) for terms in (constraints, required, preferred)):
        return
    terms = [*entries(constraints), *entries(required), *(get(term, "podAffinityTerm") for term in entries(preferred))]
    of_nodes = [term for term in terms if get(term, "topologyKey") is UNKNOWN or get(term, "topologyKey") in keys]
    if not of_nodes:
        yield Finding(
            workload,
            f"has {integer(workload.get('spec', 'replicas'))} replicas and nothing that spreads them over "
            f"{listed(keys)}: one node may hold them all",
            f"add a topologySpreadConstraint with topologyKey {quote(keys[0])} and a labelSelector of its pods",
        )
    elif all(matches(get(term, "labelSelector"), labels(workload)) is False for term in of_nodes):
        yield Finding(
            workload,
            "spreads pods by a labelSelector that does not select its own: it has no effect",
            "use the labels of the pod template in the labelSelector",
        )


SPREAD_ACROSS_NODES = Rule(
    name="spread-across-nodes",
    display_name="Pods are spread over nodes",
    description="The pods of a workload of several replicas must be spread over nodes.",
    remediation="Add to the pod a topologySpreadConstraint of topologyKey kubernetes.io/hostname, or a "
    "podAntiAffinity, with a labelSelector of its own pods (StatefulWeb: topologySpread).",
    severity="medium",
    level="advisory",
    kinds=_REPLICATED,
    check=each(_spread),
    properties={
        **_MIN_REPLICAS,
        "topologyKeys": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "default": ["kubernetes.io/hostname"],
            "description": "Labels of nodes; to be spread by one of them is enough.",
        },
    },
    passing=(stateful_set(),),
    failing=(with_pod(topologySpreadConstraints=None),),
)
