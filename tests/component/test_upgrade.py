"""The upgrade contract, by what is registered: for a stack of release 0.1.0 it is what its state has."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stateful_web.partition import WAIT_FOR
from sandbox.paths import ROOT
from tests.support.monitor import Ran, Secret
from tests.support.projects import override
from tests.support.states import STACKS, Recorded, state_of

from .harness import Stack, as_the_engine_hands_it_over, file

NAMESPACE = "shop"
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Marks a value of a state that is encrypted."""


def resources(name: str) -> dict[str, dict[str, Any]]:
    """Return the component's children in a recorded state, by name."""
    found = json.loads(state_of(name, NAMESPACE))["deployment"]["resources"]
    return {r["urn"].rpartition("::")[2]: r for r in found if r.get("parent", "").endswith("::web")}


def config_of(recorded: Recorded, stack: Stack) -> dict[str, str]:
    """Return the config of the last ``up``, as the engine hands it over."""
    values: dict[str, Any] = {}
    if not recorded.program:
        values = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    values["stateful-web:namespace"] = NAMESPACE
    for config in recorded.configs:
        override(values, config)
    values["kubernetes:kubeconfig"] = stack.api.kubeconfig
    return as_the_engine_hands_it_over(values)


def put_on_the_cluster(stack: Stack, state: Mapping[str, Mapping[str, Any]], size: str) -> None:
    """Have the set of a state live, with the claims of its pods."""
    live = {key: value for key, value in state["web-set"]["outputs"].items() if not key.startswith("__")}
    stack.api.add(live)
    for template in live["spec"]["volumeClaimTemplates"]:
        for ordinal in range(live["spec"]["replicas"]):
            spec = {**template["spec"], "resources": {"requests": {"storage": size}}}
            stack.add_claim(f"{template['metadata']['name']}-web-{ordinal}", spec, NAMESPACE)


def run_again(stack: Stack, recorded: Recorded, folder: Path) -> Ran:
    """Preview the program that made it."""
    program = ROOT / "__main__.py"
    if recorded.program:
        program = folder / "program.py"
        program.write_text(recorded.program.replace('".sandbox/kubeconfig"', repr(stack.api.kubeconfig)))
    stack.config = config_of(recorded, stack)
    return stack.program(file(program))


def comparable(value: Any) -> Any:
    """Return inputs without what is encrypted, what the plugin adds, and what the plugin waits for: no pod has that."""
    if isinstance(value, Secret) or (isinstance(value, Mapping) and SIGNATURE in value):
        return "a secret"
    if isinstance(value, Mapping):
        # The plugin keeps a Secret's text as the API server does.
        named = {"data" if key == "stringData" else key: item for key, item in value.items()}
        return {key: comparable(item) for key, item in named.items() if not key.startswith(("__", WAIT_FOR))}
    return [comparable(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_of_the_first_release_has_the_objects_that_its_state_has(
    stack: Stack, name: str, tmp_path: Path
) -> None:
    state, recorded = resources(name), STACKS[name]
    put_on_the_cluster(stack, state, "2Gi" if name == "grown" else "1Gi")
    ran = run_again(stack, recorded, tmp_path)
    assert ran.error == ""
    children = {found.name: found for found in ran.registrations if found.parent == "web"}
    assert {n: found.type for n, found in children.items()} == {n: found["type"] for n, found in state.items()}
    for child, found in children.items():
        assert comparable(found.inputs) == comparable(state[child]["inputs"]), child
        assert bool(found.protect) == state[child].get("protect", False), child
