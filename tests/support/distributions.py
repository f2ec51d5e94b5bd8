"""The wheel and the sdist as somebody builds them, and environments that have nothing but what is asked for."""

import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from sandbox.paths import ROOT


def build(source: Path, target: Path, *, epoch: int, umask: int = 0o022) -> dict[str, Path]:
    """Build both distributions of a source tree; return them by kind, ``wheel`` and ``sdist``."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(target)],
        cwd=source,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)},
        umask=umask,
        capture_output=True,
        check=True,
    )
    (wheel,), (sdist,) = target.glob("*.whl"), target.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


@dataclass(frozen=True)
class Environment:
    """A virtual environment with what is required and no more, at the versions of this run."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, requirements: list[str]) -> "Environment":
        """Make it without a download: requirements are links to the packages that this run has."""
        venv.create(folder, symlinks=True)
        made = cls(folder)
        for found in _closure(requirements):
            made._link(found)
        return made

    @classmethod
    def with_wheel(cls, folder: Path, wheel: Path, extra: str = "") -> "Environment":
        """Make one with what a wheel of the component requires, also for an extra of it, and install the wheel."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        of_extra = project["optional-dependencies"][extra] if extra else []
        made = cls.of(folder, [*project["dependencies"], *of_extra])
        made._pip("install", "--no-index", str(wheel))  # which checks that every requirement is there
        made._pip("check")
        return made

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        version = sys.version_info
        return self.folder / "lib" / f"python{version.major}.{version.minor}" / "site-packages"

    def _link(self, found: Distribution) -> None:
        here = Path(str(found.locate_file("")))
        for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            link = self.packages / name
            if link.exists():
                continue  # a namespace that two distributions share
            link.symlink_to(here / name)

    def _pip(self, *args: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), *args]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert ended.returncode == 0, f"{command}:\n{ended.stdout}"


def _closure(requirements: list[str]) -> Iterator[Distribution]:
    """Return the packages that requirements lead to, their extras among them."""
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        wanted, of_extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": of_extra}):
            continue
        found = distribution(wanted.name)
        for extra in {(wanted.name.lower(), name) for name in ("", *wanted.extras)} - seen:
            seen.add(extra)
            yield found
            waiting += [(Requirement(text), extra[1]) for text in found.requires or ()]
