"""Kubeconfigs that log in by a command, as those of cloud providers do."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.monitor import Ran

from .harness import Stack, storage_class

VERSION = "client.authentication.k8s.io/v1"
Kubeconfig = Callable[..., str]


@pytest.fixture
def api() -> Iterator[FakeApiServer]:
    """An API server with TLS: without it, nobody logs in."""
    with fake_api_server(trustme.CA()) as made:
        made.add(storage_class("standard", default=True))
        yield made


@pytest.fixture
def kubeconfig(api: FakeApiServer, tmp_path: Path) -> Kubeconfig:
    """Write a kubeconfig whose user logs in by a command; return its path."""

    def write(command: str, *args: str, version: str = VERSION, **more: Any) -> str:
        config = yaml.safe_load(api.kubeconfig)
        login = {"apiVersion": version, "command": command, "args": [*args], "interactiveMode": "Never", **more}
        config["users"][0]["user"] = {"exec": login}
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return str(path)

    return write


def answer(version: str = VERSION, **status: Any) -> str:
    """Return a shell command that prints credentials."""
    return f"echo {shlex.quote(json.dumps({'apiVersion': version, 'kind': 'ExecCredential', 'status': status}))}"


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_login_command_is_told_its_version_and_its_token_is_used(
    run: Callable[..., Ran],
    opts: Callable[..., Any],
    api: FakeApiServer,
    kubeconfig: Kubeconfig,
    tmp_path: Path,
    version: str,
) -> None:
    version = f"client.authentication.k8s.io/{version}"
    told = tmp_path / "told"
    script = f'echo "$KUBERNETES_EXEC_INFO" >> {shlex.quote(str(told))}; {answer(version, token="canary")}'
    ran = run(opts=opts(kubeconfig=kubeconfig("sh", "-c", script, version=version)))
    assert (ran.error, ran.said) == ("", ())
    assert set(api.credentials) == {"Bearer canary"}
    expected = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert [json.loads(line) for line in told.read_text().splitlines()] == [expected], "one login serves all requests"


def test_a_login_command_has_the_environment_that_the_kubeconfig_adds(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, kubeconfig: Kubeconfig
) -> None:
    said = {"apiVersion": VERSION, "kind": "ExecCredential", "status": {"token": "%s-%s"}}
    script = f'printf {shlex.quote(json.dumps(said))} "$0" "$PROFILE"'
    path = kubeconfig("sh", "-c", script, "of", env=[{"name": "PROFILE", "value": "staging"}])
    ran = run(opts=opts(kubeconfig=path))
    assert ran.error == ""
    assert set(api.credentials) == {"Bearer of-staging"}


def test_a_login_command_beside_its_kubeconfig_is_found(
    run: Callable[..., Ran],
    stack: Stack,
    api: FakeApiServer,
    kubeconfig: Kubeconfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = tmp_path / "login"
    command.write_text(f"#!/bin/sh\n{answer(token='canary')}\n")
    command.chmod(0o700)
    monkeypatch.setenv("KUBECONFIG", kubeconfig("./login"))
    assert run(opts={"provider": stack.provider(kubeconfig="")}).error == ""
    assert set(api.credentials) == {"Bearer canary"}


NEITHER = "its login command sh gave neither a token nor a client certificate"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            ("sh", "-c", "echo 'your login has expired' >&2; exit 3"),
            "its login command sh ended with 3: your login has expired",
        ),
        (("sh", "-c", "exit 3"), "its login command sh ended with 3"),
        (("sh", "-c", "echo canary"), NEITHER),
        (("sh", "-c", answer(expirationTimestamp="canary")), NEITHER),
        (("sh", "-c", answer(clientCertificateData="canary")), NEITHER),
        (("sh", "-c", "echo '[\"canary\"]'"), NEITHER),
        (("no-such-command",), "its login command no-such-command was not found"),
    ],
    ids=["fails", "fails in silence", "no JSON", "no token", "half a certificate", "a list", "not found"],
)
def test_a_login_command_without_credentials_is_named_and_what_it_prints_is_not_shown(
    run: Callable[..., Ran],
    opts: Callable[..., Any],
    api: FakeApiServer,
    kubeconfig: Kubeconfig,
    command: tuple[str, ...],
    why: str,
) -> None:
    path = kubeconfig(*command)
    ran = run(opts=opts(kubeconfig=path))
    assert ran.error == (
        f"The cluster of kubernetes:kubeconfig ({path}) can not be used ({why}). See to it that kubectl works with "
        "this kubeconfig."
    )
    assert ran.said == (("ERROR", ran.error),)
    assert [found.name for found in ran.resources.values() if found.type.startswith("kubernetes:")] == []
    assert api.asked == []
