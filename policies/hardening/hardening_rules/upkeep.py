"""Rules on what an upgrade or a changed kubeconfig would break."""

from collections.abc import Iterator
from typing import Final

from policies.kit.model import PROVIDER, SERVICE, UNKNOWN, Object, one_line, quote
from policies.kit.rule import Config, Finding, Rule, each
from policies.kit.tables import table

from .manifests import provider, service


def _cluster_identifier(plugin: Object, _: Config) -> Iterator[Finding]:
    if not plugin.get("clusterIdentifier") and not plugin.get("renderYamlToDirectory"):
        yield Finding(
            plugin,
            "has no clusterIdentifier: it may take a changed kubeconfig for another cluster, and replace all objects, "
            "StatefulSets among them",
            "set clusterIdentifier to a name that stays as long as the cluster; that of a default provider by "
            "pulumi config set kubernetes:clusterIdentifier <name>",
        )


CLUSTER_IDENTIFIER = Rule(
    name="cluster-identifier",
    display_name="Providers have a clusterIdentifier",
    description="A kubernetes provider, explicit or default, must have a clusterIdentifier.",
    remediation="Set clusterIdentifier of the provider, or of the default one by pulumi config set "
    "kubernetes:clusterIdentifier <name>. From then on, only a change of the identifier replaces the provider and "
    "its objects. Without one, a new address, certificate or proxy in the kubeconfig can replace them, as in "
    "https://github.com/pulumi/pulumi-kubernetes/issues/4019. Adding an identifier replaces nothing.",
    severity="medium",
    level="advisory",
    kinds=(PROVIDER,),
    check=each(_cluster_identifier),
    passing=(provider(),),
    failing=(provider(clusterIdentifier=None),),
)


def _no_deprecated_fields(of: Object, config: Config) -> Iterator[Finding]:
    for entry in config["fields"]:
        path, _, value = entry.partition("=")
        has = of.get(*_keys(path))
        if has in (None, UNKNOWN, "") or has == [] or (value and has != value):
            continue
        since, instead = _KNOWN.get(entry, ("", "see the release notes of Kubernetes for what takes its place"))
        yield Finding(
            of,
            f"has {one_line(path)}{f' {quote(value)}' if value else ''}, which is deprecated{since}",
            instead,
        )


def _keys(path: str) -> list[str]:
    """Return the keys of a path: that of an annotation has dots of its own."""
    annotation = path.removeprefix(_ANNOTATIONS)
    return path.split(".") if annotation == path else [*_ANNOTATIONS.strip(".").split("."), annotation]


_ANNOTATIONS: Final = "metadata.annotations."
_KNOWN: Final = {
    "spec.externalIPs": (
        " since Kubernetes 1.36, and off by default later",
        "use type LoadBalancer, or a Gateway",
    ),
    "spec.loadBalancerIP": (" since Kubernetes 1.24", "use the annotation of the load balancer's provider"),
    "spec.trafficDistribution=PreferClose": (" since Kubernetes 1.34", "use PreferSameZone, which means the same"),
    f"{_ANNOTATIONS}service.kubernetes.io/topology-aware-hints": (
        " since Kubernetes 1.27",
        "use spec.trafficDistribution",
    ),
    f"{_ANNOTATIONS}service.alpha.kubernetes.io/tolerate-unready-endpoints": (
        " since Kubernetes 1.11, and without effect",
        "use spec.publishNotReadyAddresses",
    ),
}

NO_DEPRECATED_FIELDS = Rule(
    name="no-deprecated-fields",
    display_name="Services use no deprecated fields",
    description="Services should have no field or annotation that Kubernetes has deprecated.",
    remediation="Use its replacement before a new version of Kubernetes ignores the field.",
    severity="low",
    level="advisory",
    kinds=(SERVICE,),
    check=each(_no_deprecated_fields),
    tables={
        "fields": table(
            "Paths in a Service, with =value where only that value is deprecated.",
            {
                "https://github.com/kubernetes/enhancements/issues/5707": ["spec.externalIPs"],
                "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/": [
                    "spec.loadBalancerIP"
                ],
                "https://github.com/kubernetes/enhancements/issues/3015": ["spec.trafficDistribution=PreferClose"],
                "https://kubernetes.io/docs/reference/labels-annotations-taints/": [
                    f"{_ANNOTATIONS}service.kubernetes.io/topology-aware-hints",
                    f"{_ANNOTATIONS}service.alpha.kubernetes.io/tolerate-unready-endpoints",
                ],
            },
        )
    },
    passing=(service(),),
    failing=(service(spec={"clusterIP": None, "externalIPs": ["192.0.2.1"]}),),
)
