"""What `make packs` makes: packs that run where there is nothing of this repository."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.assemble import assemble
from policies.hardening.hardening_rules import manifests as hardening
from policies.stateful.stateful_rules import manifests as stateful
from sandbox.paths import ROOT
from tests.support.distributions import Environment

from .packs import PACKS
from .test_serving import request, said, served, stack

PROBE = """
import json, sys, pulumi_policy
pulumi_policy.PolicyPack = lambda name, policies, **more: print(json.dumps(
    [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]))
import runpy
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packs out of their archives, and with an environment of what they require."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for made in assemble(ROOT, folder / "made"):
        if made.is_file():
            with tarfile.open(made) as archive:
                archive.extractall(folder, filter="data")
    lines = (folder / "stateful" / "requirements.txt").read_text().splitlines()
    Environment.of(folder / "environment", [line.partition("==")[0] for line in lines if not line.startswith("#")])
    return folder


@pytest.fixture(params=PACKS)
def client(request: pytest.FixtureRequest, elsewhere: Path) -> Iterator[tuple[str, Any]]:
    with served(elsewhere / request.param, elsewhere / "environment/bin/python") as client:
        yield request.param, client


def test_it_denies_and_passes_as_it_does_here(client: tuple[str, Any]) -> None:
    pack, asked = client
    if pack == "stateful":
        good = [stateful.service(), stateful.stateful_set()]
        bad = stateful.stateful_set(spec={"template": {"spec": {"terminationGracePeriodSeconds": 0}}})
        rule, level = "graceful-termination", analyzer_pb2.MANDATORY
    else:
        good = [
            hardening.service(), hardening.stateful_set(), hardening.budget(), hardening.network_policy(),
        ]  # fmt: skip
        bad = hardening.with_pod(hostNetwork=True)
        rule, level = "pod-security-restricted", analyzer_pb2.ADVISORY
    for item in good:
        assert not asked.Analyze(request(item)).diagnostics
    assert not asked.AnalyzeStack(stack(*good)).diagnostics
    (found,) = asked.Analyze(request(bad)).diagnostics
    assert (found.policyName, found.enforcementLevel) == (rule, level)
    assert not said(asked.Analyze(request(good[1])))


@pytest.mark.parametrize("pack", PACKS)
def test_it_uses_nothing_of_this_repository(elsewhere: Path, pack: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [elsewhere / "environment/bin/python", "-c", PROBE, elsewhere / pack],
        cwd=elsewhere / pack, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    used = {Path(path) for path in json.loads(ended.stdout) if path}
    assert elsewhere / pack / "policies" / "kit" / "rule.py" in used
    of_the_run = Path(sys.prefix).resolve()  # the environment is made of links into it
    assert not [path for path in used if ROOT in path.resolve().parents and of_the_run not in path.resolve().parents]


@pytest.mark.parametrize("pack", PACKS)
def test_it_is_the_same_on_any_day_and_has_no_environment_of_ours(elsewhere: Path, tmp_path: Path, pack: str) -> None:
    first, again = (elsewhere / "made", tmp_path / "made")
    assemble(ROOT, again)
    assert sorted(path.name for path in first.iterdir()) == sorted(path.name for path in again.iterdir())
    for archive in again.glob("*.tar.gz"):
        assert archive.read_bytes() == (first / archive.name).read_bytes()
    # Other tests run it there, which leaves what Python has compiled.
    found = [path for path in (elsewhere / pack).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    unpacked = {path.relative_to(elsewhere / pack) for path in found}
    assert {"__main__.py", "PulumiPolicy.yaml", "requirements.txt", "LICENSE", "policy-config.prod.json"} <= {
        str(path) for path in unpacked
    }
    assert {path.suffix for path in unpacked} == {".py", ".yaml", ".json", ".txt", ""}
    assert "venv" not in {path.parts[0] for path in unpacked}
    assert unpacked == {path.relative_to(again / pack) for path in (again / pack).rglob("*") if path.is_file()}


def test_what_is_somebody_s_own_stays_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(ROOT / "policies", root / "policies", ignore=shutil.ignore_patterns("venv"))
    shutil.copy(ROOT / "LICENSE", root)
    for name in (".env", "notes", "key.pem", "venv/lib.py", "stateful_rules/__pycache__/x.py"):
        path = root / "policies/stateful" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    assemble(root, tmp_path / "made")
    assemble(ROOT, tmp_path / "expected")
    for archive in (tmp_path / "expected").glob("*.tar.gz"):
        assert (tmp_path / "made" / archive.name).read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("pack", PACKS)
def test_a_folder_of_the_repository_alone_says_what_to_take_instead(tmp_path: Path, pack: str) -> None:
    alone = tmp_path / pack
    alone.mkdir()
    (alone / "__main__.py").write_text((ROOT / "policies" / pack / "__main__.py").read_text())
    ended = subprocess.run(
        [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", alone],
        cwd=alone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert f"policies/kit is missing. Use dist/packs/{pack}, made by `make packs`." in ended.stderr
    assert "Traceback" not in ended.stderr
