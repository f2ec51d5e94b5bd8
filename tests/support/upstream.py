"""What Kubernetes itself tells of StatefulSets, by the names that it has there."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Where names are from."""

    title: str
    url: str
    names: tuple[str, ...]
    """In the order that they have there."""


END_TO_END = Source(
    "The suite `[sig-apps] StatefulSet`",
    "https://github.com/kubernetes/kubernetes/blob/master/test/e2e/apps/statefulset.go",
    (
        "should provide basic identity",
        "should adopt matching orphans and release non-matching pods",
        "should not deadlock when a pod's predecessor fails",
        "should perform rolling updates and roll backs of template modifications with PVCs",
        "should perform rolling updates and roll backs of template modifications",
        "should perform canary updates and phased rolling updates of template modifications",
        "should perform canary updates and phased rolling updates of template modifications for partiton1 and delete "
        "pod-0 without failing container",
        "should perform canary updates and phased rolling updates of template modifications for partiton1 and delete "
        "pod-0 with failing container",
        "should implement legacy replacement when the update strategy is OnDelete",
        "Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow]",
        "Burst scaling should run to completion even with unhealthy pods [Slow]",
        "Should recreate evicted statefulset",
        "should have a working scale subresource",
        "should list, patch and delete a collection of StatefulSets",
        "should validate Statefulset Status endpoints",
        "should creating a working zookeeper cluster",
        "should creating a working redis cluster",
        "should creating a working mysql cluster",
        "should creating a working CockroachDB cluster",
        "MinReadySeconds should be honored when enabled",
        "AvailableReplicas should get updated accordingly when MinReadySeconds is enabled",
        "should delete PVCs with a WhenDeleted policy",
        "should delete PVCs with a OnScaledown policy",
        "should not delete PVC with OnScaledown policy if another controller owns the PVC",
        "should delete PVCs after adopting pod (WhenDeleted)",
        "should delete PVCs after adopting pod (WhenScaled)",
        "should not delete PVCs when there is another controller",
        "PVC should be recreated when pod is pending due to missing PVC [Disruptive][Serial]",
        "Setting .start.ordinal",
        "Increasing .start.ordinal",
        "Decreasing .start.ordinal",
        "Removing .start.ordinal",
    ),
)
"""Its words, mistakes included."""

TUTORIAL = Source(
    "The tutorial *StatefulSet Basics*",
    "https://kubernetes.io/docs/tutorials/stateful-application/basic-stateful-set/",
    (
        "Creating a StatefulSet",
        "Ordered Pod creation",
        "Examining the Pod's ordinal index",
        "Using stable network identities",
        "Discovery for specific Pods in a StatefulSet",
        "Writing to stable storage",
        "Scaling up",
        "Scaling down",
        "Ordered Pod termination",
        "RollingUpdate",
        "Staging an update",
        "Rolling out a canary",
        "Phased roll outs",
        "OnDelete",
        "Non-cascading delete",
        "Cascading delete",
        "OrderedReady Pod management",
        "Parallel Pod management",
        "Cleaning up",
    ),
)
"""The chapters in which something is done."""

SOURCES = (END_TO_END, TUTORIAL)

_OF_AN_APPLICATION = (
    "It is about that database and its images, and no image is pulled here; upstream keeps it out of Conformance for "
    "being about an application. What it asks of the StatefulSet, other rows ask."
)

WITHOUT_A_STORY: Mapping[str, str] = {
    "should list, patch and delete a collection of StatefulSets": "It is about requests for many objects at once. A "
    "stack knows its objects by name, and never sends one.",
    "should creating a working zookeeper cluster": _OF_AN_APPLICATION,
    "should creating a working redis cluster": _OF_AN_APPLICATION,
    "should creating a working mysql cluster": _OF_AN_APPLICATION,
    "should creating a working CockroachDB cluster": _OF_AN_APPLICATION,
}
"""Why a name makes no sense here."""
