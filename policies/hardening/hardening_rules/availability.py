"""Rules on workloads of several pods: a node that goes must not take all of them along."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from policies.kit.model import (
    STATEFUL_SET,
    UNKNOWN,
    Object,
    all_of,
    entries,
    get,
    integer,
    is_complete,
    listed,
    matches,
    quote,
)
from policies.kit.pods import labels, template
from policies.kit.rule import Config, Finding, Rule
from policies.kit.tables import table

from .manifests import budget, stateful_set, with_pod

_REPLICATED: Final = (STATEFUL_SET, "Deployment.apps")
_BUDGET: Final = "PodDisruptionBudget.policy"
_LEAST: Final = {
    # https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/horizontal-pod-autoscaler-v2/
    "HorizontalPodAutoscaler.autoscaling": ("minReplicas", 1),
    "ScaledObject.keda.sh": ("minReplicaCount", 0),  # https://keda.sh/docs/latest/reference/scaledobject-spec/
}
"""Autoscalers, with the field that says how many pods they leave at the least, and its default."""
_MIN_REPLICAS: Final = {
    "minReplicas": {
        "type": "number",
        "minimum": 1,
        "default": 2,
        "description": "Smallest number of replicas to which the rule applies. If an autoscaler of the program sets "
        "the number, its minimum counts.",
    }
}


def _replicated(objects: Sequence[Object], config: Config) -> Iterator[tuple[Object, int]]:
    """Yield each workload that has so many pods that the rule applies, with their number."""
    for workload in objects:
        replicas = _replicas(workload, objects)
        is_judged = workload.kind in _REPLICATED and not workload.patch
        if is_judged and isinstance(replicas, int) and replicas >= config["minReplicas"]:
            yield workload, replicas


def _replicas(workload: Object, objects: Sequence[Object]) -> Any:
    """Return how many pods a workload has; where an autoscaler of the program owns the count, at the least."""
    for scaler in objects:
        if scaler.kind in _LEAST:
            target, (key, default) = scaler.get("spec", "scaleTargetRef"), _LEAST[scaler.kind]
            is_of_kind = f"{get(target, 'kind')}.apps" == workload.kind
            if is_of_kind and workload.is_named(get(target, "name"), scaler) is True:
                least = scaler.get("spec", key)
                return default if least is None else integer(least)
    return integer(workload.get("spec", "replicas"))


def _stops_all(workload: Object, replicas: int) -> Iterator[Finding]:
    """Find an update of a StatefulSet that may stop all pods at once: a disruption budget does not hold it back.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#maximum-unavailable-pods
    """
    count = workload.get("spec", "updateStrategy", "rollingUpdate", "maxUnavailable")
    stopped = _pods(count, replicas)
    if workload.kind == STATEFUL_SET and isinstance(stopped, int) and stopped >= replicas:
        yield Finding(
            workload,
            f"has {replicas} replicas and spec.updateStrategy.rollingUpdate.maxUnavailable {quote(count)}: an update "
            "may stop them all at once",
            "set that maxUnavailable to a number below the replicas, or leave it out for 1",
        )


def _disruption_budget(objects: Sequence[Object], config: Config) -> Iterator[Finding]:
    budgets = [obj for obj in objects if obj.kind == _BUDGET]
    for workload, replicas in _replicated(objects, config):
        yield from _stops_all(workload, replicas)
        answers = [
            all_of([found.is_beside(workload), matches(found.get("spec", "selector"), labels(workload))])
            for found in budgets
        ]
        if True not in answers and UNKNOWN not in answers:
            yield Finding(
                workload,
                f"has {replicas} replicas and no PodDisruptionBudget in this program: a drain may stop them all "
                "at once",
                "declare a PodDisruptionBudget with maxUnavailable 1 that selects its pods",
            )
        for found, answer in zip(budgets, answers, strict=True):
            if answer is True and _blocks(found, replicas):
                yield Finding(
                    found,
                    f"lets no pod of {workload} go: every drain of a node hangs",
                    "set maxUnavailable to 1",
                    also=(workload,),
                )


def _blocks(found: Object, replicas: int) -> bool:
    least, most = (found.get("spec", key) for key in ("minAvailable", "maxUnavailable"))
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
    description="A workload of several replicas must have a PodDisruptionBudget that allows some evictions.",
    remediation="Declare a PodDisruptionBudget in the workload's namespace whose selector matches its pods, with "
    "maxUnavailable 1 (StatefulWeb: disruptionBudget). Rolling updates ignore the budget: a StatefulSet's own "
    "maxUnavailable must also be below its replicas.",
    severity="medium",
    level="advisory",
    kinds=(*_REPLICATED, *_LEAST, _BUDGET),
    whole_stack=True,
    check=_disruption_budget,
    properties=_MIN_REPLICAS,
    passing=(stateful_set(), budget()),
    failing=(stateful_set(), budget(spec={"maxUnavailable": 0})),
)


def _spread_across_nodes(objects: Sequence[Object], config: Config) -> Iterator[Finding]:
    for workload, replicas in _replicated(objects, config):
        yield from _spread(workload, replicas, config)


def _spread(workload: Object, replicas: int, config: Config) -> Iterator[Finding]:
    keys, pod = config["topologyKeys"], get(template(workload), "spec")
    constraints = get(pod, "topologySpreadConstraints")
    required, preferred = (
        get(pod, "affinity", "podAntiAffinity", f"{how}DuringSchedulingIgnoredDuringExecution")
        for how in ("required", "preferred")
    )
    if not all(is_complete(terms) for terms in (constraints, required, preferred)):
        return
    hard = [*entries(required), *(term for term in entries(constraints) if _is_hard(term, replicas))]
    soft = (get(term, "podAffinityTerm") for term in entries(preferred))
    terms = [*entries(constraints), *entries(required), *soft]
    of_nodes = [term for term in terms if get(term, "topologyKey") is UNKNOWN or get(term, "topologyKey") in keys]
    wide = [term for term in terms if get(term, "topologyKey") in config["wideTopologyKeys"]]
    spreading = of_nodes + [term for term in wide if term in hard]
    if not spreading:
        over = f", spread over {listed(_keys(wide))} where that is possible," if wide else ""
        yield Finding(
            workload,
            f"has {replicas} replicas{over} and nothing that spreads them over {listed(keys)}: one node may hold them "
            "all",
            f"add a topologySpreadConstraint with topologyKey {quote(keys[0])} and a labelSelector of its pods",
        )
    elif all(matches(get(term, "labelSelector"), labels(workload)) is False for term in spreading):
        yield Finding(
            workload,
            "spreads pods by a labelSelector that does not select its own: it has no effect",
            "use the labels of the pod template in the labelSelector",
        )


def _is_hard(constraint: Any, replicas: int) -> bool:
    """Say whether a constraint keeps, or may keep, all pods from being in one domain.

    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
    """
    skew = integer(get(constraint, "maxSkew"))
    is_held = get(constraint, "whenUnsatisfiable") in ("DoNotSchedule", UNKNOWN)
    return is_held and not (isinstance(skew, int) and skew >= replicas)


def _keys(terms: Sequence[Any]) -> list[str]:
    return sorted({get(term, "topologyKey") for term in terms})


SPREAD_ACROSS_NODES = Rule(
    name="spread-across-nodes",
    display_name="Pods are spread over nodes",
    description="The pods of a workload of several replicas must be spread over nodes.",
    remediation="Add to the pod a topologySpreadConstraint of topologyKey kubernetes.io/hostname, or a "
    "podAntiAffinity, with a labelSelector of its own pods (StatefulWeb: topologySpread). A required one "
    "over zones, or over other groups of nodes, also spreads over nodes.",
    severity="medium",
    level="advisory",
    kinds=(*_REPLICATED, *_LEAST),
    whole_stack=True,
    check=_spread_across_nodes,
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
    tables={
        "wideTopologyKeys": table(
            "Labels that several nodes have in common: pods that must be spread by one of them are on several nodes.",
            {
                "https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone": [
                    "topology.kubernetes.io/zone",
                    "topology.kubernetes.io/region",
                    "failure-domain.beta.kubernetes.io/zone",
                    "failure-domain.beta.kubernetes.io/region",
                ],
                "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/faq.md": [
                    "topology.ebs.csi.aws.com/zone"
                ],
                "https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md": [
                    "topology.disk.csi.azure.com/zone"
                ],
                "https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver": [
                    "topology.gke.io/zone"
                ],
                "https://docs.oracle.com/en-us/iaas/Content/ContEng/Concepts/contengclustersnodes.htm": [
                    "oci.oraclecloud.com/fault-domain"
                ],
                "https://rook.io/docs/rook/latest/CRDs/Cluster/ceph-cluster-crd/": [
                    "topology.rook.io/rack",
                    "topology.rook.io/row",
                    "topology.rook.io/datacenter",
                ],
            },
        )
    },
    passing=(stateful_set(),),
    failing=(with_pod(topologySpreadConstraints=None),),
)
