"""Requests that fail while storage grows on the real node: here, and where Pulumi deletes and recreates the set."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from lightkube.resources.core_v1 import Service

from benchmarks import programs
from benchmarks.sampling import Row, in_turn
from sandbox.node.images import WEB
from sandbox.node.node_cluster import NodeCluster
from tests.support.pods import client, load, write_page
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox
from tests.support.waiting import eventually

RATE = 50
"""Requests per second."""
BEFORE, AFTER = "1Gi", "2Gi"
CLIENTS = "clients"
"""A Service beside the program, at whose address clients ask all the time."""


def inputs(namespace: str, size: str) -> Any:
    """Return the inputs of a web of one pod that serves what is on its volume."""
    return {
        "image": WEB[0],
        "name": "web-0",
        "namespace": namespace,
        "mount_path": "/usr/share/nginx/html",
        "storage": {"size": size, "storage_class_name": programs.CLASS},
    }


def write_ours(project: Project, size: str) -> None:
    """Write a program of one StatefulWeb."""
    project.program(f"""
from components.stateful_web import StatefulWeb

StatefulWeb("web-0", {inputs(project.namespace, size)!r})
""")


def write_raw(project: Project, size: str) -> None:
    """Write a program of the same objects by the SDK's own resources."""
    project.program(programs.raw(1))
    made = programs.objects_of("web-0", inputs(project.namespace, size))
    (project.folder / "raw.json").write_text(json.dumps(made))


def failed(project: Project, node: NodeCluster, write: Callable[[Project, str], None]) -> float:
    """Deploy, let the storage grow under load, and remove it all; return how many requests failed."""
    write(project, BEFORE)
    project.up()
    write_page(project, "web-0-0", "served")
    url = f"http://{address_for_clients(project)}/"

    def is_served() -> bool:
        with client(node, "get", url) as one:
            return '"got": 7' in one.communicate()[0]

    eventually(is_served, "the page is served")
    write(project, AFTER)
    with load(node, RATE, url) as result:
        project.up()
        eventually(is_served, "the page is served again")
    project.pulumi("destroy", "--yes", "--skip-preview")
    project.kubectl("delete", "persistentvolumeclaims", "--all", "--namespace", project.namespace)
    return float(len(result.failed))


def address_for_clients(project: Project) -> str:
    """Put a Service with an address beside the headless one; return the address."""
    selector = project.get(Service, "web-0")["spec"]["selector"]
    beside = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": CLIENTS, "namespace": project.namespace},
        "spec": {"selector": selector, "ports": [{"port": 80}]},
    }
    project.kubectl("apply", "--filename=-", given=yaml.safe_dump(beside))
    return str(project.get(Service, CLIENTS)["spec"]["clusterIP"])


def in_a_size_change(folder: Path, rounds: int) -> Row:
    """Measure both sides on a sandbox with a real node."""
    with running_sandbox(folder / "node", has_node=True) as box:
        if not isinstance(box.cluster, NodeCluster):
            raise TypeError(f"a sandbox with a node has {box.cluster}")
        node = box.cluster
        with (
            Project.in_new_namespace(box, folder / "growing-ours") as ours,
            Project.in_new_namespace(box, folder / "growing-raw") as raw,
        ):
            for project in (ours, raw):
                project.configure({}, remove=tuple(project.config()))
            found = in_turn(
                rounds,
                {"ours": lambda: failed(ours, node, write_ours), "raw": lambda: failed(raw, node, write_raw)},
            )
    work = f"failed requests at {RATE}/s while {BEFORE} becomes {AFTER}"
    return Row(work, found["ours"], found["raw"], "raw: delete and recreate, claims stay small", 0.0, "requests")
