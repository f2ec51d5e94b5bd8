"""A secret in config: in clear on the cluster that needs it, and nowhere else that anything is written."""

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Secret

from sandbox.instance import Sandbox
from tests.support.cli import run_command
from tests.support.projects import Project

CANARY = "canary-5f3a9c71"
PACKS = ("--policy-pack", "policies/stateful", "--policy-pack", "policies/hardening")
OPS = ("status", "preview", "doctor", "claims", "recover")


@pytest.fixture
def watched(project: Project, tmp_path: Path) -> Project:
    """A project whose programs write their temporary files, and the engine its log, where the test can read them."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return dataclasses.replace(project, own_host=True, env={**project.env, "TMPDIR": str(temporary)})


def with_secrets(project: Project) -> None:
    """Set secrets as the CLI does: in the environment, and in a file of a Secret."""
    project.configure({"files": [{"mountPath": "/etc/web", "secret": True, "content": {}}]})
    for path in ("env.PASSWORD", 'files[0].content["key.pem"]'):
        project.pulumi("config", "set", "--secret", "--path", path, CANARY)


def where_in_clear(*folders: Path) -> Iterator[Path]:
    """Yield files that have the canary, as text or as Kubernetes encodes a Secret."""
    encoded = base64.b64encode(CANARY.encode()).rstrip(b"=")
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                written = path.read_bytes()
                if CANARY.encode() in written or encoded in written:
                    yield path


def test_a_secret_is_in_clear_nowhere_but_on_the_cluster(sandbox: Sandbox, watched: Project, tmp_path: Path) -> None:
    with_secrets(watched)
    log = ("--logtostderr", "-v=3")  # from -v=9 on the engine itself logs every message as it is
    said = {
        "preview": watched.preview("--diff", *PACKS),
        "preview, for machines": watched.preview("--json"),
        "up": watched.up(*PACKS),
        "up, with the engine's log": watched.up(*log),
    }
    for command in OPS:
        said[command] = run_command(watched, command)
        assert said[command].code == 0, said[command].output
    container = watched.get(StatefulSet, "web")["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "PASSWORD", "value": CANARY} in container["env"], "the cluster has it"
    assert len(watched.list(Secret)) == 1

    watched.configure({"replicas": 2, "storage.storageClassName": "none-such"})
    said["an error of ours"] = watched.preview(check=False)
    assert said["an error of ours"].code != 0
    watched.configure({"storage.storageClassName": "rook-ceph-block", "podTemplate": {"spec": {"containers": 1}}})
    said["an error of the merge"] = watched.preview(check=False)
    watched.configure({"podTemplate": {"spec": {"dnsPolicy": "Never"}}})
    said["an error of the API server"] = watched.up(check=False)
    assert said["an error of the API server"].code != 0
    watched.configure({"podTemplate": {}})
    said["state"] = watched.pulumi("stack", "export")
    said["history"] = watched.pulumi("stack", "history", "--json")
    said["forecast of another secret"] = run_command(watched, "preview")

    for what, ended in said.items():
        assert CANARY not in ended.output, what
    assert list(where_in_clear(watched.folder, tmp_path)) == []
    # etcd is the cluster, and keeps what it is given.
    ours = [path for path in sandbox.state.rglob("*") if path.is_dir() and path.parent == sandbox.state]
    in_clear = [path for path in where_in_clear(*ours) if "etcd" not in path.relative_to(sandbox.state).parts]
    assert in_clear == []


def test_an_encrypted_value_that_can_not_be_used_is_named_by_its_config_key(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "port", "99999")
    refused = project.preview(check=False)
    assert refused.code != 0
    assert "stateful-web:port is an output that can not be used: " in refused.output
    assert "99999" not in refused.output
