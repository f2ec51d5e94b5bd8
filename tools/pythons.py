"""``make test-pythons``: the tests that need no engine and no cluster, on every Python that is supported and here.

Each runs in a copy of the working tree with an environment of its own, in ``.sandbox/pythons/``; a second run finds
them, and ``make clean`` takes them away.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from components.stateful_web.versions import PYTHON
from sandbox.paths import ROOT, private_dir
from tests.support.checkouts import copy_of_the_tree

TIERS = "unit or component or policies"


def candidates(version: str) -> Iterator[str]:
    """Yield programs that may be this Python: by its name on PATH, and those that pyenv has installed."""
    if found := shutil.which(f"python{version}"):
        yield found
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from (str(path) for path in sorted(versions.glob(f"{version}.*/bin/python"), reverse=True))


def python(version: str) -> str | None:
    """Return a program that is this Python, or ``None`` if this machine has none."""
    for program in candidates(version):
        # The name may be a launcher's, which fails if the version is not the one that is switched on.
        asked = [program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        ended = subprocess.run(asked, capture_output=True, text=True, check=False)
        if ended.stdout.strip() == version:
            return program
    return None


def fresh(folder: Path) -> Path:
    """Copy the working tree into a folder, of which the environment alone is kept."""
    for path in folder.iterdir() if folder.exists() else ():
        if path.name != ".venv":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return copy_of_the_tree(folder)


def main() -> int:
    """Run the tests on each Python; return 0 if they passed on all that are here."""
    verdicts = {}
    for version in PYTHON:
        program = python(version)
        if program is None:
            verdicts[version] = "not on this machine"
            continue
        print(f"Python {version}: {program}", flush=True)
        folder = fresh(private_dir(ROOT / ".sandbox") / "pythons" / version)
        made = subprocess.run([program, "sandbox/bootstrap.py"], cwd=folder, check=False)
        tests = [".venv/bin/python", "-m", "pytest", "--numprocesses=auto", "-q", "-m", TIERS]
        passed = made.returncode == 0 and subprocess.run(tests, cwd=folder, check=False).returncode == 0
        verdicts[version] = "passed" if passed else "FAILED"
    for version, verdict in verdicts.items():
        print(f"Python {version}: {verdict}")
    return 1 if "FAILED" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
