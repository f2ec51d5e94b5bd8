"""Which pods a network policy selects: selectors of Kubernetes and of Cilium are judged, those of others are not."""

from collections.abc import Mapping
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, Unknown, all_of, entries, get, is_complete, mapping, matches
from policies.kit.pods import labels
from policies.kit.tables import table


def selects(policy: Object, workload: Object) -> bool | Unknown | None:
    """Say whether a policy selects a workload's pods; ``None`` if it is of a kind whose selectors are not read here."""
    if policy.kind == "NetworkPolicy.networking.k8s.io":
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

    https://docs.cilium.io/en/stable/security/policy/kubernetes/#namespaces: some are of the namespace, not of the pod.
    """
    pairs, expressions = get(selector, "matchLabels"), get(selector, "matchExpressions")
    keys = [*mapping(pairs), *(get(of, "key") for of in entries(expressions))]
    if any(str(_own(key)).startswith(("io.kubernetes.", "io.cilium.")) for key in keys):
        return UNKNOWN
    if isinstance(pairs, Mapping):
        selector = {**selector, "matchLabels": {_own(key): value for key, value in pairs.items()}}
    if isinstance(expressions, list):
        own = [{**of, "key": _own(of.get("key"))} if isinstance(of, Mapping) else of for of in expressions]
        selector = {**selector, "matchExpressions": own}
    return matches(selector, of_pods)


def _own(key: Any) -> Any:
    return key.removeprefix("any:").removeprefix("k8s:") if isinstance(key, str) else key


_OF_CILIUM: Final = ("CiliumNetworkPolicy.cilium.io", "CiliumClusterwideNetworkPolicy.cilium.io")

OTHER_KINDS: Final = table(
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
