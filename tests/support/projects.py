"""Pulumi projects in folders of their own, run by the real engine against a test's sandbox."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.rbac_authorization_v1 import ClusterRoleBinding
from lightkube.resources.storage_v1 import StorageClass

from sandbox.instance import Sandbox
from sandbox.kwok_cluster import kubectl
from sandbox.locks import lock
from sandbox.paths import ROOT
from tests.support import inline

RUN_THE_PROGRAM = {"up", "preview", "refresh", "destroy"}
"""Commands for which the engine wants a language host, if only to ask it for little."""
PROGRAM = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "settings.py", "components", "policies")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    output: str
    """What it said on both streams."""


@dataclass(frozen=True)
class Project:
    """A project folder with a stack ``dev`` of its own in a backend of its own."""

    folder: Path
    env: Mapping[str, str]
    namespace: str
    api: Client
    own_host: bool = False
    """Whether the engine starts a language host for each run, as a user's does; else this process is the host."""

    @classmethod
    @contextmanager
    def in_namespace(cls, box: Sandbox, folder: Path, namespace: str) -> "Iterator[Project]":
        """Copy the program; destroy the stack at the end, whatever has become of it."""
        made = cls._made(box, folder, namespace)
        try:
            yield made
        finally:
            made.pulumi("cancel", "--yes", check=False)
            made.pulumi("destroy", "--yes", "--skip-preview")

    @classmethod
    @contextmanager
    def in_new_namespace(cls, box: Sandbox, folder: Path) -> "Iterator[Project]":
        """Copy the program, with stack dev moved to a new namespace, which is deleted at the end with all in it.

        So is what a namespace can't hold, if its name begins with the namespace's.
        """
        namespace = f"test-{uuid4().hex[:8]}"
        api = Client(KubeConfig.from_file(box.cluster.kubeconfig))
        api.create(Namespace(metadata=ObjectMeta(name=namespace)))
        try:
            yield cls._made(box, folder, namespace)
        finally:
            kinds: tuple[Any, ...] = (Namespace, StorageClass, ClusterRoleBinding)
            for kind in kinds:
                for name in [found.metadata.name for found in api.list(kind)]:
                    if f"{name}-".startswith(f"{namespace}-"):
                        api.delete(kind, name)

    @classmethod
    def _made(cls, box: Sandbox, folder: Path, namespace: str) -> "Project":
        copy_of_the_program(folder)
        (folder / ".sandbox").symlink_to(box.state)
        backend = folder / "backend"
        env = os.environ | box.exports() | {"PULUMI_BACKEND_URL": backend.as_uri(), "PULUMI_STACK": "dev"}
        api = Client(KubeConfig.from_file(box.cluster.kubeconfig))
        made = cls(folder, env, namespace, api)
        made.configure({"namespace": namespace, "kubernetes:kubeconfig": str(box.cluster.kubeconfig)})
        blank = box.state / "blank-backend"
        with lock(blank.with_suffix(".lock"), "making the backend of all tests", print):
            if not blank.exists():
                backend.mkdir()
                made.pulumi("stack", "init", "dev")
                backend.rename(blank)
        shutil.copytree(blank, backend)
        return made

    def configure(self, values: Mapping[str, Any], *, remove: tuple[str, ...] = ()) -> None:
        """Override keys of the stack's config, as an editor would; dots lead into a key."""
        path = self.folder / "Pulumi.dev.yaml"
        stack = yaml.safe_load(path.read_text())
        override(stack["config"], values)
        for key in remove:
            stack["config"].pop(f"stateful-web:{key}", None)
        path.write_text(yaml.safe_dump(stack))

    def config(self) -> list[str]:
        """Return the keys of the stack's config that are the program's own."""
        return [key.removeprefix("stateful-web:") for key in self.values() if key.startswith("stateful-web:")]

    def values(self) -> dict[str, Any]:
        """Return the stack's config, by full key."""
        config: dict[str, Any] = yaml.safe_load((self.folder / "Pulumi.dev.yaml").read_text())["config"]
        return config

    def program(self, text: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(text)

    def pulumi(self, *args: str, check: bool = True) -> Ended:
        """Run the CLI; fail the test if it fails."""
        if self.own_host or args[0] not in RUN_THE_PROGRAM or not (self.folder / "__main__.py").exists():
            return self._cli(*args, check=check)
        with inline.serving(self.folder, self.env) as address:
            return self._cli(*args, f"--client={address}", "--exec-kind=auto.inline", check=check)

    def _cli(self, *args: str, check: bool) -> Ended:
        command = ["pulumi", *args, "--non-interactive", "--color=never"]
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not (check and ended.returncode), f"{command} ended with {ended.returncode}:\n{ended.stdout}"
        return Ended(ended.returncode, ended.stdout)

    def kubectl(self, *args: str, given: str = "") -> str:
        """Run kubectl in this project's namespace; return what it prints."""
        command = [str(kubectl()), "--namespace", self.namespace, *args]
        ended = subprocess.run(command, env=self.env, input=given, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        return ended.stdout

    def up(self, *args: str, check: bool = True) -> Ended:
        """Run ``pulumi up`` without asking; its preview is a test's own business."""
        return self.pulumi("up", "--yes", "--skip-preview", *args, check=check)

    @contextmanager
    def up_in_the_background(self, check: bool = True) -> "Iterator[Future[Ended]]":
        """Run ``up`` beside the block, which ends when both have."""
        with ThreadPoolExecutor(1) as threads:
            yield threads.submit(self.up, check=check)

    def preview(self, *args: str, check: bool = True) -> Ended:
        """Run ``pulumi preview``."""
        return self.pulumi("preview", *args, check=check)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").output)
        return outputs

    def state(self) -> list[dict[str, Any]]:
        """Return the resources of the stack's state."""
        exported = json.loads(self.pulumi("stack", "export").output)
        resources: list[dict[str, Any]] = exported["deployment"].get("resources", [])
        return resources

    def get(self, kind: Any, name: str) -> dict[str, Any]:
        """Read an object of this project's namespace from the API server."""
        found: dict[str, Any] = self.api.get(kind, name, namespace=self.namespace).to_dict()
        return found

    def list(self, kind: Any) -> "dict[str, dict[str, Any]]":
        """Read all objects of a kind in this project's namespace, by name."""
        return {item.metadata.name: item.to_dict() for item in self.api.list(kind, namespace=self.namespace)}

    def uids(self, kind: Any) -> dict[str, str]:
        """Read who they are: an object that was made anew has its name and another UID."""
        return {name: found["metadata"]["uid"] for name, found in self.list(kind).items()}


def override(config: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Override keys of a stack's config in place; dots lead into a key, and keys are the program's own by default."""
    for dotted, value in values.items():
        first, *rest = dotted.split(".")
        target, key = config, first if ":" in first else f"stateful-web:{first}"
        for part in rest:
            target, key = target.setdefault(key, {}), part
        target[key] = value


def copy_of_the_program(folder: Path) -> Path:
    """Copy the repository's own program, with the environment that a ``virtualenv`` of it names."""
    folder.mkdir(parents=True)
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder
