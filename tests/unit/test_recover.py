"""Where recover looks for the lock of a killed run."""

import json
from pathlib import Path

import pytest

from components.stateful_web.cli.recover import lock_holders


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of state in which a stack is locked, that is the home folder, too, beside a project."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    locks = tmp_path / "my state" / ".pulumi/locks/organization/shop/prod"
    locks.mkdir(parents=True)
    lock = {"pid": 7, "username": "me", "hostname": "here", "timestamp": "2026-01-02T03:04:05Z"}
    (locks / "one.json").write_text(json.dumps(lock))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "my state"


@pytest.mark.parametrize("query", ["", "?no_tmp_dir=true"], ids=["plain", "with an option"])
def test_a_backend_of_files_is_looked_into(locked: Path, query: str) -> None:
    for backend in (locked.as_uri(), "file://~/my%20state"):
        found = lock_holders("me/shop/prod", f"{backend}{query}")
        assert found
        assert str(found[0]) == "process 7 of me on here, since 2026-01-02 03:04"


def test_of_another_backend_nothing_is_claimed() -> None:
    assert lock_holders("prod", "s3://my-bucket") is None
