"""``make release``: what it refuses, and what it makes; in clones that are thrown away."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.interrupts import heed_ctrl_c
from tests.support.processes import below
from tests.support.waiting import eventually
from tools import release
from tools.release import findings

WHOLE = "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-01-31\n\n### Fixed\n\n- A fault\n  of two lines.\n"


def changelog(entry: str, kind: str = "Changed", version: str = "0.2.0") -> str:
    return f"# Changelog\n\n## {version} - 2026-01-31\n\n### {kind}\n\n- {entry}\n\n## 0.1.0 - 2026-01-01\n\n- First.\n"


def test_a_whole_changelog_passes() -> None:
    assert list(findings("0.2.0", "0.1.0", WHOLE)) == []
    assert list(findings("0.2.0", None, WHOLE)) == []


@pytest.mark.parametrize(
    ("version", "before", "text", "said"),
    [
        ("0.2.0", "0.1.0", WHOLE.replace("## 0.2.0 - 2026-01-31\n\n", ""), 'entries below "## Unreleased"'),
        ("0.3.0", "0.2.0", WHOLE, '"## 0.3.0 - " and the day is expected'),
        ("0.2.0", "0.1.0", WHOLE.replace(" - 2026-01-31", ""), '"## 0.2.0 - " and the day is expected'),
        ("0.2.0", "0.1.0", WHOLE.partition("### Fixed")[0], "tell what has changed"),
        ("0.2.0", "0.1.0", "# Changelog\n", "is expected"),
        ("0.2.0", "0.2.0", WHOLE, "is not above 0.2.0"),
        ("0.2.0", "0.10.0", WHOLE, "is not above 0.10.0"),
        ("0.2.0", "0.1.0", changelog("**Breaking:** Input `a` is gone."), "without a way over"),
        ("0.1.1", "0.1.0", changelog("**Breaking:** Gone. Upgrade: use `b`.", version="0.1.1"), "must raise number 2"),
        ("1.3.0", "1.2.0", changelog("**Breaking:** Gone. Upgrade: use `b`.", version="1.3.0"), "must raise number 1"),
        ("1.2.1", "1.2.0", changelog("Input `c`.", kind="Added", version="1.2.1"), "must raise number 2"),
    ],
)
def test_what_is_missing_or_against_semver_is_said(version: str, before: str, text: str, said: str) -> None:
    (finding,) = findings(version, before, text)
    assert said in finding


@pytest.mark.parametrize(
    ("version", "before", "entry", "kind"),
    [
        ("0.2.0", "0.1.0", "**Breaking:** Gone. Upgrade: use `b`.", "Removed"),
        ("2.0.0", "1.2.0", "**Breaking:** Gone. Upgrade: use `b`.", "Removed"),
        ("1.3.0", "1.2.0", "Input `c`.", "Added"),
        ("1.2.1", "1.2.0", "A fault.", "Fixed"),
    ],
)
def test_a_version_that_says_what_the_changelog_says_passes(version: str, before: str, entry: str, kind: str) -> None:
    assert list(findings(version, before, changelog(entry, kind, version))) == []


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "Change")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository of what a release reads, with a changelog that is ready for it."""
    folder = tmp_path / "clone"
    packs = {str(path.relative_to(ROOT)) for path in (ROOT / "policies").rglob("*.*") if "venv" not in path.parts}
    read = {
        *release.NAMED_IN,
        "pyproject.toml",
        "README.md",
        "LICENSE",
        ".gitignore",
        "tools/__init__.py",
        "tools/release.py",
        *packs,
    }
    for name in {name for name in read if (ROOT / name).is_file()}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    version = release.version_of(ROOT)
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## {version} - 2026-01-31\n\n### Added\n\n- Everything.\n")
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "a")
    git(folder, "config", "user.email", "a@b")
    commit(folder)
    return folder


def run(folder: Path, *made: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tools.release", *made]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def test_it_builds_distributions_and_packs_and_tags_the_commit_with_the_changelogs_words(clone: Path) -> None:
    version = release.version_of(clone)
    ended = run(clone)
    assert ended.returncode == 0, ended.stdout
    built = archives(clone)
    assert set(built) == {
        f"stateful_web-{version}-py3-none-any.whl", f"stateful_web-{version}.tar.gz",
        f"packs/stateful-{version}.tar.gz", f"packs/hardening-{version}.tar.gz", "notes.md",
    }  # fmt: skip
    assert all(name in ended.stdout for name in built if name != "notes.md")
    assert built["notes.md"] == b"### Added\n\n- Everything.\n"
    assert (clone / "dist/packs/stateful/policies/kit/rule.py").exists()
    assert git(clone, "rev-parse", f"v{version}^{{commit}}") == git(clone, "rev-parse", "HEAD")
    assert "- Everything." in git(clone, "tag", "--list", "--format=%(contents)", f"v{version}")
    assert "### Added" in git(clone, "tag", "--list", "--format=%(contents)", f"v{version}")
    assert git(clone, "status", "--porcelain") == ""

    again = run(clone)
    assert again.returncode == 1
    assert f"Tag v{version} is there already" in again.stdout
    git(clone, "tag", "--delete", f"v{version}")
    assert run(clone).returncode == 0
    assert archives(clone) == built, "the same commit, the same bytes"


def test_a_tag_that_is_there_is_built_as_it_was_made_and_no_other(clone: Path) -> None:
    tag = f"v{release.version_of(clone)}"
    assert run(clone).returncode == 0
    built = archives(clone)
    shutil.rmtree(clone / "dist")
    ended = run(clone, tag)
    assert ended.returncode == 0, ended.stdout
    assert archives(clone) == built
    assert "To publish" not in ended.stdout
    git(clone, "tag", "v9.9.9")
    (clone / "LICENSE").write_text("Another\n")
    commit(clone)
    for other in ("v9.9.9", tag):
        refused = run(clone, other)
        assert refused.returncode == 1
        assert f"Tag {other} is not that of this commit" in refused.stdout


def archives(clone: Path) -> dict[str, bytes]:
    """Return what a release is to publish, by its path in dist/."""
    dist = clone / "dist"
    found = [*dist.glob("*.*"), *dist.glob("packs/*.tar.gz")]
    return {str(path.relative_to(dist)): path.read_bytes() for path in found}


LONG_BUILD = """
import time
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Long(BuildHookInterface):
    def initialize(self, version, build_data):
        time.sleep(60)
"""


def test_ctrl_c_while_it_builds_leaves_neither_a_tag_nor_a_build(clone: Path) -> None:
    (clone / "hatch_build.py").write_text(LONG_BUILD)
    with (clone / "pyproject.toml").open("a") as project:
        project.write("\n[tool.hatch.build.hooks.custom]\n")
    commit(clone)
    with subprocess.Popen(
        [sys.executable, "-m", "tools.release"], cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, preexec_fn=heed_ctrl_c,
    ) as process:  # fmt: skip
        eventually(lambda: below(process.pid, "hatchling") is not None, "it builds")
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate()
    assert said == "Interrupted: nothing was tagged.\n"
    assert process.returncode == 130
    assert git(clone, "tag") == ""
    assert not (clone / "dist").exists()


def test_what_is_refused_leaves_neither_a_tag_nor_a_build(clone: Path) -> None:
    def refused(said: str) -> None:
        ended = run(clone)
        assert ended.returncode == 1
        assert said in ended.stdout
        assert "Traceback" not in ended.stdout
        assert git(clone, "tag") == ""
        assert not (clone / "dist").exists()

    policy = clone / "policies/stateful/PulumiPolicy.yaml"
    whole = policy.read_text()
    policy.write_text(whole.replace("version: ", "version: 9"))
    refused("make them the same")
    policy.write_text(f"{whole}# changed\n")
    refused("not committed")
    policy.write_text(whole)
    init = clone / "components/stateful_web/__init__.py"
    named = init.read_text()
    init.write_text(named.replace(release.version_of(clone), "1.0"))
    refused("three numbers are expected")
    init.write_text(named)
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- Something.\n")
    commit(clone)
    refused('entries below "## Unreleased"')
    (clone / "CHANGELOG.md").write_text(WHOLE.replace("0.2.0", release.version_of(clone)))
    (clone / "README.md").unlink()
    commit(clone)
    refused("The build failed")


def test_the_repository_names_one_version_everywhere() -> None:
    assert release.VERSION.fullmatch(release.version_of(ROOT))
