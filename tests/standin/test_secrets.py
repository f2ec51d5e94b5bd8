"""Secret values stay secret in everything that the engine keeps."""

import base64

from lightkube import Client
from lightkube.resources.core_v1 import Secret

from tests.standin.harness import SECRET, Json, Plugin, secret
from tests.standin.inputs import config_map, metadata, stateful_set


def a_secret(namespace: str, **text: str) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata("login", namespace), "stringData": text}


def test_a_secret_s_data_is_secret_whether_the_inputs_were_or_not(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource("core/v1:Secret").create(a_secret(namespace, password="open"))
    encoded = {"password": base64.b64encode(b"open").decode()}
    assert api.get(Secret, "login", namespace=namespace).data == encoded
    assert resource.state["data"] == resource.state["__inputs"]["data"] == secret(encoded)
    assert resource.refresh()
    assert resource.state["data"] == resource.inputs["data"] == secret(encoded)
    assert [*resource.diff(a_secret(namespace, password="open")).detailedDiff] == []


def test_a_changed_secret_is_replaced(plugin: Plugin, namespace: str) -> None:
    resource = plugin.resource("core/v1:Secret").create(a_secret(namespace, password="open"))
    answer = resource.diff(a_secret(namespace, password="other"))
    assert list(answer.replaces) == ["data.password"]
    assert answer.deleteBeforeReplace


def test_a_secret_value_is_secret_in_inputs_and_outputs_and_plain_on_the_server(plugin: Plugin, namespace: str) -> None:
    inputs = {**config_map(namespace), "data": {"open": "a", "hidden": secret("b")}}
    resource = plugin.resource("core/v1:ConfigMap").create(inputs)
    assert resource.state["data"] == resource.state["__inputs"]["data"] == {"open": "a", "hidden": secret("b")}
    updated = resource.update({**inputs, "data": {"open": "c", "hidden": secret("d")}})
    assert updated["data"] == {"open": "c", "hidden": secret("d")}


def test_a_list_with_a_secret_in_it_is_secret_as_a_whole(plugin: Plugin, namespace: str) -> None:
    inputs = stateful_set(namespace, annotations={"skipAwait": "true"})
    inputs["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": secret("b")}]
    previewed = plugin.resource("apps/v1:StatefulSet").preview(inputs)
    assert SECRET.keys() <= previewed["spec"]["template"]["spec"]["containers"].keys()
    assert previewed["spec"]["replicas"] == 2
