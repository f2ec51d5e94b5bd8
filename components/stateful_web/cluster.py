"""Facts of the cluster that a component's provider talks to, found with the kubernetes plugin's own precedence."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi
import yaml
from pulumi.output import contains_unknowns

from . import login
from .storage import StorageClass

if TYPE_CHECKING:
    from lightkube import Client

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
PATH_MAX = 4096
"""Length that no path on Linux or macOS has."""


class ClusterUnavailable(pulumi.RunError):
    """The cluster could not be asked; the message says which, why, and what to do."""


class NotAllowed(Exception):
    """The user of the kubeconfig may not list what was asked for."""


@dataclass(frozen=True)
class ClusterAccess:
    """How a provider reaches its cluster; ``None`` where the environment decides."""

    kubeconfig: str | None = None
    """Path of a kubeconfig, or its text."""
    context: str | None = None
    cluster: str | None = None

    @property
    def path(self) -> str | None:
        """Of the kubeconfig, for people to read; ``None`` for a text, which holds credentials."""
        given = self.kubeconfig
        is_text = given is not None and ("\n" in given or given.lstrip().startswith("{") or len(given) >= PATH_MAX)
        return None if is_text else given


def default_access() -> ClusterAccess:
    """Return the access of the default provider: the stack's ``kubernetes:*`` config."""
    config = pulumi.Config("kubernetes")
    return ClusterAccess(config.get("kubeconfig"), config.get("context"), config.get("cluster"))


def provider_access(provider: pulumi.ProviderResource) -> "pulumi.Output[ClusterAccess]":
    """Return the access of an explicit provider; unknown where its inputs are."""
    inputs: list[Any] = [getattr(provider, key, None) for key in ("kubeconfig", "context", "cluster")]

    async def read() -> list[Any]:
        # A preview takes what was left out for unknown; seen like this, it is None, and only the rest unknown.
        return [await given.future(with_unknowns=True) if given is not None else None for given in inputs]

    values = asyncio.ensure_future(read())

    async def access() -> ClusterAccess:
        return ClusterAccess(*await values)

    async def is_known() -> bool:
        # To a component that is hosted for another language, a provider is no more than a reference.
        return hasattr(provider, "kubeconfig") and not contains_unknowns(await values)

    return pulumi.Output(set(), asyncio.ensure_future(access()), asyncio.ensure_future(is_known()))


# One list call for each cluster (and namespace) and run of a program, however many components ask.
_of_runs: "WeakKeyDictionary[Any, dict[Any, Any]]" = WeakKeyDictionary()


def _once_a_run(key: Any, ask: Callable[[], T]) -> T:
    of_this_run = _of_runs.setdefault(pulumi.runtime.settings.get_monitor(), {})
    if key not in of_this_run:
        of_this_run[key] = ask()
    found: T = of_this_run[key]
    return found


def storage_classes(access: ClusterAccess) -> Sequence[StorageClass]:
    """Return the cluster's StorageClasses.

    Raises ``NotAllowed`` if this user may not list them, ``ClusterUnavailable`` if the cluster can not be asked.
    """

    def ask() -> Sequence[StorageClass]:
        # Imported late: a program that does not look anything up does not pay for a client.
        from lightkube.resources.storage_v1 import StorageClass as Resource

        found = [item.to_dict() for item in _list(access, Resource, "StorageClasses")]
        return [
            StorageClass(
                name=item["metadata"]["name"],
                provisioner=item["provisioner"],
                is_default=_is_default(item["metadata"]),
                can_grow=bool(item.get("allowVolumeExpansion")),
                created=str(item["metadata"].get("creationTimestamp", "")),
            )
            for item in found
        ]

    return _once_a_run(access, ask)


def stateful_sets(access: ClusterAccess, namespace: str) -> Mapping[str, dict[str, Any]]:
    """Return the live StatefulSets of a namespace by name; raises as ``storage_classes`` does."""

    def ask() -> Mapping[str, dict[str, Any]]:
        from lightkube.resources.apps_v1 import StatefulSet

        found = _list(access, StatefulSet, "StatefulSets", namespace=namespace)
        return {item.metadata.name: item.to_dict() for item in found}

    return _once_a_run((access, namespace), ask)


def claims(access: ClusterAccess, namespace: str) -> Mapping[str, dict[str, Any]]:
    """Return the live claims of a namespace by name; raises as ``storage_classes`` does."""

    def ask() -> Mapping[str, dict[str, Any]]:
        from lightkube.resources.core_v1 import PersistentVolumeClaim

        found = _list(access, PersistentVolumeClaim, "PersistentVolumeClaims", namespace=namespace)
        return {item.metadata.name: item.to_dict() for item in found}

    return _once_a_run((access, namespace, "claims"), ask)


def _list(access: ClusterAccess, kind: Any, what: str, **where: Any) -> list[Any]:
    import httpx2
    from lightkube.core.exceptions import ApiError

    api: Any = _once_a_run((access, "client"), lambda: client(access))
    try:
        return list(api.list(kind, **where))
    except ApiError as error:
        if error.status.code == 403:
            raise NotAllowed(str(error.status.message)) from error
        raise ClusterUnavailable(f"{_described(access)} refused to list {what}: {error}.") from error
    except httpx2.TransportError as error:
        raise ClusterUnavailable(
            f"{_described(access)} does not answer at {api.config.cluster.server} ({error}). Start the cluster, or "
            "set storage.verify to false to plan without looking the StorageClass up."
        ) from error


def _is_default(metadata: Mapping[str, Any]) -> bool:
    annotations = metadata.get("annotations") or {}
    return bool(annotations.get("storageclass.kubernetes.io/is-default-class") == "true")


def client(access: ClusterAccess) -> "Client":
    """Return a client of the cluster, logged in.

    Raises ``ClusterUnavailable`` if the kubeconfig leads nowhere, or its login command fails.
    """
    import httpx2
    from lightkube import Client, KubeConfig
    from lightkube.config.models import User
    from lightkube.core.exceptions import ConfigError

    try:
        merged = _kubeconfig(access)
        config = KubeConfig.from_dict(merged) if merged else KubeConfig.from_service_account()
        single = config.get(access.context)
        if single is None:
            raise ConfigError("it has no current context")
        if access.cluster:
            single = single._replace(cluster=config.clusters[access.cluster])
        user = single.user or User()
        if user.token_file and not Path(user.token_file).is_file():
            raise ConfigError(f"there is no token file {user.token_file}")
        single = single._replace(user=login.user(user.exec) if user.exec else user)
        return Client(config=single, timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
    except login.LoginFailed as error:
        raise ClusterUnavailable(
            f"{_described(access)} can not be used ({error}). See to it that kubectl works with this kubeconfig."
        ) from error
    except (ConfigError, KeyError, TypeError, ValueError, OSError) as error:
        raise ClusterUnavailable(
            f"{_described(access)} can not be used ({error}). Set kubernetes:kubeconfig to the path of a kubeconfig, "
            "and kubernetes:context to one of its contexts."
        ) from error


def _kubeconfig(access: ClusterAccess) -> dict[str, Any] | None:
    """Return the kubeconfig as one map, merged as kubectl does: the first file that has a name wins."""
    if access.kubeconfig:
        path = Path(access.path).expanduser() if access.path else None
        return _read(path) if path and path.is_file() else _parse(access.kubeconfig)
    paths = os.environ.get("KUBECONFIG", "~/.kube/config").split(os.pathsep)
    files = [_read(path) for path in (Path(p).expanduser() for p in paths if p) if path.is_file()]
    if not files:
        return None
    merged: dict[str, Any] = {key: _first_by_name(files, key) for key in ("clusters", "contexts", "users")}
    merged["current-context"] = next((f["current-context"] for f in files if f.get("current-context")), None)
    return merged


def _first_by_name(files: Sequence[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    by_name: dict[str, Mapping[str, Any]] = {}
    for entry in (entry for file in files for entry in file.get(key) or ()):
        by_name.setdefault(entry["name"], entry)
    return list(by_name.values())


def _read(path: Path) -> dict[str, Any]:
    """Read a kubeconfig file; the paths in it are relative to it."""
    config, folder = _parse(path.read_text()), path.parent.resolve()
    for kind in ("cluster", "user"):
        for entry in config.get(f"{kind}s") or ():
            for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile"):
                if key in entry.get(kind, {}):
                    entry[kind][key] = str(folder / entry[kind][key])
            how = entry.get(kind, {}).get("exec") or {}
            # A name without a folder is looked for on PATH.
            if "/" in how.get("command", ""):
                how["command"] = str(folder / how["command"])
    return config


def _parse(text: str) -> dict[str, Any]:
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The error's own words repeat the text, which holds credentials.
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 1
        raise ValueError(f"it is not YAML: line {line}") from None
    if not isinstance(config, dict):
        raise ValueError("it is neither a file nor the text of a kubeconfig")
    return config


def _described(access: ClusterAccess) -> str:
    if access.kubeconfig is None:
        source = "KUBECONFIG or ~/.kube/config"
    else:
        source = f"kubernetes:kubeconfig ({access.path or 'a kubeconfig given as text'})"
    return f"The cluster of {source}" + (f', context "{access.context}",' if access.context else "")
