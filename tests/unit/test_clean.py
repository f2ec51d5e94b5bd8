"""``make clean`` of a sandbox that can't be started any more."""

from pathlib import Path
from typing import NoReturn

import pytest

from sandbox import toolchain
from sandbox.__main__ import clean
from sandbox.cluster import Cluster
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    def does_not_start(_: Cluster) -> NoReturn:
        raise SandboxError("etcd has ended.")

    monkeypatch.setattr(Cluster, "up", does_not_start)
    monkeypatch.setattr(toolchain, "ensure", lambda *_, **__: ())
    box = Sandbox(tmp_path, print)
    (box.state / "kwok").mkdir()
    (box.state / "kwok" / "created").touch()
    return box


def test_it_is_deleted_although_its_claims_can_not_be_listed(
    broken: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    clean(broken, yes=True)
    said = capsys.readouterr().out
    assert "its claims can't be listed, since it does not start: etcd has ended." in said
    assert "The folders of its volumes stay in " in said
    assert not (broken.project / ".sandbox").exists()


def test_it_is_asked_for_all_the_same(broken: Sandbox) -> None:
    with pytest.raises(SandboxError, match="Nothing was deleted"):
        clean(broken, yes=False)
    assert broken.cluster.exists()
