"""Stack prod, the example for a real cluster, comes up as it is committed, and its pods write to their disks."""

from collections.abc import Iterator

import pytest
import yaml
from lightkube.resources.core_v1 import Pod

from sandbox.instance import Sandbox
from sandbox.node.images import UNPRIVILEGED
from sandbox.node.node_cluster import NodeCluster
from sandbox.paths import ROOT
from tests.support.disks import local_class, new_folders
from tests.support.pods import execute, is_ready, write_page
from tests.support.projects import Project

COMMITTED = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())["config"]


@pytest.fixture(scope="module")
def prod(sandbox: Sandbox, node: NodeCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Stack prod as it is committed, but for its image, its class and its context."""
    node.up()
    folder = tmp_path_factory.mktemp("prod") / "project"
    with (
        Project.in_namespace(sandbox, folder, "shop") as made,
        new_folders(node, COMMITTED["stateful-web:replicas"]) as disks,
        local_class(made, disks) as storage_class,
    ):
        stack = folder / "Pulumi.dev.yaml"
        stack.write_text(yaml.safe_dump({**yaml.safe_load(stack.read_text()), "config": COMMITTED}))
        context = made.kubectl("config", "current-context").strip()
        ours = {"image": UNPRIVILEGED, "storage.storageClassName": storage_class, "kubernetes:context": context}
        made.configure(ours)
        made.kubectl("create", "namespace", "shop")
        yield made
        made.kubectl("delete", "namespace", "shop", "--wait=false")
        made.kubectl("delete", "pods", "--all", "--grace-period=1")


@pytest.mark.parametrize("pods", [1, pytest.param(COMMITTED["stateful-web:replicas"], marks=pytest.mark.extended)])
def test_stack_prod_comes_up_and_serves_what_is_written_to_its_disks(prod: Project, pods: int) -> None:
    prod.configure({"replicas": pods})
    prod.up()
    names = [f"web-{ordinal}" for ordinal in range(pods)]
    assert sorted(prod.list(Pod)) == names
    for name in names:
        assert is_ready(prod, name)
        write_page(prod, name, name)
        assert execute(prod, name, "busybox wget -q -O - http://localhost:8080/").strip() == name
