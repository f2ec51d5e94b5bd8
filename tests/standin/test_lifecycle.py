"""Create, update, refresh, import: what is on the API server, and what the engine keeps."""

import re

import pytest
from lightkube import Client
from lightkube.models.core_v1 import ServicePort
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace, Service
from lightkube.types import PatchType

from tests.standin.harness import Plugin, Refused, StartPlugin
from tests.standin.inputs import config_map, service

SERVICE, CONFIG_MAP = "core/v1:Service", "core/v1:ConfigMap"


def managers(live: dict[str, object]) -> set[tuple[str, str]]:
    return {(entry["manager"], entry["operation"]) for entry in live["metadata"]["managedFields"]}  # type: ignore[index]


def test_the_state_is_the_live_object_with_its_inputs_beside_it(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(SERVICE).create(service(namespace))
    live = api.get(Service, "nginx", namespace=namespace)
    assert resource.id == f"{namespace}/nginx"
    assert live.metadata is not None
    assert resource.state["metadata"]["uid"] == live.metadata.uid
    assert resource.state["spec"]["clusterIPs"] == ["None"]
    assert resource.state["__inputs"] == resource.inputs == service(namespace)
    assert resource.state["__initialApiVersion"] == "v1"
    assert re.fullmatch(r"pulumi-kubernetes-[0-9a-f]{8}", resource.state["__fieldManager"])


def test_an_object_of_the_whole_cluster_has_its_name_as_id(plugin: Plugin) -> None:
    inputs = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standin-id"},
        "provisioner": "example.com/none",
    }
    resource = plugin.resource("storage.k8s.io/v1:StorageClass").create(inputs)
    assert resource.id == "standin-id"
    resource.delete()


def test_creating_what_exists_is_an_error_with_the_ways_out(plugin: Plugin, namespace: str) -> None:
    plugin.resource(CONFIG_MAP).create(config_map(namespace, key="mine"))
    with pytest.raises(Refused, match='configmaps "settings" already exists') as refused:
        plugin.resource(CONFIG_MAP).create(config_map(namespace, key="other"))
    assert "pulumi import" in str(refused.value)
    assert refused.value.kept is None


def test_upsert_existing_objects_applies_onto_what_exists(
    start_plugin: StartPlugin, plugin: Plugin, namespace: str, kubeconfig: object, api: Client
) -> None:
    plugin.resource(CONFIG_MAP).create(config_map(namespace, mine="1"))
    upserting = start_plugin(KUBECONFIG=str(kubeconfig)).configure(upsertExistingObjects="true")
    upserting.resource(CONFIG_MAP).create(config_map(namespace, other="2"))
    assert api.get(ConfigMap, "settings", namespace=namespace).data == {"mine": "1", "other": "2"}


def test_a_create_waits_for_a_namespace_that_is_on_its_way(plugin: Plugin, api: Client) -> None:
    name = "standin-on-its-way"
    resource = plugin.resource(CONFIG_MAP)
    plugin.engine.on_log = lambda line: (  # made while the plugin tries again
        api.create(Namespace(metadata=ObjectMeta(name=name))) if "Retry #0" in line else None
    )
    try:
        resource.create(config_map(name, key="value"))
        assert api.get(ConfigMap, "settings", namespace=name).data == {"key": "value"}
    finally:
        plugin.engine.on_log = None
        api.delete(Namespace, name)


def test_an_update_takes_over_the_fields_of_the_create_so_that_it_can_remove_them(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    resource = plugin.resource(SERVICE).create(service(namespace, publishNotReadyAddresses=True))
    live = api.get(Service, "nginx", namespace=namespace)
    assert managers(live.to_dict()) == {("pulumi-kubernetes", "Update")}
    resource.update(service(namespace))
    live = api.get(Service, "nginx", namespace=namespace)
    assert live.spec is not None
    assert not live.spec.publishNotReadyAddresses
    assert managers(live.to_dict()) == {(resource.state["__fieldManager"], "Apply")}


def test_an_update_in_conflict_with_another_manager_names_it(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(SERVICE).create(service(namespace))
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "nginx"},
        "spec": {"ports": [{"port": 80, "name": "web", "targetPort": 8080}]},
    }
    api.patch(Service, "nginx", theirs, namespace=namespace, patch_type=PatchType.APPLY, force=True)
    ports = [{"name": "web", "port": 80, "targetPort": 9090}]
    with pytest.raises(Refused, match="server-side apply field conflict detected") as refused:
        resource.update(service(namespace, ports=ports))
    assert 'conflict with "a-test": .spec.ports' in str(refused.value)
    forced = service(namespace, ports=ports)
    forced["metadata"] = {**forced["metadata"], "annotations": {"pulumi.com/patchForce": "true"}}
    assert resource.update(forced)["spec"]["ports"][0]["targetPort"] == 9090


def test_a_refused_update_keeps_the_new_inputs_and_the_object_as_it_is(plugin: Plugin, namespace: str) -> None:
    resource = plugin.resource(SERVICE).create(service(namespace))
    wrong = service(namespace, ports=[{"name": "web", "port": 70000}])
    with pytest.raises(Refused, match="must be between 1 and 65535") as refused:
        resource.update(wrong)
    assert refused.value.state["__inputs"] == wrong
    assert refused.value.state["spec"]["ports"][0]["port"] == 80
    resource.state = refused.value.state
    assert [*resource.diff(service(namespace)).detailedDiff] == []


def test_ignored_changes_leave_the_field_to_its_other_manager(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(CONFIG_MAP).create(config_map(namespace, key="ours"))
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"theirs": "1"}}
    api.patch(ConfigMap, "settings", theirs, namespace=namespace, patch_type=PatchType.APPLY, force=True)
    resource.update(config_map(namespace, key="new", theirs="2"), "data.theirs")
    assert api.get(ConfigMap, "settings", namespace=namespace).data == {"key": "new", "theirs": "1"}


def test_ignored_changes_of_a_field_of_ours_keep_its_live_value(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(CONFIG_MAP).create(config_map(namespace, key="ours", stays="1"))
    resource.update(config_map(namespace, key="new", stays="2"), "data.stays")
    assert api.get(ConfigMap, "settings", namespace=namespace).data == {"key": "new", "stays": "1"}


def test_nothing_differs_after_a_create_and_a_refresh(plugin: Plugin, namespace: str) -> None:
    inputs = service(namespace, publishNotReadyAddresses=False, externalIPs=[])
    resource = plugin.resource(SERVICE).create(inputs)
    state = resource.state
    assert resource.refresh()
    assert resource.inputs == inputs
    assert {**resource.state, "metadata": None} == {**state, "metadata": None}
    assert [*resource.diff(inputs).detailedDiff] == []


def test_a_refresh_sees_drift_and_the_next_diff_undoes_it(plugin: Plugin, namespace: str, api: Client) -> None:
    inputs = service(namespace)
    resource = plugin.resource(SERVICE).create(inputs)
    live = api.get(Service, "nginx", namespace=namespace)
    assert live.spec is not None
    live.spec.ports = [ServicePort(name="web", port=81)]
    api.replace(live)
    assert resource.refresh()
    assert resource.inputs["spec"]["ports"] == [{"name": "web", "port": 81}]
    assert [*resource.diff(inputs).detailedDiff] == ["spec.ports[0].port"]


def test_a_refresh_of_what_is_gone_says_so(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(CONFIG_MAP).create(config_map(namespace))
    api.delete(ConfigMap, "settings", namespace=namespace)
    assert not resource.refresh()


def test_an_object_is_read_by_its_id_with_inputs_made_of_the_live_object(plugin: Plugin) -> None:
    resource = plugin.resource("storage.k8s.io/v1:StorageClass").get("rook-ceph-block")
    assert resource.state["provisioner"] == "kubernetes.io/host-path"
    assert resource.state["allowVolumeExpansion"] is True
    assert resource.inputs["provisioner"] == "kubernetes.io/host-path"
    assert {"uid", "managedFields"}.isdisjoint(resource.inputs["metadata"])


def test_an_imported_object_differs_by_what_the_program_says_otherwise(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    api.create(ConfigMap(metadata=ObjectMeta(name="settings", namespace=namespace), data={"key": "a"}))
    resource = plugin.resource(CONFIG_MAP).get(f"{namespace}/settings")
    assert [*resource.diff(config_map(namespace, key="a")).detailedDiff] == []
    assert [*resource.diff(config_map(namespace, key="b")).detailedDiff] == ["data.key"]


def test_a_read_of_what_does_not_exist_finds_nothing(plugin: Plugin) -> None:
    resource = plugin.resource("storage.k8s.io/v1:StorageClass")
    resource.id = "no-such-class"
    assert not resource.refresh()
