"""The live picture of StatefulSets: pods, claims, volumes, classes and DNS names. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..names import pod_host
from ..quantity import parse_quantity
from .doctor import when, words_of
from .live_objects import Object, Seen

KINDS = ("Service", "Event")
"""What it is told from, beside what every command needs."""


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
    """Its DNS name; empty where the set has no governing Service."""
    uid: str = ""
    """Another one: the pod was made anew."""
    outdated: bool = False
    """Whether the set has a newer revision than it."""


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
    grows_to: str | None = None
    """What it asks for, where that is more than it has."""

    @property
    def sizes(self) -> str | None:
        """Its size, and that which it is to get."""
        return f"{self.size} → {self.grows_to}" if self.grows_to else self.size


@dataclass(frozen=True)
class StatefulSetStatus:
    """A StatefulSet, with its pods and claims in the order of their ordinals."""

    name: str
    namespace: str
    service: str
    cluster_ip: str | None
    """Of the governing Service: ``"None"`` for a headless one, null if there is none, empty if it was not looked at."""
    replicas: int
    ready: int
    pods: list[PodStatus]
    claims: list[ClaimStatus]
    cluster: str = ""
    """Address of the API server."""

    @property
    def headline(self) -> str:
        """How far it is, in one line."""
        updating = sum(pod.outdated for pod in self.pods)
        older = f", {updating} at an older revision" if updating else ""
        return f"{self.ready} of {self.replicas} pods ready{older}"


def statuses(seen: Seen) -> list[StatefulSetStatus]:
    """Return the StatefulSets that are asked about, and are there."""
    return [_status(seen, seen.live[name]) for name in seen.names if name in seen.live]


def missing(seen: Seen, stack: str) -> list[str]:
    """Return a sentence on each StatefulSet that a stack's state has, and the cluster has not."""
    return [
        f"StatefulSet {seen.place.namespace}/{name} is not on the cluster: it is being created, or somebody deleted "
        f"it. For the latter: pulumi refresh --stack {stack}, then pulumi up --stack {stack}"
        for name in seen.names
        if name not in seen.live
    ]


def _status(seen: Seen, live: Object) -> StatefulSetStatus:
    service = live["spec"].get("serviceName", "")
    addresses = {found["metadata"]["name"]: found["spec"].get("clusterIP") for found in seen.all("Service")}
    unknown = "" if seen.objects["Service"] is None else None
    pods, status = seen.pods_of(live), live.get("status") or {}
    users = {
        volume["persistentVolumeClaim"]["claimName"]: pod["metadata"]["name"]
        for pod in pods
        for volume in pod["spec"].get("volumes") or ()
        if volume.get("persistentVolumeClaim")
    }
    return StatefulSetStatus(
        name=live["metadata"]["name"],
        namespace=seen.place.namespace,
        service=service,
        cluster_ip=addresses.get(service, unknown),
        replicas=live["spec"].get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        pods=[pod_status(pod, service, status.get("updateRevision")) for pod in pods],
        claims=[_claim(claim, users, seen.all("Event")) for claim in seen.claims_of(live)],
        cluster=seen.cluster,
    )


def pod_status(pod: Object, service: str, newest: str | None = None) -> PodStatus:
    """Return what there is to say of a live pod, under the set's governing Service and at its newest revision."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    containers = status.get("containerStatuses") or ()
    # A container that was made and is not started yet waits for no reason.
    waits = (((container.get("state") or {}).get("waiting") or {}).get("reason") for container in containers)
    waiting = next(filter(None, waits), None)
    leaving = "Terminating" if "deletionTimestamp" in metadata else None
    has = (metadata.get("labels") or {}).get("controller-revision-hash")
    return PodStatus(
        name=metadata["name"],
        status=leaving or waiting or status.get("phase", "Unknown"),
        ready=any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or ()),
        restarts=sum(c.get("restartCount", 0) for c in containers),
        node=pod["spec"].get("nodeName"),
        host=pod_host(metadata["name"], service, metadata["namespace"]) if service else "",
        uid=metadata.get("uid", ""),
        outdated=bool(newest) and has != newest,
    )


def _claim(claim: Object, users: Mapping[str, str], events: Sequence[Object]) -> ClaimStatus:
    spec, status, metadata = claim["spec"], claim.get("status") or {}, claim["metadata"]
    asked, has = spec["resources"]["requests"].get("storage"), (status.get("capacity") or {}).get("storage")
    about = [event for event in events if (event.get("involvedObject") or {}).get("uid") == metadata.get("uid")]
    return ClaimStatus(
        name=metadata["name"],
        phase=status.get("phase", "Pending"),
        size=has or asked,
        storage_class=spec.get("storageClassName"),
        volume=spec.get("volumeName"),
        pod=users.get(metadata["name"]),
        problem=None if status.get("phase") == "Bound" else _newest(about),
        grows_to=asked if asked and has and parse_quantity(asked) > parse_quantity(has) else None,
    )


def _newest(events: Sequence[Object]) -> str | None:
    newest = max(events, key=when, default=None)
    return words_of(newest) if newest else None
