"""What is built for others: the same bytes every time, one top-level module, and what it says of itself."""

import email
import os
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from sandbox.paths import ROOT
from tests.support.distributions import Environment, build

EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return build(ROOT, tmp_path_factory.mktemp("built"), epoch=EPOCH)


def test_built_elsewhere_at_another_time_by_a_stricter_user_they_are_the_same_bytes(
    built: dict[str, Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    ignored = shutil.ignore_patterns(".venv", "venv", ".sandbox", ".git", "*cache*", "dist", "build")
    shutil.copytree(ROOT, elsewhere, ignore=ignored, copy_function=shutil.copyfile)  # with the time of now
    again = build(elsewhere, tmp_path / "built", epoch=EPOCH, umask=0o077)
    for kind, path in built.items():
        assert again[kind].name == path.name
        assert again[kind].read_bytes() == path.read_bytes(), kind


def test_a_wheel_built_from_the_sdist_is_that_of_the_repository(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert build(source, tmp_path / "built", epoch=EPOCH)["wheel"].read_bytes() == built["wheel"].read_bytes()


def test_the_only_top_level_module_is_the_component_with_all_of_its_files(built: dict[str, Path]) -> None:
    package = ROOT / "components/stateful_web"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    own = {f"stateful_web/{path.relative_to(package)}" for path in files}
    with zipfile.ZipFile(built["wheel"]) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == own
    assert "stateful_web/py.typed" in held, "type checkers of programs that use it read its types"


def test_the_sdist_has_what_the_wheel_is_built_from_and_nothing_of_the_repositorys_other_parts(
    built: dict[str, Path],
) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = {Path(*Path(member.name).parts[1:]) for member in archive.getmembers()}
    assert {name.parts[0] for name in names} == {
        "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "components", "pyproject.toml", ".gitignore",
    }  # fmt: skip
    assert {name.parts[1] for name in names if name.parts[0] == "components"} == {"stateful_web"}


def test_the_wheel_says_the_packages_version_and_asks_for_its_dependencies_alone(built: dict[str, Path]) -> None:
    from components.stateful_web import __version__

    with zipfile.ZipFile(built["wheel"]) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        said = email.message_from_bytes(archive.read(name))
    assert said["Version"] == __version__
    listed = [text for text in said.get_all("Requires-Dist", []) if "extra ==" not in text]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert len(listed) == len(wanted)
    assert {text.split("<")[0].split(">")[0] for text in listed} == {text.split(">")[0] for text in wanted}
    assert os.fspath(built["wheel"]).endswith(f"stateful_web-{__version__}-py3-none-any.whl")


def test_without_the_extra_the_component_is_there_and_its_command_says_how_to_get_the_rest(
    built: dict[str, Path], tmp_path: Path
) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    alone = Environment.of(tmp_path / "alone", wanted)
    assert not {"click", "rich", "drawsvg"} & {path.name for path in alone.packages.iterdir()}
    ended = subprocess.run(
        [alone.python, "-m", "stateful_web.cli", "status"],
        env={"PYTHONPATH": str(built["wheel"])}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1, "", "The command needs click, which does not come with the component: pip install 'stateful-web[cli]'\n"
    )  # fmt: skip
