"""The official releases of the Pulumi CLI and its kubernetes plugin, cached per user, where their site is in reach."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import download, progress
from sandbox.download import Say
from sandbox.errors import SandboxError
from sandbox.locks import lock
from sandbox.paths import private_dir, user_cache

SITE = "https://get.pulumi.com"
MEMORY = 24 * 3600.0
"""Seconds for which a failure is remembered."""
RETRY = "STATEFUL_WEB_RETRY"
"""The environment variable that makes it forget."""

PLUGIN = "pulumi-resource-kubernetes"


def environment() -> dict[str, str]:
    """For running a CLI so that it leaves the user's ~/.pulumi alone."""
    return os.environ | {"PULUMI_HOME": str(_folder() / "home"), "PULUMI_SKIP_UPDATE_CHECK": "true"}


def cli(version: str, say: Say) -> Path:
    """The CLI of this version, downloaded if need be. Raises SandboxError: why it cannot be had."""
    root = private_dir(_folder() / "pulumi") / version
    program = root / "bin" / "pulumi"

    def get(held: int) -> None:
        part = root.with_name(f"{version}.part")
        shutil.rmtree(part, ignore_errors=True)
        install = "import sys; from pulumi.automation import PulumiCommand; PulumiCommand.install(root=sys.argv[1])"
        _run(f"downloading pulumi {version}", [sys.executable, "-P", "-c", install, part], say, held)
        part.rename(root)

    return _have("pulumi", program, program.exists, get, say)


def plugin(version: str, pulumi: Path, say: Say) -> Path:
    """The plugin of this version, downloaded by the CLI `pulumi` if need be. Raises SandboxError as `cli` does."""
    folder = _folder() / "home" / "plugins" / f"resource-kubernetes-v{version}"

    def get(held: int) -> None:
        command: list[str | Path] = [pulumi, "plugin", "install", "resource", "kubernetes", version]
        # Else it would ask another site first, whose silence nobody has looked for.
        command += ["--server", f"{SITE}/releases/plugins"]
        _run(f"downloading {PLUGIN} {version}", command, say, held)

    return _have(PLUGIN, folder / PLUGIN, lambda: is_whole(folder), get, say)


def is_whole(folder: Path) -> bool:
    """Whether a folder of a plugin cache holds the kubernetes plugin, and no half of it."""
    return (folder / PLUGIN).exists() and not folder.with_name(f"{folder.name}.partial").exists()


def _have(name: str, path: Path, there: Callable[[], bool], get: Callable[[int], None], say: Say) -> Path:
    if there():
        return path
    _check_memory("site")
    _check_memory(name)
    if reason := download.no_answer(f"{SITE}/install.sh"):
        raise _remembered("site", f"{SITE.partition('://')[2]}: {reason}")
    with lock(user_cache() / "locks" / f"official-{name}", f"downloading {name}", say) as held:
        if not there():
            try:
                get(held)
            except SandboxError as error:
                raise _remembered(name, str(error).splitlines()[0]) from None
    if not there():
        raise _remembered(name, f"the download of {name} brought no {path.name}")
    return path


def _check_memory(name: str) -> None:
    note = _folder() / f"{name}.failed"
    if note.exists() and not os.environ.get(RETRY):
        hours = (note.stat().st_mtime + MEMORY - time.time()) / 3600
        if hours > 0:
            raise SandboxError(f"{note.read_text()} (asked again in {hours:.0f} h, or at once with {RETRY}=1)")


def _remembered(name: str, reason: str) -> SandboxError:
    (_folder() / f"{name}.failed").write_text(reason)
    return SandboxError(reason)


def _run(title: str, command: list[str | Path], say: Say, held: int) -> None:
    log = _folder() / "download.log"
    progress.run(title, command, log=log, say=say, env=environment(), cwd=_folder(), held=held, limit=download.LIMIT)


def _folder() -> Path:
    return private_dir(user_cache() / "official")
