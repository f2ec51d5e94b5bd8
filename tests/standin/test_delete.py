"""Deletion: how far it reaches, and that it is waited for."""

import pytest
from lightkube import ApiError, Client
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, Pod

from tests.standin.harness import Plugin, Refused
from tests.standin.inputs import config_map, stateful_set

STATEFUL_SET, CONFIG_MAP = "apps/v1:StatefulSet", "core/v1:ConfigMap"


def test_a_delete_takes_the_pods_along_and_waits_for_them(plugin: Plugin, namespace: str, api: Client) -> None:
    plugin.resource(STATEFUL_SET).create(stateful_set(namespace)).delete()
    assert list(api.list(StatefulSet, namespace=namespace)) == []
    assert list(api.list(Pod, namespace=namespace)) == []


def test_orphan_leaves_the_pods_running(plugin: Plugin, namespace: str, api: Client) -> None:
    inputs = stateful_set(namespace, annotations={"deletionPropagationPolicy": "orphan"})
    plugin.resource(STATEFUL_SET).create(inputs).delete()
    assert list(api.list(StatefulSet, namespace=namespace)) == []
    assert len(list(api.list(Pod, namespace=namespace))) == 2


def test_the_policy_is_that_of_the_previous_inputs(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace))
    orphan = {"metadata": {"annotations": {"pulumi.com/deletionPropagationPolicy": "orphan"}}}
    api.patch(StatefulSet, "web", orphan, namespace=namespace)
    resource.delete()
    assert list(api.list(Pod, namespace=namespace)) == []


def test_what_is_gone_is_deleted(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(CONFIG_MAP).create(config_map(namespace))
    api.delete(ConfigMap, "settings", namespace=namespace)
    resource.delete()


def test_a_delete_that_a_finalizer_holds_stays_in_the_state_and_names_it(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    inputs = config_map(namespace)
    inputs["metadata"]["finalizers"] = ["example.com/held"]
    resource = plugin.resource(CONFIG_MAP).create(inputs)
    try:
        with pytest.raises(Refused, match="timed out waiting") as refused:
            resource.delete(timeout=1)
        assert any("example.com/held" in reason for reason in refused.value.reasons)
        assert refused.value.kept is not None
        assert refused.value.kept.id == f"{namespace}/settings"
    finally:
        api.patch(ConfigMap, "settings", {"metadata": {"finalizers": None}}, namespace=namespace)
    with pytest.raises(ApiError, match="not found"):
        api.get(ConfigMap, "settings", namespace=namespace)


def test_skip_await_of_a_stateful_set_counts_for_its_deletion(plugin: Plugin, namespace: str, api: Client) -> None:
    inputs = stateful_set(namespace, annotations={"skipAwait": "true"})
    inputs["metadata"]["finalizers"] = ["example.com/held"]
    plugin.resource(STATEFUL_SET).create(inputs).delete(timeout=60)
    assert "deletionTimestamp" in api.get(StatefulSet, "web", namespace=namespace).to_dict()["metadata"]
    api.patch(StatefulSet, "web", {"metadata": {"finalizers": None}}, namespace=namespace)
