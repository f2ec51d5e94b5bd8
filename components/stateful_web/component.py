"""The component: wiring only. What the objects look like is said in ``manifests``."""

from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet
from pulumi_kubernetes.core.v1 import Service

from . import cluster, manifests, names, storage
from .args import StatefulWebArgs, with_defaults
from .findings import Finding, InvalidInput
from .shape import read
from .validation import validate

TYPE = "stateful-web:index:StatefulWeb"


class StatefulWeb(pulumi.ComponentResource):
    """Web servers with a stable name and a disk of their own: a headless Service, a StatefulSet and their claims."""

    service_name: pulumi.Output[str]
    """Name of the headless Service."""

    namespace: pulumi.Output[str]
    """Namespace of every object."""

    pod_hosts: pulumi.Output[list[str]]
    """Full DNS names of the pods, in order."""

    claim_names: pulumi.Output[list[str]]
    """Names of the pods' claims, in order."""

    storage_class_name: pulumi.Output[str | None]
    """StorageClass of the claims as given; none where the cluster's default is used."""

    replicas: pulumi.Output[int]
    """Number of pods."""

    def __init__(self, name: str, args: StatefulWebArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register the component and its children.

        Raises ``InvalidInput`` if an input can not be used, before anything is registered, or if the cluster has no
        such StorageClass; ``ClusterUnavailable`` if the cluster can not be asked.
        """
        inputs = checked(name, args)
        super().__init__(TYPE, name, None, opts)
        self._verify_storage_class(inputs)

        of_this = pulumi.ResourceOptions(parent=self)
        service = Service(f"{name}-headless", **body(manifests.headless_service(inputs)), opts=of_this)
        StatefulSet(
            f"{name}-set",
            **body(manifests.stateful_set(inputs)),
            # The Service goes last, so that pods keep their names for as long as they run.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service]),
        )

        self.service_name = pulumi.Output.from_input(inputs["service_name"])
        self.namespace = pulumi.Output.from_input(inputs["namespace"])
        self.replicas = pulumi.Output.from_input(inputs["replicas"])
        self.storage_class_name = pulumi.Output.from_input(inputs["storage"].get("storage_class_name"))
        pods = self.replicas.apply(lambda replicas: names.pod_names(inputs["name"], replicas))
        self.pod_hosts = pulumi.Output.all(pods, self.namespace).apply(
            lambda known: [names.pod_host(pod, inputs["service_name"], known[1]) for pod in known[0]]
        )
        self.claim_names = pods.apply(
            lambda known: [names.claim_name(inputs["storage"]["volume_name"], pod) for pod in known]
        )
        self.register_outputs(
            {
                "serviceName": self.service_name,
                "namespace": self.namespace,
                "podHosts": self.pod_hosts,
                "claimNames": self.claim_names,
                "storageClassName": self.storage_class_name,
                "replicas": self.replicas,
            }
        )

    def _verify_storage_class(self, inputs: StatefulWebArgs) -> None:
        """Look the class up on the provider's own cluster, in preview and in ``up`` alike."""
        wanted = inputs["storage"].get("storage_class_name")
        if not inputs["storage"]["verify"] or wanted is None:
            return
        provider = self.get_provider("kubernetes:storage.k8s.io/v1:StorageClass")
        if provider is None and isinstance(wanted, str):
            self._require_class(wanted, cluster.default_access())
            return
        access: Any = cluster.provider_access(provider) if provider else cluster.default_access()
        pulumi.Output.all(wanted, access).apply(lambda known: self._require_class(known[0], known[1]))

    def _require_class(self, wanted: str, access: cluster.ClusterAccess) -> None:
        try:
            classes = cluster.storage_classes(access)
        except cluster.NotAllowed as error:
            pulumi.log.warn(f'StorageClass "{wanted}" was not looked up: {error}.', self)
            return
        missing = storage.missing_class(wanted, classes, ("storage", "storage_class_name"))
        if missing:
            raise InvalidInput([missing])


def checked(name: str, args: StatefulWebArgs) -> StatefulWebArgs:
    """Return the inputs with their defaults; raises ``InvalidInput`` with every finding."""
    findings: list[Finding] = []
    inputs: StatefulWebArgs = read(args, StatefulWebArgs, (), findings)
    if not findings:
        inputs = with_defaults(name, inputs)
        findings = validate(inputs)
    if findings:
        raise InvalidInput(findings)
    return inputs


def body(manifest: manifests.Manifest) -> dict[str, Any]:
    """Return what a typed resource takes: its class already says apiVersion and kind."""
    return {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
