"""What others on the machine or the network can reach of the sandbox: nothing."""

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from sandbox.instance import Sandbox
from tests.support.processes import appears, in_session, running, with_in_command
from tests.support.projects import Project
from tests.support.sockets import listening, off_loopback

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which Linux alone has")


@linux
def test_the_reading_of_sockets_sees_one_that_is_open_to_the_network() -> None:
    with socket.create_server(("0.0.0.0", 0)) as open_one, socket.create_server(("127.0.0.1", 0)) as own:  # noqa: S104
        seen = listening([os.getpid()])
        assert off_loopback(seen) == [f"0.0.0.0 tcp/{open_one.getsockname()[1]}"]
        assert f"127.0.0.1 tcp/{own.getsockname()[1]}" in seen


@linux
def test_nothing_of_the_cluster_listens_off_loopback(sandbox: Sandbox) -> None:
    pids = with_in_command(str(sandbox.state))
    seen = listening(pids)
    assert len(pids) >= 6, "etcd, API server, controllers, scheduler, kwok and the resizer run"
    assert len(set(seen.values())) >= 5, "and nearly all of them listen somewhere"
    assert off_loopback(seen) == []


@linux
def test_nothing_of_a_run_listens_off_loopback(project: Project) -> None:
    packs = ("--policy-pack", "policies/stateful", "--policy-pack", "policies/hardening")
    with running(project, "up", "--yes", "--skip-preview", *packs) as run:
        for part in ("language", "pulumi-resource-kubernetes|kubernetes_plugin", "policies/hardening"):
            assert appears(run, part), f"{part} is at work"
        seen: dict[str, int] = {}
        while run.process.poll() is None:
            seen |= listening(in_session(run.pid))
        assert run.ended().code == 0
    assert len(set(seen.values())) >= 4, "engine, language host, plugin and packs listen somewhere"
    assert off_loopback(seen) == []


def test_kubeconfig_keys_and_state_are_the_owner_s_alone(sandbox: Sandbox) -> None:
    assert stat.S_IMODE(sandbox.state.stat().st_mode) == 0o700
    backend = Path(sandbox.exports()["PULUMI_BACKEND_URL"].removeprefix("file://"))
    assert stat.S_IMODE(backend.stat().st_mode) == 0o700
    assert stat.S_IMODE(sandbox.cluster.kubeconfig.stat().st_mode) == 0o600
    keys = [path for path in sandbox.state.rglob("*") if path.suffix in (".key", ".crt")]
    assert keys
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
