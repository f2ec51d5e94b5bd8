"""What other people bring: their providers, rights, options and namespaces, on the real engine and API server."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, PersistentVolumeClaim, Pod
from lightkube.resources.storage_v1 import StorageClass

from tests.support.accounts import deployed_by_an_account
from tests.support.projects import Project
from tests.support.waiting import eventually

EXPLICIT = """
import pulumi
import pulumi_kubernetes as k8s
import settings
from components.stateful_web import StatefulWeb

mine = k8s.Provider("mine", kubeconfig=pulumi.Config("kubernetes").require("kubeconfig"), cluster_identifier="mine")
with settings.config_keys_in_errors():
    StatefulWeb("web", settings.load(), pulumi.ResourceOptions(provider=mine{more}))
"""
OBJECTS = {"": ["services", "endpoints", "pods", "events", "configmaps"]}


def requested(project: Project) -> dict[str, str]:
    claims = project.list(PersistentVolumeClaim)
    return {name: claim["spec"]["resources"]["requests"]["storage"] for name, claim in claims.items()}


def test_claims_grow_for_an_account_that_may_not_list_and_stay_for_one_that_may_not_read(project: Project) -> None:
    project.program(EXPLICIT.format(more=""))
    project.up()
    pods, everything = project.uids(Pod), project.values()["kubernetes:kubeconfig"]

    may_get = {**OBJECTS, "": [*OBJECTS[""], "persistentvolumeclaims"], "apps": ["statefulsets"]}
    deployed_by_an_account(project, may_get, ["get", "create", "update", "patch"])
    project.configure({"storage.size": "2Gi"})
    ended = project.up()
    assert requested(project) == {f"www-web-{n}": "2Gi" for n in range(3)}
    assert project.uids(Pod) == pods, ended.output
    project.up("--expect-no-changes")

    deployed_by_an_account(project, OBJECTS)
    said = project.up().output
    assert "StatefulSet web was not looked up: statefulsets.apps" in said
    assert "8 unchanged" in said, "stack, component, provider, Service, set and three patches"
    project.configure({"storage.size": "3Gi"})
    said = project.up("--expect-no-changes").output
    assert "Changed storage has no effect until this account may get statefulsets.apps" in said

    project.configure({"storage.size": "2Gi", "kubernetes:kubeconfig": everything})
    assert "7 unchanged" in project.up().output, "all but the provider, which has another kubeconfig"
    assert project.uids(Pod) == pods


def test_a_claim_that_was_made_anew_grows_again(project: Project) -> None:
    project.up()
    project.configure({"storage.size": "2Gi"})
    project.up()
    was = project.uids(PersistentVolumeClaim)
    project.kubectl("delete", "--wait=false", "persistentvolumeclaim/www-web-1", "pod/web-1")
    eventually(
        lambda: (
            project.uids(PersistentVolumeClaim).get("www-web-1") not in (None, was["www-web-1"])
            and project.get(PersistentVolumeClaim, "www-web-1")["status"]["phase"] == "Bound"
        ),
        "the claim is made anew",
    )
    assert requested(project)["www-web-1"] == "1Gi"
    project.up()
    assert requested(project) == {f"www-web-{n}": "2Gi" for n in range(3)}
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_files_change_and_sets_get_smaller_in_a_protected_stack(project: Project) -> None:
    project.program(EXPLICIT.format(more=", protect=True"))
    project.configure({"files": [{"mountPath": "/etc/site", "content": {"a.conf": "one"}}]})
    project.up()
    project.configure({"files": [{"mountPath": "/etc/site", "content": {"a.conf": "two"}}], "storage.size": "2Gi"})
    project.up()
    assert [found["data"] for name, found in project.list(ConfigMap).items() if name.startswith("web-files")] == [
        {"a.conf": "two"}
    ]
    project.configure({"replicas": 2})
    project.up()
    refused = project.pulumi("destroy", "--yes", "--skip-preview", check=False)
    project.pulumi("state", "unprotect", "--all", "--yes")
    assert refused.code != 0
    assert project.list(StatefulSet), "all else stays protected"


@pytest.mark.extended
def test_a_class_of_another_component_is_looked_for_once_it_is_there(project: Project) -> None:
    name = f"{project.namespace}-made"
    project.program(
        f"""
import pulumi
import pulumi_kubernetes as k8s
import settings
from components.stateful_web import StatefulWeb

chart = pulumi.ComponentResource("shop:index:Chart", "chart")
if pulumi.Config().get_bool("made", True):
    k8s.storage.v1.StorageClass("made", metadata={{"name": "{name}"}}, provisioner="kubernetes.io/host-path",
        allow_volume_expansion=True, opts=pulumi.ResourceOptions(parent=chart))
StatefulWeb("web", settings.load(), pulumi.ResourceOptions(depends_on=[chart]))
"""
    )
    project.configure({"storage.storageClassName": name})
    assert f'StorageClass "{name}" is not there yet, and made may make it' in project.preview().output
    project.up()
    assert project.api.get(StorageClass, name)
    project.up("--expect-no-changes")
    project.configure({"storage.storageClassName": f"{name}-other"})
    assert f'has no StorageClass "{name}-other"' in project.preview(check=False).output


@pytest.mark.extended
def test_a_namespace_that_nobody_gives_is_the_providers(project: Project) -> None:
    project.configure({"kubernetes:namespace": project.namespace}, remove=("namespace",))
    project.up()
    assert set(project.list(StatefulSet)) == {"web"}
    assert project.outputs()["namespace"] == project.namespace
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_a_failed_expansion_is_taken_back(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    project.kubectl("annotate", "persistentvolumeclaim/www-web-0", "stateful-web.dev/can-not-expand=yes")
    project.configure({"storage.size": "10Pi"})
    project.up()
    assert project.get(PersistentVolumeClaim, "www-web-0")["status"]["capacity"]["storage"] == "1Gi"

    project.configure({"storage.size": "1Gi"})
    assert "has 1Gi already, and Kubernetes can not shrink a volume. Set more than 1Gi." in (
        project.preview(check=False).output
    )
    project.configure({"storage.size": "2Gi"})
    project.up()
    assert requested(project) == {"www-web-0": "2Gi"}
    project.up("--expect-no-changes")
