"""What is about to happen on a cluster of the user's own, and the settings of the stack that it gets."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.errors import SandboxError
from sandbox.own_cluster import OwnCluster
from sandbox.paths import ROOT

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "https://192.0.2.1:6443"}}],
    "users": [{"name": "u", "user": {"token": "secret-token"}}],
    "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("kind-kind", "prod")],
}
CLASSES = {
    "items": [
        {"metadata": {"name": "slow"}},
        {"metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}},
    ]
}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> OwnCluster:
    """A cluster behind a context, on which nothing is deployed in truth."""
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(KUBECONFIG))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    shutil.copy(ROOT / "Pulumi.dev.yaml", tmp_path)
    monkeypatch.setattr(OwnCluster, "_get", lambda *_: CLASSES)
    monkeypatch.setattr(OwnCluster, "_make_namespace", lambda *_: None)
    monkeypatch.setattr(OwnCluster, "deploy", lambda *_: None)
    return OwnCluster(tmp_path, said.append, "kind-kind")


def settings(cluster: OwnCluster) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(cluster.settings.read_text())["config"]
    return config


@pytest.mark.parametrize(
    ("context", "stack"),
    [
        ("kind-kind", "context-kind-kind"),
        ("gke_shop_europe-west1_c", "context-gke_shop_europe-west1_c"),
        ("admin@kubernetes", "context-admin-kubernetes-"),
        ("arn:aws:eks:eu:1:cluster/c", "context-arn-aws-eks-eu-1-cluster-c-"),
    ],
)
def test_each_context_has_a_stack_whose_name_pulumi_takes(context: str, stack: str) -> None:
    made = OwnCluster(ROOT, print, context).stack
    assert made.startswith(stack)
    assert (made == stack) is not stack.endswith("-")


def test_contexts_that_differ_in_one_character_have_stacks_of_their_own() -> None:
    assert len({OwnCluster(ROOT, print, context).stack for context in ("a@b", "a/b", "a-b", "a:b")}) == 4


def test_its_settings_are_those_of_dev_with_the_default_class_and_a_namespace_of_its_own(cluster: OwnCluster) -> None:
    cluster.up()
    dev = yaml.safe_load((cluster.project / "Pulumi.dev.yaml").read_text())["config"]
    made = settings(cluster)
    assert made["kubernetes:context"] == "kind-kind"
    assert "kubernetes:kubeconfig" not in made
    assert made["stateful-web:namespace"] == "stateful-web-dev"
    assert made["stateful-web:storage"] == {"volumeName": "www", "size": "1Gi"}
    same = {
        "stateful-web:replicas",
        "stateful-web:serviceName",
        "stateful-web:mountPath",
        "stateful-web:selectorLabels",
    }
    assert {key: made[key] for key in same} == {key: dev[key] for key in same}


def test_settings_that_are_there_are_the_user_s(cluster: OwnCluster, said: list[str]) -> None:
    cluster.up()
    changed = yaml.safe_load(cluster.settings.read_text())
    changed["config"] |= {"stateful-web:replicas": 5}
    cluster.settings.write_text(yaml.safe_dump(changed))
    cluster.up()
    assert settings(cluster)["stateful-web:replicas"] == 5
    assert any("5 pods" in line for line in said)


def test_a_setting_that_has_been_removed_is_named(cluster: OwnCluster) -> None:
    cluster.up()
    changed = yaml.safe_load(cluster.settings.read_text())
    del changed["config"]["stateful-web:replicas"]
    cluster.settings.write_text(yaml.safe_dump(changed))
    with pytest.raises(
        SandboxError, match=r"^Pulumi\.context-kind-kind\.yaml has no stateful-web:replicas: set it, or "
    ):
        cluster.up()


def test_what_is_about_to_happen_is_said_before(cluster: OwnCluster, said: list[str]) -> None:
    cluster.up()
    assert said[:4] == [
        "This deploys stack dev's scenario to the cluster of context kind-kind (https://192.0.2.1:6443):",
        "  namespace stateful-web-dev, which is made if it is not there, and nothing outside of it;",
        "  StatefulSet web, 3 pods of registry.k8s.io/nginx-slim:0.27, and its headless Service;",
        "  for each pod a claim of 1Gi, the cluster's default StorageClass (gp3).",
    ]
    assert "make down CONTEXT=kind-kind" in said[-1]
    assert "secret-token" not in "".join(said)


def test_a_context_that_is_not_there_is_one_sentence_with_those_that_are(cluster: OwnCluster) -> None:
    other = OwnCluster(cluster.project, print, "staging")
    with pytest.raises(SandboxError) as refused:
        other.up()
    assert str(refused.value).startswith('CONTEXT is "staging": the kubeconfig (')
    assert "has no such context (it has: kind-kind, prod). Name one of these" in str(refused.value)
    assert not other.settings.exists()


def test_where_nothing_was_deployed_there_is_nothing_to_bring_down(
    cluster: OwnCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.down()
    assert capsys.readouterr().out == "Nothing was deployed by context kind-kind from here: nothing to bring down.\n"
