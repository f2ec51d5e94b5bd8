"""The environment is made once, whole, from the lock file; what stands in the way is said in one sentence."""

import ast
import os
import runpy
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.machines import wheel
from tests.support.waiting import eventually

# Runs the bootstrap on a Python that differs: arguments are the script and statements that make it so.
OTHER_PYTHON = """
import runpy, sys
script, *changes = sys.argv[1:]
for change in changes:
    exec(change)
runpy.run_path(script, run_name="__main__")
"""


HAS_VENV = find_spec("ensurepip") is not None
"""Where it is missing, bootstrap gets virtualenv from the package index."""


class Checkout:
    """A checkout whose lock file has one small package, in an index of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sandbox").mkdir(parents=True)
        for name in ("bootstrap.py", "errors.py", "paths.py", "virtualenv.lock"):
            shutil.copy(ROOT / "sandbox" / name, root / "sandbox")
        self.lock = root / "requirements.lock"
        self.index = root.parent / "wheels"
        self.lock.write_text(wheel(self.index, "small", "1.0", {"small.py": "NAME = 'small'\n"}))
        self.stamp = root / ".venv" / "stateful-web.stamp"

    def start(self, *changes: str, offline: bool = HAS_VENV) -> subprocess.Popen[str]:
        """Start a bootstrap, on a Python that differs by `changes`; offline, no index but its own is asked."""
        script = str(self.root / "sandbox" / "bootstrap.py")
        return subprocess.Popen(
            [sys.executable, "-c", OTHER_PYTHON, script, *changes],
            env=os.environ | {"PIP_NO_INDEX": str(int(offline)), "PIP_FIND_LINKS": str(self.index), "CI": "true"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *changes: str, offline: bool = HAS_VENV) -> tuple[int, str]:
        """Run it to its end: exit code and all it said."""
        run = self.start(*changes, offline=offline)
        output = run.communicate(timeout=180)[0]
        return run.returncode, output


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "check out")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment two runs at once have made, after one that was killed."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "checkout")
    killed = checkout.start()
    assert killed.stdout
    before = list(takewhile(lambda line: line != "making .venv\n", killed.stdout))
    assert (before == []) is HAS_VENV
    eventually(checkout.stamp.parent.exists, "half of .venv is there")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    (checkout.stamp.parent / "half").touch()
    runs = [checkout.start(), checkout.start()]
    outputs = [run.communicate(timeout=180)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert sorted("making .venv\n" in output for output in outputs) == [False, True], outputs
    return checkout


def test_two_runs_at_once_make_one_whole_environment_after_a_run_killed_half_way(made: Checkout) -> None:
    python = made.stamp.parent / "bin" / "python"
    assert subprocess.check_output([python, "-c", "import small; print(small.NAME)"], text=True) == "small\n"
    assert not (made.stamp.parent / "half").exists()


def test_a_second_run_does_nothing_and_says_nothing(made: Checkout) -> None:
    before = made.stamp.stat().st_mtime_ns
    assert made.run() == (0, "")
    assert made.stamp.stat().st_mtime_ns == before


def test_an_environment_of_other_pins_or_another_python_is_not_taken(made: Checkout, tmp_path: Path) -> None:
    bootstrap = runpy.run_path(str(made.root / "sandbox" / "bootstrap.py"))
    wanted = bootstrap["fingerprint"]()
    assert bootstrap["is_made"](wanted)
    assert wanted.startswith(f"python {sys.version_info.major}.{sys.version_info.minor} ")
    pins = made.lock.read_text()
    made.lock.write_text(pins + "# changed\n")
    assert not bootstrap["is_made"](bootstrap["fingerprint"]())
    made.lock.write_text(pins)


def test_pip_keeps_what_it_downloads_in_our_cache_unless_the_user_has_named_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = runpy.run_path(str(ROOT / "sandbox" / "bootstrap.py"))
    monkeypatch.delenv("PIP_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert bootstrap["environment"]()["PIP_CACHE_DIR"] == str(tmp_path / "stateful-web" / "pip")
    monkeypatch.setenv("PIP_CACHE_DIR", "/theirs")
    assert bootstrap["environment"]()["PIP_CACHE_DIR"] == "/theirs"


def test_a_package_that_is_not_the_pinned_one_is_refused_with_the_end_of_pips_words(checkout: Checkout) -> None:
    checkout.lock.write_text(f"small==1.0 --hash=sha256:{'0' * 64}\n")
    code, output = checkout.run()
    assert code == 1
    assert (
        "Failed: installing requirements.lock into .venv (exit code 1). Is the Python package index in reach?" in output
    )
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in output
    assert not checkout.stamp.exists()


def test_two_runs_at_once_can_both_give_the_packs_their_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = runpy.run_path(str(ROOT / "sandbox" / "bootstrap.py"))
    link_packs = bootstrap["link_packs"]
    monkeypatch.setitem(link_packs.__globals__, "ROOT", tmp_path)
    pack = tmp_path / "policies" / "pack"
    pack.mkdir(parents=True)
    (pack / "PulumiPolicy.yaml").write_text("runtime: {name: python, options: {virtualenv: venv}}\n")
    remove = Path.unlink

    def removed_and_made_again_by_the_other_run(path: Path, missing_ok: bool = False) -> None:
        remove(path, missing_ok=missing_ok)
        path.symlink_to("made-by-the-other")

    monkeypatch.setattr(Path, "unlink", removed_and_made_again_by_the_other_run)
    link_packs()
    assert (pack / "venv").readlink() == Path("..", "..", ".venv")
    assert sorted(path.name for path in pack.iterdir()) == ["PulumiPolicy.yaml", "venv"]


def test_an_old_python_reads_the_file_and_is_told_what_is_needed(checkout: Checkout) -> None:
    ast.parse((ROOT / "sandbox" / "bootstrap.py").read_text(), feature_version=(3, 6))
    code, output = checkout.run("sys.version_info = (3, 10, 2)")
    assert code == 1
    assert output.startswith(f"Python 3.11 or newer is needed, and python3 on PATH is 3.10 ({sys.executable}): put a ")
    assert len(output.splitlines()) == 1


def test_neither_venv_nor_pip_is_one_sentence_with_the_fix(checkout: Checkout) -> None:
    code, output = checkout.run("sys.modules['ensurepip'] = None", "sys.modules['pip'] = None")
    assert code == 1
    assert "has neither the venv module nor pip. Install the venv module, e.g. `apt-get install python3-venv`" in output
    assert len(output.splitlines()) == 1


def test_without_venv_it_is_pips_virtualenv_that_is_asked_for(checkout: Checkout) -> None:
    code, output = checkout.run("sys.modules['ensurepip'] = None", offline=True)  # and no index has virtualenv
    assert code == 1
    assert output.startswith("installing virtualenv, as this Python lacks the venv module\n")
    assert "`apt-get install python3-venv`" in output


def test_a_checkout_without_its_lock_file_is_one_sentence(checkout: Checkout) -> None:
    checkout.lock.unlink()
    code, output = checkout.run()
    assert code == 1
    assert output.startswith("The Python environment cannot be made in ")
    assert len(output.splitlines()) == 1
