"""Stack dev's scenario on a cluster that the user has: ``make up CONTEXT=name``, a context of their kubeconfig."""

import hashlib
import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.errors import SandboxError
from sandbox.instance import COMMAND, PROJECT, Engine, told_to_commands
from sandbox.kwok_cluster import kubectl
from sandbox.paths import private_dir

CONTEXT = "context-"
"""Begins the names of such stacks."""
NAMESPACE = "stateful-web-dev"
"""Where all of it goes; it stays when the stack is destroyed, since the claims live in it."""
IMAGE = "registry.k8s.io/nginx-slim:0.27"
"""A current tag: container runtimes of today may refuse that of stack dev, which is ten years old."""
SECONDS = 10
"""In which the cluster has to answer."""
DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


@dataclass(frozen=True)
class OwnCluster(Engine):
    """The engine with a stack for one context of the user's kubeconfig; its state lies beside the sandbox's."""

    context: str = ""

    @property
    def stack(self) -> str:
        """The stack's name, of characters that such a name may have."""
        name = re.sub(r"[^\w.-]", "-", self.context, flags=re.ASCII)[:80]
        if name != self.context:
            name += f"-{hashlib.sha256(self.context.encode()).hexdigest()[:8]}"
        return f"{CONTEXT}{name}"

    @property
    def settings(self) -> Path:
        """The stack's settings, which are the user's to change once they are made."""
        return self.project / f"Pulumi.{self.stack}.yaml"

    def exports(self) -> dict[str, str]:
        """Return the variables that make Pulumi use this stack; which kubeconfig is used stays the user's choice."""
        option = shlex.quote(f"CONTEXT={self.context}")
        return {
            **super().exports(),
            "PULUMI_STACK": self.stack,
            "KUBECACHEDIR": str(private_dir(self.state / "kube-cache")),
            **told_to_commands(self.stack, {"up": f"make up {option}", "env": f"make -s env {option}"}),
        }

    def exists(self) -> bool:
        """Say whether there is a state of the stack."""
        return any((self.state / "backend" / ".pulumi" / "stacks" / PROJECT).glob(f"{self.stack}.json*"))

    def up(self) -> None:
        """Say what is about to happen, make namespace and settings if they are not there, and deploy."""
        server = self._server()
        self._make_settings()
        for line in self._plan(server):
            self.say(line)
        self._make_namespace()
        self.deploy(self.stack)
        option = f"CONTEXT={self.context}"
        self.say(f'Done. By hand from here: eval "$(make -s env {option})", then pulumi. To end it: make down {option}')

    def down(self) -> None:
        """Destroy the stack; its claims and their namespace stay, and are listed."""
        if not self.exists():
            print(f"Nothing was deployed by context {self.context} from here: nothing to bring down.")
            return
        self.say(f"This destroys stack {self.stack}, on the cluster of context {self.context} ({self._server()})")
        self._make_settings()
        self.destroy(self.stack)
        print(f"These stay, and the next `make up CONTEXT={self.context}` finds them:", flush=True)
        self.run(*COMMAND, "claims", "--stack", self.stack)
        all_of_it = f"kubectl --context {self.context} delete namespace {self._setting('namespace')}"
        print(f"Their namespace stays, too. This deletes it with all that is in it: {all_of_it}")

    def _server(self) -> str:
        """Return where the context leads. Raises ``SandboxError`` if there is no such context."""
        known = self._ask("config", "get-contexts", "--output=name").split()
        if self.context not in known:
            where = os.environ.get("KUBECONFIG") or "~/.kube/config"
            raise SandboxError(
                f'CONTEXT is "{self.context}": the kubeconfig ({where}) has no such context (it has: '
                f"{', '.join(sorted(known)) or 'none'}). Name one of these, or set KUBECONFIG to the file that has it."
            )
        server = "jsonpath={.clusters[0].cluster.server}"
        return self._ask("config", "view", "--minify", "--context", self.context, "--output", server)

    def _setting(self, key: str) -> Any:
        """Return a setting of the stack. Raises ``SandboxError`` if it has been removed."""
        config = yaml.safe_load(self.settings.read_text())["config"]
        try:
            return config[f"stateful-web:{key}"]
        except KeyError:
            raise SandboxError(
                f"{self.settings.name} has no stateful-web:{key}: set it, or remove the file to have stack dev's again."
            ) from None

    def _plan(self, server: str) -> list[str]:
        replicas, image, storage = map(self._setting, ("replicas", "image", "storage"))
        return [
            f"This deploys stack dev's scenario to the cluster of context {self.context} ({server}):",
            f"  namespace {self._setting('namespace')}, which is made if it is not there, and nothing outside of it;",
            f"  StatefulSet web, {replicas} pods of {image}, and its headless Service;",
            f"  for each pod a claim of {storage['size']}, {self._class(storage.get('storageClassName'))}.",
            f"Settings: {self.settings.name}. State: {self.state / 'backend'}.",
        ]

    def _class(self, named: str | None) -> str:
        if named is not None:
            return f"StorageClass {named}"
        classes = self._get("storageclasses")["items"]
        defaults = [
            found["metadata"]["name"]
            for found in classes
            if any((found["metadata"].get("annotations") or {}).get(key) == "true" for key in DEFAULT_CLASS)
        ]
        return f"the cluster's default StorageClass ({', '.join(defaults) or 'it has none'})"

    def _make_settings(self) -> None:
        """Write stack dev's settings, moved to this cluster: its default class, and a namespace of its own."""
        if self.settings.exists():
            return
        made: dict[str, Any] = yaml.safe_load((self.project / "Pulumi.dev.yaml").read_text())
        config = made["config"]
        del config["kubernetes:kubeconfig"]
        config["stateful-web:storage"].pop("storageClassName", None)
        made["config"] = {
            "kubernetes:context": self.context,
            **config,
            "stateful-web:namespace": NAMESPACE,
            "stateful-web:image": IMAGE,
        }
        self.settings.write_text(yaml.safe_dump(made, sort_keys=False))

    def _make_namespace(self) -> None:
        names = {found["metadata"]["name"] for found in self._get("namespaces")["items"]}
        if (namespace := self._setting("namespace")) not in names:
            self._ask("create", "namespace", namespace, "--context", self.context)

    def _get(self, kind: str) -> Any:
        return json.loads(self._ask("get", kind, "--context", self.context, "--output=json"))

    def _ask(self, *args: str) -> str:
        """Run kubectl with the user's kubeconfig. Raises ``SandboxError`` with its words."""
        command = [str(kubectl()), *args, f"--request-timeout={SECONDS}s"]
        env = os.environ | {"KUBECACHEDIR": str(private_dir(self.state / "kube-cache"))}
        ended = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ended.returncode:
            words = (ended.stderr.strip() or "it said nothing").splitlines()[-1]
            raise SandboxError(f"kubectl {' '.join(args[:2])} failed with context {self.context}: {words}")
        return ended.stdout
