"""The component: wiring only. What the objects look like is said in ``manifests``."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.output import contains_unknowns

# Of the SDK, only what every web server needs is imported here; further kinds are imported when they are made.
from pulumi_kubernetes.apps.v1 import StatefulSet

from . import adoption, cluster, manifests, names, rollout, storage
from .args import StatefulWebArgs
from .findings import Finding, InvalidInput
from .validation import claim_templates, validate

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
    """Number of pods that the stack asks for."""

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
        provider = self.get_provider("kubernetes:apps/v1:StatefulSet")
        self._access: Any = cluster.provider_access(provider) if provider else cluster.default_access()

        for path, template in claim_templates(inputs):
            if template["verify"] and "storage_class_name" in template:
                at = (*path, "storage_class_name")
                self._when_known(self._require_class, at, template["storage_class_name"], self._access)
        if "replicas" not in args and not inputs["autoscaled"] and inputs["storage"]["verify"]:
            self._when_known(self._require_count, inputs["namespace"], self._access)
        objects = manifests.objects(inputs, self._live_template() if inputs["adopt"] else None)
        if inputs["adopt"]:
            self._when_known(self._tell_differences, objects["headless"], objects["set"], self._access)
        self._create(name, objects)

        self.service_name = pulumi.Output.from_input(inputs["service_name"])
        self.namespace = pulumi.Output.from_input(inputs["namespace"])
        self.replicas = pulumi.Output.from_input(inputs["replicas"])
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

    def _create(self, name: str, objects: Mapping[str, manifests.Manifest]) -> None:
        """Create the children, each after those before it; so the StatefulSet goes first when they are destroyed."""
        created: list[pulumi.Resource] = []
        for suffix, manifest in objects.items():
            needs = created if suffix == "set" else created[:1] if "namespace" in objects else []
            opts = pulumi.ResourceOptions(parent=self, depends_on=list(needs))
            if suffix == "namespace":
                # Deleting a namespace deletes the claims in it.
                opts.retain_on_delete = True
            if suffix == "set":
                created.append(self._create_set(name, manifest, opts))
            else:
                created.append(_resource_class(manifest)(f"{name}-{suffix}", **_body(manifest), opts=opts))

    def _create_set(self, name: str, manifest: manifests.Manifest, opts: pulumi.ResourceOptions) -> StatefulSet:
        seconds = manifests.rollout_seconds(self._inputs)
        opts.custom_timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
        if self._inputs["autoscaled"]:
            # Dropping the field would set it back to Kubernetes' default, 1.
            opts.ignore_changes = ["spec.replicas"]
        made = StatefulSet(f"{name}-set", **_body(manifest), opts=opts)
        if manifests.has_partition(self._inputs) and not pulumi.runtime.is_dry_run():
            partition = self._inputs["update"]["partition"]
            written: pulumi.Output[Any] = pulumi.Output.all(made.metadata, partition, self._access)
            written.apply(lambda known: self._roll_out(seconds, *known))
        return made

    def _roll_out(self, seconds: int, metadata: Any, partition: int, access: cluster.ClusterAccess) -> Any:
        def say(line: str) -> None:
            pulumi.log.info(line, self, ephemeral=True)

        at = (metadata["namespace"], metadata["name"], metadata["generation"])
        return rollout.wait(access, *at, partition, seconds, say)

    def _when_known(self, judge: Callable[..., None], *values: Any) -> None:
        """Call ``judge`` at once if its values are plain, so that nothing is planned before; else as they get known."""
        if not any(isinstance(value, pulumi.Output) for value in _leaves(values)):
            judge(*values)
            return

        def judge_known(known: list[Any]) -> None:
            if contains_unknowns(known):
                pulumi.log.warn(
                    "StorageClass and live objects were not looked up: the provider is not known yet.", self
                )
            else:
                judge(*known)

        pulumi.Output.all(*values).apply(judge_known, run_with_unknowns=True)

    def _require_class(self, path: Any, wanted: str, access: cluster.ClusterAccess) -> None:
        try:
            classes = cluster.storage_classes(access)
        except cluster.NotAllowed as error:
            pulumi.log.warn(f'StorageClass "{wanted}" was not looked up: {error}.', self)
            return
        missing = storage.missing_class(wanted, classes, tuple(path))
        if missing:
            raise InvalidInput([missing])

    def _require_count(self, namespace: str, access: cluster.ClusterAccess) -> None:
        """Refuse to let the default count follow that of an autoscaler."""
        live = self._live_set(namespace, access)
        if live and live["metadata"].get("annotations", {}).get(manifests.AUTOSCALED):
            count = live["spec"]["replicas"]
            raise InvalidInput(
                [
                    Finding(
                        ("replicas",),
                        f"is missing, and an autoscaler has owned the count until now, which is {count}: a whole "
                        f"number is expected. Set it to {count} to keep the pods, or autoscaled to true.",
                    )
                ]
            )

    def _live_set(self, namespace: str, access: cluster.ClusterAccess) -> dict[str, Any] | None:
        try:
            return cluster.stateful_sets(access, namespace).get(self._inputs["name"])
        except cluster.NotAllowed as error:
            pulumi.log.warn(f"StatefulSets were not looked up: {error}.", self)
            return None

    def _live_template(self) -> manifests.Manifest | None:
        namespace = self._inputs["namespace"]
        if not isinstance(namespace, str) or isinstance(self._access, pulumi.Output):
            raise InvalidInput(
                [
                    Finding(
                        ("adopt",), "needs a plain namespace and the default provider, to see what is there. Use them."
                    )
                ]
            )
        if not pulumi.Config("kubernetes").get_bool("upsertExistingObjects"):
            raise InvalidInput(
                [
                    Finding(
                        ("adopt",),
                        "is true, but the kubernetes provider may not take over objects that exist. Run: pulumi config "
                        "set kubernetes:upsertExistingObjects true (both can be removed after the next up).",
                    )
                ]
            )
        live = self._live_set(namespace, self._access)
        return live["spec"]["template"] if live else None

    def _tell_differences(
        self, service: manifests.Manifest, stateful_set: manifests.Manifest, access: cluster.ClusterAccess
    ) -> None:
        if not pulumi.runtime.is_dry_run():
            return
        for manifest in (service, stateful_set):
            kind, name = manifest["kind"], manifest["metadata"]["name"]
            for field in adoption.differences(cluster.client(access), manifest):
                pulumi.log.warn(f"adopt: {kind} {name} differs from what is asked for in {field}; up changes it.", self)


def _resource_class(manifest: manifests.Manifest) -> Any:
    group, _, version = manifest["apiVersion"].rpartition("/")
    module = f"pulumi_kubernetes.{group.partition('.')[0] or 'core'}.{version}"
    return getattr(importlib.import_module(module), manifest["kind"])


def _body(manifest: manifests.Manifest) -> dict[str, Any]:
    """Return what a typed resource takes: its class already says apiVersion and kind.

    Its parameters are in Python's spelling at the top, and as in Kubernetes below.
    """
    return {_snake(key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}


def _snake(camel: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel)


def _leaves(value: Any) -> Any:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
