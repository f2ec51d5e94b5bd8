"""Stories of Kubernetes' own end-to-end tests in which a kubelet or a process decides, told with ``pulumi up``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Node, Pod
from lightkube.types import PatchType

from sandbox.node.images import WEB
from tests.support.pods import execute, is_ready
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.watching import pod_events

pytestmark = pytest.mark.extended

DATA = "/usr/share/nginx/html"
PODS = ["web-0", "web-1", "web-2"]


@pytest.mark.upstream("should provide basic identity")
@pytest.mark.upstream("Writing to stable storage")
def test_pods_find_what_they_wrote_under_their_names_after_all_have_gone(project: Project) -> None:
    project.up()
    assert project.get(StatefulSet, "web")["spec"]["serviceName"] == "nginx"
    for pod in PODS:
        execute(project, pod, f"hostname > {DATA}/hostname && busybox ln -s {DATA}/hostname {DATA}/link")
    project.configure({"replicas": 0})
    project.up()
    assert project.list(Pod) == {}
    project.configure({"replicas": 3})
    project.up()
    for pod in PODS:
        said = execute(project, pod, f"hostname; cat {DATA}/hostname {DATA}/link")
        assert said.split() == [pod] * 3


ENDS_BADLY = {
    "name": "ends-badly",
    "image": WEB[0],
    "command": ["sh", "-c", "trap 'exit 1' TERM QUIT; while true; do sleep 1; done"],
}
"""A container that fails when it is told to end, which its image does by SIGQUIT."""


def images_of(project: Project) -> dict[str, str]:
    return {name: pod["spec"]["containers"][0]["image"] for name, pod in project.list(Pod).items()}


@contextmanager
def held(project: Project, pod: str) -> Iterator[None]:
    """Keep a pod's object until the block ends, whatever becomes of its containers."""

    def finalizers(wanted: list[str]) -> None:
        patch = {"metadata": {"finalizers": wanted}}
        project.api.patch(Pod, pod, patch, namespace=project.namespace, patch_type=PatchType.MERGE)

    finalizers(["stateful-web.dev/held"])
    try:
        yield
    finally:
        finalizers([])


@pytest.mark.upstream(
    "should perform canary updates and phased rolling updates of template modifications for partiton1 and delete "
    "pod-0 without failing container"
)
@pytest.mark.upstream(
    "should perform canary updates and phased rolling updates of template modifications for partiton1 and delete "
    "pod-0 with failing container"
)
@pytest.mark.parametrize(("more", "ends"), [([], "Succeeded"), ([ENDS_BADLY], "Failed")], ids=["without", "with"])
def test_a_pod_below_the_partition_comes_back_as_it_was_however_it_ended(
    project: Project, more: list[dict[str, Any]], ends: str
) -> None:
    project.configure({"update": {"partition": 1}, "podTemplate": {"spec": {"containers": more}}})
    project.up()
    project.configure({"image": WEB[1]})
    project.up()
    images = {"web-0": WEB[0], "web-1": WEB[1], "web-2": WEB[1]}
    assert images_of(project) == images
    before = project.get(Pod, "web-0")["metadata"]["uid"]
    with held(project, "web-0"):
        project.kubectl("delete", "pod", "web-0", "--wait=false")
        eventually(lambda: project.get(Pod, "web-0")["status"]["phase"] == ends, f"web-0 has ended as {ends}")
        eventually(lambda: project.get(StatefulSet, "web")["status"]["readyReplicas"] == 2, "two pods are left")
        assert project.get(Pod, "web-0")["metadata"]["uid"] == before
    eventually(lambda: is_ready(project, "web-0"), "web-0 is back")
    assert project.get(Pod, "web-0")["metadata"]["uid"] != before
    assert images_of(project) == images


@pytest.mark.upstream("Should recreate evicted statefulset")
def test_a_pod_that_its_node_turns_away_is_made_anew_until_the_node_takes_it(project: Project) -> None:
    (node,) = (found.to_dict()["metadata"]["name"] for found in project.api.list(Node))
    port = {"name": "conflict", "containerPort": 21017, "hostPort": 21017}
    container = {"name": "nginx", "image": WEB[0], "ports": [port]}
    first = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "first"},
        "spec": {"nodeName": node, "terminationGracePeriodSeconds": 1, "containers": [container]},
    }
    project.kubectl("create", "--filename", "-", given=json.dumps(first))
    project.kubectl("wait", "--for=condition=Ready", "pod/first", "--timeout=60s")
    here = {"nodeName": node, "containers": [{"name": "nginx", "ports": [port]}]}
    project.configure({"replicas": 1, "podTemplate": {"spec": here}})
    with pod_events(project.api, project.namespace) as events, project.up_in_the_background() as up:
        turned_away = ("DELETED", "web-0")
        eventually(lambda: turned_away in [(event.what, event.pod) for event in events], "web-0 is made anew")
        assert not is_ready(project, "web-0")
        project.kubectl("delete", "pod", "first")
        up.result()
    assert is_ready(project, "web-0")
