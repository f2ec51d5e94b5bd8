"""``status --watch``: a rollout as it happens, after a cut connection too, until Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.live_sets import claim, event, everything, pod, stateful_set
from tests.support.terminals import screen_of

WATCH = [sys.executable, "-m", "components.stateful_web.cli", "status", "--namespace", "shop", "--watch"]


@pytest.fixture
def cluster() -> Iterator[FakeApiServer]:
    with fake_api_server() as made:
        yield made


@contextmanager
def watching(cluster: FakeApiServer, folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Watch a cluster's namespace ``shop`` in a pipe, until the block ends."""
    (folder / "kubeconfig").write_text(cluster.kubeconfig)
    env = {**os.environ, "KUBECONFIG": str(folder / "kubeconfig"), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        WATCH, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: "subprocess.Popen[str]", last: str) -> Sequence[str]:
    """Return what it says up to a line, without the times."""
    assert process.stdout
    said: list[str] = []
    for line in process.stdout:
        time, _, text = line.rstrip("\n").partition(" ")
        assert len(time) == len("12:34:56")
        said.append(text)
        if text == last:
            return said
    raise AssertionError(f"{said}\n{process.stderr.read() if process.stderr else ''}")


def test_a_pipe_gets_a_line_for_each_change_and_ctrl_c_ends_it_with_130(cluster: FakeApiServer, tmp_path: Path) -> None:
    web = stateful_set("web", 1)
    cluster.add(*everything(web), event(web, "Old", "known before"))
    with watching(cluster, tmp_path) as process:
        assert lines(process, "shop/web: 1 of 1 pods ready") == [
            "shop/web: pod web-0: Running, ready, on node-0",
            "shop/web: claim data-web-0: Bound, 1Gi",
            "shop/web: 1 of 1 pods ready",
        ]
        cluster.add(claim(web, 0, asked="2Gi"))
        lines(process, "shop/web: claim data-web-0: Bound, 1Gi → 2Gi")
        cluster.add(event(pod(web, 0), "Resizing", "more is made", uid="new"))
        lines(process, "shop/web: pod web-0: Resizing: more is made")
        cluster.cuts += 1
        cluster.remove("pods", "web-0", "shop")
        lines(process, "shop/web: pod web-0 is gone")
        cluster.add({**pod(web, 0, is_ready=False)})
        lines(process, "shop/web: pod web-0: Pending, not ready, on node-0")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr
        assert process.stderr.read().strip() == "Interrupted."


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_one_picture_that_is_drawn_anew_and_ctrl_c_leaves_it_as_it_was(
    cluster: FakeApiServer, tmp_path: Path, columns: int
) -> None:
    web = stateful_set("web", 1)
    cluster.add(*everything(web))
    (tmp_path / "kubeconfig").write_text(cluster.kubeconfig)
    env = {**os.environ, "KUBECONFIG": str(tmp_path / "kubeconfig"), "PYTHONPATH": str(ROOT)}
    screen = screen_of(WATCH, columns, env, tmp_path, interrupted_at="shop/web: 1 of 1 pods ready")
    assert sum(line == "StatefulSet shop/web: 1 of 1 pods ready" for line in screen.lines) == 1
    assert sum("web-0  Running  yes    0         node-0" in line for line in screen.lines) == 1
    assert sum(line.endswith("shop/web: claim data-web-0: Bound, 1Gi") for line in screen.lines) == 1
    assert screen.lines[-1] == "Interrupted."
    assert screen.cursor


def test_a_cluster_that_is_away_for_a_while_is_told_once_and_watched_again(
    cluster: FakeApiServer, tmp_path: Path
) -> None:
    web = stateful_set("web", 1)
    cluster.add(*everything(web))
    with watching(cluster, tmp_path) as process:
        lines(process, "shop/web: 1 of 1 pods ready")
        cluster.failing += [503] * 8
        cluster.cuts += 1
        cluster.remove("pods", "web-0", "shop")
        said = lines(process, "shop/web: pod web-0 is gone")
        assert sum("refused (not now): namespace shop is not shown." in line for line in said) == 1


def test_a_namespace_that_may_not_be_read_ends_it_with_a_sentence(cluster: FakeApiServer, tmp_path: Path) -> None:
    cluster.forbid("list pods")
    with watching(cluster, tmp_path) as process:
        assert process.wait() == 1
        assert process.stderr
        assert "pods is forbidden" in (process.stdout.read() if process.stdout else "")
