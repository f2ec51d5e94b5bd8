"""A client of the cluster that a kubeconfig names: its certificates, its proxy, and who asks.

lightkube makes the requests. How they get to the cluster is decided here, by client-go's rules.
"""

import base64
import binascii
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
from lightkube import Client
from lightkube.config import models
from lightkube.config.kubeconfig import SingleConfig

from . import login
from .loading import Chosen, Cluster, Unusable, User
from .proxies import proxy_to

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
EXEC_EXTENSION = "client.authentication.k8s.io/exec"
"""Name of the extension by which a cluster's entry gives login commands settings of their own."""


def connect(to: Chosen) -> Client:
    """Return a client that is logged in; raises ``Unusable`` if what the kubeconfig says leads to none."""
    cluster, user = to.cluster, to.user
    for kind, problems in (("cluster", cluster.problems()), ("user", user.problems())):
        if problem := next(problems, None):
            raise Unusable(f"its {kind} {problem}")
    server = str(cluster.server)
    if "://" not in server:
        server = f"http://{server}"
    url = httpx2.URL(server)
    try:
        url.host.encode("idna")  # as the socket does, in the middle of a request
    except UnicodeError:
        raise Unusable(f"its cluster's server {server} has no valid host name") from None
    headers = [*_impersonation(user)]
    if url.scheme == "https":
        if user.exec and not user.has_own_login:
            user = login.user(user.exec, _as_told_to_logins(cluster))
        context = _tls(cluster, user)
    else:
        # As client-go: nobody logs in where everybody could listen.
        user, context = User(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    token = _Token(user) if user.token or user.token_file else None
    way = httpx2.HTTPTransport(verify=context, proxy=cluster.proxy_url or proxy_to(server))
    # lightkube makes a context as well, which is not used: an insecure one is made without reading certificates.
    unused = models.Cluster(server=server, insecure=True)
    config = SingleConfig(to.context, models.Context(to.context, namespace=to.namespace), unused, models.User())
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return Client(config=config, timeout=timeout, transport=_Identified(way, [*headers, *_password(user)], token))


class _Identified(httpx2.BaseTransport):
    """Says in each request who asks."""

    def __init__(
        self, way: httpx2.BaseTransport, headers: Iterable[tuple[str, str]], token: Callable[[], str] | None
    ) -> None:
        self._way, self._token = way, token
        self._headers = [(name.encode(), value.encode()) for name, value in headers]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        bearer = [(b"Authorization", f"Bearer {self._token()}".encode())] if self._token else []
        request.headers = httpx2.Headers([*request.headers.raw, *self._headers, *bearer])
        return self._way.handle_request(request)

    def close(self) -> None:
        self._way.close()


class _Token:
    """A token, which may change while it is used if it is in a file."""

    def __init__(self, user: User) -> None:
        self._file, self._last = user.token_file, user.token or ""
        if self._file and not self._last:
            self._last = _read(self._file, "token file").decode(errors="replace").strip()
        if not _is_sendable(self._last):
            raise Unusable("its user's token is empty, or has a line break or another character that no token has")

    def __call__(self) -> str:
        if self._file:
            with suppress(OSError, ValueError):
                now = Path(self._file).read_text().strip()
                self._last = now if _is_sendable(now) else self._last
        return self._last


def _is_sendable(value: str) -> bool:
    """Say whether a header may have a value: an error about one that it may not would repeat it."""
    return bool(value) and value.isprintable() and value == value.strip()


def _impersonation(user: User) -> Iterator[tuple[str, str]]:
    """Return the headers of https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/."""
    given = [("User", user.impersonated or ""), ("Uid", user.as_uid or "")]
    given += [("Group", group) for group in user.as_groups or ()]
    # A key may have any character, a header's name may not.
    extra = {quote(key, safe="!#$&'*+^`|"): values or () for key, values in (user.as_user_extra or {}).items()}
    given += [(f"Extra-{key}", value) for key, values in extra.items() for value in values]
    for name, value in given:
        if value and not _is_sendable(value):
            raise Unusable(
                "its user's as, as-uid, as-groups or as-user-extra has a character that no request can carry"
            )
        if value or name not in ("User", "Uid"):
            yield f"Impersonate-{name}", value


def _password(user: User) -> Iterator[tuple[str, str]]:
    if user.username:
        both = f"{user.username}:{user.password or ''}".encode()
        yield "Authorization", f"Basic {base64.b64encode(both).decode()}"


def _as_told_to_logins(cluster: Cluster) -> Mapping[str, Any]:
    """Return a cluster as a login command may learn it: by its authority's certificates, not the file they are in."""
    authority = _authority(cluster)
    told = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": base64.b64encode(authority).decode() if authority else None,
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": next((of.extension for of in cluster.extensions or () if of.name == EXEC_EXTENSION), None),
    }
    return {key: value for key, value in told.items() if value}


def _tls(cluster: Cluster, user: User) -> ssl.SSLContext:
    authority = _authority(cluster)
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cadata=authority.decode("ascii", "ignore"))
        except ssl.SSLError as error:
            raise Unusable("its cluster's certificate authority has no certificates") from error
    else:
        context = httpx2.create_ssl_context(verify=not cluster.insecure_skip_tls_verify)
    # Go takes each certificate of an authority for a root, and roots without the fields that newer Pythons ask for.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if user.has_certificate:
        certificate = _data(user.client_certificate_data, user.client_certificate, "client-certificate")
        key = _data(user.client_key_data, user.client_key, "client-key")
        with _file_of(certificate) as certificate_file, _file_of(key) as key_file:
            try:
                # Without a password, OpenSSL would ask for that of an encrypted key, and wait.
                context.load_cert_chain(certificate_file, key_file, password=lambda: "")
            except ssl.SSLError as error:
                why = "the key is encrypted, or is not that of the certificate, or one of them is not PEM"
                raise Unusable(f"its user's client-certificate and client-key can not be used: {why}") from error
    if cluster.tls_server_name:
        # By the context: a request that names its server loses the name in a proxy's tunnel.
        context.wrap_socket = _named(context.wrap_socket, cluster.tls_server_name)  # type: ignore[method-assign]
        context.wrap_bio = _named(context.wrap_bio, cluster.tls_server_name)  # type: ignore[method-assign]
    return context


def _named(wrap: Callable[..., T], server_name: str) -> Callable[..., T]:
    def wrapped(*args: Any, **how: Any) -> T:
        return wrap(*args, **how | {"server_hostname": server_name})

    return wrapped


def _authority(cluster: Cluster) -> bytes:
    return _data(cluster.certificate_authority_data, cluster.certificate_authority, "certificate-authority")


def _data(data: str | None, file: str | None, key: str) -> bytes:
    """Return what a kubeconfig has as ``…-data``, or in a file; empty for neither."""
    if not data:
        return _read(file, key) if file else b""
    try:
        return base64.b64decode("".join(data.splitlines()), validate=True)
    except binascii.Error as error:
        raise Unusable(f"its {key}-data is not base64") from error


def _read(file: str, what: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Unusable(f"its {what} {file} can not be read: {error.strerror}") from error


@contextmanager
def _file_of(content: bytes) -> Iterator[str]:
    """Write a file for as long as OpenSSL needs to read it; others can't."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name
