"""The component: wiring only. What the objects look like is said in ``manifests``."""

import importlib
from collections.abc import Mapping
from typing import Any

import pulumi

# Of the SDK, only what every web server needs is imported here; further kinds are imported when they are made.
from pulumi_kubernetes.apps.v1 import StatefulSet

from . import growth, manifests, names, rollout, storage
from .args import StatefulWebArgs
from .findings import InvalidInput
from .kubeconfig import ClusterAccess
from .lookups import Lookups
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
    """Names of the pods' claims, in order, those of one pod together."""

    storage_class_name: pulumi.Output[str | None]
    """StorageClass of the web server's data; none where the cluster's default is used."""

    replicas: pulumi.Output[int]
    """Number of pods that the stack asks for; with ``autoscaled`` what the set had at its last update."""

    def __init__(self, name: str, args: StatefulWebArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register the component and its children.

        Raises ``InvalidInput`` if an input can not be used, before anything is registered, or if the cluster has no
        such StorageClass; ``ClusterUnavailable`` if the cluster can not be asked.
        """
        inputs, findings = validate(name, args)
        if findings:
            raise InvalidInput(findings)
        super().__init__(TYPE, name, None, opts)
        self._inputs = inputs
        self._lookups = Lookups(self, inputs)
        self._lookups.require_classes()
        released = not inputs["autoscaled"] and self._lookups.released("replicas" in args)
        live_template = self._lookups.live_template() if inputs["adopt"] else None
        objects = manifests.objects(self._lookups.with_template_sizes(), live_template, released)
        if inputs["adopt"]:
            self._lookups.tell_differences(objects)
        self._lookups.refuse_loss(objects["set"])
        plan = self._lookups.growth_plan()
        stateful_set = self._create(name, objects)
        if isinstance(plan, pulumi.Output):
            plan.apply(lambda known: self._grow(name, known, stateful_set))
        else:
            self._grow(name, plan, stateful_set)

        self.service_name = pulumi.Output.from_input(inputs["service_name"])
        self.namespace = pulumi.Output.from_input(self._lookups.once_passed(inputs["namespace"]))
        asked: Any = inputs["replicas"]
        self.replicas = stateful_set.spec["replicas"] if inputs["autoscaled"] else pulumi.Output.from_input(asked)
        self.storage_class_name = pulumi.Output.from_input(storage.class_name(inputs, inputs["storage"]))
        known = pulumi.Output.all(self.replicas, inputs["ordinals_start"])
        pods = known.apply(lambda count_start: names.pod_names(inputs["name"], *count_start))
        self.pod_hosts = pulumi.Output.all(pods, self.namespace).apply(
            lambda pods_in: [names.pod_host(pod, inputs["service_name"], pods_in[1]) for pod in pods_in[0]]
        )
        volumes = [template["volume_name"] for template in storage.templates(inputs)]
        self.claim_names = pods.apply(
            lambda all_: [names.claim_name(volume, pod) for pod in all_ for volume in volumes]
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

    def _create(self, name: str, objects: Mapping[str, manifests.Manifest]) -> StatefulSet:
        """Create the children, the StatefulSet after those that its pods need; so it goes before them on destroy."""
        created: list[pulumi.Resource] = []
        for suffix, manifest in objects.items():
            needed = list(created) if suffix == "set" else created[:1] if "namespace" in objects else []
            opts = pulumi.ResourceOptions(parent=self, depends_on=self._lookups.once_passed(needed))
            if suffix == "namespace":
                # Deleting a namespace deletes the claims in it.
                opts.retain_on_delete = True
            if suffix == "set":
                stateful_set = self._create_set(name, manifest, opts)
            else:
                made = _resource_class(manifest)(f"{name}-{suffix}", **_body(manifest), opts=opts)
                # The plugin waits for pods behind the clients' Service, so pods don't wait for it.
                created += [made] if suffix != "client" else []
        return stateful_set

    def _create_set(self, name: str, manifest: manifests.Manifest, opts: pulumi.ResourceOptions) -> StatefulSet:
        seconds = manifests.rollout_seconds(self._inputs)
        opts.custom_timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
        opts.ignore_changes = []
        if self._inputs["autoscaled"]:
            # Dropping the field would set it back to Kubernetes' default, 1.
            opts.ignore_changes.append("spec.replicas")
        if self._lookups.blind:
            # The live size is not known, and another one would replace the set.
            opts.ignore_changes.append("spec.volumeClaimTemplates[*].spec.resources.requests.storage")
        made = StatefulSet(f"{name}-set", **_body(manifest), opts=opts)
        self._rolled_out: Any = True
        if manifests.has_partition(self._inputs) and not pulumi.runtime.is_dry_run():
            partition = self._inputs["update"]["partition"]
            written: pulumi.Output[Any] = pulumi.Output.all(made.metadata, partition, self._lookups.access)
            self._rolled_out = written.apply(lambda known: self._roll_out(seconds, *known))
        return made

    def _grow(self, name: str, plan: growth.Plan | None, stateful_set: StatefulSet) -> None:
        """Patch claims to their size, those of new pods once the pods are there."""
        if not plan or not plan.patches:
            return
        from pulumi_kubernetes.core.v1 import PersistentVolumeClaimPatch

        for claim, size in plan.patches.items():
            named = claim if self._rolled_out is True else self._rolled_out.apply(lambda _, claim=claim: claim)
            metadata: Any = {
                "name": named,
                "namespace": self._inputs["namespace"],
                # The StatefulSet's controller owns the field until then.
                "annotations": {"pulumi.com/patchForce": "true"},
            }
            PersistentVolumeClaimPatch(
                f"{name}-claim-{claim}",
                metadata=metadata,
                spec={"resources": {"requests": {"storage": size}}},
                # A claim can't give its size back, and it is data: what becomes of it is not this patch's business.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[stateful_set], retain_on_delete=True),
            )

    def _roll_out(self, seconds: int, metadata: Any, partition: int, access: ClusterAccess) -> Any:
        def say(line: str) -> None:
            pulumi.log.info(line, self, ephemeral=True)

        at = (metadata["namespace"], metadata["name"], metadata["generation"])
        return rollout.wait(access, *at, partition, seconds, say)


def _resource_class(manifest: manifests.Manifest) -> Any:
    group, _, version = manifest["apiVersion"].rpartition("/")
    module = f"pulumi_kubernetes.{group.partition('.')[0] or 'core'}.{version}"
    # A namespace outlives the stack, and to create it again would be an error: a patch creates it or takes it as it is.
    kind = "NamespacePatch" if manifest["kind"] == "Namespace" else manifest["kind"]
    return getattr(importlib.import_module(module), kind)


def _body(manifest: manifests.Manifest) -> dict[str, Any]:
    """Return what a typed resource takes: its class already says apiVersion and kind.

    Its parameters are in Python's spelling at the top, and as in Kubernetes below.
    """
    return {_snake(key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}


def _snake(camel: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel)
