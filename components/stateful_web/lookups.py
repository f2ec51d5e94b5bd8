"""What a component asks of its provider's own cluster before it plans: classes, its live set, its claims."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.output import contains_unknowns

from . import adoption, cluster, growth, manifests, replacement, storage
from .args import StatefulWebArgs
from .findings import Finding, InvalidInput
from .kubeconfig import ClusterAccess, client, default_access, provider_access
from .names import claim_name, pod_names
from .validation import claim_templates


class Lookups:
    """Questions of one component; each is asked at once if all it needs is plain, so that nothing is planned before."""

    def __init__(self, component: pulumi.ComponentResource, inputs: StatefulWebArgs) -> None:
        provider = component.get_provider("kubernetes:apps/v1:StatefulSet")
        self._component = component
        self._inputs = inputs
        self.access: Any = provider_access(provider) if provider else default_access()
        self.blind = not inputs["storage"]["verify"] or (provider is not None and not hasattr(provider, "kubeconfig"))
        """Whether nothing is known of what is live."""
        self._pending: list[pulumi.Output[Any]] = []

    def require_classes(self) -> None:
        """Refuse a class that the cluster does not have."""
        for path, template in claim_templates(self._inputs):
            at = (*path, "storage_class_name")
            if template["verify"] and "storage_class_name" in template:
                wanted = template["storage_class_name"]
                is_ours = _of_a_class_here(wanted) if isinstance(wanted, pulumi.Output) else False
                self._when_known(self._require_class, at, wanted, is_ours, self.access)
            elif template["verify"] and "create_storage_class" not in template:
                self._when_known(self._require_default_class, at, self.access)

    def released(self, count_given: bool) -> Any:
        """Say whether an autoscaler has owned the count of the live set, which the stack now takes back.

        Refuse to let a count that is left out follow that of an autoscaler.
        """
        if self.blind:
            return False
        return self._when_known(self._released, count_given, self._inputs["namespace"], self.access)

    def live_template(self) -> manifests.Manifest | None:
        """Return the pod template of the set that is to be adopted, if it is there."""
        namespace = self._inputs["namespace"]
        if not isinstance(namespace, str) or isinstance(self.access, pulumi.Output):
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
        live = self._live_set(namespace, self.access)
        return live["spec"]["template"] if live else None

    def tell_differences(self, objects: Mapping[str, manifests.Manifest]) -> None:
        """Say at preview in which fields objects that are adopted would change."""
        if pulumi.runtime.is_dry_run():
            for suffix in ("headless", "set"):
                self._when_known(self._tell_differences, objects[suffix], self.access)

    def with_template_sizes(self) -> StatefulWebArgs:
        """Return the inputs with the sizes that claim templates must keep."""
        if self.blind:
            return self._inputs
        sizes = [self._template_size(t["volume_name"], t["size"]) for t in storage.templates(self._inputs)]
        return storage.with_sizes(self._inputs, sizes)

    def growth_plan(self) -> Any:
        """Return which claims have to grow, as an output or plainly; none if it can't be known."""
        if self.blind:
            return None
        sizes = [template["size"] for template in storage.templates(self._inputs)]
        counts = [self._inputs["replicas"], self._inputs["ordinals_start"]]

        def plan(access: ClusterAccess, namespace: str, counts: list[int], sizes: list[str]) -> growth.Plan | None:
            replicas, start = counts
            args = storage.with_sizes({**self._inputs, "replicas": replicas, "ordinals_start": start}, sizes)
            try:
                live_set = cluster.stateful_sets(access, namespace).get(self._inputs["name"])
                claims = cluster.claims(access, namespace)
            except cluster.NotAllowed as error:
                self._warn(f"Whether claims have to grow was not looked up: {error}.")
                return None
            planned = growth.plan(args, growth.Live(live_set, claims, self._classes_if_allowed(access)))
            if planned.findings:
                raise InvalidInput(planned.findings)
            for note in planned.notes:
                self._warn(note)
            return planned

        return self._when_known(plan, self.access, self._inputs["namespace"], counts, sizes)

    def once_passed(self, value: Any) -> Any:
        """Return a value, or an output of it that waits until all that was asked is answered, and nothing refused."""
        if not self._pending:
            return value

        async def passed() -> Any:
            for answer in self._pending:
                await answer.future()

        return pulumi.Output.from_input(passed()).apply(lambda _: value)

    def _template_size(self, volume: str, asked: Any) -> Any:
        def born(access: ClusterAccess, namespace: str, asked: str) -> str:
            return growth.template_size(self._live_set(namespace, access), volume, asked)

        values: Any = (self.access, self._inputs["namespace"], asked)
        if any(isinstance(value, pulumi.Output) for value in values):
            return pulumi.Output.all(*values).apply(lambda known: born(*known))
        return born(*values)

    def _when_known(self, judge: Callable[..., Any], *values: Any) -> Any:
        """Return what ``judge`` says of values, or an output of it if one of them is an output."""
        if not any(isinstance(value, pulumi.Output) for value in _leaves(values)):
            return judge(*values)

        def judge_known(known: list[Any]) -> Any:
            if contains_unknowns(known):
                self._warn("What is live was not looked up: it is not known yet where, or of what.")
                return None
            return judge(*known[:-1])

        async def registered() -> Any:
            # A refusal ends the program: the component's registration must not be under way then.
            await self._component.urn.future()

        answer = pulumi.Output.all(*values, registered()).apply(judge_known, run_with_unknowns=True)
        self._pending.append(answer)
        return answer

    def refuse_loss(self, stateful_set: manifests.Manifest) -> None:
        """Refuse to replace a live set that would take its claims with it, or files that its pods still need."""
        if not self.blind:
            values = (stateful_set["spec"], self._inputs["namespace"], self.access)
            self._when_known(self._refuse_loss, *values)

    def _refuse_loss(self, wanted: Mapping[str, Any], namespace: str, access: ClusterAccess) -> None:
        live = self._live_set(namespace, access)
        if not live:
            return
        findings = replacement.loss_of_files(live["spec"], wanted)
        if replacement.replacing_changes(live["spec"], wanted):
            findings += replacement.loss_of_claims(live["spec"], wanted, self._claims_of(live, namespace, access))
        if findings:
            raise InvalidInput(findings)

    def _claims_of(self, live: Mapping[str, Any], namespace: str, access: ClusterAccess) -> list[str]:
        try:
            claims = cluster.claims(access, namespace)
            return sorted(name for name, claim in claims.items() if _owned_by(claim, live))
        except cluster.NotAllowed:
            # Those that its pods need must be there, and a set that was scaled to none may have kept its first.
            spec = live["spec"]
            start, count = spec.get("ordinals", {}).get("start", 0), max(1, spec["replicas"])
            pods = pod_names(live["metadata"]["name"], count, start)
            volumes = [template["metadata"]["name"] for template in spec.get("volumeClaimTemplates", ())]
            return [claim_name(volume, pod) for pod in pods for volume in volumes]

    def _classes_if_allowed(self, access: ClusterAccess) -> Sequence[storage.StorageClass]:
        try:
            return cluster.storage_classes(access)
        except cluster.NotAllowed:
            return ()  # The API server will say which can't grow.

    def _require_default_class(self, path: Any, access: ClusterAccess) -> None:
        try:
            classes = cluster.storage_classes(access)
        except cluster.NotAllowed as error:
            self._warn(f"The default StorageClass was not looked up: {error}.")
            return
        found = storage.default_class(classes, tuple(path))
        if isinstance(found, Finding):
            raise InvalidInput([found])
        others = sorted(other.name for other in classes if other.is_default and other != found)
        if others:
            self._warn(
                f"This cluster has several default StorageClasses: {found.name}, the newest, is the one that claims "
                f"get, and not {', '.join(others)}. Name the one that is meant in storage.storageClassName."
            )

    def _require_class(self, path: Any, wanted: str, is_ours: bool, access: ClusterAccess) -> None:
        if is_ours:
            return
        try:
            classes = cluster.storage_classes(access)
        except cluster.NotAllowed as error:
            self._warn(f'StorageClass "{wanted}" was not looked up: {error}.')
            return
        missing = storage.missing_class(wanted, classes, tuple(path))
        if missing:
            raise InvalidInput([missing])

    def _released(self, count_given: bool, namespace: str, access: ClusterAccess) -> bool:
        live = self._live_set(namespace, access) or {"metadata": {}}
        mark = (live["metadata"].get("annotations") or {}).get(manifests.AUTOSCALED)
        if mark == "true" and not count_given:
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
        return mark is not None

    def _live_set(self, namespace: str, access: ClusterAccess) -> dict[str, Any] | None:
        try:
            return cluster.stateful_sets(access, namespace).get(self._inputs["name"])
        except cluster.NotAllowed as error:
            if not self.blind:
                self._warn(f"StatefulSets were not looked up: {error}.")
            self.blind = True
            return None

    def _tell_differences(self, manifest: manifests.Manifest, access: ClusterAccess) -> None:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        try:
            fields = adoption.differences(client(access), manifest)
        except adoption.CanNotAdopt as error:
            raise InvalidInput(
                [
                    Finding(
                        ("adopt",),
                        f"is true, but the live {kind} {name} can not become what is asked for: {error}. Set the "
                        "inputs to what it has.",
                    )
                ]
            ) from error
        for field in fields:
            self._warn(f"adopt: {kind} {name} differs from what is asked for in {field}; up changes it.")

    def _warn(self, line: str) -> None:
        pulumi.log.warn(line, self._component)


def _owned_by(claim: Mapping[str, Any], owner: Mapping[str, Any]) -> bool:
    return any(ref["uid"] == owner["metadata"]["uid"] for ref in claim["metadata"].get("ownerReferences", ()))


def _of_a_class_here(name: "pulumi.Output[Any]") -> "pulumi.Output[bool]":
    """Say whether a name comes from a StorageClass of the program, which may not be there yet."""

    async def ask() -> bool:
        kinds = {resource.pulumi_resource_type for resource in await name.resources()}
        return "kubernetes:storage.k8s.io/v1:StorageClass" in kinds

    return pulumi.Output.from_input(ask())


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
