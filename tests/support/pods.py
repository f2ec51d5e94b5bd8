"""What one does with pods that run: ask them over the network, write into their volumes, load them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lightkube.resources.core_v1 import Pod

from sandbox.node.images import WEB
from sandbox.node.node_cluster import NodeCluster
from tests.support.projects import Project
from tests.support.waiting import eventually

CLIENTS = Path(__file__).with_name("clients.py")
PAGE = "/usr/share/nginx/html/index.html"


@dataclass(frozen=True)
class Answer:
    """What a web server said; nothing, and status 0, if nobody answered or could ask."""

    status: int
    server: str
    body: str


@contextmanager
def run_pod(project: Project, name: str) -> Iterator[str]:
    """Run a pod with a shell that does nothing by itself, until the block ends."""
    project.kubectl("run", name, "--image", WEB[0], "--command", "--", "sleep", "3600")
    try:
        project.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")
        yield name
    finally:
        project.kubectl("delete", "pod", name, "--grace-period=1")


def execute(project: Project, pod: str, script: str) -> str:
    """Run a shell script in a pod; return what it says."""
    return project.kubectl("exec", pod, "--", "sh", "-c", script)


def fetch(project: Project, url: str, pod: str = "client") -> Answer:
    """Ask for the first page of a URL's host from inside a pod."""
    host = urlsplit(url).hostname
    request = f"GET / HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n"
    try:
        said = execute(project, pod, f"printf '{request}' | timeout 2 nc {host} 80 || true")
    except AssertionError:  # the kubelet that has just been started does not know of the pod yet
        said = ""
    head, _, body = said.replace("\r\n", "\n").partition("\n\n")
    status, server = re.match(r"HTTP/1\.\d (\d+)", head), re.search(r"^Server: (\S+)", head, re.MULTILINE)
    return Answer(int(status[1]), server[1], body) if status and server else Answer(0, "", "")


def addresses(project: Project, name: str, pod: str = "client") -> set[str]:
    """Resolve a name as programs in a pod do; empty if it has no address."""
    found = execute(project, pod, f"getent ahostsv4 {name} || true")
    return {line.split()[0] for line in found.splitlines()}


def address_of(project: Project, pod: str) -> str:
    """Return the address that the cluster gave a pod."""
    return str(project.get(Pod, pod)["status"].get("podIP", ""))


def is_ready(project: Project, pod: str) -> bool:
    """Say whether a pod is there and ready, and not about to go."""
    found = project.list(Pod).get(pod)
    if found is None or "deletionTimestamp" in found["metadata"]:
        return False
    conditions = found["status"].get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def successor(project: Project, before: dict[str, Any]) -> dict[str, Any]:
    """Wait until another pod of the same name is ready, and return it."""
    name, uid = before["metadata"]["name"], before["metadata"]["uid"]

    def is_back() -> bool:
        return project.uids(Pod).get(name, uid) != uid and is_ready(project, name)

    eventually(is_back, f"another {name} is ready")
    return project.get(Pod, name)


def container_ids(project: Project) -> dict[str, str]:
    """Return the container of every pod, which is another one after a restart."""
    pods = project.list(Pod)
    return {name: str(pod["status"]["containerStatuses"][0].get("containerID")) for name, pod in pods.items()}


def write_page(project: Project, pod: str, text: str) -> None:
    """Write a page into a pod's volume."""
    execute(project, pod, f"echo '{text}' > {PAGE}")


@contextmanager
def client(node: NodeCluster, *args: str) -> "Iterator[subprocess.Popen[str]]":
    """Run ``clients.py`` in the node's network, whence pods and Services are reached, until the block ends."""
    network = node.machine.path("/proc/1/ns/net")
    command = ["nsenter", f"--net={network}", "--", sys.executable, str(CLIENTS), *args]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class Load:
    """What became of a stream of requests."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)
    """Why, for each that got no answer or an error's."""


@contextmanager
def load(node: NodeCluster, rate: int, *urls: str) -> Iterator[Load]:
    """Ask for the URLs in turn, ``rate`` times a second, while the block runs; the result is filled in at its end."""
    result = Load()
    with client(node, "load", str(rate), *urls) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "started\n"
        yield result
        process.stdin.close()
        said = json.loads(process.stdout.read())
        result.answered, result.failed = said["answered"], said["failed"]
