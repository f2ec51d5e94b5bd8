"""How a kubeconfig is read, and what is said of one that can't be used: never what is in it."""

import base64
import json
from pathlib import Path

import pytest
import trustme
import yaml
from lightkube.config.models import User

from components.stateful_web.kubeconfig import ClusterAccess, ClusterUnavailable, client

CANARY = "canary-6d1f"
AUTHORITY = trustme.CA()
CONFIG = {
    "current-context": "gone",
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "clusters": [
        {
            "name": "here",
            "cluster": {
                "certificate-authority-data": base64.b64encode(AUTHORITY.cert_pem.bytes()).decode(),
                "server": "https://127.0.0.1:1",
            },
        }
    ],
    "users": [{"name": "me", "user": {"token": CANARY}}],
}


def with_user(user: dict[str, object]) -> str:
    return yaml.safe_dump({**CONFIG, "current-context": "here", "users": [{"name": "me", "user": user}]})


def said_of(kubeconfig: str) -> str:
    with pytest.raises(ClusterUnavailable) as unavailable:
        client(ClusterAccess(kubeconfig))
    return str(unavailable.value)


@pytest.mark.parametrize(
    "text",
    [
        yaml.safe_dump(CONFIG),
        json.dumps(CONFIG),
        json.dumps(CONFIG).replace("https:", '"'),
        f"users:\n- token: {CANARY}: {CANARY}\n",
        f"token {CANARY}\n",
    ],
    ids=["as YAML", "as JSON", "as JSON with a slip", "as YAML with a slip", "as something else"],
)
def test_the_text_of_a_kubeconfig_is_not_repeated(text: str) -> None:
    said = said_of(text)
    assert CANARY not in said
    assert said.startswith("The cluster of kubernetes:kubeconfig (a kubeconfig given as text) can not be used (")


def test_the_path_of_a_kubeconfig_is_named_and_what_is_in_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(f"users:\n- token: {CANARY}: {CANARY}\n")
    said = said_of(str(path))
    assert f"({path})" in said
    assert "not YAML: line 2" in said
    assert CANARY not in said


def test_a_login_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-login"}
    said = said_of(with_user({"exec": login}))
    assert "its login command no-such-login was not found" in said


def test_a_login_command_in_a_folder_is_relative_to_the_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./login"}
    (tmp_path / "config").write_text(with_user({"exec": login}))
    (tmp_path / "login").write_text("""#!/bin/sh\necho '{"status": {"token": "from the command"}}'\n""")
    (tmp_path / "login").chmod(0o700)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    for access in (ClusterAccess(), ClusterAccess(str(tmp_path / "config"))):
        user = client(access).config.user
        assert user
        assert user.token == "from the command"


def test_the_text_of_a_kubeconfig_is_taken_as_it_is() -> None:
    user = client(ClusterAccess(with_user({"token": CANARY}))).config.user
    assert user
    assert user.token == CANARY


@pytest.mark.parametrize("given", [{}, {"user": ""}], ids=["no user", "an empty one"])
def test_a_context_without_a_user_is_nobodys(given: dict[str, str]) -> None:
    contexts = [{"name": "here", "context": {"cluster": "here"} | given}]
    text = yaml.safe_dump({**CONFIG, "current-context": "here", "contexts": contexts})
    assert client(ClusterAccess(text)).config.user == User()


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"tokenFile": "/no/such/token"}, "there is no token file /no/such/token"),
        ({"client-certificate": "/no/such/file", "client-key": "/no/such/file"}, "No such file"),
        ({"auth-provider": {"name": "oidc"}}, "auth-provider not supported"),
    ],
    ids=["a token", "a certificate", "a provider of old"],
)
def test_a_user_who_can_not_log_in_is_told_why(user: dict[str, object], why: str) -> None:
    assert why in said_of(with_user(user))


def test_a_login_command_may_give_a_client_certificate(tmp_path: Path) -> None:
    made = AUTHORITY.issue_cert("me@example.org")
    pem, key = made.cert_chain_pems[0].bytes().decode(), made.private_key_pem.bytes().decode()
    status = {"clientCertificateData": pem, "clientKeyData": key}
    (tmp_path / "answer").write_text(json.dumps({"status": status}))
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "cat", "args": [str(tmp_path / "answer")]}
    user = client(ClusterAccess(with_user({"exec": login}))).config.user
    assert user
    assert base64.b64decode(user.client_cert_data or "").decode() == pem
    assert base64.b64decode(user.client_key_data or "").decode() == key


@pytest.mark.parametrize("answer", ["no JSON", "[]", "{}", '{"status": {}}', '{"status": "token"}'])
def test_a_login_command_that_gives_no_credentials_is_named_and_not_what_it_gave(answer: str) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "echo", "args": [answer]}
    said = said_of(with_user({"exec": login}))
    assert "its login command echo gave neither a token nor a client certificate" in said
    assert answer not in said.replace(" token ", "")


def test_a_token_file_is_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(with_user({"tokenFile": "token"}))
    (tmp_path / "token").write_text(CANARY)
    user = client(ClusterAccess(str(tmp_path / "config"))).config.user
    assert user
    assert user.token_file == str(tmp_path / "token")
