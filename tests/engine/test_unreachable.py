"""A cluster that can't be asked: said in one sentence, and nothing is half made."""

import os
import signal
from collections.abc import Iterator

import pytest
from lightkube.resources.core_v1 import Pod, Service

from tests.support.cli import follow_printed, run_command
from tests.support.forwarding import Forwarder, forward_to_the_cluster_of
from tests.support.processes import running
from tests.support.projects import Project
from tests.support.waiting import eventually


@pytest.fixture
def way(project: Project) -> Iterator[Forwarder]:
    """Lead the project's provider through a way that can be cut."""
    with forward_to_the_cluster_of(project.folder / ".sandbox" / "kubeconfig", project.folder / "kubeconfig") as made:
        project.configure({"kubernetes:kubeconfig": "kubeconfig", "rolloutTimeoutSeconds": 30})
        yield made


def test_an_api_server_that_goes_away_during_up_ends_it_and_the_next_up_goes_on(
    project: Project, way: Forwarder
) -> None:
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
    recovered = run_command(project, "recover")
    assert recovered.code == 0, recovered.output
    # An object whose creation was answered by nobody is there, and not in the state: recover prints what takes it over.
    follow_printed(project, recovered)
    project.up()
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]
    project.up("--expect-no-changes")
