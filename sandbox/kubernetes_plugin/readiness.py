"""When an object counts as ready, by its kind."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox.kubernetes_plugin import objects, pods
from sandbox.kubernetes_plugin.api import Api
from sandbox.kubernetes_plugin.errors import ApiError, Object

ENDPOINTS_SETTLE_SECONDS = 10


@dataclass(frozen=True)
class Verdict:
    """Whether an object is ready; if not, what it waits for in one line, and what to say when time is up."""

    ready: bool
    waits_for: str = ""
    missing: list[str] = field(default_factory=list)
    will_do: bool = False
    """Whether it counts as ready if it is no more than this when time is up."""


Judge = Callable[[Object], Verdict]
JudgeMaker = Callable[[Api, Object, bool], Judge]
"""Makes a judge of the object as the API server accepted it; True for an update."""


@dataclass(frozen=True)
class Readiness:
    """How the readiness of a kind is judged."""

    judge: JudgeMaker
    on_refresh: bool = False
    """Whether a refresh judges it too."""
    has_pods: bool = False
    """Whether its pods' troubles are listed when time is up."""
    polled: bool = False
    """Whether it waits five minutes, whatever the timeout says; the official plugin polls these."""


def stateful_set(_api: Api, accepted: Object, _is_update: bool) -> Judge:
    """All replicas of one revision are ready; ``partition`` is not looked at, ``OnDelete`` asks for no revision."""

    def judge(live: Object) -> Verdict:
        generation = objects.number(live, "metadata", "generation")
        wanted = objects.number(live, "spec", "replicas")
        ready = objects.number(live, "status", "readyReplicas")
        current, update = (objects.at(live, "status", f"{which}Revision") for which in ("current", "update"))
        seen = (
            objects.number(live, "status", "observedGeneration")
            >= generation
            >= objects.number(accepted, "metadata", "generation")
        )
        counts = [objects.number(live, "status", "replicas"), ready]
        if generation > 1 and objects.at(live, "spec", "updateStrategy", "type") == "OnDelete":
            revision_ready = seen
        else:
            revision_ready = seen and bool(current) and current == update
            counts.append(objects.number(live, "status", "currentReplicas"))
        replicas_ready = seen and counts == [wanted] * len(counts)
        if not seen:
            ready = 0
        elif not revision_ready:
            # Some of the ready ones are still of the old revision.
            ready = min(ready, objects.number(live, "status", "updatedReplicas"))
        missing = []
        if not replicas_ready:
            missing.append(f"{ready} out of {wanted} replicas succeeded readiness checks")
        if not revision_ready:
            missing.append(
                f'StatefulSet controller failed to advance from revision "{current or ""}" to revision "{update or ""}"'
            )
        return Verdict(not missing, f"Waiting for the StatefulSet ({ready}/{wanted} Pods ready)", missing)

    return judge


def deployment(_api: Api, accepted: Object, _is_update: bool) -> Judge:
    """The new ReplicaSet is complete and the minimum of its pods available."""

    def judge(live: Object) -> Verdict:
        generation = objects.number(live, "metadata", "generation")
        wanted = objects.number(live, "spec", "replicas")
        updated, ready = (
            objects.number(live, "status", "updatedReplicas"),
            objects.number(live, "status", "readyReplicas"),
        )
        seen = (
            objects.number(live, "status", "observedGeneration")
            >= generation
            >= objects.number(accepted, "metadata", "generation")
        )
        progressing = objects.condition(live, "Progressing")
        available = seen and objects.condition(live, "Available").get("status") == "True"
        rolled = generation <= 1 or progressing.get("reason") == "NewReplicaSetAvailable"
        missing = []
        if not available:
            missing.append("Minimum number of live Pods was not attained")
        elif not (rolled and updated >= wanted and ready >= wanted):
            missing.append("Minimum number of Pods to consider the application live was not attained")
        if missing and progressing.get("status") == "False":
            missing.append(f"[{progressing.get('reason')}] {progressing.get('message')}")
        return Verdict(not missing, f"Waiting for the Deployment ({ready}/{wanted} Pods ready)", missing)

    return judge


def service(api: Api, accepted: Object, _is_update: bool, *, settle: float = ENDPOINTS_SETTLE_SECONDS) -> Judge:
    """A load balancer has its address; pods behind a cluster IP are ready, once their list has settled.

    A headless Service, one without a selector and an external name have no pods to wait for.
    """
    is_balancer = objects.at(accepted, "spec", "type") == "LoadBalancer"
    seen: tuple[str, float] = ("", time.monotonic())

    def judge(live: Object) -> Verdict:
        nonlocal seen
        has_address = not is_balancer or bool(objects.at(live, "status", "loadBalancer", "ingress"))
        spec = live.get("spec", {})
        if spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector"):
            return Verdict(has_address, "Waiting for the Service")
        endpoints = api.find({"apiVersion": "v1", "kind": "Endpoints", "metadata": live["metadata"]}) or {}
        version = str(objects.metadata(endpoints).get("resourceVersion", ""))
        if version != seen[0]:
            seen = (version, time.monotonic())
        settled = settle == 0 or (bool(version) and time.monotonic() - seen[1] >= settle)
        subsets = endpoints.get("subsets") or []
        pending = any(subset.get("notReadyAddresses") for subset in subsets)
        missing = []
        if not any(subset.get("addresses") for subset in subsets):
            missing.append(
                "Service does not target any Pods. Selected Pods may not be ready, "
                "or field '.spec.selector' may not match labels on any Pods"
            )
        if not has_address:
            missing.append("Service was not allocated an IP address; does your cloud provider support this?")
        will_do = has_address and not pending
        return Verdict(will_do and settled, "Finding Pods to direct traffic to", missing, will_do)

    return judge


def pod(_api: Api, _accepted: Object, _is_update: bool) -> Judge:
    """The pod is Ready, or has done its work."""

    def judge(live: Object) -> Verdict:
        done = objects.at(live, "status", "phase") == "Succeeded"
        ready = done or objects.condition(live, "Ready").get("status") == "True"
        return Verdict(ready, "Waiting for the Pod to be ready", [] if ready else pods.troubles(live))

    return judge


def claim(api: Api, accepted: Object, is_update: bool) -> Judge:
    """The claim is bound; where the class waits for a first consumer, a new one is done while Pending."""
    class_name = objects.at(accepted, "spec", "storageClassName")
    storage_class: Object = {}
    if class_name:
        named = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": class_name}}
        # A class that may not be read is taken for one that binds at once.
        with suppress(ApiError):
            storage_class = api.find(named) or {}
    waits = storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"

    def judge(live: Object) -> Verdict:
        phase = objects.at(live, "status", "phase")
        done = {"Pending"} if waits else {"Bound"}
        return Verdict(
            phase in (done | {"Bound"} if is_update else done), "Waiting for the PersistentVolumeClaim to be bound"
        )

    return judge


def _phase(*phases: str) -> JudgeMaker:
    def make(_api: Api, _accepted: Object, _is_update: bool) -> Judge:
        return lambda live: Verdict(objects.at(live, "status", "phase") in phases, f"Waiting for {phases[0]}")

    return make


def _quota(_api: Api, _accepted: Object, _is_update: bool) -> Judge:
    return lambda live: Verdict(
        objects.at(live, "spec", "hard") == objects.at(live, "status", "hard"), "Waiting for the quota"
    )


BY_KIND = {
    "apps/v1/Deployment": Readiness(deployment, on_refresh=True, has_pods=True),
    "apps/v1/StatefulSet": Readiness(stateful_set, on_refresh=True, has_pods=True),
    "v1/PersistentVolume": Readiness(_phase("Available", "Bound"), polled=True),
    "v1/PersistentVolumeClaim": Readiness(claim, polled=True),
    "v1/Pod": Readiness(pod, on_refresh=True),
    "v1/ResourceQuota": Readiness(_quota, polled=True),
    "v1/Service": Readiness(service, on_refresh=True),
}
