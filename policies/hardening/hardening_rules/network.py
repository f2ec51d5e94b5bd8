"""Rules on who can reach a workload."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policies.kit.model import (
    SERVICE,
    UNKNOWN,
    Object,
    Unknown,
    all_of,
    entries,
    get,
    is_complete,
    listed,
    mapping,
    matches,
)
from policies.kit.pods import labels, template
from policies.kit.rule import Config, Finding, Rule, each
from policies.kit.tables import table

from .containers import WORKLOADS
from .manifests import network_policy, service, stateful_set


def _no_public_service(of: Object, config: Config) -> Iterator[Finding]:
    ways = [way for way in ("LoadBalancer", "NodePort") if of.get("spec", "type") == way]
    if ways == ["LoadBalancer"] and _may_be_internal(of, config["internal"]):
        ways = []
    if of.get("spec", "externalIPs") not in (None, [], UNKNOWN):
        ways.append("externalIPs")
    refused = [way for way in ways if way not in config["allowed"]]
    if refused:
        yield Finding(
            of,
            f"is open to the outside of the cluster by {listed(refused)}",
            "use type ClusterIP behind an Ingress or Gateway, which has TLS and rules of its own",
        )


def _may_be_internal(of: Object, marks: Sequence[str]) -> bool:
    """Say whether a load balancer has, or may have, one of the marks of those that the internet can not reach."""
    if any(_has_mark(of, mark) is True for mark in _MARKS_OF_PUBLIC):
        return False
    return any(_has_mark(of, mark) is not False for mark in marks)


def _has_mark(of: Object, mark: str) -> bool | Unknown:
    key, _, wanted = mark.partition("=")
    at = ("spec", key) if key == "loadBalancerClass" else ("metadata", "annotations", key)
    value = of.get(*at)
    if value is UNKNOWN or value is None:
        return UNKNOWN if value is UNKNOWN else False
    return wanted == "*" or str(value).lower() == wanted.lower()


_INTERNAL: Final = table(
    "What marks a load balancer that the internet can not reach: annotation=value, where * is any value, or "
    "loadBalancerClass=value. Case of values does not count.",
    {
        "https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer": [
            "networking.gke.io/load-balancer-type=Internal",
            "cloud.google.com/load-balancer-type=Internal",
            "service.beta.kubernetes.io/aws-load-balancer-scheme=internal",
            "service.beta.kubernetes.io/aws-load-balancer-internal=true",
            "service.beta.kubernetes.io/aws-load-balancer-internal=0.0.0.0/0",
            "service.beta.kubernetes.io/azure-load-balancer-internal=true",
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type=private",
            "service.beta.kubernetes.io/openstack-internal-load-balancer=true",
            "service.beta.kubernetes.io/cce-load-balancer-internal-vpc=true",
            "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid=*",
            "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type=intranet",
            "service.beta.kubernetes.io/oci-load-balancer-internal=true",
        ],
        "https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/"
        "add-annotations-to-the-yaml-file-of-a-service-to-configure-clb-instances (the name of old)": [
            "service.beta.kubernetes.io/alicloud-loadbalancer-address-type=intranet"
        ],
        "https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengcreatingnetworkloadbalancers.htm": [
            "oci-network-load-balancer.oraclecloud.com/internal=true"
        ],
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/ (by default)": [
            "loadBalancerClass=service.k8s.aws/nlb"
        ],
        "https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html (by default)": [
            "loadBalancerClass=eks.amazonaws.com/nlb"
        ],
        "https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing": [
            "loadBalancerClass=networking.gke.io/l4-regional-internal"
        ],
        "https://tailscale.com/kb/1439/kubernetes-operator-cluster-ingress": ["loadBalancerClass=tailscale"],
        "https://github.com/hetznercloud/hcloud-cloud-controller-manager/blob/main/docs/reference/"
        "load_balancer_annotations.md": ["load-balancer.hetzner.cloud/disable-public-network=true"],
        "https://github.com/scaleway/scaleway-cloud-controller-manager/blob/main/docs/loadbalancer-annotations.md": [
            "service.beta.kubernetes.io/scw-loadbalancer-private=true"
        ],
        "https://docs.digitalocean.com/products/kubernetes/how-to/configure-load-balancers/": [
            "service.beta.kubernetes.io/do-loadbalancer-network=INTERNAL"
        ],
        "https://yandex.cloud/en/docs/managed-kubernetes/operations/create-load-balancer": [
            "yandex.cloud/load-balancer-type=internal"
        ],
    },
)

_MARKS_OF_PUBLIC: Final = ("service.beta.kubernetes.io/aws-load-balancer-scheme=internet-facing",)
"""Those that undo a class of load balancers that are internal by default."""

NO_PUBLIC_SERVICE = Rule(
    name="no-public-service",
    display_name="Services stay in the cluster",
    description="Services must not be open to the outside of the cluster.",
    remediation="Use spec.type ClusterIP, and an Ingress or Gateway for clients outside. A load balancer for the own "
    "network alone has the annotation of its provider that says so. One that must be public opts out, with the reason.",
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
    tables={"internal": _INTERNAL},
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
        answers = [_selects(policy, workload) for policy in policies]
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
        yield Finding(
            workload,
            f"has pods that no NetworkPolicy of this program selects{reach}",
            (
                "remove hostNetwork, as network policies leave out pods in the network of their node, and "
                if of_node
                else ""
            )
            + "declare a NetworkPolicy whose podSelector matches their labels, and which lets in who needs it",
        )


def _selects(policy: Object, workload: Object) -> bool | Unknown | None:
    """Say whether a policy selects a workload's pods; ``None`` if it is of a kind whose selectors are not read here."""
    if policy.kind == _NETWORK_POLICY:
        return all_of([policy.is_beside(workload), matches(policy.get("spec", "podSelector"), labels(workload))])
    of_all_namespaces = policy.get("metadata", "namespace") is None
    place = policy.cluster.is_same(workload.cluster) if of_all_namespaces else policy.is_beside(workload)
    if place is False or policy.kind not in _OF_CILIUM:
        return False if place is False else None
    if policy.kind == _OF_CILIUM[0]:  # one without a namespace goes to that of the provider
        place = policy.is_beside(workload)
    specs = [policy.get("spec"), *entries(policy.get("specs"))]
    if not is_complete(policy.get("specs")):
        specs.append(UNKNOWN)
    answers = [all_of([place, _matches_endpoint(get(spec, "endpointSelector"), labels(workload))]) for spec in specs]
    return True if True in answers else UNKNOWN if UNKNOWN in answers else False


def _matches_endpoint(selector: Any, of_pods: Any) -> bool | Unknown:
    """Judge an endpointSelector, whose keys may say where a label comes from, as in k8s:app.

    https://docs.cilium.io/en/stable/security/policy/kubernetes/#namespaces: those of the namespace are not the pod's.
    """
    if not isinstance(selector, Mapping):
        return UNKNOWN if selector is UNKNOWN else False
    pairs, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    keys = [*mapping(pairs), *(get(expression, "key") for expression in entries(expressions))]
    if any(isinstance(key, str) and _own_key(key).startswith("io.") for key in keys):
        return UNKNOWN
    return matches(
        {
            "matchLabels": pairs if pairs is UNKNOWN else {_own_key(key): of for key, of in mapping(pairs).items()},
            "matchExpressions": expressions
            if not isinstance(expressions, list)
            else [{**of, "key": _own_key(str(of.get("key")))} if isinstance(of, Mapping) else of for of in expressions],
        },
        of_pods,
    )


def _own_key(key: str) -> str:
    return key.removeprefix("any:").removeprefix("k8s:")


_OF_CILIUM: Final = ("CiliumNetworkPolicy.cilium.io", "CiliumClusterwideNetworkPolicy.cilium.io")

_OTHER_KINDS: Final = table(
    "Kinds of network policies of other API groups, as Kind.group. Cilium's selectors are judged; of the others it is "
    "said that they are there.",
    {
        "https://docs.cilium.io/en/stable/network/kubernetes/policy/": _OF_CILIUM,
        "https://docs.tigera.io/calico/latest/reference/resources/networkpolicy": [
            "NetworkPolicy.crd.projectcalico.org",
            "NetworkPolicy.projectcalico.org",
            "GlobalNetworkPolicy.crd.projectcalico.org",
            "GlobalNetworkPolicy.projectcalico.org",
        ],
        "https://network-policy-api.sigs.k8s.io/": [
            "AdminNetworkPolicy.policy.networking.k8s.io",
            "BaselineAdminNetworkPolicy.policy.networking.k8s.io",
            "ClusterNetworkPolicy.policy.networking.k8s.io",
        ],
        "https://antrea.io/docs/main/docs/antrea-network-policy/": [
            "NetworkPolicy.crd.antrea.io",
            "ClusterNetworkPolicy.crd.antrea.io",
        ],
        "https://docs.aws.amazon.com/eks/latest/userguide/security-groups-pods-deployment.html": [
            "SecurityGroupPolicy.vpcresources.k8s.aws"
        ],
        "https://istio.io/latest/docs/reference/config/security/authorization-policy/": [
            "AuthorizationPolicy.security.istio.io"
        ],
        "https://linkerd.io/2/reference/authorization-policy/": [
            "AuthorizationPolicy.policy.linkerd.io",
            "Server.policy.linkerd.io",
        ],
    },
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
    tables={"otherKinds": _OTHER_KINDS},
    kinds_table="otherKinds",
    passing=(stateful_set(), network_policy()),
    failing=(stateful_set(),),
)
