"""What is said of a kubeconfig that can't be used: never what is in it."""

import json
from pathlib import Path

import pytest
import yaml

from components.stateful_web.cluster import ClusterAccess, ClusterUnavailable, client

CANARY = "canary-6d1f"
CONFIG = {
    "current-context": "gone",
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "clusters": [{"name": "here", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": CANARY}}],
}


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
    config = {**CONFIG, "current-context": "here", "users": [{"name": "me", "user": {"exec": login}}]}
    said = said_of(yaml.safe_dump(config))
    assert "its login command no-such-login is not on PATH" in said
