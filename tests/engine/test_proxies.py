"""Kubeconfigs that lead to their cluster through a proxy, or know it by another name."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from lightkube.resources.storage_v1 import StorageClass

from components.stateful_web.kubeconfig import ClusterAccess, client
from sandbox.instance import Sandbox
from sandbox.kwok_cluster import kubectl
from tests.support.forwarding import Greeting, forward_to, http_proxy, socks5_proxy
from tests.support.projects import Project

Kubeconfig = Callable[..., str]


@pytest.fixture
def kubeconfig(sandbox: Sandbox, tmp_path: Path) -> Kubeconfig:
    """Write a kubeconfig of the sandbox that knows its server by other settings."""

    def write(**settings: Any) -> str:
        config = yaml.safe_load(sandbox.cluster.kubeconfig.read_text())
        config["clusters"][0]["cluster"] |= settings
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
        return str(tmp_path / "kubeconfig")

    return write


def classes(kubeconfig: str) -> list[str]:
    found = [item.to_dict() for item in client(ClusterAccess(kubeconfig)).list(StorageClass)]
    return [item["metadata"]["name"] for item in found]


def classes_by_kubectl(kubeconfig: str) -> list[str]:
    command = [str(kubectl()), f"--kubeconfig={kubeconfig}", f"--cache-dir={kubeconfig}-cache"]
    asking = [*command, "get", "storageclasses", "--output=name"]
    said = subprocess.run(asking, capture_output=True, text=True, check=True).stdout
    return [name.rpartition("/")[2] for name in said.split()]


@pytest.mark.parametrize(
    ("scheme", "greeting"), [("http", http_proxy), ("socks5", socks5_proxy)], ids=["of HTTP", "of SOCKS"]
)
def test_a_cluster_behind_a_proxy_is_asked_through_it(
    sandbox: Sandbox, kubeconfig: Kubeconfig, scheme: str, greeting: Greeting
) -> None:
    server = yaml.safe_load(sandbox.cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    with forward_to(server, greeting) as way:
        settings = {"server": "https://cluster.example:6443", "proxy-url": f"{scheme}://127.0.0.1:{way.port}"}
        path = kubeconfig(**settings, **{"tls-server-name": "localhost"})
        assert sorted(classes(path)) == sorted(classes_by_kubectl(path))
        assert set(way.asked) == {"cluster.example:6443"}
        assert len(way.asked) >= 2
        with pytest.raises(httpx2.ConnectError, match=r"cluster\.example"):
            classes(kubeconfig(**settings))


def test_a_cluster_is_known_by_the_name_that_the_kubeconfig_gives_it(sandbox: Sandbox, kubeconfig: Kubeconfig) -> None:
    assert "rook-ceph-block" in classes(kubeconfig(**{"tls-server-name": "localhost"}))
    with pytest.raises(httpx2.ConnectError, match=r"elsewhere\.example"):
        classes(kubeconfig(**{"tls-server-name": "elsewhere.example"}))


def test_a_proxy_of_the_environment_is_not_asked_for_a_cluster_on_this_machine(
    project: Project, kubeconfig: Kubeconfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
    for name, value in nowhere.items():
        monkeypatch.setenv(name, value)
    assert "rook-ceph-block" in classes(kubeconfig())
    replace(project, env={**project.env, **nowhere}).up()
