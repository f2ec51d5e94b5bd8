"""What a cluster does about a component that has ended while it came up."""

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.kwok_cluster import Cluster


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A cluster whose API server answers, and whose components are what their pid files say."""
    made = Cluster(tmp_path, lambda: (), print)
    monkeypatch.setattr(Cluster, "_components", lambda _: {"kube-controller-manager": ("", ""), "etcd": ("", "")})
    monkeypatch.setattr(Cluster, "_pid", lambda self, name: 1 if self._pid_file(name).exists() else None)
    monkeypatch.setattr(Cluster, "_kubectl", lambda *_: Answer())
    pids = made._pid_file("etcd").parent
    pids.mkdir(parents=True)
    (pids / "etcd.pid").write_text("1")
    return made


class Answer:
    """Of an API server that is ready."""

    returncode = 0


def test_one_that_gave_up_before_the_api_server_answered_is_started_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cluster, "_kwokctl", lambda self, *_: self._pid_file("kube-controller-manager").write_text("2"))
    cluster._see_it_run()
    assert cluster._pid_file("etcd").read_text() == "1", "the others are left alone"


def test_one_that_ends_again_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Cluster, "_kwokctl", lambda _, *args: asked.extend(args[:2]))
    with pytest.raises(SandboxError, match=r"does not come up: kube-controller-manager has ended"):
        cluster._see_it_run()
    assert asked == ["start", "cluster"], "once"
