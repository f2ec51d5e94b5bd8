"""The sandbox with a real node: one for a run, removed with it; and a pod that asks others."""

from collections.abc import Iterator

import pytest

from sandbox.instance import Sandbox
from sandbox.node.node_cluster import NodeCluster
from tests.support.pods import run_pod
from tests.support.projects import Project
from tests.support.sandboxes import running_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a real node, for this run alone."""
    with running_sandbox(tmp_path_factory.mktemp("node") / "project", has_node=True) as box:
        yield box


@pytest.fixture(scope="session")
def node(sandbox: Sandbox) -> NodeCluster:
    """The sandbox's cluster, as what it is."""
    assert isinstance(sandbox.cluster, NodeCluster)
    return sandbox.cluster


@pytest.fixture
def project(node: NodeCluster, project: Project) -> Project:
    """The program with stack dev in a namespace of its own, on a node that runs, whatever was done to it before."""
    node.up()
    return project


@pytest.fixture(scope="session")
def web(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The scenario, as it is committed, in the namespace that it names, and a pod ``client`` beside it."""
    sandbox.cluster.up()
    with Project.in_namespace(sandbox, tmp_path_factory.mktemp("web") / "project", "default") as made:
        made.up()
        with run_pod(made, "client"):
            yield made
            sandbox.cluster.up()  # whatever the tests did to it
