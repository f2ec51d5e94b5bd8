"""Which load balancers the internet can not reach: each provider has its own mark for them."""

from collections.abc import Sequence
from typing import Final

from policies.kit.model import UNKNOWN, Object, Unknown
from policies.kit.tables import table


def may_be_internal(of: Object, marks: Sequence[str]) -> bool:
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


INTERNAL: Final = table(
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
