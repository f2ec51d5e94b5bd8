"""JSONPath in the stand-in plugin, as the official plugin's library (theory/jsonpath 0.9) has it."""

from typing import Any

import pytest

from sandbox.kubernetes_plugin import jsonpath
from sandbox.kubernetes_plugin.errors import NeedsOfficialPlugin, PluginError

OBJECT: dict[str, Any] = {
    "spec": {"replicas": 3, "paused": False},
    "status": {
        "replicas": 3,
        "readyReplicas": 2,
        "currentRevision": "a",
        "updateRevision": "b",
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Scheduled", "status": "False"}],
    },
}


@pytest.mark.parametrize(
    "path",
    [
        "{.status}",
        "{ $.status.replicas }=3",
        "{.spec.paused}=false",
        "{$['status'][\"replicas\"]}=3",
        "{.status.conditions[-1].type}=Scheduled",
        "{.status.conditions[*].type}=Ready",
        '{.status.conditions[?(@.type=="Ready")].status}=True',
        "{$.status.conditions[?@.type == 'Ready' && @.status == 'True']}",
        "{$[?$.status.replicas == $.spec.replicas]}",
        "{$[?$.status.readyReplicas < $.spec.replicas]}",
        "{$[?$.status.replicas > 2.5]}",
        "{$[?$.status.replicas == 3.0]}",
        "{$[?$.status.updateRevision > $.status.currentRevision]}",
        "{$[?$.status.updatedReplicas == $.status.currentReplicas]}",
        "{$[?!$.status.updatedReplicas]}",
        "{$[?!($.status.updatedReplicas > 2)]}",
        "{$[?$.status.updatedReplicas > 0 || $.spec.paused == false]}",
    ],
)
def test_it_matches(path: str) -> None:
    assert jsonpath.parse(path).matches(OBJECT)


@pytest.mark.parametrize(
    "path",
    [
        "{.status.updatedReplicas}",
        "{.status.replicas}=4",
        "{.status.conditions[2]}",
        "{.status.conditions[-3]}",
        "{.status.replicas.more}",
        "{$[?$.status.updatedReplicas == 0]}",
        "{$[?$.status.updatedReplicas > 0]}",
        "{$[?$.status.updatedReplicas < 1]}",
        "{$[?$.spec.paused == 0]}",
        "{$[?$.status.replicas == '3']}",
        "{$[?$.status.replicas > '2']}",
        "{$[?$.status.updatedReplicas && $.status.replicas]}",
    ],
)
def test_it_does_not_match(path: str) -> None:
    assert not jsonpath.parse(path).matches(OBJECT)


@pytest.mark.parametrize(
    "path", ["{.status.replicas}=", "{.a}=b=c", "{$[?$.a >= 1]}", "{$[?$.a <= 1]}", "{$[?$.a != 1]}", "$.a", "'{.a}'=b"]
)
def test_what_the_official_plugin_refuses_is_refused(path: str) -> None:
    with pytest.raises(PluginError, match=r"expects \{.path\} or \{.path\}=value"):
        jsonpath.parse(path)


@pytest.mark.parametrize(
    "path",
    [
        "{..replicas}",
        "{.status.conditions[0:1]}",
        "{.status.conditions[0,1]}",
        "{$[?length($.status.conditions) > 1]}",
        "{$[?$.status.conditions[*].status == 'True']}",
        "{$[?$.a && $.b && $.c]}",
        "{$[?$.a || $.b || $.c]}",
        "{$[?(($.a)]}",
        "{$.status replicas}",
    ],
)
def test_what_is_left_out_needs_the_official_plugin(path: str) -> None:
    with pytest.raises(NeedsOfficialPlugin):
        jsonpath.parse(path)
