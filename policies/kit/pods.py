"""Where pods are described: the pod templates of workloads, their containers and volumes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .model import UNKNOWN, Object, entries, get, is_complete

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "StatefulSet.apps": ("spec", "template"),
    "Deployment.apps": ("spec", "template"),
    "DaemonSet.apps": ("spec", "template"),
    "ReplicaSet.apps": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job.batch": ("spec", "template"),
    "CronJob.batch": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where each kind of workload has its pod template; a Pod is its own."""


def template(workload: Object) -> Any:
    """Return a workload's pod template."""
    return workload.get(*TEMPLATES[workload.kind])


def labels(workload: Object) -> Any:
    """Return the labels of a workload's pods."""
    return get(template(workload), "metadata", "labels")


def containers(workload: Object, *lists: str) -> Iterator[Mapping[str, Any]]:
    """Return the known containers of a workload's pods, those of ``initContainers`` last; or of ``lists`` alone."""
    for key in lists or ("containers", "initContainers"):
        for container in entries(get(template(workload), "spec", key)):
            if isinstance(container, Mapping):
                yield container


def running(workload: Object, or_may: bool = False) -> Iterator[Mapping[str, Any]]:
    """Return the containers that run as long as their pod, or with ``or_may`` those that may: no mere init containers.

    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    yield from containers(workload, "containers")
    for container in containers(workload, "initContainers"):
        policy = container.get("restartPolicy")
        if policy == "Always" or (or_may and policy is UNKNOWN):
            yield container


def all_are_known(workload: Object) -> bool:
    """Say whether every container is there to be looked at."""
    return all(is_complete(get(template(workload), "spec", key)) for key in ("containers", "initContainers"))
