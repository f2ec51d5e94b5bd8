"""Kubeconfigs are read as kubectl reads them: with each, both ask the API server the same, or neither asks anything."""

import base64
import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
import yaml
from lightkube.resources.storage_v1 import StorageClass

from components.stateful_web.kubeconfig import ClusterAccess, ClusterUnavailable, client
from sandbox.kwok_cluster import kubectl
from tests.support.fake_api_server import FakeApiServer, fake_api_server

pytestmark = pytest.mark.extended

PATH = "/apis/storage.k8s.io/v1/storageclasses"
V1 = "client.authentication.k8s.io/v1"
AUTHORITY, OTHER = trustme.CA(), trustme.CA()
ISSUED = AUTHORITY.issue_cert(common_name="by-certificate", organization_name="o")
CERTIFICATE, KEY = ISSUED.cert_chain_pems[0].bytes(), ISSUED.private_key_pem.bytes()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


DATA = {"client-certificate-data": text(CERTIFICATE), "client-key-data": text(KEY)}
FILES = {"client-certificate": "certificate", "client-key": "key"}


def login(**more: Any) -> dict[str, Any]:
    said = {"apiVersion": V1, "kind": "ExecCredential", "status": {"token": "by-login"}}
    script = f"echo {shlex.quote(json.dumps(said))}"
    return {"apiVersion": V1, "command": "sh", "args": ["-c", script], "interactiveMode": "Never", **more}


def answering(said: Any, **more: Any) -> dict[str, Any]:
    return {"exec": login(args=["-c", f"echo {shlex.quote(json.dumps(said))}"], **more)}


USERS: Mapping[str, Any] = {
    "token": {"token": "t"},
    "token and empty values": {
        "token": "t",
        "tokenFile": "",
        "client-certificate": "",
        "client-key": "",
        "username": "",
        "as": "",
        "exec": None,
    },
    "token file": {"tokenFile": "token"},
    "token file and empty token": {"tokenFile": "token", "token": ""},
    "token file and token": {"tokenFile": "token", "token": "t"},
    "token file that is not there and token": {"tokenFile": "gone", "token": "t"},
    "token file that is not there": {"tokenFile": "gone"},
    "token file that is empty": {"tokenFile": "empty"},
    "token with a line break": {"token": "t\n"},
    "token that is a number": {"token": 5},
    "password": {"username": "me", "password": "p"},
    "no password": {"username": "me"},
    "password and token": {"username": "me", "password": "p", "token": "t"},
    "password and token file": {"username": "me", "password": "p", "tokenFile": "token"},
    "password alone and token file": {"password": "p", "tokenFile": "token"},
    "password alone and token": {"password": "p", "token": "t"},
    "certificate": FILES,
    "certificate as data": DATA,
    "certificate as data, folded": {k: v[:70] + "\n" + v[70:] + "\n" for k, v in DATA.items()},
    "certificate as data, no base64": {**DATA, "client-key-data": "?"},
    "certificate as data and file": {**DATA, "client-certificate": "certificate"},
    "key as data and file": {**DATA, "client-key": "key"},
    "certificate in a file, key as data": {"client-certificate": "certificate", "client-key-data": text(KEY)},
    "certificate without key": {"client-certificate": "certificate"},
    "certificate that is not there": {**FILES, "client-certificate": "gone"},
    "key of another": {**DATA, "client-key-data": text(OTHER.issue_cert("a").private_key_pem.bytes())},
    "key without certificate, and token": {"client-key": "gone", "token": "t"},
    "certificate and token": {**DATA, "token": "t"},
    "as": {"token": "t", "as": "jane"},
    "as with all": {
        "token": "t",
        "as": "jané",
        "as-uid": "u-1",
        "as-groups": ["a b", "b"],
        "as-user-extra": {"scopes": ["x", "y"], "acme.com/Project %1é": ["z"], "none": []},
    },
    "groups without as": {"token": "t", "as-groups": ["a"]},
    "uid without as": {"token": "t", "as-uid": "a"},
    "extra without as": {"token": "t", "as-user-extra": {"a": ["b"]}},
    "as with nulls": {"token": "t", "as": "jane", "as-groups": None, "as-user-extra": None},
    "as with a line break": {"token": "t", "as": "jane\nx"},
    "login": {"exec": login()},
    "login and token": {"exec": login(), "token": "t"},
    "login and token file": {"exec": login(), "tokenFile": "token"},
    "login and password": {"exec": login(), "username": "me"},
    "login and certificate": {"exec": login(), **DATA},
    "login as": {"exec": login(), "as": "jane"},
    "login of v1 without interactiveMode": {"exec": login(interactiveMode=None)},
    "login of v1beta1 without interactiveMode": answering(
        {"apiVersion": f"{V1}beta1", "kind": "ExecCredential", "status": {"token": "t"}},
        apiVersion=f"{V1}beta1",
        interactiveMode=None,
    ),
    "login of v1alpha1": {"exec": login(apiVersion=f"{V1}alpha1")},
    "login of no version": {"exec": login(apiVersion=None)},
    "login with a mode of its own": {"exec": login(interactiveMode="Sometimes")},
    "login that must ask": {"exec": login(interactiveMode="Always")},
    "login that may ask": {"exec": login(interactiveMode="IfAvailable")},
    "login without a command": {"exec": login(command="")},
    "login without arguments": {"exec": login(command="./login", args=None)},
    "login with a nameless variable": {"exec": login(env=[{"name": "", "value": "x"}])},
    "login with a variable": {
        "exec": login(
            args=["-c", f'printf \'{{"apiVersion":"{V1}","kind":"ExecCredential","status":{{"token":"%s"}}}}\' "$A"'],
            env=[{"name": "A", "value": "first"}, {"name": "A", "value": "last"}, {"name": "B", "value": None}],
        )
    },
    "login in another version": answering(
        {"apiVersion": f"{V1}beta1", "kind": "ExecCredential", "status": {"token": "t"}}
    ),
    "login with another kind": answering({"apiVersion": V1, "kind": "Secret", "status": {"token": "t"}}),
    "login without a kind": answering({"status": {"token": "t"}}),
    "login with nothing": answering({"apiVersion": V1, "kind": "ExecCredential", "status": {}}),
    "login with a number": answering({"apiVersion": V1, "kind": "ExecCredential", "status": {"token": 5}}),
    "login with half a certificate": answering(
        {"apiVersion": V1, "kind": "ExecCredential", "status": {"token": "t", "clientKeyData": KEY.decode()}}
    ),
    "login with a certificate": answering(
        {
            "apiVersion": V1,
            "kind": "ExecCredential",
            "status": {"clientCertificateData": CERTIFICATE.decode(), "clientKeyData": KEY.decode()},
        }
    ),
    "login with both": answering(
        {
            "apiVersion": V1,
            "kind": "ExecCredential",
            "status": {"token": "t", "clientCertificateData": CERTIFICATE.decode(), "clientKeyData": KEY.decode()},
        }
    ),
    "login that fails": {"exec": login(args=["-c", "exit 3"])},
    "login and auth-provider": {"exec": login(), "auth-provider": {"name": "oidc"}},
    "auth-provider that is gone": {"auth-provider": {"name": "gcp"}},
}
CLUSTERS: Mapping[str, Callable[[FakeApiServer], Any]] = {
    "plain": lambda api: {"certificate-authority-data": None, "server": f"http://127.0.0.1:{api.port}"},
    "empty values": lambda _: {"certificate-authority": "", "tls-server-name": "", "proxy-url": "", "extensions": None},
    "no server": lambda _: {"server": ""},
    "null server": lambda _: {"server": None},
    "server without a scheme": lambda api: {"server": f"127.0.0.1:{api.port}"},
    "scheme in capitals": lambda api: {"server": f"HTTPS://127.0.0.1:{api.port}"},
    "path at its end": lambda api: {"server": f"https://127.0.0.1:{api.port}/"},
    "authority in a file": lambda _: {"certificate-authority-data": None, "certificate-authority": "authority"},
    "authority with words around it": lambda _: {"certificate-authority-data": None, "certificate-authority": "bundle"},
    "authority's file and data": lambda _: {"certificate-authority": "authority"},
    "authority that is not there": lambda _: {"certificate-authority-data": None, "certificate-authority": "gone"},
    "authority that is none": lambda _: {"certificate-authority-data": text(b"none")},
    "authority of another": lambda _: {"certificate-authority-data": text(OTHER.cert_pem.bytes())},
    "no authority": lambda _: {"certificate-authority-data": None},
    "insecure": lambda _: {"certificate-authority-data": None, "insecure-skip-tls-verify": True},
    "insecure and authority": lambda _: {"insecure-skip-tls-verify": True},
    "insecure by a word": lambda _: {"certificate-authority-data": None, "insecure-skip-tls-verify": "true"},
    "server name": lambda _: {"tls-server-name": "cluster.example"},
    "server name of another": lambda _: {"tls-server-name": "other.example"},
    "proxy of a wrong scheme": lambda _: {"proxy-url": "ftp://127.0.0.1:1"},
    "proxy without a scheme": lambda _: {"proxy-url": "127.0.0.1:1"},
    "proxy that is down": lambda _: {"proxy-url": "http://127.0.0.1:1"},
}

HERE, ME = {"name": "here", "context": {"cluster": "here", "user": "me"}}, {"name": "me", "user": {"token": "t"}}
FILES_OF_ENV: Mapping[str, Any] = {
    "current context in the second": [{"contexts": [HERE], "current-context": ""}, {"current-context": "here"}],
    "current context in both": [{"current-context": "here"}, {"current-context": "gone"}],
    "current context that is gone": [{"current-context": "gone"}, {"current-context": "here"}],
    "no current context": [{"current-context": None}],
    "user in both": [{}, {"users": [{"name": "me", "user": {"token": "second"}}]}],
    "user twice": [{"users": [ME, ME]}],
    "cluster of the context that is gone": [
        {"contexts": [{"name": "here", "context": {"cluster": "x", "user": "me"}}]}
    ],
    "context that is null": [{"contexts": [{"name": "here", "context": None}]}],
    "contexts that are null": [{"contexts": None}, {"contexts": [HERE]}],
    "clusters that are null": [{"clusters": None}],
    "clusters that are a map": [{"clusters": {}}],
    "another kind": [{"kind": "Deployment"}],
    "another version": [{"apiVersion": "v2"}],
    "no kind": [{"kind": None, "apiVersion": ""}],
    "fields of others": [{"preferences": {"a": 1}, "extensions": [{"name": "a", "extension": {"b": 1}}], "x": {}}],
    "a file that is empty first": ["", {}],
    "a file with a comment first": ["# nothing\n", {}],
    "a file with a second document": ["---\n{}\n---\nx: [\n", {}],
    "a file that is no YAML": ["x: [", {}],
    "a file with a word": ["word", {}],
    "a folder": ["FOLDER", {}],
    "a file that is not there": ["GONE", {}],
    "only files that are not there": ["GONE", "GONE"],
}


@pytest.fixture(scope="module")
def api() -> Iterator[FakeApiServer]:
    with fake_api_server(AUTHORITY) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that kubeconfigs name; programs run in another one."""
    made, elsewhere = tmp_path / "kubeconfigs", tmp_path / "elsewhere"
    made.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(elsewhere))
    bundle = "# Autorité\n".encode() + AUTHORITY.cert_pem.bytes() + OTHER.cert_pem.bytes()
    files = {"certificate": CERTIFICATE, "key": KEY, "token": b" from-file\n", "empty": b"", "bundle": bundle}
    for name, content in {**files, "authority": AUTHORITY.cert_pem.bytes()}.items():
        (made / name).write_bytes(content)
    (made / "login").write_text(f"#!/bin/sh\n{login()['args'][1]}\n")
    (made / "login").chmod(0o700)
    return made


def config(api: FakeApiServer) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(api.kubeconfig)
    made["clusters"][0]["name"] = "here"
    return {**made, "contexts": [HERE], "current-context": "here", "users": [ME], "kind": "Config", "apiVersion": "v1"}


def asked(api: FakeApiServer, ask: Callable[[], bool]) -> Any:
    """Return what arrived of a question, and whether its answer did."""
    api.headers.clear()
    api.certificates.clear()
    answered = ask()
    told = [
        (name, value)
        for headers in api.headers
        for name, value in sorted((name.title(), value) for name, value in headers.items())
        if name == "Authorization" or name.startswith("Impersonate-")
    ]
    return answered, told, list(api.certificates)


def by_kubectl() -> bool:
    command = [str(kubectl()), "get", "--raw", PATH]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def by_the_component() -> bool:
    try:
        list(client(ClusterAccess()).list(StorageClass))
    except (ClusterUnavailable, httpx2.TransportError):
        return False
    return True


def assert_alike(api: FakeApiServer) -> None:
    assert asked(api, by_the_component) == asked(api, by_kubectl)


@pytest.mark.parametrize("user", USERS)
def test_a_user_asks_as_with_kubectl(
    api: FakeApiServer, folder: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    (folder / "config").write_text(json.dumps({**config(api), "users": [{"name": "me", "user": USERS[user]}]}))
    monkeypatch.setenv("KUBECONFIG", str(folder / "config"))
    assert_alike(api)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cluster_is_reached_as_by_kubectl(
    api: FakeApiServer, folder: Path, monkeypatch: pytest.MonkeyPatch, cluster: str
) -> None:
    given = config(api)
    given["clusters"][0]["cluster"] |= CLUSTERS[cluster](api)
    (folder / "config").write_text(json.dumps(given))
    monkeypatch.setenv("KUBECONFIG", str(folder / "config"))
    assert_alike(api)


@pytest.mark.parametrize("files", FILES_OF_ENV)
def test_files_are_merged_as_by_kubectl(
    api: FakeApiServer, folder: Path, monkeypatch: pytest.MonkeyPatch, files: str
) -> None:
    paths = [str(folder / f"config-{number}") for number in range(len(FILES_OF_ENV[files]))]
    for path, given in zip(paths, FILES_OF_ENV[files], strict=True):
        if given == "FOLDER":
            Path(path).mkdir()
        elif given != "GONE":
            Path(path).write_text(given if isinstance(given, str) else json.dumps({**config(api), **given}))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(["", *paths, *paths]))
    assert_alike(api)


@pytest.mark.parametrize("value", [None, "", ":", ":gone:", "~/.kube/config", "$HOME/.kube/config"])
def test_the_home_folder_is_read_as_by_kubectl(
    api: FakeApiServer, folder: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / ".kube").mkdir()
    (folder / ".kube" / "config").write_text(json.dumps(config(api)))
    if value is None:
        monkeypatch.delenv("KUBECONFIG", raising=False)
    else:
        monkeypatch.setenv("KUBECONFIG", value)
    assert_alike(api)
