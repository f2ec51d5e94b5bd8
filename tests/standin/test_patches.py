"""Patch resources: some fields of an object of somebody else's."""

import pytest
from lightkube import Client
from lightkube.models.core_v1 import PersistentVolumeClaimSpec, ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, PersistentVolumeClaim, Service

from tests.standin.harness import Plugin, Refused
from tests.standin.inputs import Json, claim, config_map, metadata
from tests.support.waiting import eventually

CONFIG_MAP_PATCH, CLAIM_PATCH = "core/v1:ConfigMapPatch", "core/v1:PersistentVolumeClaimPatch"


@pytest.fixture
def theirs(api: Client, namespace: str) -> ConfigMap:
    made = ConfigMap(metadata=ObjectMeta(name="settings", namespace=namespace), data={"theirs": "1"})
    return api.create(made)


def data(api: Client, namespace: str) -> dict[str, str] | None:
    return api.get(ConfigMap, "settings", namespace=namespace).data


def test_a_patch_applies_its_fields_under_a_manager_of_its_own(
    plugin: Plugin, namespace: str, api: Client, theirs: ConfigMap
) -> None:
    resource = plugin.resource(CONFIG_MAP_PATCH).create(config_map(namespace, ours="2"))
    assert data(api, namespace) == {"theirs": "1", "ours": "2"}
    managers = {(entry["manager"], entry["operation"]) for entry in resource.state["metadata"]["managedFields"]}
    assert managers == {("a-test", "Update"), (resource.state["__fieldManager"], "Apply")}
    resource.update(config_map(namespace, other="3"))
    assert data(api, namespace) == {"theirs": "1", "other": "3"}


def test_deleting_a_patch_gives_its_fields_up_and_leaves_the_object(
    plugin: Plugin, namespace: str, api: Client, theirs: ConfigMap
) -> None:
    plugin.resource(CONFIG_MAP_PATCH).create(config_map(namespace, ours="2")).delete()
    assert data(api, namespace) == {"theirs": "1"}


def test_a_patch_is_not_tried_in_a_preview(plugin: Plugin, namespace: str) -> None:
    inputs = config_map(namespace, ours="2")
    assert plugin.resource(CONFIG_MAP_PATCH).preview(inputs) == inputs


def test_a_patch_in_conflict_needs_force(plugin: Plugin, namespace: str, api: Client, theirs: ConfigMap) -> None:
    inputs = config_map(namespace, theirs="2")
    with pytest.raises(Refused, match="server-side apply field conflict detected"):
        plugin.resource(CONFIG_MAP_PATCH).create(inputs)
    inputs["metadata"] = metadata("settings", namespace, patchForce="true")
    plugin.resource(CONFIG_MAP_PATCH).create(inputs)
    assert data(api, namespace) == {"theirs": "2"}


def test_the_manager_can_be_named(plugin: Plugin, namespace: str, api: Client, theirs: ConfigMap) -> None:
    inputs = config_map(namespace, ours="2")
    inputs["metadata"] = metadata("settings", namespace, patchFieldManager="one", patchForce="true")
    resource = plugin.resource(CONFIG_MAP_PATCH).create(inputs)
    assert resource.state["__fieldManager"] == "one"
    inputs["metadata"] = metadata("settings", namespace, patchFieldManager="two", patchForce="true")
    resource.update(inputs)
    live = api.get(ConfigMap, "settings", namespace=namespace).to_dict()
    assert {entry["manager"] for entry in live["metadata"]["managedFields"]} == {"a-test", "two"}


def test_a_patch_that_manages_a_required_field_alone_cannot_be_given_up(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    spec = ServiceSpec(ports=[ServicePort(port=80)])
    api.create(Service(metadata=ObjectMeta(name="web", namespace=namespace), spec=spec))
    inputs: Json = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata("web", namespace, patchForce="true"),
        "spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]},
    }
    resource = plugin.resource("core/v1:ServicePatch").create(inputs)
    live = api.get(Service, "web", namespace=namespace).to_dict()
    for entry in live["metadata"]["managedFields"]:
        if entry["manager"] == "a-test":
            entry["fieldsV1"] = {}
    api.patch(Service, "web", {"metadata": {"managedFields": live["metadata"]["managedFields"]}}, namespace=namespace)
    with pytest.raises(Refused, match=r"currently managing a required field.*spec\.ports.*retainOnDelete"):
        resource.delete()


def test_a_patch_grows_a_claim_of_a_stateful_set(plugin: Plugin, namespace: str, api: Client) -> None:
    spec = PersistentVolumeClaimSpec.from_dict(claim()["spec"])
    assert isinstance(spec, PersistentVolumeClaimSpec)
    api.create(PersistentVolumeClaim(metadata=ObjectMeta(name="www-web-0", namespace=namespace), spec=spec))

    def read() -> Json:
        live: Json = api.get(PersistentVolumeClaim, "www-web-0", namespace=namespace).to_dict()
        return live

    inputs = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata("www-web-0", namespace, patchForce="true", skipAwait="true"),
        "spec": {"resources": {"requests": {"storage": "2Gi"}}},
    }
    eventually(lambda: read()["status"]["phase"] == "Bound", "the claim is bound")
    plugin.resource(CLAIM_PATCH).create(inputs)
    live = read()
    assert live["spec"]["resources"]["requests"]["storage"] == "2Gi"
    assert live["spec"]["storageClassName"] == "rook-ceph-block"
