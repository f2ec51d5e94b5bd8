"""Nobody who asks is let down: not by a pod that ends, not by a volume that grows, not by another image."""

import json

import pytest
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

from sandbox.node.images import WEB
from sandbox.node.node_cluster import NodeCluster
from tests.support.pods import PAGE, address_of, client, execute, is_ready, load, write_page
from tests.support.projects import Project
from tests.support.waiting import eventually

RATE = 50
"""Requests per second."""


# Seconds, and MiB that take about as many. What is to be cut off lasts far longer: a slow machine ends a pod late.
@pytest.mark.parametrize(
    ("grace", "size", "finishes"), [(20, 8, True), pytest.param(1, 16, False, marks=pytest.mark.extended)]
)
def test_a_slow_request_finishes_if_the_grace_period_is_long_enough(
    project: Project, node: NodeCluster, grace: int, size: int, finishes: bool
) -> None:
    project.configure({"replicas": 1})
    project.up()
    execute(project, "web-0", f"dd if=/dev/zero of={PAGE} bs=1M count={size} 2> /dev/null")
    with client(node, "get", f"http://{address_of(project, 'web-0')}/index.html?rate=1m") as slow:
        assert slow.stdout
        assert slow.stdout.readline() == "started\n"
        project.kubectl("delete", "pod", "web-0", "--wait=false", f"--grace-period={grace}")
        assert "deletionTimestamp" in project.get(Pod, "web-0")["metadata"]
        assert slow.poll() is None, "the request is still in flight"
        said = json.loads(slow.stdout.readline())
    assert said["length"] == size << 20
    assert (said["got"] == said["length"]) is finishes
    eventually(lambda: is_ready(project, "web-0"), "the pod is back")


def test_volumes_grow_while_every_request_is_answered(project: Project, node: NodeCluster) -> None:
    project.up()
    pods = project.uids(Pod)
    for pod in pods:
        write_page(project, pod, pod)
    with load(node, RATE, *(f"http://{address_of(project, pod)}/" for pod in pods)) as result:
        project.pulumi("config", "set", "--path", "storage.size", "2Gi")
        project.up()

        def all_have_grown() -> bool:
            claims = project.list(PersistentVolumeClaim).values()
            return {claim["status"]["capacity"]["storage"] for claim in claims} == {"2Gi"}

        eventually(all_have_grown, "claims have the new size")
    assert result.failed == []
    assert result.answered > RATE
    assert project.uids(Pod) == pods


def deploy(project: Project, drain_seconds: int) -> str:
    """Deploy a web server with a Service for clients; return the Service's URL."""
    project.configure(
        {
            "replicas": 2,
            "mountPath": "/data",
            "files": [{"mountPath": "/usr/share/nginx/html", "content": {"index.html": "served"}}],
            "probes": {"readiness": {"periodSeconds": 1}},
            "clientService": {"drainSeconds": drain_seconds},
        }
    )
    project.up()
    return f"http://{project.get(Service, 'web-client')['spec']['clusterIP']}/"


def update(project: Project, node: NodeCluster, url: str, image: str) -> list[str]:
    """Roll out another image under load; return why requests failed."""
    with load(node, RATE, url) as result:
        project.configure({"image": image})
        project.up()
    for pod in project.list(Pod):
        assert execute(project, pod, "cat /etc/image").strip() == image
    assert result.answered > RATE
    return result.failed


def test_a_rolling_update_fails_no_request_of_the_client_service(project: Project, node: NodeCluster) -> None:
    assert update(project, node, deploy(project, drain_seconds=8), WEB[1]) == []


@pytest.mark.extended
def test_without_the_pause_before_a_pod_ends_requests_fail(project: Project, node: NodeCluster) -> None:
    url = deploy(project, drain_seconds=0)
    # Each pod that ends leaves a moment in which its address is still asked: long enough for one request of many.
    assert any(update(project, node, url, image) for image in (WEB[1], WEB[0], WEB[1]))
