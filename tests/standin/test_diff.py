"""What counts as a change, and which changes replace."""

import pytest
from pulumi.runtime.proto.provider_pb2 import PropertyDiff

from tests.standin.harness import UNKNOWN, Json, Plugin, Resource, StartPlugin
from tests.standin.inputs import changed, claim, config_map, metadata, service, stateful_set

KINDS = {
    "ConfigMap": "core/v1:ConfigMap",
    "PersistentVolumeClaim": "core/v1:PersistentVolumeClaim",
    "Pod": "core/v1:Pod",
    "Service": "core/v1:Service",
    "StatefulSet": "apps/v1:StatefulSet",
    "StorageClass": "storage.k8s.io/v1:StorageClass",
}


def made(plugin: Plugin, inputs: Json) -> Resource:
    """A resource whose live object is exactly its inputs; only the engine's side of it exists."""
    resource = plugin.resource(KINDS[inputs["kind"]])
    resource.inputs = resource.check(inputs)
    resource.state = {**resource.inputs, "__inputs": resource.inputs, "__initialApiVersion": inputs["apiVersion"]}
    return resource


def kinds(resource: Resource, inputs: Json, *ignored: str) -> dict[str, str]:
    answer = resource.diff(inputs, *ignored)
    found = {path: PropertyDiff.Kind.Name(change.kind) for path, change in answer.detailedDiff.items()}
    assert sorted(answer.replaces) == sorted(path for path, kind in found.items() if kind.endswith("_REPLACE"))
    assert (answer.changes == answer.DIFF_SOME) == bool(found)
    return found


WEB = stateful_set("default", volumeClaimTemplates=[claim()], revisionHistoryLimit=5)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"replicas": 5}, {"spec.replicas": "UPDATE"}),
        ({"minReadySeconds": 5}, {"spec.minReadySeconds": "ADD"}),
        ({"serviceName": "other"}, {"spec.serviceName": "UPDATE_REPLACE"}),
        ({"podManagementPolicy": "Parallel"}, {"spec.podManagementPolicy": "ADD_REPLACE"}),
        ({"revisionHistoryLimit": 3}, {"spec.revisionHistoryLimit": "UPDATE_REPLACE"}),
        ({"selector": {"matchLabels": {"app": "x"}}}, {"spec.selector.matchLabels.app": "UPDATE_REPLACE"}),
        (
            {"volumeClaimTemplates": [claim(size="2Gi")]},
            {"spec.volumeClaimTemplates[0].spec.resources.requests.storage": "UPDATE_REPLACE"},
        ),
        ({"volumeClaimTemplates": [claim(), claim("b")]}, {"spec.volumeClaimTemplates[1]": "ADD_REPLACE"}),
        ({"volumeClaimTemplates": []}, {"spec.volumeClaimTemplates[0]": "DELETE_REPLACE"}),
        ({"replicas": UNKNOWN}, {"spec.replicas": "UPDATE"}),
        ({"volumeClaimTemplates": UNKNOWN}, {"spec.volumeClaimTemplates": "UPDATE_REPLACE"}),
    ],
)
def test_a_stateful_set_is_replaced_by_the_official_list_of_fields_only(
    plugin: Plugin, change: Json, expected: Json
) -> None:
    assert kinds(made(plugin, WEB), changed(WEB, **change)) == expected


CLAIM = {**claim(), "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("a", "default")}
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "a"},
    "provisioner": "p",
    "parameters": {"type": "ssd"},
}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": metadata("a", "default"),
    "spec": {"containers": [{"name": "a", "image": "b"}]},
}


@pytest.mark.parametrize(
    ("inputs", "change", "expected"),
    [
        (service("default"), changed(service("default"), clusterIP="10.0.0.9"), {"spec.clusterIP": "UPDATE_REPLACE"}),
        (service("default"), changed(service("default"), type="NodePort"), {"spec.type": "ADD"}),
        (CLASS, {**CLASS, "provisioner": "q"}, {"provisioner": "UPDATE_REPLACE"}),
        (CLASS, {**CLASS, "parameters": {"type": "hdd"}}, {"parameters.type": "UPDATE_REPLACE"}),
        (CLASS, {**CLASS, "allowVolumeExpansion": True}, {"allowVolumeExpansion": "ADD"}),
        (CLAIM, changed(CLAIM, storageClassName="b"), {"spec.storageClassName": "UPDATE_REPLACE"}),
        (
            CLAIM,
            changed(CLAIM, resources={"requests": {"storage": "2Gi"}}),
            {"spec.resources.requests.storage": "UPDATE"},
        ),
        (
            POD,
            changed(POD, containers=[{"name": "a", "image": "c"}]),
            {"spec.containers[0].image": "UPDATE_REPLACE"},
        ),
        (config_map("default", a="1"), config_map("default", a="2"), {"data.a": "UPDATE_REPLACE"}),
    ],
)
def test_other_kinds_have_lists_of_their_own(plugin: Plugin, inputs: Json, change: Json, expected: Json) -> None:
    assert kinds(made(plugin, inputs), change) == expected


def test_a_config_map_is_updated_in_place_if_the_provider_says_so(
    start_plugin: StartPlugin, kubeconfig: object
) -> None:
    mutable = start_plugin(KUBECONFIG=str(kubeconfig)).configure(enableConfigMapMutable="true")
    changed_map = config_map("default", a="2")
    assert kinds(made(mutable, config_map("default", a="1")), changed_map) == {"data.a": "UPDATE"}
    immutable = {**config_map("default", a="1"), "immutable": True}
    assert kinds(made(mutable, immutable), {**changed_map, "immutable": True}) == {"data.a": "UPDATE_REPLACE"}


def test_a_patch_is_replaced_only_if_it_goes_to_another_object(plugin: Plugin) -> None:
    resource = made(plugin, WEB)
    resource.urn = resource.urn.replace("StatefulSet", "StatefulSetPatch")
    assert kinds(resource, changed(WEB, serviceName="other")) == {"spec.serviceName": "UPDATE"}
    renamed = {**WEB, "metadata": metadata("other", "default")}
    assert list(resource.diff(renamed).replaces) == ["metadata.name"]


def test_a_user_s_name_is_deleted_before_it_is_replaced(plugin: Plugin) -> None:
    assert made(plugin, WEB).diff(changed(WEB, serviceName="other")).deleteBeforeReplace


def test_a_new_name_or_namespace_is_created_before_the_old_one_goes(plugin: Plugin) -> None:
    elsewhere = {**WEB, "metadata": metadata("web", "other")}
    answer = made(plugin, WEB).diff(elsewhere)
    assert list(answer.replaces) == ["metadata.namespace"]
    assert not answer.deleteBeforeReplace


def test_an_automatic_name_is_created_before_the_old_one_goes(plugin: Plugin) -> None:
    inputs = {key: value for key, value in WEB.items() if key != "metadata"}
    answer = made(plugin, inputs).diff(changed(inputs, serviceName="other"))
    assert list(answer.replaces) == ["spec.serviceName"]
    assert not answer.deleteBeforeReplace


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ("spec", {}),
        ("spec.volumeClaimTemplates", {"spec.replicas": "UPDATE"}),
        ("spec.volumeClaimTemplates[0].spec.resources.requests.storage", {"spec.replicas": "UPDATE"}),
        ("spec.volumeClaimTemplates[*].spec.resources", {"spec.replicas": "UPDATE"}),
        (
            "spec.replicas",
            {"spec.volumeClaimTemplates[0].spec.resources.requests.storage": "UPDATE_REPLACE"},
        ),
    ],
)
def test_ignored_changes_are_no_changes(plugin: Plugin, ignored: str, expected: Json) -> None:
    grown = changed(WEB, replicas=5, volumeClaimTemplates=[claim(size="2Gi")])
    assert kinds(made(plugin, WEB), grown, ignored) == expected


def test_keys_with_dots_and_slashes_are_quoted(plugin: Plugin) -> None:
    inputs = {**WEB, "metadata": metadata("web", "default", skipAwait="true")}
    changes = kinds(made(plugin, WEB), inputs)
    assert changes == {"metadata.annotations": "ADD"}
    other = {**WEB, "metadata": metadata("web", "default", skipAwait="false")}
    assert kinds(made(plugin, inputs), other) == {'metadata.annotations["pulumi.com/skipAwait"]': "UPDATE"}
    assert kinds(made(plugin, inputs), other, 'metadata.annotations["pulumi.com/skipAwait"]') == {}


def test_what_the_cluster_fills_in_is_no_change(plugin: Plugin) -> None:
    resource = made(plugin, WEB)
    live = changed(WEB, updateStrategy={"type": "RollingUpdate"}, minReadySeconds=0)
    resource.state = {**live, "status": {"replicas": 3}, "__inputs": resource.inputs}
    assert kinds(resource, WEB) == {}
