"""The plan is the same whether it is made at once or, since outputs are awaited, later: the same is registered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran, Registration

from .claims import carried_out
from .harness import Stack, known
from .test_growth import LOGS

INPUTS: dict[str, dict[str, Any]] = {
    "the least": {},
    "larger": {"storage": {"size": "2Gi"}},
    "more pods": {"replicas": 4},
    "one by one": {"update": {"type": "OnDelete"}, "image": "web:2"},
    "autoscaled": {"autoscaled": True},
    "autoscale": {"autoscale": {"max_replicas": 5, "cpu": 80}},
    "ports": {"ports": [{"name": "gossip", "port": 7946}], "network_policy": {}},
    "a device": {"storage": {"volume_mode": "Block", "device_path": "/dev/data"}},
    "several templates": {"storage": {"size": "2Gi"}, "volumes": [LOGS]},
    "another service": {"service_name": "other"},
    "start of ordinals": {"ordinals_start": 3},
    "another volume": {"storage": {"volume_name": "www"}},
    "own class": {"storage": {"create_storage_class": {"provisioner": "driver.example"}}},
    "files": {"files": [{"mount_path": "/a", "content": {"a": "a"}}], "annotations": {"team": "shop"}},
    "a missing class": {"storage": {"storage_class_name": "fast"}},
    "too small": {"storage": {"size": "512Mi"}},
}
WORLDS: dict[str, Callable[[Stack], Any]] = {
    "nothing there": lambda _: None,
    "there": lambda stack: stack.grown_up(replicas=2),
    "grown": lambda stack: (stack.grown_up(replicas=2), carried_out(stack, replicas=2, storage={"size": "1536Mi"})),
    "autoscaled before": lambda stack: stack.grown_up(replicas=2, autoscaled=True),
}
RIGHTS = {
    "all rights": (),
    "get only": ("list statefulsets", "list persistentvolumeclaims"),
    "none": ("list statefulsets", "get statefulsets", "list persistentvolumeclaims", "get persistentvolumeclaims"),
}


def without_the_way(registered: Registration) -> Registration:
    """Return a registration without what says which provider it has; no annotations are as good as none."""
    metadata = registered.inputs.get("metadata", {})
    kept = {key: value for key, value in metadata.items() if (key, value) != ("annotations", {})}
    return replace(registered, provider="", inputs={**registered.inputs, "metadata": kept})


CASES = [(inputs, world, rights) for inputs in INPUTS for world in WORLDS for rights in RIGHTS]
USUAL = {"there", "all rights"}
"""What every run tries with all inputs."""


@pytest.mark.parametrize(
    ("inputs", "world", "rights"),
    [
        pytest.param(*case, marks=[] if set(case) >= USUAL or "larger" in case else pytest.mark.extended)
        for case in CASES
    ],
)
def test_an_explicit_provider_and_outputs_change_nothing(
    stack: Stack, api: FakeApiServer, preview: bool, inputs: str, world: str, rights: str
) -> None:
    WORLDS[world](stack)
    api.forbid(*RIGHTS[rights])
    run = stack.preview if preview else stack.up
    before = stack.state
    given = {"replicas": 2, **INPUTS[inputs]}
    plainly: Ran = run(**given)
    stack.state = before
    later: Ran = run(**given, namespace=known("default"), opts={"provider": stack.provider()})
    assert later.error == plainly.error
    assert later.warnings == plainly.warnings
    made = {name: without_the_way(found) for name, found in later.resources.items() if name != "explicit"}
    assert made == {name: without_the_way(found) for name, found in plainly.resources.items()}
