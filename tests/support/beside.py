"""What the StatefulSets of others need beside them to run in the sandbox: classes, volumes, nodes and accounts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import yaml

from components.stateful_web.names import claim_names
from tests.support.projects import Project

Object = dict[str, Any]

MARK = "stateful-web.dev/beside"
"""Label of what a namespace can't hold, and taint of nodes: the value is the namespace that it is for."""
OWN_NODES_FROM = 4
"""The sandbox has three nodes, which is enough for sets of fewer pods that ask for none in particular."""

SERVED: Object = {"driverName": "disk.example.com", "parameters": {"iops": "4000"}}
"""A class of volume attributes, of a driver that no node has: simulated kubelets mount nothing."""
NOWHERE = {"path": "/none"}


@contextmanager
def made_beside(project: Project, objects: Sequence[Object]) -> Iterator[None]:
    """Make what sets need, and let them tolerate nodes of their own; what a namespace can't hold goes at the end.

    Devices that a driver would have to allocate, and gates that others open, are taken out of the sets.
    """
    beside = [one for found in objects if found["kind"] == "StatefulSet" for one in _of_set(found, objects, project)]
    if beside:
        project.kubectl("apply", "--filename", "-", given=yaml.safe_dump_all(beside))
    try:
        yield
    finally:
        for name in sorted({f"{one['kind']}/{one['metadata']['name']}" for one in beside if _is_of_cluster(one)}):
            project.kubectl("delete", "--wait=false", "--ignore-not-found", name)


def count(stateful_set: Object, objects: Sequence[Object]) -> int:
    """Return how many pods a set has at first: an autoscaler without metrics still sees to its least."""
    least = [one["spec"].get("minReplicas", 1) for one in objects if one["kind"] == "HorizontalPodAutoscaler"]
    counts: list[int] = [stateful_set["spec"].get("replicas", 1), *least]
    return max(counts)


def _of_set(found: Object, objects: Sequence[Object], project: Project) -> Iterator[Object]:
    pod, pods = found["spec"]["template"]["spec"], count(found, objects)
    for served_by_others in ("resourceClaims", "schedulingGates"):
        pod.pop(served_by_others, None)
    for container in pod["containers"]:
        (container.get("resources") or {}).pop("claims", None)
    accounts = {one["metadata"]["name"] for one in objects if one["kind"] == "ServiceAccount"}
    if (account := pod.get("serviceAccountName", "default")) not in {*accounts, "default"}:
        yield _object("v1", "ServiceAccount", account)
    if (priority := pod.get("priorityClassName", "system-")) and not priority.startswith("system-"):
        yield _of_cluster("scheduling.k8s.io/v1", "PriorityClass", priority, project, value=1000)
    if runtime := pod.get("runtimeClassName"):
        yield _of_cluster("node.k8s.io/v1", "RuntimeClass", runtime, project, handler=runtime)
    yield from _nodes(pod, pods, project)
    templates = found["spec"].get("volumeClaimTemplates") or ()
    for template in templates:
        yield from _storage(found, template, pods, project)
    of_others = {volume.get("persistentVolumeClaim", {}).get("claimName") for volume in pod.get("volumes") or ()}
    for name in sorted(of_others - {None, *(template["metadata"]["name"] for template in templates)}):
        asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        yield _object("v1", "PersistentVolumeClaim", name, spec=asked)


def _storage(found: Object, template: Object, pods: int, project: Project) -> Iterator[Object]:
    """Yield classes and volumes for what the sandbox's provisioner, which serves one node's files, can't make."""
    spec = template["spec"]
    of_class, of_attributes = spec.get("storageClassName"), spec.get("volumeAttributesClassName")
    is_plain = spec["accessModes"] == ["ReadWriteOnce"] and spec.get("volumeMode") != "Block" and not of_attributes
    if of_class in (None, "standard") and is_plain:
        return
    if of_class not in (None, "", "standard"):
        driver = {"provisioner": "kubernetes.io/no-provisioner", "allowVolumeExpansion": True}
        yield _of_cluster("storage.k8s.io/v1", "StorageClass", of_class, project, **driver)
    if of_attributes:
        yield _of_cluster("storage.k8s.io/v1", "VolumeAttributesClass", of_attributes, project, **SERVED)
    start = (found["spec"].get("ordinals") or {}).get("start", 0)
    ordinals = range(start, start + pods)
    for claim in claim_names([template["metadata"]["name"]], found["metadata"]["name"], ordinals):
        volume = {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "claimRef": {"namespace": project.namespace, "name": claim},
            **(
                {"csi": {"driver": SERVED["driverName"], "volumeHandle": claim}}
                if of_attributes
                else {"hostPath": NOWHERE}
            ),
            "storageClassName": "standard" if of_class is None else of_class,
            **{key: spec[key] for key in ("accessModes", "volumeMode", "volumeAttributesClassName") if key in spec},
        }
        yield _of_cluster("v1", "PersistentVolume", f"{project.namespace}-{claim}", project, spec=volume)


def _nodes(pod: Object, pods: int, project: Project) -> Iterator[Object]:
    """Yield nodes as a pod selects them, which take no others; it gets a toleration of them."""
    labels = {**(pod.get("nodeSelector") or {}), **dict(_required(pod))}
    spread = {term["topologyKey"] for term in pod.get("topologySpreadConstraints") or ()}
    of_containers = [asked for one in pod["containers"] for asked in (one.get("resources") or {}).values()]
    resources = {name for asked in of_containers if isinstance(asked, dict) for name in asked}
    special = resources - {"cpu", "memory"}
    if not labels and pods < OWN_NODES_FROM and spread <= {"kubernetes.io/hostname"} and not special:
        return
    taint = {"key": MARK, "value": project.namespace, "effect": "NoSchedule"}
    pod["tolerations"] = [*(pod.get("tolerations") or ()), {**taint, "operator": "Equal"}]
    room = {"cpu": "64", "memory": "512Gi", "pods": "110", **dict.fromkeys(special, "64Gi")}
    for number in range(pods):
        name = f"{project.namespace}-{number}"
        places = {key: f"{key.rpartition('/')[2]}-{number}" for key in spread}
        node = _of_cluster("v1", "Node", name, project, spec={"taints": [taint]}, status={"capacity": room})
        node["metadata"]["labels"].update({**places, **labels, "kubernetes.io/hostname": name})
        node["status"]["allocatable"] = room
        yield node


def _required(pod: Object) -> Iterator[tuple[str, str]]:
    affinity = (pod.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {"nodeSelectorTerms": []}
    for term in required["nodeSelectorTerms"][:1]:
        for asked in term["matchExpressions"]:
            (value, *_) = asked["values"]
            yield asked["key"], str(int(value) + 1) if asked["operator"] == "Gt" else value


def _object(version: str, kind: str, name: str, **body: Any) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}


def _of_cluster(version: str, kind: str, name: str, project: Project, **body: Any) -> Object:
    made = _object(version, kind, name, **body)
    made["metadata"]["labels"] = {MARK: project.namespace}
    return made


def _is_of_cluster(found: Object) -> bool:
    return "labels" in found["metadata"]
