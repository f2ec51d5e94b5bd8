"""A cluster that can't be asked: said in one sentence, and nothing is half made."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest
import yaml
from lightkube.resources.core_v1 import Pod, Service

from tests.support.ops import run_ops
from tests.support.processes import running
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.ways import Way, way_to_the_cluster_of


def test_a_kubeconfig_that_points_nowhere_is_named(project: Project) -> None:
    project.configure({"kubernetes:kubeconfig": "/no/such/kubeconfig"})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert "The cluster of kubernetes:kubeconfig (/no/such/kubeconfig) can not be used" in failed.output
    assert "Traceback" not in failed.output


def test_a_context_that_is_not_in_the_kubeconfig_is_named(project: Project) -> None:
    project.configure({"kubernetes:context": "elsewhere"})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert "elsewhere" in failed.output
    assert "Traceback" not in failed.output


def test_an_api_server_that_is_down_is_named_at_preview(project: Project) -> None:
    original = yaml.safe_load((project.folder / ".sandbox" / "kubeconfig").read_text())
    with socket.socket() as reserved:  # bound and not listening: connections are refused
        reserved.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{reserved.getsockname()[1]}"
        original["clusters"][0]["cluster"]["server"] = server
        (project.folder / "kubeconfig").write_text(yaml.safe_dump(original))
        project.configure({"kubernetes:kubeconfig": "kubeconfig"})
        failed = project.preview(check=False)
    assert failed.code != 0
    assert f"does not answer at {server}" in failed.output
    assert "Traceback" not in failed.output


@pytest.fixture
def way(project: Project) -> Iterator[Way]:
    """Lead the project's provider through a way that can be cut."""
    with way_to_the_cluster_of(project.folder / ".sandbox" / "kubeconfig", project.folder / "kubeconfig") as made:
        project.configure({"kubernetes:kubeconfig": "kubeconfig", "rolloutTimeoutSeconds": 30})
        yield made


def test_an_api_server_that_goes_away_during_up_ends_it_and_the_next_up_goes_on(project: Project, way: Way) -> None:
    with running(project, "up", "--yes", "--skip-preview") as up:
        eventually(lambda: bool(project.list(Service)), "the first object is there")
        way.cut()
        # The plugin may wait for a server that it has begun to watch, for as long as that takes: Ctrl-C ends it.
        said = {f"127.0.0.1:{way.port}"}
        if not up.ends_within(60.0):
            os.kill(up.pid, signal.SIGINT)
            # The engine's words or the plugin's, whichever ends first.
            said = {"update canceled", "Resource operation was cancelled for"}
        failed = up.ended()
    assert failed.code != 0
    assert any(words in failed.output for words in said)
    assert "Traceback" not in failed.output
    way.restore()
    recovered = run_ops(project, "recover")
    assert recovered.code == 0, recovered.output
    project.up()
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]
    project.up("--expect-no-changes")
