"""Which cluster the provider talks to, with the official plugin's precedence.

The provider's kubeconfig (a path or the text itself) comes first, then the files of KUBECONFIG, then
``~/.kube/config``; its context, cluster and namespace override what these say.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec
import yaml
from lightkube.config.client_adapter import user_auth, verify_cluster
from lightkube.config.models import Cluster, User
from lightkube.core.exceptions import ConfigError

from sandbox.kubernetes_plugin.errors import Object, Unreachable

CONNECT_SECONDS, READ_SECONDS = 10, 60
_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class Connection:
    """One cluster, one user, and the namespace of objects that name none."""

    cluster: Object
    user: Object
    namespace: str

    def client(self) -> httpx2.Client:
        """Return a client of the API server that logs in as the user, by a command if need be.

        Raises Unreachable when the certificates or the login can't be used.
        """
        try:
            cluster, user = msgspec.convert(self.cluster, Cluster), msgspec.convert(self.user, User)
            return httpx2.Client(
                base_url=cluster.server,
                auth=user_auth(user),
                verify=verify_cluster(cluster, user, lambda file: file),
                # Waits are many requests at once.
                limits=httpx2.Limits(max_connections=None),
                timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            )
        except (ConfigError, ValueError, OSError) as error:
            raise _unusable(str(error)) from error


def connection(settings: Mapping[str, str]) -> Connection:
    """Choose the connection by the provider's settings and the environment.

    Raises Unreachable when there is no kubeconfig, or what it says does not fit together.
    """
    config = read(settings["kubeconfig"]) if settings.get("kubeconfig") else ambient()
    chosen = settings.get("context") or config.get("current-context")
    if not chosen:
        raise _unusable("no configuration has been provided" if not config else "it has no current context")
    context = named(config, "context", chosen)
    cluster = settings.get("cluster") or context.get("cluster") or ""
    user = context.get("user")
    return Connection(
        cluster=named(config, "cluster", cluster),
        user=named(config, "user", user) if user else {},
        namespace=settings.get("namespace") or context.get("namespace") or "default",
    )


def read(path_or_text: str) -> Object:
    """Read a kubeconfig from a file, or from the text itself.

    Raises Unreachable when it is neither.
    """
    text = path_or_text
    try:
        path = Path(path_or_text).expanduser()
        text = path.read_text()
    except (OSError, ValueError, RuntimeError):
        pass  # Not a path: the text itself.
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _unparsable("it is not YAML") from error
    if not isinstance(config, dict):
        raise _unparsable("it is neither a kubeconfig nor the path of one")
    return config


def ambient() -> Object:
    """Merge the files of KUBECONFIG, or read ``~/.kube/config``; the first to name a thing defines it."""
    paths = os.environ.get("KUBECONFIG") or "~/.kube/config"
    merged: Object = {}
    for path in (Path(entry).expanduser() for entry in paths.split(os.pathsep) if entry):
        if not path.is_file():
            continue
        config = read(str(path))
        merged.setdefault("current-context", None)
        merged["current-context"] = merged["current-context"] or config.get("current-context")
        for kind in ("cluster", "context", "user"):
            for entry in config.get(f"{kind}s") or []:
                body = entry.get(kind) or {}
                # Relative to the file that says it.
                files: Object = {key: str(path.parent / body[key]) for key in _FILES if body.get(key)}
                login = body.get("exec") or {}
                if "/" in login.get("command", ""):
                    files["exec"] = login | {"command": str(path.parent / login["command"])}
                merged.setdefault(f"{kind}s", []).append({**entry, kind: body | files})
    return merged


def named(config: Object, kind: str, wanted: str) -> Object:
    """Return a context, cluster or user of a kubeconfig; raises Unreachable when it has none of that name."""
    for entry in config.get(f"{kind}s") or []:
        if entry.get("name") == wanted:
            return entry.get(kind) or {}
    raise _unusable(f'{kind} "{wanted}" does not exist')


def _unusable(why: str) -> Unreachable:
    return Unreachable(f"unable to load Kubernetes client configuration from kubeconfig file: {why}")


def _unparsable(why: str) -> Unreachable:
    return Unreachable(f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`: {why}")
