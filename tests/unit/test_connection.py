"""What an API server on loopback is asked with a kubeconfig, by whom, and which way: as kubectl asks it.

``test_kubeconfig_as_kubectl.py`` asks kubectl itself.
"""

import base64
import json
import shlex
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpcore2
import httpx2
import pytest
import trustme
import yaml
from cryptography.hazmat.primitives import serialization
from lightkube.resources.storage_v1 import StorageClass

from components.stateful_web import login
from components.stateful_web.kubeconfig import ClusterAccess, ClusterUnavailable, client
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.forwarding import Greeting, forward_to, http_proxy, socks5_proxy

CANARY = "canary-6d1f"
V1 = "client.authentication.k8s.io/v1"
AUTHORITY, OTHER = trustme.CA(), trustme.CA()
ISSUED = AUTHORITY.issue_cert(common_name="by-certificate")
CERTIFICATE, KEY = ISSUED.cert_chain_pems[0].bytes(), ISSUED.private_key_pem.bytes()


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


BY_CERTIFICATE = {"client-certificate-data": in_base64(CERTIFICATE), "client-key-data": in_base64(KEY)}


@pytest.fixture(scope="module")
def serving() -> Iterator[FakeApiServer]:
    with fake_api_server(AUTHORITY) as made:
        yield made


@pytest.fixture
def api(serving: FakeApiServer) -> FakeApiServer:
    """An API server with TLS that has not been asked anything yet."""
    serving.headers.clear()
    serving.certificates.clear()
    return serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def kubeconfig(api: FakeApiServer, user: Any = None, **cluster: Any) -> str:
    config = yaml.safe_load(api.kubeconfig)
    config["users"][0]["user"] = {"token": "t"} if user is None else user
    config["clusters"][0]["cluster"] |= {key.replace("_", "-"): value for key, value in cluster.items()}
    return json.dumps(config)


def ask(text: str) -> None:
    list(client(ClusterAccess(text)).list(StorageClass))


def said_of(text: str) -> str:
    """Return why a kubeconfig can't be used: one sentence without credentials, and what to do."""
    with pytest.raises(ClusterUnavailable) as unavailable:
        client(ClusterAccess(text))
    said = str(unavailable.value)
    start = "The cluster of kubernetes:kubeconfig (a kubeconfig given as text) can not be used ("
    assert said.startswith(start)
    assert said.endswith("). See to it that kubectl works with this kubeconfig.")
    assert CANARY not in said
    assert in_base64(KEY)[40:80] not in said
    return said.removeprefix(start).removesuffix("). See to it that kubectl works with this kubeconfig.")


def impersonated(api: FakeApiServer) -> list[tuple[str, str]]:
    return [(name, value) for name, value in api.headers[-1].items() if name.lower().startswith("impersonate-")]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"as": "jane"}, [("Impersonate-User", "jane")]),
        ({"as": "jane", "as-uid": "u-1"}, [("Impersonate-User", "jane"), ("Impersonate-Uid", "u-1")]),
        (
            {"as": "jane", "as-groups": ["admins", "a b"]},
            [("Impersonate-User", "jane"), ("Impersonate-Group", "admins"), ("Impersonate-Group", "a b")],
        ),
        (
            {"as": "jane", "as-user-extra": {"scopes": ["read", "write"], "acme.com/Project %": ["shop"], "no": None}},
            [
                ("Impersonate-User", "jane"),
                ("Impersonate-Extra-scopes", "read"),
                ("Impersonate-Extra-scopes", "write"),
                ("Impersonate-Extra-acme.com%2FProject%20%25", "shop"),
            ],
        ),
        ({"as": "", "as-groups": [], "as-user-extra": None}, []),
        ({}, []),
    ],
)
def test_a_user_who_acts_as_another_says_so_in_each_request(
    api: FakeApiServer, user: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    ask(kubeconfig(api, {"token": "t", **user}))
    assert impersonated(api) == expected
    assert api.credentials == ["Bearer t"]


def test_a_user_acts_as_another_also_with_a_login_a_certificate_and_without_tls(api: FakeApiServer) -> None:
    for way_in in (BY_CERTIFICATE, {"exec": by_login("echo", said(token="x"))}, {"username": "me"}):
        ask(kubeconfig(api, {**way_in, "as": "jane"}))
        assert impersonated(api) == [("Impersonate-User", "jane")]
    with fake_api_server() as plain:
        ask(kubeconfig(plain, {"as": "jane"}))
        assert impersonated(plain) == [("Impersonate-User", "jane")]


@pytest.mark.parametrize("of_another", [{"as-uid": "u"}, {"as-groups": ["g"]}, {"as-user-extra": {"a": ["b"]}}])
def test_what_belongs_to_another_user_needs_that_user(api: FakeApiServer, of_another: dict[str, Any]) -> None:
    said = said_of(kubeconfig(api, {"token": "t", **of_another}))
    assert said == "its user has as-uid, as-groups or as-user-extra without as, the user that they belong to"


def test_a_name_that_no_request_can_carry_is_refused(api: FakeApiServer) -> None:
    for user in ({"as": "jane\nAuthorization: x"}, {"as": "jane", "as-groups": ["a\rb"]}):
        assert "has a character that no request can carry" in said_of(kubeconfig(api, {"token": "t", **user}))
    assert api.headers == []


@pytest.mark.parametrize("secret", ["password", "token", "tokenFile", "client certificate", "login"])
def test_nobody_logs_in_without_tls(tmp_path: Path, secret: str) -> None:
    (tmp_path / "token").write_text(CANARY)
    user: Any = {
        "password": {"username": "me", "password": CANARY},
        "token": {"token": CANARY},
        "tokenFile": {"tokenFile": str(tmp_path / "token")},
        "client certificate": BY_CERTIFICATE,
        "login": {"exec": by_login("touch", str(tmp_path / "ran"))},
    }[secret]
    with fake_api_server() as plain:
        ask(kubeconfig(plain, user))
        ask(kubeconfig(plain, user, server=f"127.0.0.1:{plain.port}"))
        assert plain.credentials == ["", ""]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"token": "t"}, "Bearer t"),
        ({"token": "t", "tokenFile": "", "username": "", "client-certificate": "", "exec": None}, "Bearer t"),
        ({"tokenFile": "token"}, "Bearer from-file"),
        ({"tokenFile": "token", "token": "t"}, "Bearer from-file"),
        ({"tokenFile": "gone", "token": "t"}, "Bearer t"),
        ({"tokenFile": "empty", "token": "t"}, "Bearer t"),
        ({"username": "me", "password": "p"}, f"Basic {in_base64(b'me:p')}"),
        ({"username": "mé", "password": ""}, f"Basic {in_base64('mé:'.encode())}"),
        ({"username": "me"}, f"Basic {in_base64(b'me:')}"),
        ({"password": "p"}, ""),
        ({}, ""),
        (BY_CERTIFICATE, ""),
    ],
)
def test_a_user_logs_in(
    api: FakeApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], expected: str
) -> None:
    (tmp_path / "token").write_text(" from-file\n")
    (tmp_path / "empty").touch()
    monkeypatch.chdir(tmp_path)
    ask(kubeconfig(api, user))
    assert api.credentials == [expected]
    assert api.certificates == ["by-certificate" if user is BY_CERTIFICATE else ""]


def test_a_token_file_that_changes_is_read_again(api: FakeApiServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first")
    asking = client(ClusterAccess(kubeconfig(api, {"tokenFile": str(tmp_path / "token")})))
    for content in ("first", "second", "", "third\nfourth"):
        (tmp_path / "token").write_text(content)
        list(asking.list(StorageClass))
    (tmp_path / "token").unlink()
    list(asking.list(StorageClass))
    assert api.credentials == ["Bearer first"] + 4 * ["Bearer second"]


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"tokenFile": "/no/such/token"}, "its token file /no/such/token can not be read: No such file or directory"),
        ({"tokenFile": "/dev/null"}, "its user's token is empty, or has a line break or another character that no"),
        ({"token": f"{CANARY}\n"}, "its user's token is empty, or has a line break"),
        ({"token": f"{CANARY}\nx: y"}, "its user's token is empty, or has a line break"),
        ({"token": CANARY, "username": "me"}, "its user has a token and a user name or password: one of them is"),
        ({"tokenFile": "/dev/null", "username": "me"}, "its user has a token and a user name or password: one of them"),
        ({"token": CANARY, "password": CANARY}, "its user has a token and a user name or password: one of them is"),
        (
            {"client-certificate": "/no/such/file", "client-key": "/k"},
            "its client-certificate /no/such/file can not be",
        ),
        ({**BY_CERTIFICATE, "client-certificate": "c"}, "its user has client-certificate and client-certificate-data"),
        ({**BY_CERTIFICATE, "client-key": "c"}, "its user has client-key and client-key-data: one of them is expected"),
        ({**BY_CERTIFICATE, "client-key-data": ""}, "its user has a client-certificate and no client-key"),
        ({**BY_CERTIFICATE, "client-key-data": "?"}, "its client-key-data is not base64"),
        (
            {**BY_CERTIFICATE, "client-key-data": in_base64(OTHER.issue_cert("x").private_key_pem.bytes())},
            "its user's client-certificate and client-key can not be used: the key is encrypted, or is not that of the",
        ),
        ({"auth-provider": {"name": "oidc"}}, "its user logs in by an auth-provider, which is not supported"),
    ],
)
def test_a_user_who_can_not_log_in_is_told_why(api: FakeApiServer, user: dict[str, Any], why: str) -> None:
    assert said_of(kubeconfig(api, user)).startswith(why)


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(api: FakeApiServer) -> None:
    key = serialization.load_pem_private_key(KEY, None)
    encryption = serialization.BestAvailableEncryption(b"secret")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    with mock.patch("getpass.getpass", side_effect=AssertionError):
        said = said_of(kubeconfig(api, {**BY_CERTIFICATE, "client-key-data": in_base64(pem)}))
    assert "the key is encrypted" in said


def test_data_in_several_lines_is_read(api: FakeApiServer) -> None:
    ask(kubeconfig(api, {key: f"{value[:70]}\n{value[70:]}\n" for key, value in BY_CERTIFICATE.items()}))
    assert api.certificates == ["by-certificate"]


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        ({"server": ""}, "its cluster has no server"),
        (
            {"server": "https://cluster..example"},
            "its cluster's server https://cluster..example has no valid host name",
        ),
        ({"server": "https://cluster.example:port"}, "Invalid port: 'port'"),
        ({"proxy_url": "ftp://me:canary-6d1f@x"}, "its cluster has a proxy-url that does not begin with one of http,"),
        (
            {"proxy_url": "proxy:3128"},
            "its cluster has a proxy-url that does not begin with one of http, https, socks5",
        ),
        ({"certificate_authority": "x"}, "its cluster has certificate-authority and certificate-authority-data"),
        ({"insecure_skip_tls_verify": True}, "its cluster has a certificate authority and insecure-skip-tls-verify"),
        ({"certificate_authority_data": in_base64(b"x")}, "its cluster's certificate authority has no certificates"),
        (
            {"certificate_authority_data": None, "certificate_authority": "/no/such/file"},
            "its certificate-authority /no/such/file can not be read",
        ),
    ],
)
def test_a_cluster_that_can_not_be_reached_is_told_why(api: FakeApiServer, cluster: dict[str, Any], why: str) -> None:
    assert said_of(kubeconfig(api, **cluster)).startswith(why)


@pytest.mark.parametrize(
    "cluster", [{"certificate_authority_data": in_base64(OTHER.cert_pem.bytes())}, {"tls_server_name": "x.example"}]
)
def test_a_server_that_is_not_the_clusters_is_asked_nothing(api: FakeApiServer, cluster: dict[str, Any]) -> None:
    with pytest.raises(httpx2.ConnectError, match="certificate verify failed"):
        ask(kubeconfig(api, **cluster))
    assert api.headers == []


def test_a_server_is_trusted_as_the_cluster_says(api: FakeApiServer, tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes("# Autorité\n".encode() + OTHER.cert_pem.bytes() + AUTHORITY.cert_pem.bytes())
    no_data = {"certificate_authority_data": ""}
    ask(kubeconfig(api, certificate_authority=str(tmp_path / "ca"), **no_data))
    ask(kubeconfig(api, insecure_skip_tls_verify=True, **no_data))
    ask(kubeconfig(api, insecure_skip_tls_verify=None, certificate_authority="", proxy_url="", tls_server_name=""))
    ask(kubeconfig(api, tls_server_name="cluster.example"))
    assert len(api.headers) == 4


def test_an_authority_need_not_be_a_root() -> None:
    with fake_api_server(trustme.CA().create_child_ca()) as api:
        ask(kubeconfig(api))
        assert api.credentials == ["Bearer t"]


@pytest.mark.parametrize("own", [True, False], ids=["of the cluster's own", "of the machine"])
def test_certificates_are_read_once(api: FakeApiServer, own: bool) -> None:
    """Those of the machine take tens of milliseconds."""
    contexts: list[ssl.SSLContext] = []

    def default_context(**how: Any) -> ssl.SSLContext:
        contexts.append(ssl.create_default_context(cadata=AUTHORITY.cert_pem.bytes().decode()))
        return contexts[-1]

    with mock.patch.object(httpcore2, "default_ssl_context", default_context):
        ask(kubeconfig(api) if own else kubeconfig(api, certificate_authority_data=None))
    assert len(contexts) == (0 if own else 1)


@pytest.mark.parametrize(
    ("scheme", "greeting"), [("http", http_proxy), ("socks5", socks5_proxy)], ids=["of HTTP", "of SOCKS"]
)
def test_a_cluster_behind_a_proxy_is_asked_through_it_whatever_no_proxy_says(
    api: FakeApiServer, monkeypatch: pytest.MonkeyPatch, scheme: str, greeting: Greeting
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with forward_to(f"https://127.0.0.1:{api.port}", greeting) as way:
        ask(kubeconfig(api, server="https://cluster.example:6443", proxy_url=f"{scheme}://127.0.0.1:{way.port}"))
        assert way.asked == ["cluster.example:6443"]
    assert api.credentials == ["Bearer t"]


def test_a_proxy_of_the_environment_needs_no_scheme_and_leads_not_to_what_is_exempt(
    api: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with forward_to(f"https://127.0.0.1:{api.port}", http_proxy) as way:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{way.port}")
        ask(kubeconfig(api, server="https://cluster.example"))
        ask(kubeconfig(api))
        assert way.asked == ["cluster.example:443"]
        monkeypatch.setenv("NO_PROXY", "CLUSTER.example:443")
        with pytest.raises(httpx2.ConnectError):
            ask(kubeconfig(api, server="https://cluster.example"))
        assert way.asked == ["cluster.example:443"]
    assert api.credentials == ["Bearer t", "Bearer t"]


def said(version: str = V1, **status: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def by_login(command: str, *args: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": V1, "command": command, "args": [*args], "interactiveMode": "Never", **more}


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Any]:
    """Log in, and return what the command was told."""

    def run(api: FakeApiServer, cluster: Any = None, **more: Any) -> Any:
        script = (
            f'echo "$KUBERNETES_EXEC_INFO" > {shlex.quote(str(tmp_path / "told"))}; echo {shlex.quote(said(token="x"))}'
        )
        ask(kubeconfig(api, {"exec": by_login("sh", "-c", script, **more)}, **(cluster or {})))
        assert api.credentials[-1] == "Bearer x"
        return json.loads((tmp_path / "told").read_text())["spec"]

    return run


def test_a_login_command_learns_of_the_cluster_if_it_asks_for_that(
    api: FakeApiServer, told: Callable[..., Any], tmp_path: Path
) -> None:
    assert told(api) == told(api, provideClusterInfo=None) == {"interactive": False}
    server, pem = f"https://127.0.0.1:{api.port}", in_base64(AUTHORITY.cert_pem.bytes())
    expected: dict[str, Any] = {"server": server, "certificate-authority-data": pem}
    assert told(api, provideClusterInfo=True) == {"interactive": False, "cluster": expected}
    (tmp_path / "ca").write_bytes(AUTHORITY.cert_pem.bytes())
    extensions = [
        {"name": "other", "extension": 1},
        {"name": "client.authentication.k8s.io/exec", "extension": {"a": 1}},
    ]
    cluster = {
        "certificate_authority_data": None,
        "certificate_authority": str(tmp_path / "ca"),
        "tls_server_name": "localhost",
        "disable_compression": True,
        "extensions": extensions,
    }
    expected |= {"tls-server-name": "localhost", "disable-compression": True, "config": {"a": 1}}
    assert told(api, cluster, provideClusterInfo=True)["cluster"] == expected


@pytest.mark.parametrize(
    ("mode", "at_a_terminal", "interactive"),
    [("Never", True, False), ("IfAvailable", True, True), ("IfAvailable", False, False), ("Always", True, True)],
)
def test_a_login_command_may_ask_somebody_only_at_a_terminal_and_if_its_mode_allows_it(
    api: FakeApiServer,
    told: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    at_a_terminal: bool,
    interactive: bool,
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: at_a_terminal)
    assert told(api, interactiveMode=mode)["interactive"] is interactive


def test_a_login_command_that_has_to_ask_somebody_is_refused_where_nobody_is(api: FakeApiServer) -> None:
    why = said_of(kubeconfig(api, {"exec": by_login("true", interactiveMode="Always")}))
    assert why == "its login command true has to ask somebody (interactiveMode: Always), and nobody is there"


def test_a_login_command_may_give_a_token_and_a_certificate(api: FakeApiServer) -> None:
    answer = said(token="x", clientCertificateData=CERTIFICATE.decode(), clientKeyData=KEY.decode())
    ask(kubeconfig(api, {"exec": by_login("echo", answer)}))
    assert (api.credentials, api.certificates) == (["Bearer x"], ["by-certificate"])


@pytest.mark.parametrize("own", [{"token": "t"}, {"username": "me"}, BY_CERTIFICATE])
def test_a_login_command_is_not_run_for_a_user_with_credentials(
    api: FakeApiServer, tmp_path: Path, own: dict[str, str]
) -> None:
    ask(kubeconfig(api, {**own, "exec": by_login("touch", str(tmp_path / "ran"))}))
    assert not (tmp_path / "ran").exists()


def test_of_two_variables_of_one_name_a_login_command_has_the_last(api: FakeApiServer) -> None:
    script = f'''printf {shlex.quote(said(token="%s"))} "$A$B"'''
    variables = [{"name": "A", "value": "first"}, {"name": "A", "value": "last"}, {"name": "B", "value": None}]
    ask(kubeconfig(api, {"exec": by_login("sh", "-c", script, env=variables)}))
    assert api.credentials == ["Bearer last"]


NEITHER = "its login command echo gave neither a token nor a client certificate"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        *((answer, NEITHER) for answer in (CANARY, "[]", "{}", '{"status": null}', f'{{"status": "{CANARY}"}}')),
        *((said(**status), NEITHER) for status in ({}, {"token": ""}, {"token": [CANARY]}, {"clientKeyData": CANARY})),
        (said(token=CANARY, clientCertificateData=CANARY), NEITHER),
        (said(f"{V1}beta1", token=CANARY), f"its login command echo gave no ExecCredential of {V1}, which the kubecon"),
        (f'{{"status": {{"token": "{CANARY}"}}}}', f"its login command echo gave no ExecCredential of {V1}, which the"),
        (said(token=f"{CANARY}\n"), "its user's token is empty, or has a line break"),
        (
            said(clientCertificateData=CANARY, clientKeyData=CANARY),
            "its user's client-certificate and client-key can not be used",
        ),
    ],
)
def test_a_login_command_that_gives_no_credentials_is_named_and_not_what_it_gave(
    api: FakeApiServer, answer: str, why: str
) -> None:
    assert said_of(kubeconfig(api, {"exec": by_login("echo", answer)})).startswith(why)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"command": "no-such-login"}, "its login command no-such-login was not found"),
        (
            {"command": "no-such-login", "installHint": "Install it:\n\n  brew \x1b[1minstall\x1b[0m no-such-login\n"},
            "its login command no-such-login was not found: Install it: brew [1minstall[0m no-such-login",
        ),
        (
            {"command": "sh", "args": ["-c", "echo 'sorry, me' >&2; exit 3"]},
            "its login command sh ended with 3: sorry, me",
        ),
        ({"command": ""}, "its user has a login without a command"),
        ({"apiVersion": f"{V1}alpha1"}, f"its user has a login whose apiVersion is not {V1} or v1beta1"),
        ({"apiVersion": None}, f"its user has a login whose apiVersion is not {V1} or v1beta1"),
        (
            {"interactiveMode": None},
            "its user has a login whose interactiveMode is not one of Never, IfAvailable, Always",
        ),
        (
            {"interactiveMode": "No"},
            "its user has a login whose interactiveMode is not one of Never, IfAvailable, Always",
        ),
        ({"env": [{"value": "x"}]}, "its user has a login with an environment variable that has no name"),
    ],
)
def test_a_login_command_that_can_not_be_run_is_named(api: FakeApiServer, how: dict[str, Any], why: str) -> None:
    assert said_of(kubeconfig(api, {"exec": by_login("true") | how})) == why


def test_a_login_command_that_is_no_program_is_named(api: FakeApiServer, tmp_path: Path) -> None:
    (tmp_path / "login").write_bytes(b"\x7f")
    (tmp_path / "login").chmod(0o700)
    why = said_of(kubeconfig(api, {"exec": by_login(str(tmp_path / "login"))}))
    assert why == f"its login command {tmp_path}/login can not be run (Exec format error)"


def test_a_login_command_that_hangs_is_ended_and_named_with_what_it_said(
    api: FakeApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_SECONDS", 0.5)
    # What the command starts holds its output open, and is no reason to wait.
    script = f"echo 'open https://login.example' >&2; (sleep 8; touch {shlex.quote(str(tmp_path / 'waited'))}) & wait"
    why = said_of(kubeconfig(api, {"exec": by_login("sh", "-c", script)}))
    assert why == "its login command sh did not end within 0.5 s: open https://login.example"
    assert not (tmp_path / "waited").exists()
