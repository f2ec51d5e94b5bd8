"""A StatefulSet with its pods, claims and Service, as an API server has them."""

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]


def stateful_set(name: str, replicas: int = 2, *, namespace: str = "shop", ready: int | None = None) -> Object:
    """Return a set with one claim template, ``data``."""
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}"},
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": {"app": name}},
            "template": {},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}],
        },
        "status": {
            "replicas": replicas,
            "readyReplicas": replicas if ready is None else ready,
            "updateRevision": "new",
        },
    }


def pod(of: Object, ordinal: int, *, is_ready: bool = True, revision: str = "new", **status: Any) -> Object:
    """Return a pod of a set."""
    name, set_ = f"{of['metadata']['name']}-{ordinal}", of["metadata"]
    phase = "Running" if is_ready else "Pending"
    conditions = [{"type": "Ready", "status": str(is_ready), "lastTransitionTime": "2026-05-01T11:00:00Z"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": set_["namespace"],
            "uid": f"{set_['uid']}-{ordinal}",
            "labels": {"app": set_["name"], "controller-revision-hash": revision},
            "creationTimestamp": "2026-05-01T11:00:00Z",
            "ownerReferences": [
                {"uid": set_["uid"], "controller": True, "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "-"}
            ],
        },
        "spec": {
            "nodeName": f"node-{ordinal}",
            "containers": [{"name": "nginx", "image": "nginx:1.29"}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": f"data-{name}"}}],
        },
        "status": {"phase": phase, "conditions": conditions, **status},
    }


def claim(of: Object, ordinal: int, size: str = "1Gi", asked: str = "") -> Object:
    """Return a claim of a set's pod, bound."""
    name, set_ = f"data-{of['metadata']['name']}-{ordinal}", of["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name,
            "namespace": set_["namespace"],
            "uid": f"claim-{set_['uid']}-{ordinal}",
            "labels": {"app": set_["name"]},
            "creationTimestamp": "2026-05-01T10:00:00Z",
        },
        "spec": {
            "storageClassName": "fast",
            "volumeName": f"pvc-{set_['name']}-{ordinal}",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": asked or size}},
        },
        "status": {"phase": "Bound", "capacity": {"storage": size}},
    }


def event(about: Object, reason: str, message: str, *, count: int = 1, uid: str = "event") -> Object:
    """Return a warning about an object."""
    metadata = about["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": uid, "namespace": metadata["namespace"], "uid": uid},
        "involvedObject": {"kind": about["kind"], "name": metadata["name"], "uid": metadata["uid"]},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": count,
        "lastTimestamp": "2026-05-01T11:59:00Z",
    }


def everything(of: Object) -> Iterator[Object]:
    """Return a set with all that is about it: each pod ready, each claim bound, a headless Service."""
    metadata = of["metadata"]
    yield of
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": of["spec"]["serviceName"], "namespace": metadata["namespace"]},
        "spec": {"clusterIP": "None"},
    }
    for ordinal in range(of["spec"]["replicas"]):
        yield pod(of, ordinal)
        yield claim(of, ordinal)
