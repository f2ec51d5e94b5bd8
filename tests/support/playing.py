"""Playing the parts of a cluster that the sandbox has none of: kubelets that fail, autoscalers, kubectl users."""

import subprocess

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


def kubectl(project: Project, *args: str, given: str | None = None) -> str:
    """Run kubectl in the project's namespace; return what it said."""
    command = ["kubectl", "--namespace", project.namespace, *args]
    ended = subprocess.run(
        command, env=project.env, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert ended.returncode == 0, f"{command} ended with {ended.returncode}:\n{ended.stdout}"
    return ended.stdout
