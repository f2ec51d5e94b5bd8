"""S9: nothing at first, then a page in a pod's volume, which outlives everything that happens to the pod."""

import subprocess
import time
import urllib.request
from collections.abc import Callable

import pytest
from lightkube.resources.core_v1 import Pod

from sandbox import ports
from sandbox.kwok_cluster import kubectl as program
from sandbox.node.images import WEB
from sandbox.node.node_cluster import NodeCluster
from tests.support.pods import container_ids, execute, fetch, is_ready, write_page
from tests.support.projects import Project
from tests.support.waiting import eventually

URL = "http://web-1.nginx/"
PAGE = "a page of web-1"


@pytest.fixture(scope="module")
def page(web: Project) -> Project:
    """The scenario with a page in the volume of web-1, which had none."""
    eventually(lambda: fetch(web, URL).status == 403, "it forbids to list an empty folder")
    assert fetch(web, URL).server.startswith("nginx/")
    write_page(web, "web-1", PAGE)
    return web


def served(page: Project) -> bool:
    answer = fetch(page, URL)
    return answer.status == 200 and answer.body.strip() == PAGE


def uid(page: Project, pod: str) -> str:
    return str(page.get(Pod, pod)["metadata"]["uid"])


def test_s9_a_fresh_pod_answers_403_and_one_with_a_page_answers_it(page: Project) -> None:
    assert served(page)
    assert fetch(page, "http://web-0.nginx/").status == 403
    assert fetch(page, "http://web-2.nginx/").status == 403


def test_the_image_has_what_kubernetes_tutorial_asks_with(page: Project) -> None:
    status = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "localhost")
    assert page.kubectl("exec", "web-0", "--", *status) == "403"
    assert execute(page, "web-1", "wget -q -O - http://localhost").strip() == PAGE


@pytest.mark.upstream("Writing to stable storage")
def test_s9_the_page_survives_its_pod(page: Project) -> None:
    before = uid(page, "web-1")
    page.kubectl("delete", "pod", "web-1")
    eventually(lambda: is_ready(page, "web-1"), "web-1 is back")
    assert uid(page, "web-1") != before
    eventually(lambda: served(page), "it serves its page")


def test_s9_the_page_survives_kubelet_and_runtime_and_so_does_the_pod(page: Project, node: NodeCluster) -> None:
    before = uid(page, "web-1")
    address = page.get(Pod, "web-1")["status"]["podIP"]
    for name in ("kubelet", "containerd"):
        node.machine.end(name)
    fetched = ["wget", "-q", "-O", "-", f"http://{address}/"]
    busybox = node.network.packages.program("busybox")
    assert node.machine.run(busybox, *fetched).strip() == PAGE, "pods serve on without them"
    assert not node.is_running()
    node.up()
    assert node.is_running()
    eventually(lambda: served(page), "it serves its page")
    pod = page.get(Pod, "web-1")
    assert pod["metadata"]["uid"] == before
    assert [status["restartCount"] for status in pod["status"]["containerStatuses"]] == [0]


def test_s9_the_page_survives_scaling_to_one_and_back(page: Project) -> None:
    for replicas in (1, 3):
        page.configure({"replicas": replicas})
        page.up()
    assert [pod for pod in page.list(Pod) if pod.startswith("web-")] == ["web-0", "web-1", "web-2"]
    eventually(lambda: served(page), "it serves its page")


def test_s9_the_page_survives_another_image(page: Project) -> None:
    page.configure({"image": WEB[1]})
    page.up()
    for pod in ("web-0", "web-1", "web-2"):
        assert execute(page, pod, "cat /etc/image").strip() == WEB[1]
    eventually(lambda: served(page), "it serves its page")


@pytest.mark.extended
@pytest.mark.upstream("Cascading delete")
def test_s9_the_page_survives_the_stack(page: Project) -> None:
    page.pulumi("destroy", "--yes", "--skip-preview")
    assert not [pod for pod in page.list(Pod) if pod.startswith("web-")]
    page.up()
    # Kubernetes' garbage collector is slow: for a while, names may lead to what the old Service led to, too.
    eventually(lambda: served(page), "it serves its page")


def test_s9_the_page_survives_the_machine(page: Project, node: NodeCluster) -> None:
    before = container_ids(page)
    node.stop()
    node.up()

    def all_are_back() -> bool:
        now = container_ids(page)
        return all(is_ready(page, pod) and now[pod] != before[pod] for pod in before)

    eventually(all_are_back, "all pods run again")
    eventually(lambda: served(page), "it serves its page")


def test_logs_and_port_forwarding_work(page: Project) -> None:
    (port,) = ports.free_block(page.folder, 1)
    command = [str(program()), "port-forward", "--address", "127.0.0.1", "pod/web-1", f"{port}:80"]
    with subprocess.Popen(command, env=page.env, stdout=subprocess.DEVNULL) as forward:
        try:
            body = answered(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/?forwarded", timeout=5).read())
        finally:
            forward.kill()
    assert body.decode().strip() == PAGE
    eventually(lambda: "GET /?forwarded" in page.kubectl("logs", "web-1"), "the request is in its log")


def answered(ask: Callable[[], bytes]) -> bytes:
    """Ask until somebody listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
