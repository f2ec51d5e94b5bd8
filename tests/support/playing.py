"""Playing the parts of a cluster that the sandbox has none of: kubelets that fail, autoscalers."""

from lightkube.resources.apps_v1 import StatefulSetScale
from lightkube.resources.core_v1 import PodStatus
from lightkube.types import PatchType

from tests.support.projects import Project


def set_ready(project: Project, pod: str, ready: bool) -> None:
    """Play the kubelet whose readiness probe fails, or succeeds again."""
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    project.api.patch(
        PodStatus,
        pod,
        {"status": {"conditions": [condition]}},
        namespace=project.namespace,
        patch_type=PatchType.STRATEGIC,
    )


def autoscale(project: Project, replicas: int, name: str = "web") -> None:
    """Play an autoscaler: it writes the scale subresource."""
    project.api.patch(
        StatefulSetScale,
        name,
        {"spec": {"replicas": replicas}},
        namespace=project.namespace,
        patch_type=PatchType.MERGE,
        field_manager="kube-controller-manager",
    )
