"""One sandbox: a project, its tools and its cluster, and the environment in which Pulumi and kubectl use them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from sandbox import toolchain
from sandbox.cluster import Cluster
from sandbox.node.cluster import NodeCluster
from sandbox.paths import private_dir
from sandbox.tools import Toolbox, find_tools

PASSPHRASE = "stateful-web-dev"  # noqa: S105 - published, so that every clone can use the committed stack file


@dataclass(frozen=True)
class Sandbox:
    """A Kubernetes and a Pulumi engine for one project folder; all state lies in its ``.sandbox/``."""

    project: Path
    say: Callable[[str], None]
    has_node: bool = False
    """Whether its cluster is the one with a real node; it lies beside that without."""
    verbose: bool = False
    """Whether to say which tools are used also if they are those of the last run."""

    @property
    def state(self) -> Path:
        """Where everything is kept that this sandbox makes."""
        return private_dir(self.project / ".sandbox")

    @cached_property
    def tools(self) -> Toolbox:
        """The Pulumi CLI, the kubernetes plugin and kubectl: looked for, or made, at first use."""
        return find_tools(self.say, self.state, verbose=self.verbose)

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster, whose programs are built at first use."""
        if self.has_node:
            return NodeCluster.of(self.state / "node", self.say)
        tools = cache(lambda: toolchain.ensure("kwok", toolchain.wanted_kubernetes(), say=self.say))
        return Cluster(self.state, tools, self.say)

    def exports(self) -> dict[str, str]:
        """Return the variables that make Pulumi and kubectl use this sandbox, and nothing of the user's."""
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
            **self.cluster.env(),
        }

    def run(self, *command: str, check: bool = True) -> int:
        """Run a program in the project's folder and this sandbox's environment; its output is the user's to see.

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
