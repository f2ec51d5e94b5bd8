"""How a provider reaches its cluster: a kubeconfig, found with the kubernetes plugin's own precedence."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi
import yaml
from pulumi.output import contains_unknowns

from . import login
from .proxies import proxy_to

if TYPE_CHECKING:
    from httpx2 import BaseTransport
    from lightkube import Client
    from lightkube.config.kubeconfig import SingleConfig

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
PATH_MAX = 4096
"""Length that no path on Linux or macOS has."""


class ClusterUnavailable(pulumi.RunError):
    """The cluster could not be asked; the message says which, why, and what to do."""


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

    @property
    def described(self) -> str:
        """As the subject of a sentence, by where it was found."""
        if self.kubeconfig is None:
            source = "KUBECONFIG or ~/.kube/config"
        else:
            source = f"kubernetes:kubeconfig ({self.path or 'a kubeconfig given as text'})"
        return f"The cluster of {source}" + (f', context "{self.context}",' if self.context else "")


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
        entry = _entry(merged or {}, access.cluster or single.context.cluster)
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        return Client(config=single, timeout=timeout, transport=_way(single, entry))
    except login.LoginFailed as error:
        raise ClusterUnavailable(
            f"{access.described} can not be used ({error}). See to it that kubectl works with this kubeconfig."
        ) from error
    except (ConfigError, KeyError, TypeError, ValueError, OSError, httpx2.InvalidURL) as error:
        raise ClusterUnavailable(
            f"{access.described} can not be used ({error}). Set kubernetes:kubeconfig to the path of a kubeconfig, "
            "and kubernetes:context to one of its contexts."
        ) from error


def namespace(access: ClusterAccess) -> str | None:
    """Return the namespace of the context that is used; ``None`` if it names none, or there is no such context."""
    from lightkube import KubeConfig
    from lightkube.core.exceptions import ConfigError

    try:
        merged = _kubeconfig(access)
        single = KubeConfig.from_dict(merged).get(access.context) if merged else None
    except (ConfigError, KeyError, TypeError, ValueError, OSError):
        return None
    return single.context.namespace or None if single else None


def _entry(kubeconfig: Mapping[str, Any], cluster: str) -> Mapping[str, Any]:
    entries = kubeconfig.get("clusters") or ()
    found: Mapping[str, Any] = next((entry["cluster"] for entry in entries if entry["name"] == cluster), {})
    return found


def _way(config: "SingleConfig", entry: Mapping[str, Any]) -> "BaseTransport":
    """Return the way to a cluster with the ``proxy-url`` and ``tls-server-name`` of its entry, unknown to lightkube."""
    from httpx2 import HTTPTransport
    from lightkube.config.client_adapter import verify_cluster
    from lightkube.config.models import User

    context = verify_cluster(config.cluster, config.user or User(), config.abs_file)
    if server_name := entry.get("tls-server-name"):
        # By the context: a request that names its server loses the name in a proxy's tunnel.
        context.wrap_socket = _named(context.wrap_socket, server_name)  # type: ignore[method-assign]
        context.wrap_bio = _named(context.wrap_bio, server_name)  # type: ignore[method-assign]
    proxy = entry.get("proxy-url") or proxy_to(config.cluster.server)
    return HTTPTransport(verify=context, proxy=str(proxy) if proxy else None)


def _named(wrap: Callable[..., T], server_name: str) -> Callable[..., T]:
    def wrapped(*args: Any, **how: Any) -> T:
        return wrap(*args, **how | {"server_hostname": server_name})

    return wrapped


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
