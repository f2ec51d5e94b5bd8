"""The live picture of a stack's StatefulSets: pods, claims, volumes, classes and DNS names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..kubeconfig import client
from ..names import pod_host
from .errors import CliError
from .live_objects import claim_pattern, listed, owner, stateful_set
from .pulumi_cli import Deployed, State

if TYPE_CHECKING:
    from lightkube import Client


@dataclass(frozen=True)
class PodStatus:
    """A pod of a StatefulSet."""

    name: str
    status: str
    """Its phase, or the reason why a container waits."""
    ready: bool
    restarts: int
    node: str | None
    host: str


@dataclass(frozen=True)
class ClaimStatus:
    """A claim of one of the set's templates; it outlives its pod."""

    name: str
    phase: str
    size: str | None
    """Its capacity, or what it requests until it is bound."""
    storage_class: str | None
    volume: str | None
    pod: str | None
    """The pod that has it, if one does."""
    problem: str | None
    """The newest event of a claim that is not bound."""


@dataclass(frozen=True)
class StatefulSetStatus:
    """A StatefulSet, with its pods and claims in the order of their ordinals."""

    name: str
    namespace: str
    service: str
    cluster_ip: str | None
    replicas: int
    ready: int
    pods: list[PodStatus]
    claims: list[ClaimStatus]


def status_of(state: State) -> list[StatefulSetStatus]:
    """Read every StatefulSet of a stack from its own cluster."""
    return [_read(client(found.access), found, state.stack) for found in state.stateful_sets()]


def _read(api: "Client", deployed: Deployed, stack: str) -> StatefulSetStatus:
    from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

    namespace = deployed.namespace
    live = stateful_set(api, namespace, deployed.name)
    if live is None:
        raise CliError(
            f"StatefulSet {namespace}/{deployed.name} is not on the cluster: it is being created, or somebody deleted "
            f"it. For the latter: pulumi refresh --stack {stack}, then pulumi up --stack {stack}"
        )
    service = live["spec"].get("serviceName", "")
    addresses = {s.metadata.name: s.spec.clusterIP for s in api.list(Service, namespace=namespace)}  # type: ignore[union-attr]
    pods = [pod for pod in listed(api, Pod, namespace) if owner(pod) == live["metadata"]["uid"]]
    users = {
        volume["persistentVolumeClaim"]["claimName"]: pod["metadata"]["name"]
        for pod in pods
        for volume in pod["spec"].get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    of_this_set = claim_pattern(live)
    claims = [
        claim
        for claim in listed(api, PersistentVolumeClaim, namespace)
        if of_this_set.fullmatch(claim["metadata"]["name"])
    ]
    return StatefulSetStatus(
        name=deployed.name,
        namespace=namespace,
        service=service,
        cluster_ip=addresses.get(service),
        replicas=live["spec"]["replicas"],
        ready=live.get("status", {}).get("readyReplicas", 0),
        pods=[pod_status(pod, service) for pod in sorted(pods, key=_ordinal)],
        claims=[_claim(api, claim, users) for claim in sorted(claims, key=_ordinal)],
    )


def pod_status(pod: dict[str, Any], service: str) -> PodStatus:
    """Return what there is to say of a live pod, under the set's governing Service."""
    status = pod.get("status", {})
    containers = status.get("containerStatuses", ())
    # A container that was made and is not started yet waits for no reason.
    waits = (container.get("state", {}).get("waiting", {}).get("reason") for container in containers)
    waiting = next(filter(None, waits), None)
    leaving = "Terminating" if "deletionTimestamp" in pod["metadata"] else None
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    return PodStatus(
        name=name,
        status=leaving or waiting or status.get("phase", "Unknown"),
        ready=any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", ())),
        restarts=sum(c.get("restartCount", 0) for c in containers),
        node=pod["spec"].get("nodeName"),
        host=pod_host(name, service, namespace),
    )


def _claim(api: "Client", claim: dict[str, Any], users: dict[str, str]) -> ClaimStatus:
    spec, status, name = claim["spec"], claim.get("status", {}), claim["metadata"]["name"]
    bound = status.get("phase") == "Bound"
    return ClaimStatus(
        name=name,
        phase=status.get("phase", "Pending"),
        size=(status.get("capacity") or spec["resources"]["requests"]).get("storage"),
        storage_class=spec.get("storageClassName"),
        volume=spec.get("volumeName"),
        pod=users.get(name),
        problem=None if bound else newest_event(api, "PersistentVolumeClaim", name, claim["metadata"]["namespace"]),
    )


def newest_event(api: "Client", kind: str, name: str, namespace: str) -> str | None:
    """Return what the cluster said last about an object."""
    from lightkube.resources.core_v1 import Event

    about: Any = {"involvedObject.kind": kind, "involvedObject.name": name}
    events = [event.to_dict() for event in api.list(Event, namespace=namespace, fields=about)]
    newest = max(events, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "", default=None)
    return f"{newest['reason']}: {newest['message']}" if newest else None


def _ordinal(named: dict[str, Any]) -> tuple[str, int]:
    base, _, ordinal = named["metadata"]["name"].rpartition("-")
    return base, int(ordinal)
