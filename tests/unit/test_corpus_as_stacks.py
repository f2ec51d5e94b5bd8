"""Public StatefulSets with their Services, said as stack config: nothing of them is lost, and little is added.

A field of the original that the rendered objects lack, or that has another value there, is a fault, unless
``not-expressed.yaml`` of the corpus has it with a reason. What a stack adds is one of ``ADDED``.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from components.stateful_web.environment import REFERENCE
from tests.support.corpus import CORPUS, EXPRESSED, SETS, objects_of, rendered
from tests.support.leaves import Leaves, is_default, leaves

KINDS = ("StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy", "HorizontalPodAutoscaler")
WITHOUT_A_CLAIM = {"storage-driver", "tunnel"}
"""Sets that no stack can make."""

POD = r"StatefulSet\.[^.]+\.spec\.template\.spec\."
ADDED: Mapping[str, str] = {
    rf"{POD}automountServiceAccountToken": "no token unless it is asked for",
    rf"{POD}securityContext\.seccompProfile\.type": "the runtime's own seccomp profile",
    rf"{POD}(containers|initContainers)\.[^.]+\.securityContext\.allowPrivilegeEscalation": "no privileges are gained",
    rf"{POD}securityContext\.fsGroup(ChangePolicy)?": "who runs can write the disk, and each start does not take long",
    rf"{POD}containers\.[^.]+\.volumeMounts\./.*": "the main container sees every claim",
    rf"{POD}containers\.[^.]+\.ports\..*": "a container declares its ports",
    r"StatefulSet\.[^.]+\.spec\.replicas": "a set starts with as many pods as its autoscaler wants at least",
    r"\w+\.[^.]+\.metadata\.(labels|annotations)\..*": "every object has those of the set",
    r"Service\.[^.]+\.spec\.selector\..*": "a Service selects by all of the selector's labels",
    r"Service\.[^.]+\.spec\.ports\..*": "the headless Service has every port, and both have the same hints",
    r"Service\.[^.]+\.spec\.clusterIP": "the governing Service is headless",
    r"NetworkPolicy\.[^.]+\.spec\.ingress\..*": "the pods of the set reach each other, and everybody is two ranges",
}
"""Paths that a stack may have and a set not, with the reason."""


@cache
def not_expressed() -> dict[str, list[dict[str, Any]]]:
    """Return what stacks leave out: by set, reasons with the paths that they are for."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load((CORPUS / "not-expressed.yaml").read_text())
    return found


def left_out(name: str) -> tuple[str, ...]:
    return tuple(path for entry in not_expressed().get(name, ()) for path in entry["paths"])


@cache
def original(name: str) -> Leaves:
    return leaves([of for of in objects_of(name) if of["kind"] in KINDS])


@cache
def made(name: str) -> Leaves:
    return leaves(rendered(name))


def lost(name: str) -> Leaves:
    """Return leaves of a set that its stack does not have, or has with another value."""
    there = made(name)
    return {
        path: value
        for path, value in original(name).items()
        if not (there[path] == value if path in there else is_default(path, value))
    }


@pytest.mark.parametrize("name", EXPRESSED)
def test_a_stack_loses_no_field_of_the_set(name: str) -> None:
    assert not {path: value for path, value in lost(name).items() if not path.startswith(left_out(name))}


@pytest.mark.parametrize("name", EXPRESSED)
def test_a_stack_adds_no_more_than_what_is_known(name: str) -> None:
    new = {path for path, value in made(name).items() if path not in original(name) and not is_default(path, value)}
    assert not {path for path in new if not any(re.fullmatch(known, path) for known in ADDED)}


@pytest.mark.parametrize("name", EXPRESSED)
def test_a_variable_that_another_refers_to_still_stands_before_it(name: str) -> None:
    assert held(objects_of(name)) <= held(rendered(name))


def held(objects: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Return the references between variables that Kubernetes replaces, by container, variable and what it names."""
    (pod,) = (of["spec"]["template"]["spec"] for of in objects if of["kind"] == "StatefulSet")
    return {
        (container["name"], entry["name"], name)
        for container in (*pod["containers"], *pod.get("initContainers", ()))
        for entry, before in _with_those_before(container.get("env", ()))
        for name in REFERENCE.findall(entry.get("value", ""))
        if name in before
    }


def _with_those_before(env: Any) -> Iterator[tuple[Mapping[str, Any], set[str]]]:
    before: set[str] = set()
    for entry in env:
        yield entry, set(before)
        before.add(entry["name"])


def test_enough_sets_are_said_as_stacks() -> None:
    assert len(EXPRESSED) >= 40
    assert set(SETS) - set(EXPRESSED) == WITHOUT_A_CLAIM
    for name in WITHOUT_A_CLAIM:
        assert not [of for of in objects_of(name) if of.get("spec", {}).get("volumeClaimTemplates")]


def test_what_is_left_out_is_of_a_set_that_has_it_and_says_why_in_a_sentence() -> None:
    assert not_expressed().keys() <= set(EXPRESSED)
    for name, entries in not_expressed().items():
        for entry in entries:
            assert entry["reason"].endswith(".")
            for path in entry["paths"]:
                assert any(leaf.startswith(path) for leaf in lost(name)), (name, path)
