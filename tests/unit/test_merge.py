"""What ``pod_template`` adds, changes and removes, and what adoption keeps of the defaults."""

from typing import Any

import pytest

from components.stateful_web.merge import common, merged, problems

BASE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {
        "automountServiceAccountToken": False,
        "containers": [
            {
                "name": "web",
                "image": "web:1",
                "ports": [{"name": "web", "containerPort": 80}],
                "env": [{"name": "A", "value": "1"}],
                "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            }
        ],
    },
}


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"args": ["a"]}, {"args": ["b", "c"]}, {"args": ["b", "c"]}),
        ({"args": ["a"]}, {"args": []}, {"args": []}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": "text"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": [{"name": "A", "value": "2"}]},
         {"env": [{"name": "A", "value": "2"}]}),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": [{"name": "B", "value": "2"}]},
         {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}),
        ({"env": [{"name": "A", "value": "1"}]}, {"env": None}, {}),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
    ],
)  # fmt: skip
def test_maps_merge_deep_named_lists_by_name_other_lists_are_replaced_and_null_removes(
    base: Any, patch: Any, result: Any
) -> None:
    assert merged(base, patch) == result


def test_a_container_is_changed_by_its_name_and_another_one_added() -> None:
    sidecar = {"name": "log", "image": "log:1"}
    patch = {"spec": {"containers": [{"name": "web", "env": [{"name": "B", "value": "2"}]}, sidecar]}}
    web, added = merged(BASE, patch)["spec"]["containers"]
    assert added == sidecar
    assert web["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert web["image"] == "web:1"


def test_nothing_of_the_base_is_changed_in_place() -> None:
    before = repr(BASE)
    merged(BASE, {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "9"}]}]}})
    assert repr(BASE) == before


def test_merging_nothing_changes_nothing() -> None:
    assert merged(BASE, {}) == BASE


def test_of_the_defaults_those_stay_that_the_live_pod_has_a_place_for() -> None:
    defaults = {
        "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "web", "securityContext": {"allowPrivilegeEscalation": False}}],
        },
    }
    live = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"securityContext": {}, "containers": [{"name": "web", "image": "web:1"}]},
    }
    assert common(defaults, live) == {
        "metadata": {"labels": {}},
        "spec": {"securityContext": {}, "containers": [{"name": "web"}]},
    }
    assert common(defaults, defaults) == defaults
    assert common({"containers": [{"name": "web"}]}, {"containers": [{"name": "nginx"}]}) == {"containers": []}


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"spec": {"containers": [{"image": "a"}]}}, ("spec", "containers", 0)),
        ({"spec": {"containers": [{"name": "a", "ports": [{"name": "b"}]}]}}, ("spec", "containers", 0, "ports", 0)),
        ({"spec": {"volumes": ["data"]}}, ("spec", "volumes", 0)),
        ({"spec": {"topologySpreadConstraints": [{}]}}, ("spec", "topologySpreadConstraints", 0)),
    ],
)
def test_an_entry_without_its_merge_key_is_found(patch: Any, path: Any) -> None:
    assert [found for found, _ in problems(patch)] == [path]


def test_lists_without_a_merge_key_may_hold_anything() -> None:
    assert list(problems({"spec": {"tolerations": [{}], "args": ["a"]}})) == []
