"""Rules on who can reach a workload."""

from collections.abc import Iterator, Sequence
from typing import Final

from policies.kit.model import SERVICE, UNKNOWN, Object, get, listed
from policies.kit.pods import template
from policies.kit.rule import Config, Finding, Rule, each

from .containers import WORKLOADS
from .load_balancers import INTERNAL, may_be_internal
from .manifests import network_policy, service, stateful_set
from .selected_pods import OTHER_KINDS, selects


def _no_public_service(of: Object, config: Config) -> Iterator[Finding]:
    ways = [way for way in ("LoadBalancer", "NodePort") if of.get("spec", "type") == way]
    if ways == ["LoadBalancer"] and may_be_internal(of, config["internal"]):
        ways = []
    if of.get("spec", "externalIPs") not in (None, [], UNKNOWN):
        ways.append("externalIPs")
    refused = [way for way in ways if way not in config["allowed"]]
    if refused:
        yield Finding(
            of,
            f"is open to the outside of the cluster by {listed(refused)}",
            "use type ClusterIP, and a Gateway with its own TLS and rules for clients outside",
        )


NO_PUBLIC_SERVICE = Rule(
    name="no-public-service",
    display_name="Services are internal to the cluster",
    description="Services must not be open to the outside of the cluster.",
    remediation="Use spec.type ClusterIP, and for clients outside a Gateway with an HTTPRoute. A load balancer for "
    "your own network only needs its provider's annotation for internal ones. One that must be public opts out, with "
    "the reason.",
    severity="high",
    level="advisory",
    kinds=(SERVICE,),
    check=each(_no_public_service),
    properties={
        "allowed": {
            "type": "array",
            "items": {"type": "string", "enum": ["LoadBalancer", "NodePort", "externalIPs"]},
            "default": [],
            "description": "The ways to the outside that are allowed.",
        }
    },
    tables={"internal": INTERNAL},
    passing=(service(),),
    failing=(service(spec={"clusterIP": None, "type": "LoadBalancer"}),),
)

_NETWORK_POLICY: Final = "NetworkPolicy.networking.k8s.io"


def _network_policy(objects: Sequence[Object], config: Config) -> Iterator[Finding]:
    kinds = (_NETWORK_POLICY, *config["otherKinds"])
    policies = [obj for obj in objects if obj.kind in kinds]
    for workload in objects:
        if workload.kind in kinds or workload.patch:
            continue
        answers = [selects(policy, workload) for policy in policies]
        if True in answers or UNKNOWN in answers:
            continue
        others = [policy for policy, answer in zip(policies, answers, strict=True) if answer is None]
        reach = (
            f"; whether {listed(map(str, others))} protects them is not judged here, as it is of another API group"
            if others
            else ": every pod of the cluster can reach them"
        )
        # https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
        of_node = get(template(workload), "spec", "hostNetwork") is True
        leave = "remove hostNetwork, as no network policy reaches into the network of a node, and " if of_node else ""
        yield Finding(
            workload,
            f"has pods that no NetworkPolicy of this program selects{reach}",
            f"{leave}declare a NetworkPolicy whose podSelector matches their labels, and which lets in who needs it",
        )


NETWORK_POLICY = Rule(
    name="network-policy",
    display_name="Pods have a network policy",
    description="The pods of a workload must be selected by a NetworkPolicy.",
    remediation="Declare a NetworkPolicy in the workload's namespace with a podSelector that matches its pods (an "
    "empty one matches all), and with the ingress that they need.",
    severity="medium",
    level="advisory",
    kinds=(*WORKLOADS, _NETWORK_POLICY),
    whole_stack=True,
    check=_network_policy,
    tables={"otherKinds": OTHER_KINDS},
    kinds_table="otherKinds",
    passing=(stateful_set(), network_policy()),
    failing=(stateful_set(),),
)
