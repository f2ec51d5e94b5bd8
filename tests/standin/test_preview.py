"""Previews: the API server answers, and nothing is kept."""

import pytest
from lightkube import Client
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, Service

from tests.standin.harness import UNKNOWN, Plugin, Refused
from tests.standin.inputs import changed, config_map, service, stateful_set

SERVICE, STATEFUL_SET, CONFIG_MAP = "core/v1:Service", "apps/v1:StatefulSet", "core/v1:ConfigMap"


def test_a_create_is_tried_on_the_server_with_its_defaults_and_nothing_is_made(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    previewed = plugin.resource(SERVICE).preview(service(namespace))
    assert previewed["spec"]["sessionAffinity"] == "None"
    assert "status" not in previewed
    assert list(api.list(Service, namespace=namespace)) == []


def test_an_object_that_the_server_would_refuse_fails_the_preview_with_its_words(
    plugin: Plugin, namespace: str
) -> None:
    inputs = stateful_set(namespace, replicas=-1)
    with pytest.raises(Refused, match=r'StatefulSet.apps "web" is invalid: spec.replicas: Invalid value: -1'):
        plugin.resource(STATEFUL_SET).preview(inputs)


def test_unknown_inputs_are_not_tried(plugin: Plugin, namespace: str) -> None:
    inputs = stateful_set(namespace, replicas=-1, serviceName=UNKNOWN)
    assert plugin.resource(STATEFUL_SET).preview(inputs)["spec"] == inputs["spec"]


def test_a_namespace_that_is_not_there_yet_cannot_be_tried(plugin: Plugin) -> None:
    inputs = config_map("not-there-yet", key="value")
    assert plugin.resource(CONFIG_MAP).preview(inputs) == inputs


def test_a_kind_that_is_not_there_yet_cannot_be_tried(plugin: Plugin) -> None:
    inputs = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a", "namespace": "default"}}
    assert plugin.resource("example.com/v1:Thing").preview(inputs) == inputs


def test_the_create_of_a_replacement_does_not_stumble_over_the_object_that_it_replaces(
    plugin: Plugin, namespace: str
) -> None:
    inputs = stateful_set(namespace, annotations={"skipAwait": "true"})
    resource = plugin.resource(STATEFUL_SET).create(inputs)
    replacement = changed(inputs, serviceName="other")
    assert resource.diff(replacement).deleteBeforeReplace
    assert plugin.resource(STATEFUL_SET).preview(replacement)["spec"] == replacement["spec"]


def test_an_update_is_tried_on_the_server_and_nothing_is_changed(plugin: Plugin, namespace: str, api: Client) -> None:
    inputs = config_map(namespace, key="old")
    resource = plugin.resource(CONFIG_MAP).create(inputs)
    previewed = resource.update(config_map(namespace, key="new"), preview=True)
    assert previewed["data"] == {"key": "new"}
    assert previewed["metadata"]["uid"] == resource.state["metadata"]["uid"]
    assert api.get(ConfigMap, "settings", namespace=namespace).data == {"key": "old"}


def test_an_update_that_the_server_forbids_fails_the_preview_with_its_words(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    inputs = stateful_set(namespace, annotations={"skipAwait": "true"})
    resource = plugin.resource(STATEFUL_SET).create(inputs)
    forbidden = changed(inputs, selector={"matchLabels": {"app": "other"}})
    its_words = (
        r"updates to statefulset spec for fields other than|spec\.selector: .*: field is immutable"  # since 1.37
    )
    with pytest.raises(Refused, match=its_words):
        resource.update(forbidden, preview=True)
    live = api.get(StatefulSet, "web", namespace=namespace)
    assert live.to_dict()["spec"]["selector"] == inputs["spec"]["selector"]
