"""What the README promises of the make targets, as a stranger with two checkouts would see it."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.paths import user_cache
from tests.support.checkouts import Checkout


@pytest.mark.extended
def test_two_checkouts_go_up_at_once_and_down_and_up_again_with_the_same_claims(tmp_path: Path) -> None:
    first, second = Checkout(tmp_path / "first"), Checkout(tmp_path / "second")
    try:
        with ThreadPoolExecutor(2) as threads:
            outputs = list(threads.map(lambda checkout: checkout.make("up"), (first, second)))
        for output in outputs:
            assert "StatefulSet default/web: 3 of 3 pods ready; Service nginx, headless" in output
            assert output.count("Bound") == 3
            assert "[mandatory]" not in output
            assert "[advisory]" not in output
        claims = first.claims()
        assert sorted(claims) == ["www-web-0", "www-web-1", "www-web-2"]
        assert not set(claims.values()) & set(second.claims().values())

        stacks = [path for path in (first.folder / ".sandbox" / "backend").rglob("dev.json*") if path.is_file()]
        assert stacks
        assert {stat.S_IMODE(path.stat().st_mode) for path in stacks} == {0o600}, "the state is its owner's alone"

        again = first.make("up")
        assert "4 unchanged" in again
        status = json.loads(first.run("sh", "-c", "make -s status JSON=1 2>/dev/null").stdout)
        assert [claim["storage_class"] for claim in status[0]["claims"]] == ["rook-ceph-block"] * 3

        listed = json.loads(first.run("sh", "-c", "make -s claims JSON=1 2>/dev/null").stdout)
        assert [claim["name"] for claim in listed] == sorted(claims)
        assert "Nothing is stuck." in first.make("-s", "doctor")
        assert "no pod is touched" in first.make("-s", "preview")

        down = first.make("down")
        assert all(name in down for name in claims), "it says what stays"
        first.make("up")
        assert first.claims() == claims

        refused = first.run("make", "clean", check=False)
        assert refused.returncode != 0
        assert "Nothing was deleted" in refused.stdout
        assert first.claims() == claims

        for checkout in (first, second):
            assert checkout.run("git", "status", "--porcelain").stdout == ""
            assert [path.name for path in checkout.home.iterdir()] == [], "nothing of the user's is touched"
    finally:
        cleaned = [checkout.make("clean", "YES=1") for checkout in (first, second)]
    assert all("www-web-0" in output for output in cleaned), "it says what it deletes"
    assert all(str(user_cache()) in output for output in cleaned)
    assert not any((checkout.folder / ".sandbox").exists() for checkout in (first, second))


@pytest.mark.parametrize("target", ["status", "recover"])
def test_where_nothing_is_up_a_target_says_so(tmp_path: Path, target: str) -> None:
    ended = Checkout(tmp_path).run("make", target, check=False)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stdout
    assert "no stack named 'dev' found" in ended.stdout or "Stack dev is not there" in ended.stdout


def test_env_serves_a_program_outside_of_the_repository(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    (other / "__main__.py").write_text(
        "import pulumi, pulumi_kubernetes\npulumi.export('found', pulumi_kubernetes.__name__)\n"
    )
    script = (
        f'eval "$(make -s env 2>/dev/null)" && cd {other} && pulumi stack init other --non-interactive '
        "&& pulumi preview --non-interactive && kubectl version --client"
    )
    seen = checkout.run("sh", "-c", script).stdout
    assert '"pulumi_kubernetes"' in seen
    assert "Client Version" in seen
    assert list(checkout.home.iterdir()) == []


@pytest.mark.parametrize("target", ["up", "down"])
def test_up_and_down_of_the_sandbox_are_not_taken_for_another_stack(tmp_path: Path, target: str) -> None:
    refused = Checkout(tmp_path).run("make", target, "STACK=prod", check=False)
    assert refused.returncode != 0
    assert f"STACK is prod, and `make {target}` is for stack dev alone" in refused.stdout
