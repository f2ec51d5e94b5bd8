"""What the user has comes first, then the official release, then our own; none touches ~/.pulumi."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest

from sandbox import download, pulumi_releases
from sandbox.errors import SandboxError
from sandbox.paths import ROOT
from sandbox.toolchain import FAMILIES, build
from sandbox.tools import Tool, Toolbox, find_tools
from tests.support.machines import script, silent_site, site

PLUGIN = "pulumi-resource-kubernetes"
WANTED = version("pulumi_kubernetes")


@dataclass
class Machine:
    """A user with nothing but our own build of the CLI, whose network reaches no download site."""

    bin: Path
    home: Path
    cache: Path
    state: Path
    said: list[str] = field(default_factory=list)

    def find(self, *, verbose: bool = True) -> Toolbox:
        self.said.clear()
        return find_tools(self.said.append, self.state, verbose=verbose)

    def origins(self) -> list[str]:
        return [tool.origin for tool in self.find().tools]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine(tmp_path / "bin", tmp_path / "home", tmp_path / "cache" / "stateful-web", tmp_path / "st ate")
    for folder in (made.bin, made.home):
        folder.mkdir()
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.delenv(pulumi_releases.RETRY, raising=False)
    monkeypatch.setattr(pulumi_releases, "SITE", "http://127.0.0.1:1")
    family = FAMILIES["pulumi"]
    for name in (*family.binaries, *family.scripts):
        script(build.published(family) / name, "exit 0")
    yield made
    assert list(made.home.iterdir()) == [], "something was written to the user's home"


def plugin_cache(home: Path) -> Path:
    """Put an official plugin into a plugin cache, and give its folder."""
    folder = home / "plugins" / f"resource-kubernetes-v{WANTED}"
    script(folder / PLUGIN, "exit 0")
    return folder


def test_what_is_on_path_wins_and_nothing_of_ours_hides_it(machine: Machine) -> None:
    pulumi = script(machine.bin / "pulumi", "echo v9.8.7")
    script(machine.bin / "pulumi-language-python", "exit 0")
    plugin = script(machine.bin / PLUGIN, "exit 0")
    box = machine.find()
    assert box.tools[:2] == (
        Tool("pulumi", pulumi, "9.8.7", "on PATH"),
        Tool(PLUGIN, plugin, "unknown", "on PATH"),
    )
    assert box.bin_dirs == (machine.state / "bin",)
    assert [path.name for path in box.bin_dirs[0].iterdir()] == ["kubectl"]


def test_every_choice_is_said_with_its_reason(machine: Machine) -> None:
    machine.find()
    assert len(machine.said) == 3
    pulumi, plugin, kubectl = machine.said
    assert re.match(
        r"pulumi [\d.]+: built here \(.*/pulumi\); no official release: 127\.0\.0\.1:1: Connection refu", pulumi
    )
    assert re.match(rf"{PLUGIN} {WANTED}: stand-in \(.*\); no official release: 127\.0\.0\.1:1: Connection", plugin)
    assert re.match(r"kubectl [\d.]+: official release \(.*/kubectl\)$", kubectl)


def test_choices_are_said_again_only_when_they_have_changed_or_on_demand(machine: Machine) -> None:
    machine.find(verbose=False)
    assert len(machine.said) == 3, "the first run says them"
    machine.find(verbose=False)
    assert machine.said == []
    script(machine.bin / PLUGIN, "exit 0")
    machine.find(verbose=False)
    assert f"{PLUGIN} unknown: on PATH ({machine.bin / PLUGIN})" in machine.said
    machine.find(verbose=True)
    assert len(machine.said) == 3


def test_without_official_ones_our_build_and_the_stand_in_are_found_by_name(machine: Machine) -> None:
    box = machine.find()
    path = os.pathsep.join(map(str, box.bin_dirs))
    found = {name: shutil.which(name, path=path) for name in ("pulumi", "pulumi-language-python", PLUGIN)}
    assert None not in found.values()
    assert shutil.which("stateful-web-language-python", path=path)
    assert machine.origins() == ["built here", "stand-in", "official release"]


def test_what_an_earlier_run_or_another_checkout_put_on_path_is_not_taken_for_the_users(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = machine.find()
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, box.bin_dirs), os.environ["PATH"]]))
    machine.state = machine.state.with_name("other checkout")
    assert machine.origins() == ["built here", "stand-in", "official release"]


def test_the_stand_in_is_off_path_as_soon_as_there_is_an_official_plugin(machine: Machine) -> None:
    assert machine.find().bin_dirs[-1] == machine.state / "bin" / "stand-in"
    script(machine.bin / PLUGIN, "exit 0")
    assert machine.state / "bin" / "stand-in" not in machine.find().bin_dirs


def test_the_official_plugin_in_the_users_cache_is_used_as_it_is(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    folder = plugin_cache(tmp_path / "pulumi")
    before = sorted((tmp_path / "pulumi").rglob("*"))
    box = machine.find()
    assert box.tools[1] == Tool(PLUGIN, folder / PLUGIN, WANTED, "official release")
    assert folder in box.bin_dirs
    assert sorted((tmp_path / "pulumi").rglob("*")) == before


def test_half_a_plugin_is_not_used(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    folder = plugin_cache(tmp_path / "pulumi")
    folder.with_name(f"{folder.name}.partial").touch()
    assert machine.origins()[1] == "stand-in"


def test_a_pulumi_on_path_that_runs_no_python_is_passed_over(machine: Machine) -> None:
    bare = script(machine.bin / "pulumi", "echo v9.8.7")
    assert machine.origins()[0] == "built here"
    assert machine.said[0] == (f"pulumi on PATH ({bare}) is passed over: there is no pulumi-language-python beside it")


def test_a_pulumi_on_path_that_does_not_run_is_named(machine: Machine) -> None:
    broken = script(machine.bin / "pulumi", "exit 3")
    script(machine.bin / "pulumi-language-python", "exit 0")
    with pytest.raises(SandboxError, match=f"The pulumi on PATH does not run: mend {broken} or take it off PATH"):
        machine.find()


def test_a_site_that_drops_packets_is_given_up_after_the_limit() -> None:
    started = time.monotonic()
    with silent_site() as url:
        assert download.no_answer(url, 0.2) == "no answer within 0.2 s"
    assert time.monotonic() - started < 5


def test_a_site_that_refuses_and_one_that_answers_an_error_are_told_apart() -> None:
    assert download.no_answer("http://127.0.0.1:1") == "Connection refused"
    with site(403) as (url, _):
        assert download.no_answer(url) == "answer 403"
    with site(200) as (url, _):
        assert download.no_answer(url) == ""


def test_a_site_that_gave_no_answer_is_asked_again_after_a_day_or_on_demand(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(404) as (url, asked):
        monkeypatch.setattr(pulumi_releases, "SITE", url)
        machine.find()
        machine.find()
        assert len(asked) == 1
        assert "(asked again in 24 h, or at once with STATEFUL_WEB_RETRY=1)" in machine.said[0]
        yesterday = time.time() - pulumi_releases.MEMORY - 60
        os.utime(machine.cache / "official" / "site.failed", (yesterday, yesterday))
        machine.find()
        assert len(asked) == 2
        monkeypatch.setenv(pulumi_releases.RETRY, "1")
        machine.find()
        assert len(asked) > 2


# The script that PulumiCommand.install downloads and runs, as: install.sh --no-edit-path --install-root R --version V
INSTALLER = r"""#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\necho v%s\n' "$5" > "$3/bin/pulumi"
chmod +x "$3/bin/pulumi"
"""


def test_the_official_cli_is_downloaded_once_and_brings_its_own_language_host(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_installer(tmp_path, monkeypatch, INSTALLER)
    with site(200) as (url, asked):
        monkeypatch.setattr(pulumi_releases, "SITE", url)
        box = machine.find()
        pulumi = box.tools[0]
        assert (pulumi.version, pulumi.origin) == (version("pulumi"), "official release")
        assert subprocess.check_output([pulumi.path, "version"], text=True).strip() == f"v{pulumi.version}"
        assert not (machine.state / "bin" / "stateful-web-language-python").exists()
        asked.clear()
        assert machine.find() == box
        assert asked == []


def test_a_download_that_fails_is_remembered_and_leaves_nothing_half_made(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_installer(tmp_path, monkeypatch, INSTALLER + "exit 22\n")
    with site(200) as (url, _):
        monkeypatch.setattr(pulumi_releases, "SITE", url)
        assert machine.origins() == ["built here", "stand-in", "official release"]
        assert "downloading pulumi" in machine.said[-3]
        machine.find()
    assert "asked again in 24 h" in machine.said[-3]
    assert not (machine.cache / "official" / "pulumi" / version("pulumi")).exists()


def serve_installer(folder: Path, monkeypatch: pytest.MonkeyPatch, installer: str) -> None:
    """Let PulumiCommand.install in a child process download `installer`: its address is fixed in the SDK."""
    (folder / "install.sh").write_text(installer)
    (folder / "sitecustomize.py").write_text(
        "import urllib.request\n"
        "real = urllib.request.urlopen\n"
        f"urllib.request.urlopen = lambda url, *a, **k: real('file://{folder}/install.sh')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_the_official_plugin_is_downloaded_by_the_users_cli_into_a_home_of_ours(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(
        machine.bin / "pulumi",
        '[ "$1" = version ] && echo v9.8.7 && exit; '
        f'd=$PULUMI_HOME/plugins/resource-kubernetes-v$5; mkdir -p "$d" && echo "$@" > "$d/{PLUGIN}"',
    )
    script(machine.bin / "pulumi-language-python", "exit 0")
    with site(200) as (url, _):
        monkeypatch.setattr(pulumi_releases, "SITE", url)
        plugin = machine.find().tools[1]
    assert (plugin.version, plugin.origin) == (WANTED, "official release")
    assert plugin.path.is_relative_to(machine.cache)
    command = f"plugin install resource kubernetes {WANTED} --server {url}/releases/plugins"
    assert plugin.path.read_text().strip() == command


def test_a_launched_module_and_what_it_starts_have_the_checkout_off_their_import_path(tmp_path: Path) -> None:
    package = tmp_path / "check out" / "sandbox"
    package.mkdir(parents=True)
    (package / "launch.py").write_text((ROOT / "sandbox" / "launch.py").read_text())
    (package / "later.py").touch()
    (package / "probe.py").write_text(
        "import subprocess, sys\n"
        "import sandbox.later\n"
        "print(sys.argv[1:])\n"
        "print(sys.path)\n"
        "subprocess.run([sys.executable, '-c', 'import sys; print(sys.path)'])\n"
    )
    output = subprocess.check_output(
        [sys.executable, "-u", "-P", package / "launch.py", "sandbox.probe", "a b", "c"], text=True, cwd="/"
    )
    assert output.startswith("['a b', 'c']\n")
    assert "check out" not in output
