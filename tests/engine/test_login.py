"""Kubeconfigs that log in by a command, as those of cloud providers do."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.core_v1 import ServiceAccount
from lightkube.resources.rbac_authorization_v1 import ClusterRoleBinding
from lightkube.resources.storage_v1 import StorageClass

from components.stateful_web.kubeconfig import ClusterAccess, client
from tests.support.cli import run_command
from tests.support.projects import Project

Kubeconfig = Callable[[str, str], Path]


@pytest.fixture
def kubeconfig(project: Project, tmp_path: Path) -> Kubeconfig:
    """Write a kubeconfig whose user logs in by a script."""

    def write(version: str, script: str) -> Path:
        config = yaml.safe_load((project.folder / ".sandbox" / "kubeconfig").read_text())
        login = {"apiVersion": version, "command": "sh", "args": ["-c", script], "interactiveMode": "Never"}
        config["users"][0]["user"] = {"exec": login}
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return path

    return write


@pytest.fixture
def token(project: Project) -> str:
    """A token of an account that may read everything."""
    project.api.create(ServiceAccount(metadata=ObjectMeta(name="reader", namespace=project.namespace)))
    subject = Subject(kind="ServiceAccount", name="reader", namespace=project.namespace)
    role = RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin")
    name = f"{project.namespace}-reader"
    project.api.create(ClusterRoleBinding(metadata=ObjectMeta(name=name), roleRef=role, subjects=[subject]))
    return project.kubectl("create", "token", "reader").strip()


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_login_command_is_told_its_version_and_its_token_is_used(
    kubeconfig: Kubeconfig, token: str, tmp_path: Path, version: str
) -> None:
    version = f"client.authentication.k8s.io/{version}"
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}}
    told = tmp_path / "told"
    script = f'echo "$KUBERNETES_EXEC_INFO" > {shlex.quote(str(told))}; echo {shlex.quote(json.dumps(answer))}'
    api = client(ClusterAccess(str(kubeconfig(version, script))))
    assert "rook-ceph-block" in {found.metadata.name for found in api.list(StorageClass) if found.metadata}
    expected = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert json.loads(told.read_text()) == expected


@pytest.mark.extended
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'your login has expired' >&2; exit 3", "your login has expired"),
        ("echo no JSON", "gave neither a token nor a client certificate"),
    ],
    ids=["fails", "gives no answer"],
)
def test_a_login_command_is_named_when_it(project: Project, kubeconfig: Kubeconfig, script: str, why: str) -> None:
    path = kubeconfig("client.authentication.k8s.io/v1beta1", script)
    project.configure({"kubernetes:kubeconfig": str(path)})
    failed = project.preview(check=False)
    assert failed.code != 0
    assert f"The cluster of kubernetes:kubeconfig ({path}) can not be used" in failed.output
    assert why in failed.output
    assert "See to it that kubectl works with this kubeconfig" in failed.output
    assert "Traceback" not in failed.output
    status = run_command(project, "claims")
    assert status.code != 0
    assert why in status.output
    assert "Traceback" not in status.output
