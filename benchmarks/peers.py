"""What the same objects cost in other tools: cdk8s, Helm and kubectl."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks import programs
from benchmarks.sampling import seconds
from sandbox import toolchain
from sandbox.paths import ROOT
from tests.support.projects import Project

CDK8S = "cdk8s==2.70.115"
OURS = """
from benchmarks.programs import objects
from components.stateful_web.cli.render import as_yaml

print(as_yaml(objects({count}, "{namespace}")), end="")
"""


def run(command: list[str], folder: Path) -> str:
    """Run a peer; raise with its words if it fails."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{command[0]} failed: {ended.stderr[-2000:]}")
    return ended.stdout


def require_same(wanted: str, made: str, tool: str) -> None:
    """Refuse to measure what does not do the same work."""

    def objects(text: str) -> list[str]:
        return sorted(json.dumps(obj, sort_keys=True) for obj in yaml.safe_load_all(text) if obj)

    if objects(wanted) != objects(made):
        raise RuntimeError(f"{tool} makes other objects")


class Renderers:
    """Each writes the same objects as YAML; checked before anything is measured."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._helm = toolchain.ensure("helm")[0] / "helm"
        self._cdk8s: Path | None = None
        if shutil.which("node"):
            self._cdk8s = folder / "cdk8s"
            run([sys.executable, "-m", "venv", str(self._cdk8s)], folder)
            run([str(self._cdk8s / "bin" / "pip"), "install", "--quiet", CDK8S], folder)

    def works(self, count: int) -> dict[str, Callable[[], float]]:
        """Return what to measure, by tool."""
        namespace, folder = "default", self._folder / str(count)
        folder.mkdir()
        chart = programs.chart(folder / "chart", count, namespace)
        commands = {
            "ours": [sys.executable, "-c", OURS.format(count=count, namespace=namespace)],
            "helm template": [str(self._helm), "template", "web", str(chart)],
        }
        wanted = run(commands["ours"], ROOT)
        require_same(wanted, run(commands["helm template"], folder), "helm")
        if self._cdk8s:
            app = programs.cdk8s_app(folder / "app.py", count, namespace)
            commands["cdk8s synth"] = [str(self._cdk8s / "bin" / "python"), str(app)]
            run(commands["cdk8s synth"], folder)
            written = "---\n".join(path.read_text() for path in sorted((folder / "dist").glob("*.yaml")))
            require_same(wanted, written, "cdk8s")

        def work(command: list[str]) -> Callable[[], float]:
            where = ROOT if command == commands["ours"] else folder
            return lambda: seconds(lambda: run(command, where))

        return {name: work(command) for name, command in commands.items()}


def apply(project: Project, count: int) -> None:
    """Apply the objects on the server side, as somebody without Pulumi would again and again."""
    given = yaml.safe_dump_all(programs.objects(count, project.namespace))
    project.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", given=given)
