"""The StorageClass is looked up on the provider's own cluster, and asked for once."""

from collections.abc import Iterator

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import PersistentVolumeClaim
from lightkube.resources.storage_v1 import StorageClass

from sandbox import toolchain
from sandbox.instance import Sandbox
from sandbox.kwok_cluster import Cluster
from tests.support.accounts import deployed_by_an_account
from tests.support.projects import Project

DEFAULT = "storageclass.kubernetes.io/is-default-class"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A second cluster, whose classes tests may change."""
    made = Cluster(tmp_path_factory.mktemp("other"), lambda: toolchain.ensure("kwok", "kubernetes"), print)
    made.up()
    yield made
    made.delete_volume_folders()
    made.delete()


@pytest.fixture
def elsewhere(sandbox: Sandbox, other: Cluster, project: Project) -> Iterator[Project]:
    """The program on the second cluster, in its default namespace."""
    project.configure({"kubernetes:kubeconfig": str(other.kubeconfig), "namespace": "default"})
    yield project
    project.pulumi("destroy", "--yes", "--skip-preview")
    project.configure({"kubernetes:kubeconfig": ".sandbox/kubeconfig"})


def test_the_clusters_default_is_used_if_no_class_is_given(project: Project) -> None:
    project.configure({"storage": {"volumeName": "www"}})
    project.up()
    claims = project.list(PersistentVolumeClaim)
    assert {claim["spec"]["storageClassName"] for claim in claims.values()} == {"standard"}
    assert "storage_class_name" not in {k for k, v in project.outputs().items() if v}


@pytest.mark.extended
def test_no_default_fails_the_preview_and_several_are_said_aloud(elsewhere: Project, other: Cluster) -> None:
    api = Client(KubeConfig.from_file(other.kubeconfig))
    elsewhere.configure({"storage": {"volumeName": "www"}})
    api.patch(StorageClass, "standard", {"metadata": {"annotations": {DEFAULT: "false"}}})
    refused = elsewhere.preview(check=False)
    assert refused.code != 0
    assert (
        "stateful-web:storage.storageClassName is not given, and this cluster has no default StorageClass"
        in refused.output
    )
    assert "rook-ceph-block kubernetes.io/host-path" in refused.output

    for name in ("standard", "my-sc"):
        api.patch(StorageClass, name, {"metadata": {"annotations": {DEFAULT: "true"}}})
    newest = StorageClass(
        metadata=ObjectMeta(name="aaa-newest", annotations={DEFAULT: "true"}), provisioner="kubernetes.io/host-path"
    )
    api.create(newest)
    said = elsewhere.preview().output
    assert "several default StorageClasses: aaa-newest, the newest, is the one that claims get" in said
    elsewhere.up()
    claim = api.get(PersistentVolumeClaim, "www-web-0", namespace="default").to_dict()
    assert claim["spec"]["storageClassName"] == "aaa-newest", "Kubernetes takes the one that was said"
    api.delete(StorageClass, "aaa-newest")
    api.patch(StorageClass, "my-sc", {"metadata": {"annotations": {DEFAULT: "false"}}})


@pytest.mark.extended
def test_the_class_is_looked_up_where_the_provider_talks_to(elsewhere: Project, other: Cluster) -> None:
    api = Client(KubeConfig.from_file(other.kubeconfig))
    api.create(StorageClass(metadata=ObjectMeta(name="only-there"), provisioner="kubernetes.io/host-path"))
    elsewhere.configure({"storage.storageClassName": "only-there"})
    elsewhere.preview()
    elsewhere.configure({"kubernetes:kubeconfig": ".sandbox/kubeconfig"})
    refused = elsewhere.preview(check=False)
    assert 'no StorageClass "only-there"' in refused.output
    elsewhere.configure({"kubernetes:kubeconfig": str(other.kubeconfig), "storage.storageClassName": "my-sc"})


def test_a_user_who_may_not_list_classes_is_told_and_goes_on_and_grows_claims(project: Project) -> None:
    token = deployed_by_an_account(project, {"": ["*"], "apps": ["*"]})
    said = project.preview().output
    assert 'StorageClass "rook-ceph-block" was not looked up' in said
    assert token not in said
    project.up()
    project.configure({"storage.size": "2Gi"})
    project.up()
    claims = project.list(PersistentVolumeClaim).values()
    assert [claim["spec"]["resources"]["requests"]["storage"] for claim in claims] == ["2Gi"] * 3


@pytest.mark.parametrize("mode", [pytest.param("Immediate", marks=pytest.mark.extended), "WaitForFirstConsumer"])
def test_both_binding_modes_work_for_a_class_of_the_stacks_own(project: Project, mode: str) -> None:
    storage = {
        "volumeName": "www",
        "createStorageClass": {"provisioner": "kubernetes.io/host-path", "volumeBindingMode": mode},
    }
    project.configure({"storage": storage})
    project.up()
    name = f"{project.namespace}-web-www"
    made = project.api.get(StorageClass, name).to_dict()
    assert (made["volumeBindingMode"], made["reclaimPolicy"], made["allowVolumeExpansion"]) == (mode, "Retain", True)
    claims = project.list(PersistentVolumeClaim)
    assert {(c["spec"]["storageClassName"], c["status"]["phase"]) for c in claims.values()} == {(name, "Bound")}
    project.up("--expect-no-changes")
