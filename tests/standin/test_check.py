"""What becomes of inputs before the engine compares or sends them."""

import pytest

from tests.standin.harness import Plugin, Refused, Resource, secret
from tests.standin.inputs import config_map, service, stateful_set

SERVICE, STATEFUL_SET, CONFIG_MAP = "core/v1:Service", "apps/v1:StatefulSet", "core/v1:ConfigMap"


def without_metadata(kind: str) -> dict[str, str]:
    return {"apiVersion": "v1", "kind": kind}


def test_an_object_without_a_namespace_goes_to_the_provider_s(plugin: Plugin) -> None:
    checked = plugin.resource(SERVICE).check({**without_metadata("Service"), "metadata": {"name": "a"}})
    assert checked["metadata"] == {"name": "a", "namespace": "default"}


def test_an_object_of_the_whole_cluster_gets_no_namespace(plugin: Plugin) -> None:
    inputs = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "a"}, "provisioner": "p"}
    assert plugin.resource("storage.k8s.io/v1:StorageClass").check(inputs)["metadata"] == {"name": "a"}


def test_an_unnamed_object_gets_the_resource_s_name_with_a_random_ending_and_keeps_it(plugin: Plugin) -> None:
    resource = plugin.resource(CONFIG_MAP, "settings")
    first = resource.check(without_metadata("ConfigMap"), seed=b"one")
    name = first["metadata"]["name"]
    assert name.startswith("settings-")
    assert len(name) == len("settings-") + 8
    assert first["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert resource.check(without_metadata("ConfigMap"), seed=b"one") == first
    assert resource.check(without_metadata("ConfigMap"), seed=b"two") != first
    resource.inputs = first
    assert resource.check(without_metadata("ConfigMap"), seed=b"two") == first


def test_a_name_that_was_the_program_s_is_not_adopted(plugin: Plugin) -> None:
    resource = plugin.resource(CONFIG_MAP)
    resource.inputs = resource.check(config_map("default", "mine"))
    assert "name" not in resource.check(without_metadata("ConfigMap"))["metadata"]


def test_quantities_take_the_form_in_which_the_server_returns_them(plugin: Plugin) -> None:
    inputs = stateful_set("default")
    inputs["spec"]["template"]["spec"]["containers"][0]["resources"] = {
        "requests": {"cpu": "0.5", "memory": "1024Mi"},
        "limits": {"cpu": 2, "memory": "1.5Gi"},
    }
    container = plugin.resource(STATEFUL_SET).check(inputs)["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "1536Mi"},
    }


def test_fields_that_kubernetes_does_not_have_are_dropped(plugin: Plugin) -> None:
    checked = plugin.resource(SERVICE).check(service("default", clusterIp="None"))
    assert checked == service("default")


def test_a_secret_s_text_goes_into_its_data_and_is_secret(plugin: Plugin) -> None:
    inputs = {**without_metadata("Secret"), "metadata": {"name": "a"}, "stringData": {"password": "open"}}
    checked = plugin.resource("core/v1:Secret").check(inputs)
    assert checked["data"] == secret({"password": "b3Blbg=="})
    assert "stringData" not in checked


def test_secret_inputs_stay_secret(plugin: Plugin) -> None:
    inputs = config_map("default")
    checked = plugin.resource(CONFIG_MAP).check({**inputs, "data": {"open": "a", "hidden": secret("b")}})
    assert checked["data"] == {"open": "a", "hidden": secret("b")}


def test_a_list_type_is_refused(plugin: Plugin) -> None:
    with pytest.raises(Refused, match="use the type of its items"):
        plugin.resource("core/v1:ConfigMapList").check(without_metadata("List"))


def test_a_patch_needs_a_name(plugin: Plugin) -> None:
    with pytest.raises(Refused, match=r"patch resources require the `\.metadata\.name` field to be set"):
        plugin.resource("core/v1:ConfigMapPatch").check(without_metadata("ConfigMap"))


@pytest.mark.parametrize(
    "kind",
    [
        "helm.sh/v3:Release",
        "yaml/v2:ConfigGroup",
        "kustomize/v2:Directory",
        "apps/v1:DaemonSet",
        "batch/v1:Job",
        "networking.k8s.io/v1:Ingress",
        "apiextensions.k8s.io/v1:CustomResourceDefinition",
    ],
)
def test_what_is_left_out_says_that_it_needs_the_official_plugin(plugin: Plugin, kind: str) -> None:
    resource: Resource = plugin.resource(kind)
    with pytest.raises(Refused, match=f"kubernetes:{kind} needs the official plugin"):
        resource.check({})
