"""Reads kubeconfigs as client-go does: which files, which of their entries, and what an entry may say.

https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, and ``tools/clientcmd`` of client-go. As there, ``null``
and an empty value mean that nothing is given.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod has the credentials of its service account."""
PROXY_SCHEMES = ("http", "https", "socks5")


class Unusable(Exception):
    """A kubeconfig can't be used; the message says why, and repeats no credentials."""


class NothingChosen(Unusable):
    """No kubeconfig names a cluster to use."""


class Extension(msgspec.Struct):
    """What a program has added to an entry."""

    name: str | None = None
    extension: Any = None


class Cluster(msgspec.Struct, rename="kebab"):
    """An API server and how to reach it: ``clusters[].cluster``."""

    server: str | None = None
    tls_server_name: str | None = None
    insecure_skip_tls_verify: bool | None = None
    certificate_authority: str | None = None
    certificate_authority_data: str | None = None
    proxy_url: str | None = None
    disable_compression: bool | None = None
    extensions: list[Extension] | None = None

    def problems(self) -> Iterator[str]:
        """Say what client-go would refuse."""
        if not self.server:
            yield "has no server"
        if self.proxy_url and self.proxy_url.partition("://")[0] not in PROXY_SCHEMES:
            yield f"has a proxy-url that does not begin with one of {', '.join(PROXY_SCHEMES)}"
        if self.certificate_authority and self.certificate_authority_data:
            yield "has certificate-authority and certificate-authority-data: one of them is expected"
        if self.insecure_skip_tls_verify and (self.certificate_authority or self.certificate_authority_data):
            yield "has a certificate authority and insecure-skip-tls-verify: one of them is expected"


class Variable(msgspec.Struct):
    """One more variable of a login command's environment."""

    name: str | None = None
    value: str | None = None


class Login(msgspec.Struct, rename="camel"):
    """A command that logs in: ``users[].user.exec``."""

    command: str | None = None
    args: list[str] | None = None
    env: list[Variable] | None = None
    api_version: str | None = None
    install_hint: str | None = None
    provide_cluster_info: bool | None = None
    interactive_mode: str | None = None

    @property
    def mode(self) -> str | None:
        """Whether the command may ask somebody: ``Never``, ``IfAvailable`` or ``Always``."""
        default = "IfAvailable" if self.api_version == "client.authentication.k8s.io/v1beta1" else None
        return self.interactive_mode or default

    def problems(self) -> Iterator[str]:
        """Say what client-go would refuse."""
        if not self.command:
            yield "has a login without a command"
        if self.api_version not in ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"):
            yield "has a login whose apiVersion is not client.authentication.k8s.io/v1 or v1beta1"
        if self.mode not in ("Never", "IfAvailable", "Always"):
            yield "has a login whose interactiveMode is not one of Never, IfAvailable, Always"
        if not all(variable.name for variable in self.env or ()):
            yield "has a login with an environment variable that has no name"


class User(msgspec.Struct, rename="kebab"):
    """Who asks: ``users[].user``."""

    client_certificate: str | None = None
    client_certificate_data: str | None = None
    client_key: str | None = None
    client_key_data: str | None = None
    token: str | None = None
    token_file: str | None = msgspec.field(name="tokenFile", default=None)
    username: str | None = None
    password: str | None = None
    impersonated: str | None = msgspec.field(name="as", default=None)
    as_uid: str | None = None
    as_groups: list[str] | None = None
    as_user_extra: dict[str, list[str] | None] | None = None
    exec: Login | None = None
    auth_provider: dict[str, Any] | None = None

    @property
    def has_certificate(self) -> bool:
        """Whether there is a client certificate; a key alone counts for nothing."""
        return bool(self.client_certificate or self.client_certificate_data)

    @property
    def has_own_login(self) -> bool:
        """Whether there is something to log in by without a command."""
        return bool(self.token or self.token_file or self.username or self.has_certificate)

    def problems(self) -> Iterator[str]:
        """Say what client-go would refuse."""
        if (self.token and (self.username or self.password)) or (self.token_file and self.username):
            yield "has a token and a user name or password: one of them is expected"
        if self.has_certificate:
            for what in ("client_certificate", "client_key"):
                file, key = what.replace("_", "-"), what.replace("_", "-") + "-data"
                if getattr(self, what) and getattr(self, f"{what}_data"):
                    yield f"has {file} and {key}: one of them is expected"
            if not (self.client_key or self.client_key_data):
                yield "has a client-certificate and no client-key"
        if (self.as_uid or self.as_groups or self.as_user_extra) and not self.impersonated:
            yield "has as-uid, as-groups or as-user-extra without as, the user that they belong to"
        if self.exec:
            yield from self.exec.problems()
        if self.auth_provider is not None and not (self.token or self.token_file or self.username):
            yield "logs in by an auth-provider, which is not supported: a login command (exec) is expected"


class Context(msgspec.Struct):
    """Which cluster is asked by which user: ``contexts[].context``."""

    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None


class _NamedCluster(msgspec.Struct):
    name: str | None = None
    cluster: Cluster | None = None


class _NamedUser(msgspec.Struct):
    name: str | None = None
    user: User | None = None


class _NamedContext(msgspec.Struct):
    name: str | None = None
    context: Context | None = None


class _File(msgspec.Struct, rename="kebab"):
    kind: str | None = None
    api_version: str | None = msgspec.field(name="apiVersion", default=None)
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None
    contexts: list[_NamedContext] | None = None
    current_context: str | None = None


@dataclass(frozen=True)
class Chosen:
    """What is used of a kubeconfig."""

    context: str
    """Its name; empty where there is none, as in a pod."""
    namespace: str | None
    cluster: Cluster
    user: User


def choose(
    kubeconfig: str | None, context: str | None, cluster: str | None, environment: Mapping[str, str] = os.environ
) -> Chosen:
    """Return what the plugin would use: of its own kubeconfig (a path or a text), else of the environment's.

    The environment has the files of KUBECONFIG, else ``~/.kube/config``, else the pod that this runs in. Raises
    ``NothingChosen`` if that names no cluster, ``Unusable`` if it can't be read, or lacks what it or the caller names.
    """
    files = [_given(kubeconfig)] if kubeconfig else list(_ambient(environment))
    contexts = _first_by_name((named.name, named.context or Context()) for of in files for named in of.contexts or ())
    clusters = _first_by_name((named.name, named.cluster or Cluster()) for of in files for named in of.clusters or ())
    users = _first_by_name((named.name, named.user or User()) for of in files for named in of.users or ())
    name = context or next((file.current_context for file in files if file.current_context), "")
    if name and name not in contexts:
        raise Unusable(f'it has no context "{name}"')
    if cluster and cluster not in clusters:
        raise Unusable(f'it has no cluster "{cluster}"')
    chosen = contexts.get(name) or Context()
    in_pod = not kubeconfig and _in_pod(environment)
    namespace = chosen.namespace or (_namespace_of_pod(environment) if in_pod else None)
    wanted = cluster or chosen.cluster or ""
    found = clusters.get(wanted, Cluster())
    if found != Cluster():
        return Chosen(name, namespace, found, users.get(chosen.user or "", User()))
    if in_pod:
        return Chosen("", namespace, _cluster_of_pod(environment), User(token_file=str(SERVICE_ACCOUNT / "token")))
    if name:
        raise Unusable(f'its context "{name}" names no cluster that it has' + (f': "{wanted}"' if wanted else ""))
    raise NothingChosen("it has no current context" if files else "no such file is there, and this runs in no pod")


def _first_by_name(entries: Iterator[tuple[str | None, T]]) -> dict[str, T]:
    """Return what each name stands for: the first file that has a name wins."""
    found: dict[str, T] = {}
    for name, entry in entries:
        found.setdefault(name or "", entry)
    return found


def _given(path_or_text: str) -> _File:
    # Like the plugin, which takes paths in it to be relative to the program's folder, and not to the file.
    path = os.path.expanduser(path_or_text) if path_or_text.startswith("~") else path_or_text  # noqa: PTH111
    # Unlike a Path, it takes any text.
    content = _content(Path(path)) if os.path.exists(path) else path_or_text  # noqa: PTH110
    return _parse(content or "", Path.cwd())


def _ambient(environment: Mapping[str, str]) -> Iterator[_File]:
    paths = environment.get("KUBECONFIG") or str(Path(environment.get("HOME", ""), ".kube", "config"))
    for path in (Path(part) for part in dict.fromkeys(paths.split(os.pathsep)) if part):
        content = _content(path)
        if content is None:
            continue
        try:
            yield _parse(content, path.absolute().parent)
        except Unusable as error:
            raise Unusable(f"{path}: {error}") from error


def _content(path: Path) -> bytes | None:
    """Return what is in a file; ``None`` if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unusable(f"{path} can not be read: {error.strerror}") from error


def _parse(text: bytes | str, folder: Path) -> _File:
    """Read the first document of a text; paths in it are relative to a folder."""
    try:
        config = next(yaml.safe_load_all(text), None)
    except (yaml.YAMLError, ValueError) as error:
        # The error's own words repeat the text, which holds credentials.
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 1
        raise Unusable(f"it is not YAML: line {line}") from None
    if config is not None and not isinstance(config, dict):
        raise Unusable("it is neither a file nor the text of a kubeconfig")
    try:
        file = msgspec.convert(config or {}, _File)
    except msgspec.ValidationError as error:
        raise Unusable(f"it is not what a kubeconfig may say: {error}") from None
    if (file.kind or "Config", file.api_version or "v1") != ("Config", "v1"):
        raise Unusable("it is not a Config of v1, but another kind of object")
    for kind in ("clusters", "users", "contexts"):
        _refuse_doubles(kind, [named.name for named in getattr(file, kind) or ()])
    entries: Iterator[Any] = chain(
        (named.cluster for named in file.clusters or ()), (named.user for named in file.users or ())
    )
    for entry in entries:
        _resolve(entry, ("certificate_authority", "client_certificate", "client_key", "token_file"), folder)
        login = getattr(entry, "exec", None)
        # A name without a folder is looked for on PATH.
        if login and "/" in (login.command or ""):
            _resolve(login, ("command",), folder)
    return file


def _refuse_doubles(kind: str, names: Sequence[str | None]) -> None:
    if doubles := sorted({name or "" for name in names if names.count(name) > 1}):
        raise Unusable(f'its {kind} have the name "{doubles[0]}" twice')


def _resolve(entry: Any, keys: Sequence[str], folder: Path) -> None:
    for key in keys:
        if path := getattr(entry, key, None):
            setattr(entry, key, str(folder / path))


def _in_pod(environment: Mapping[str, str]) -> bool:
    return bool(
        environment.get("KUBERNETES_SERVICE_HOST")
        and environment.get("KUBERNETES_SERVICE_PORT")
        and (SERVICE_ACCOUNT / "token").is_file()
    )


def _cluster_of_pod(environment: Mapping[str, str]) -> Cluster:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]
    authority = SERVICE_ACCOUNT / "ca.crt"
    return Cluster(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        certificate_authority=str(authority) if authority.is_file() else None,
    )


def _namespace_of_pod(environment: Mapping[str, str]) -> str | None:
    if named := environment.get("POD_NAMESPACE"):
        return named
    file = SERVICE_ACCOUNT / "namespace"
    return (file.read_text().strip() if file.is_file() else "") or None
