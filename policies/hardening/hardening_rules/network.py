"""Rules on who can reach a workload."""

from collections.abc import Iterator, Sequence
from typing import Final

from policies.kit.model import SERVICE, UNKNOWN, Object, all_of, listed, matches
from policies.kit.pods import labels
from policies.kit.rule import Config, Finding, Rule, each

from .containers import WORKLOADS
from .manifests import network_policy, service, stateful_set


def _no_public_service(of: Object, config: Config) -> Iterator[Finding]:
    ways = [way for way in ("LoadBalancer", "NodePort") if of.get("spec", "type") == way]
    if of.get("spec", "externalIPs") not in (None, [], UNKNOWN):
        ways.append("externalIPs")
    refused = [way for way in ways if way not in config["allowed"]]
    if refused:
        yield Finding(
            of,
            f"is open to the outside of the cluster by {listed(refused)}",
            "use type ClusterIP behind an Ingress or Gateway, which has TLS and rules of its own",
        )


NO_PUBLIC_SERVICE = Rule(
    name="no-public-service",
    display_name="Services stay in the cluster",
    description="Services must not be open to the outside of the cluster.",
    remediation="Use spec.type ClusterIP, and an Ingress or Gateway for clients outside. A Service that must be a load "
    "balancer opts out, with the reason.",
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
    passing=(service(),),
    failing=(service(spec={"clusterIP": None, "type": "LoadBalancer"}),),
)

_NETWORK_POLICY: Final = "NetworkPolicy.networking.k8s.io"


def _network_policy(objects: Sequence[Object], _: Config) -> Iterator[Finding]:
    policies = [obj for obj in objects if obj.kind == _NETWORK_POLICY]
    for workload in objects:
        if workload.kind == _NETWORK_POLICY or workload.patch:
            continue
        answers = [
            all_of([policy.is_beside(workload), matches(policy.get("spec", "podSelector"), labels(workload))])
            for policy in policies
        ]
        if True not in answers and UNKNOWN not in answers:
            yield Finding(
                workload,
                "has pods that no NetworkPolicy of this program selects: every pod of the cluster can reach them",
                "declare a NetworkPolicy whose podSelector matches their labels, and which lets in who needs it",
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
    passing=(stateful_set(), network_policy()),
    failing=(stateful_set(),),
)
