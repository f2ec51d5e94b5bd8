"""A project and its tools, with a sandbox's cluster or without, and the environment in which Pulumi uses them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from sandbox import toolchain
from sandbox.errors import SandboxError
from sandbox.kwok_cluster import Cluster
from sandbox.node.node_cluster import NodeCluster
from sandbox.paths import private_dir
from sandbox.tools import Toolbox, find_tools

PROJECT = "stateful-web"
COMMAND = (sys.executable, "-m", "stateful_web.cli")
"""The command ``stateful-web`` of this environment."""
PACKS = ("policies/stateful", "policies/hardening")
PASSPHRASE = "stateful-web-dev"  # noqa: S105 - published, so that every clone can use the committed stack file


@dataclass(frozen=True)
class Engine:
    """A Pulumi engine for one project folder; all state lies in its ``.sandbox/``."""

    project: Path
    say: Callable[[str], None]
    verbose: bool = field(default=False, kw_only=True)
    """Whether to say which tools are used also if they are those of the last run."""

    @property
    def state(self) -> Path:
        """Where everything is kept that is made for it."""
        return private_dir(self.project / ".sandbox")

    @cached_property
    def tools(self) -> Toolbox:
        """The Pulumi CLI, the kubernetes plugin and kubectl: looked for, or made, at first use."""
        return find_tools(self.say, self.state, verbose=self.verbose)

    def exports(self) -> dict[str, str]:
        """Return the variables that make Pulumi use this engine, and nothing of the user's."""
        return {
            # Python programs anywhere find pulumi and pulumi_kubernetes by the environment's python.
            "PATH": os.pathsep.join(
                [*map(str, self.tools.bin_dirs), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
            ),
            "PULUMI_BACKEND_URL": private_dir(self.state / "backend").as_uri(),
            "PULUMI_HOME": str(private_dir(self.state / "pulumi")),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "false",  # the stand-in is one
        }

    def deploy(self, stack: str) -> None:
        """Run ``pulumi up`` with both packs and show what is there; go on after a killed run."""
        self._settle(stack)
        self.say(f"pulumi up of stack {stack}, with the policy packs {' and '.join(PACKS)}")
        code = self.run("pulumi", "up", "--stack", stack, "--yes", "--non-interactive", *pack_options(), check=False)
        self.run(*COMMAND, "status", "--stack", stack)
        if code:
            raise SandboxError(f"pulumi up failed (exit code {code}): its own words are above.")

    def destroy(self, stack: str) -> None:
        """Run ``pulumi destroy``; go on after a killed run."""
        self._settle(stack)
        self.run("pulumi", "destroy", "--stack", stack, "--yes", "--non-interactive")

    def _settle(self, stack: str) -> None:
        """Have the stack, and nothing in it that a killed run has left pending."""
        self.run("pulumi", "stack", "select", "--create", stack)
        self.run(*COMMAND, "recover", "--stack", stack, "--quiet")

    def run(self, *command: str, check: bool = True) -> int:
        """Run a program in the project's folder and this engine's environment; its output is the user's to see.

        Return its exit code; with ``check``, raise ``CommandFailed`` if it is not 0.
        """
        env = os.environ | self.exports()
        with subprocess.Popen(command, cwd=self.project, env=env, stdin=subprocess.DEVNULL) as process:
            code = _wait(process)
        if check and code:
            raise CommandFailed(command, code)
        return code

    def read(self, *command: str) -> str:
        """Run a program as ``run`` does and return what it prints; what it says beside that is the user's to see."""
        env = os.environ | self.exports()
        ended = subprocess.run(
            command, cwd=self.project, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode:
            raise CommandFailed(command, ended.returncode)
        return ended.stdout


@dataclass(frozen=True)
class Sandbox(Engine):
    """A Kubernetes and a Pulumi engine for one project folder."""

    has_node: bool = False
    """Whether its cluster is the one with a real node; it lies beside that without."""

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster, whose programs are built at first use."""
        if self.has_node:
            return NodeCluster.of(self.state / "node", self.say)
        tools = cache(lambda: toolchain.ensure("kwok", toolchain.wanted_kubernetes(), say=self.say))
        return Cluster(self.state, tools, self.say)

    @property
    def stack(self) -> str:
        """The stack that it is made for."""
        return "node" if self.has_node else "dev"

    @property
    def targets(self) -> dict[str, str]:
        """The make targets of it, for what its user is told."""
        if self.has_node:
            return {"up": "make node", "down": "make node-down", "env": "make -s env NODE=1"}
        return {"up": "make up", "down": "make down", "env": "make -s env"}

    def exports(self) -> dict[str, str]:
        """Return the variables that make Pulumi and kubectl use this sandbox, and nothing of the user's."""
        return {**super().exports(), **self.cluster.env(), **told_to_commands(self.stack, self.targets)}


def told_to_commands(stack: str, targets: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which the command ``stateful-web`` names the make targets of a stack."""
    return {
        "STATEFUL_WEB_STACK": stack,
        "STATEFUL_WEB_START": targets["up"],
        "STATEFUL_WEB_SHELL_SETUP": f'eval "$({targets["env"]})"',
    }


def pack_options() -> list[str]:
    """Return the CLI's options for the packs with stack dev's configuration, which serves the other stacks, too."""
    return [
        option
        for pack in PACKS
        for option in ("--policy-pack", pack, "--policy-pack-config", f"{pack}/policy-config.dev.json")
    ]


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a child that gets an interrupt from the terminal as we do, and ends what it does in its own way.

    Raises ``KeyboardInterrupt`` when it has.
    """
    interrupted = False
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code


class CommandFailed(Exception):
    """A program that has said itself what went wrong."""

    def __init__(self, command: tuple[str, ...], code: int) -> None:
        super().__init__(f"{shlex.join(command)} ended with exit code {code}.")
