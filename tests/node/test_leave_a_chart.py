"""The page on leaving a chart: what a database has written is there under another image, path, user and group."""

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.instance import COMMAND
from sandbox.node.images import UNPRIVILEGED, WEB
from sandbox.node.node_cluster import NodeCluster
from sandbox.paths import ROOT
from tests.support.disks import local_class, new_folders
from tests.support.pages import Block, blocks
from tests.support.projects import Project
from tests.support.readers import WITHOUT_QUESTIONS

PAGE = ROOT / "docs/how-to/leave-a-bitnami-chart.md"
IMAGES = {"docker.io/bitnami/postgresql:17.5.0": WEB[1], "docker.io/library/postgres:17.5": UNPRIVILEGED}
"""Those of the page, and those that stand for them on the node."""
ADOPT = shlex.join([*COMMAND, "adopt", "--stack", "shop", "shop/pg"])
PODS = ("pg-0", "pg-1")


@pytest.mark.extended
def test_data_of_a_chart_is_read_and_written_by_the_image_that_comes_after_it(
    project: Project, node: NodeCluster
) -> None:
    (chart, made, *adopting), moving = parts()
    with new_folders(node, len(PODS)) as disks, local_class(project, disks) as storage_class:
        (project.folder / "chart.yaml").write_text(on_the_node(chart.text, storage_class))
        try:
            run(project, made)
            for pod in PODS:
                inside(project, pod, f"umask 077; mkdir $PGDATA; echo rows of {pod} > $PGDATA/rows")
                assert inside(project, pod, "echo $PGDATA; id -u") == "/bitnami/postgresql/data\n1001"
            for block in adopting:
                run(project, block)
            assert [read(project, pod) for pod in PODS] == ["rows of pg-0", "rows of pg-1"]

            first, *rest = moving
            run(project, first)
            assert image(project, "pg-0") == WEB[1]
            assert image(project, "pg-1") == UNPRIVILEGED
            assert [read(project, pod) for pod in PODS] == ["rows of pg-0", "rows of pg-1"]
            for block in rest:
                run(project, block)
            for pod in PODS:
                assert image(project, pod) == UNPRIVILEGED
                assert inside(project, pod, "echo $PGDATA; id -u") == "/var/lib/postgresql/data\n999"
                assert read(project, pod) == f"rows of {pod}"
                inside(project, pod, "echo more >> $PGDATA/rows")
            assert {rows.stat().st_uid for rows in written(disks)} == {999}, "fsGroup alone changes the group"
        finally:
            run(project, Block("sh", "", "kubectl delete namespace shop"))


def parts() -> tuple[list[Block], list[Block]]:
    """Return the blocks of the page up to the move to another image, and those of the move."""
    found = list(blocks(PAGE))
    (moves,) = [number for number, block in enumerate(found) if "first.json" in block.text]
    return found[:moves], found[moves:]


def on_the_node(chart: str, storage_class: str) -> str:
    """Return the chart's objects with what the node has: an image, a command and a probe, and disks of its own."""
    objects: list[Any] = list(yaml.safe_load_all(chart))
    spec = objects[-1]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    container |= {"image": IMAGES[container["image"]], "command": ["sleep", "3600"]}
    container["readinessProbe"]["exec"]["command"] = ["ls", "/"]
    pod["terminationGracePeriodSeconds"] = 1
    spec["volumeClaimTemplates"][0]["spec"]["storageClassName"] = storage_class
    return yaml.safe_dump_all(objects)


def run(project: Project, block: Block) -> None:
    """Run a block of the page with the node's images, and see in what it says all that it promises."""
    text = re.sub(r"^stateful-web preview .*\n", "", block.text, flags=re.MULTILINE)
    for old, new in {
        "stateful-web adopt shop/pg --stack shop": ADOPT,
        '["chown"': '["busybox", "chown"',
        **IMAGES,
    }.items():
        text = text.replace(old, new)
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=project.folder,
        env={**project.env, **WITHOUT_QUESTIONS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{text}\n\n{ended.stdout}"
    replace(block, text=text).check(ended.stdout)


def inside(project: Project, pod: str, script: str) -> str:
    """Run a shell script in a pod of the chart's namespace; return what it says."""
    return project.kubectl("exec", "--namespace", "shop", pod, "--container", "pg", "--", "sh", "-c", script).strip()


def read(project: Project, pod: str) -> str:
    """Return what the database of a pod has."""
    return inside(project, pod, "cat $PGDATA/rows").splitlines()[0]


def image(project: Project, pod: str) -> str:
    """Return the image that a pod runs, by its own word."""
    return inside(project, pod, "cat /etc/image")


def written(disks: list[Path]) -> list[Path]:
    """Return what the databases have written, as the host sees it."""
    return [disk / "data" / "rows" for disk in disks]
