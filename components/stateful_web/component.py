"""The component: registers what the plan says. What the objects look like is said in ``manifests``."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pulumi

from . import adoption, manifests, names, state, storage
from .args import StatefulWebArgs
from .dependencies import still_to_come
from .findings import SPELLING, Finding, InvalidInput, camel
from .kubeconfig import ClusterAccess
from .later import Later
from .lookups import Whom, look_up
from .patches import OF_METADATA, OF_SPEC, MetadataPatch, Patch, claim_patch, metadata_patch
from .plan import Child, Circumstances, Plan, children, plan
from .provider import ProviderFacts, default_provider, explicit_provider, is_handed_over
from .registration import CLAIM_PATCH, KubernetesObject
from .settled import classes_of_the_program, is_plain, settled
from .validation import notes, validate
from .values import Manifest


class StatefulWeb(pulumi.ComponentResource):
    """Web servers with a stable name and a disk of their own: a headless Service, a StatefulSet and their claims."""

    service_name: pulumi.Output[str]
    """Name of the headless Service."""

    client_service_name: pulumi.Output[str | None]
    """Name of the Service for clients; none without ``client_service``."""

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
        super().__init__(names.COMPONENT_TYPE, name, None, opts)
        for note in notes(inputs):
            pulumi.log.warn(note.sentence(SPELLING.get()), self)
        provider = self.get_provider("kubernetes:apps/v1:StatefulSet")
        depends_on = opts.depends_on if opts else None
        given = Circumstances(count_given="replicas" in args, namespace_given="namespace" in inputs)
        if provider is None and not depends_on and is_plain(inputs):
            facts = default_provider()
            inputs = _in_namespace(inputs, facts.namespace)
            made = self._planned(name, inputs, facts, given)
            stateful_set = self._register(name, made.children, _as_it_is)
            self._patch(name, inputs, made, stateful_set)
            self._give_outputs(inputs, stateful_set, _as_it_is)
        else:
            later = Later(self._planned_later(name, inputs, provider, depends_on, given))
            inputs = _in_namespace(inputs, None if is_handed_over(provider) else later.namespace())
            stateful_set = self._register(name, children(inputs, later.decisions(inputs)), later.after)
            later.plan.apply(lambda made: self._patch(name, inputs, made, stateful_set))
            self._give_outputs(inputs, stateful_set, later.after)

    async def _planned_later(
        self,
        name: str,
        inputs: StatefulWebArgs,
        provider: pulumi.ProviderResource | None,
        depends_on: Any,
        given: Circumstances,
    ) -> tuple[ProviderFacts, Plan]:
        """Plan once all that decides is known."""
        # A refusal ends the program: the component's registration must not be under way then.
        await self.urn.future()
        facts = default_provider() if provider is None else await explicit_provider(provider)
        known = await settled(_in_namespace(inputs, facts.namespace))
        classes = await classes_of_the_program(inputs)
        given = replace(given, classes_of_the_program=classes, still_to_come=await still_to_come(depends_on))
        return facts, self._planned(name, known, facts, given)

    def _planned(self, name: str, inputs: StatefulWebArgs, facts: ProviderFacts, given: Circumstances) -> Plan:
        """Ask what is live, plan, and say what there is to say; raises ``InvalidInput`` for what is refused."""
        if inputs["adopt"] and not facts.may_take_over:
            raise InvalidInput([adoption.MAY_NOT_TAKE_OVER])
        whom = Whom(facts.access, lambda: state.recorded(names.COMPONENT_TYPE, name, inputs["name"]))
        made = plan(inputs, look_up(inputs, whom, given.namespace_given), given)
        findings, told = list(made.findings), list(made.warnings)
        if not findings and inputs["adopt"] and isinstance(facts.access, ClusterAccess) and pulumi.runtime.is_dry_run():
            objects = [child.manifest for child in made.children if child.suffix in ("headless", "set")]
            differing = list(adoption.would_change(facts.access, objects))
            findings += [found for found in differing if isinstance(found, Finding)]
            told += [found for found in differing if isinstance(found, str)]
        if findings:
            raise InvalidInput(findings)
        for line in told:
            pulumi.log.warn(line.sentence(SPELLING.get()) if isinstance(line, Finding) else line, self)
        return made

    def _register(self, name: str, planned: Sequence[Child], after: Callable[[Any], Any]) -> KubernetesObject:
        """Register the children in their order, each ``after`` those that it needs; return the StatefulSet."""
        made: dict[str, KubernetesObject] = {}
        for child in planned:
            needed = [made[suffix] for suffix in child.needs]
            opts = pulumi.ResourceOptions(
                parent=self, depends_on=after(needed), ignore_changes=list(child.ignore_changes)
            )
            if not child.is_protected:
                opts.protect = False
            if child.is_retained:
                opts.retain_on_delete = True
            if child.seconds is not None:
                opts.custom_timeouts = pulumi.CustomTimeouts(create=f"{child.seconds}s", update=f"{child.seconds}s")
            made[child.suffix] = KubernetesObject(f"{name}-{child.suffix}", child.manifest, opts)
        return made["set"]

    def _patch(self, name: str, inputs: StatefulWebArgs, made: Plan, stateful_set: KubernetesObject) -> None:
        """Patch claims, those of new pods once the pods are there."""
        namespace, templates = inputs["namespace"], dict(storage.claim_templates(inputs))
        named: dict[str, tuple[Patch | MetadataPatch, Manifest]] = {}
        for of_spec in made.patches:
            named[f"{OF_SPEC}-{of_spec.claim}"] = of_spec, claim_patch(of_spec, namespace)
        for patch in made.metadata_patches:
            template = templates[patch.template]
            manifest = metadata_patch(patch, template["labels"], template["annotations"], namespace)
            named[f"{OF_METADATA}-{patch.claim}"] = patch, manifest
        for suffix, (given, manifest) in named.items():
            opts = pulumi.ResourceOptions(parent=self, depends_on=[stateful_set])
            # A claim can't give its size back, and it is data: what becomes of it is not this patch's business.
            opts.retain_on_delete, opts.protect = True, False
            opts.ignore_changes = ["metadata", "spec"] if given.kept else []
            KubernetesObject(f"{name}-{suffix}", manifest, opts, CLAIM_PATCH)

    def _give_outputs(
        self, inputs: StatefulWebArgs, stateful_set: KubernetesObject, after: Callable[[Any], Any]
    ) -> None:
        namespace: Any = inputs["namespace"]
        namespace = stateful_set.metadata["namespace"] if namespace is None else after(namespace)
        # The engine has no other numbers than floats.
        live = stateful_set.spec.apply(lambda spec: int(spec["replicas"])) if inputs["autoscaled"] else None
        replicas = inputs["replicas"] if live is None else live
        pods = _made_of(
            lambda start, count: names.pod_names(inputs["name"], range(start, start + count)),
            *(inputs["ordinals_start"], replicas),
        )
        service, volumes = inputs["service_name"], [template["volume_name"] for template in storage.templates(inputs)]
        outputs = {
            "service_name": service,
            "client_service_name": manifests.client_service_name(inputs) if "client_service" in inputs else None,
            "namespace": namespace,
            "pod_hosts": _made_of(lambda all_, of: [names.pod_host(pod, service, of) for pod in all_], pods, namespace),
            "claim_names": _made_of(
                lambda all_: [names.claim_name(volume, pod) for pod in all_ for volume in volumes], pods
            ),
            "storage_class_name": storage.class_name(inputs, inputs["storage"]),
            "replicas": replicas,
        }
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs({camel(key): value for key, value in outputs.items()})


def _made_of(values: Callable[..., Any], *given: Any) -> Any:
    """Return what is made of values: at once where all are plain, since each step of an output costs the SDK a task."""
    if is_plain(given):
        return values(*given)
    return pulumi.Output.all(*given).apply(lambda known: values(*known))


def _as_it_is(value: Any) -> Any:
    return value


def _in_namespace(inputs: StatefulWebArgs, otherwise: Any) -> StatefulWebArgs:
    """Return the inputs with the namespace that objects get where none is given."""
    return {**inputs, "namespace": inputs.get("namespace", otherwise)}
