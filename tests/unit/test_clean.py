"""``make clean`` of a sandbox that can't be started any more."""

import gzip
import json
from pathlib import Path
from typing import NoReturn

import pytest

from sandbox import toolchain
from sandbox.__main__ import clean
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.kwok_cluster import Cluster


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


def test_with_no_cluster_nothing_is_built_to_delete_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: str, **__: object) -> NoReturn:
        raise AssertionError("nothing needs a program here")

    monkeypatch.setattr(toolchain, "ensure", build)
    box = Sandbox(tmp_path, print)
    clean(box, yes=False)
    assert not (tmp_path / ".sandbox").exists()


def test_the_state_of_a_stack_of_the_users_own_is_not_deleted(tmp_path: Path) -> None:
    box = Sandbox(tmp_path, print)
    stacks = box.state / "backend/.pulumi/stacks/stateful-web"
    stacks.mkdir(parents=True)
    for name, count in {"dev": 1, "empty": 0, "staging": 2}.items():
        (stacks / f"{name}.json").write_text(json.dumps({"checkpoint": {"latest": {"resources": [{}] * count}}}))
    with pytest.raises(SandboxError, match="Nothing was deleted: the state of stack staging of project stateful-web"):
        clean(box, yes=True)
    (stacks / "staging.json").unlink()
    (stacks / "dev.json").write_text("")  # cut off when the disk was full
    theirs = stacks.with_name("shop") / "dev.json.gz"
    theirs.parent.mkdir()
    theirs.write_bytes(gzip.compress(b"{}"))
    with pytest.raises(SandboxError, match="Nothing was deleted: the state of stack dev of project shop"):
        clean(box, yes=True)
    theirs.unlink()
    elsewhere = stacks / "context-kind-kind.json"
    elsewhere.write_text(json.dumps({"checkpoint": {"latest": {"resources": [{}]}}}))
    with pytest.raises(
        SandboxError, match=r"Run make down CONTEXT=name, with the context that Pulumi\.context-kind-kind"
    ):
        clean(box, yes=True)
    elsewhere.unlink()
    clean(box, yes=True)
    assert not (tmp_path / ".sandbox").exists()


def test_it_is_asked_for_all_the_same(broken: Sandbox) -> None:
    with pytest.raises(SandboxError, match="Nothing was deleted"):
        clean(broken, yes=False)
    assert broken.cluster.exists()
