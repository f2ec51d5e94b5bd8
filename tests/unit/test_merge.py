"""What ``pod_template`` adds, changes and removes, and what adoption keeps of the defaults."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.stateful_web.merge import MAP_KEYS, common, in_order_of, merged, problems

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
        ({"env": [{"name": "A", "value": "1"}]}, {"env": []}, {"env": [{"name": "A", "value": "1"}]}),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b", "value": None}]},
         {"tolerations": [{"key": "b"}]}),
    ],
)  # fmt: skip
def test_maps_merge_deep_named_lists_by_name_other_lists_are_replaced_and_null_removes(
    base: Any, patch: Any, result: Any
) -> None:
    assert merged(base, patch) == result


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        # (containerPort, protocol), where TCP can be left out
        ([(80, None)], [(80, "UDP")], [(80, None), (80, "UDP")]),
        ([(80, None)], [(80, "TCP")], [(80, "TCP")]),
        ([(80, "TCP")], [(80, None)], [(80, "TCP")]),
        ([(8500, None)], [(8301, "TCP"), (8301, "UDP")], [(8500, None), (8301, "TCP"), (8301, "UDP")]),
    ],
)
def test_ports_are_the_same_if_number_and_protocol_are(base: Any, patch: Any, result: Any) -> None:
    def ports(of: list[tuple[int, str | None]]) -> dict[str, Any]:
        return {"ports": [{"containerPort": n} | ({"protocol": p} if p else {}) for n, p in of]}

    assert merged(ports(base), ports(patch)) == ports(result)


def test_pods_spread_by_key_and_by_what_happens_if_they_can_not() -> None:
    def spread(key: str, when: str, skew: int) -> dict[str, Any]:
        return {"topologyKey": key, "whenUnsatisfiable": when, "maxSkew": skew}

    base = {"topologySpreadConstraints": [spread("host", "ScheduleAnyway", 1)]}
    patch = {"topologySpreadConstraints": [spread("host", "DoNotSchedule", 2), spread("host", "ScheduleAnyway", 3)]}
    assert merged(base, patch) == {
        "topologySpreadConstraints": [spread("host", "ScheduleAnyway", 3), spread("host", "DoNotSchedule", 2)]
    }


@pytest.mark.parametrize(
    ("field", "base", "patch", "result"),
    [
        ("volumes", {"configMap": {"name": "a"}}, {"emptyDir": {}}, {"emptyDir": {}}),
        ("volumes", {"configMap": {"name": "a"}}, {"configMap": {"defaultMode": 256}},
         {"configMap": {"name": "a", "defaultMode": 256}}),
        ("volumes", {"configMap": {"name": "a"}}, {"configMap": None}, {}),
        ("volumes", {"secret": {"secretName": "a"}}, {"configMap": {"name": "b"}}, {"configMap": {"name": "b"}}),
        ("volumes", {"configMap": {"name": "a"}}, {"secret": {"secretName": "b"}}, {"secret": {"secretName": "b"}}),
        ("env", {"value": "1"}, {"valueFrom": {"fieldRef": {"fieldPath": "a"}}},
         {"valueFrom": {"fieldRef": {"fieldPath": "a"}}}),
        ("env", {"valueFrom": {"fieldRef": {"fieldPath": "a"}}}, {"value": "1"}, {"value": "1"}),
        ("env", {"valueFrom": {"fieldRef": {"fieldPath": "a"}}},
         {"valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
         {"valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}),
    ],
)  # fmt: skip
def test_of_sources_that_exclude_each_other_the_new_one_stays(field: str, base: Any, patch: Any, result: Any) -> None:
    named = [{field: [{"name": "one"} | value]} for value in (base, patch, result)]
    assert merged(named[0], named[1]) == named[2]


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_a_probe_asks_in_one_way_and_keeps_its_times(probe: str) -> None:
    base = {probe: {"httpGet": {"path": "/", "port": "web"}, "periodSeconds": 10}}
    for handler in ({"exec": {"command": ["true"]}}, {"tcpSocket": {"port": 80}}, {"grpc": {"port": 80}}):
        assert merged(base, {probe: handler}) == {probe: {"periodSeconds": 10, **handler}}
    slower = {"httpGet": {"path": "/", "port": "web"}, "periodSeconds": 20}
    assert merged(base, {probe: {"periodSeconds": 20}}) == {probe: slower}
    assert merged(base, {probe: {"httpGet": {"path": "/up"}}})[probe]["httpGet"] == {"path": "/up", "port": "web"}


def test_a_hook_does_one_thing() -> None:
    base = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
    for hook in ({"exec": {"command": ["stop"]}}, {"httpGet": {"path": "/stop", "port": 80}}):
        assert merged(base, {"lifecycle": {"preStop": hook}}) == {"lifecycle": {"preStop": hook}}
    start = {"postStart": {"exec": {"command": ["start"]}}}
    assert merged(base, {"lifecycle": start}) == {"lifecycle": base["lifecycle"] | start}


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


@pytest.mark.parametrize(
    ("base", "patch"),
    [
        ({"labels": {"a": "1"}}, {"labels": None}),
        ({"image": "web:1"}, {"image": None}),
        ({"args": ["a"]}, {"args": None}),
        ({"env": [{"name": "A"}]}, {"env": None}),
    ],
)
def test_an_output_replaces_what_can_not_be_merged(base: Any, patch: Any) -> None:
    (key,) = base
    given = pulumi.Output.from_input("later")
    found = merged(base, {key: given})[key]
    assert isinstance(found, pulumi.Output)
    assert (found is given) == (key != "labels"), "labels are merged when they are known"
    assert merged({key: given}, {key: None}) == {}


def test_an_output_in_the_base_is_replaced_by_what_does_not_merge() -> None:
    later = pulumi.Output.from_input(["a"])
    assert merged({"args": later}, {"args": ["b"]}) == {"args": ["b"]}
    assert merged({"image": later}, {"image": "web:2"}) == {"image": "web:2"}
    ports, later_ports = [{"containerPort": 80}], [{"containerPort": pulumi.Output.from_input(80)}]
    assert isinstance(merged({"ports": later_ports}, {"ports": ports})["ports"], pulumi.Output)
    assert isinstance(merged({"ports": ports}, {"ports": later_ports})["ports"], pulumi.Output)
    assert merged({}, {"ports": later_ports}) == {"ports": later_ports}
    for key, patch in (("labels", {"a": "1"}), ("env", [{"name": "A", "value": "1"}])):
        assert isinstance(merged({key: later}, {key: patch})[key], pulumi.Output)


LATER = pulumi.Output.from_input
AT_80 = {"containerPort": 80}


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ({"labels": lambda: LATER({"a": "1", "b": "1"})}, {"labels": {"b": "2"}}, {"a": "1", "b": "2"}),
        ({"labels": {"a": "1", "b": "1"}}, {"labels": lambda: LATER({"b": "2"})}, {"a": "1", "b": "2"}),
        ({"env": lambda: LATER([{"name": "A"}])}, {"env": [{"name": "B"}]}, [{"name": "A"}, {"name": "B"}]),
        ({"ports": lambda: [{"containerPort": LATER(80)}]}, {"ports": [AT_80 | {"name": "a"}]},
         [AT_80 | {"name": "a"}]),
    ],
)  # fmt: skip
def test_what_is_known_later_is_merged_then(base: Any, patch: Any, result: Any) -> None:
    (key,) = base
    assert known(lambda: merged(made(base), made(patch))[key]) == result


def test_defaults_that_are_known_later_are_compared_then() -> None:
    assert known(lambda: common(LATER({"a": "1", "b": "1"}), {"b": "2"})) == {"b": "1"}


def made(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item() if callable(item) else item for key, item in value.items()}


def known(make: Callable[[], "pulumi.Output[Any]"]) -> Any:
    async def value() -> Any:
        return await make().future()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(value())
    finally:
        loop.close()


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
    assert common({"spec": {"a": 1}}, {"spec": "text"}) == {"spec": {}}
    ports = {"ports": [{"containerPort": 80, "name": "web"}]}
    assert common(ports, {"ports": [{"containerPort": 80, "protocol": "TCP"}]}) == {"ports": [{"containerPort": 80}]}
    assert common({"args": ["a"]}, {"args": ["b"]}) == {"args": ["a"]}


@pytest.mark.parametrize(
    ("field", "entries", "place", "problem"),
    [
        ("containers", [{"image": "a"}], (0,), "has no name, by which entries of containers are merged. Give it one."),
        ("containers", [None], (0,), "has no name, "),
        ("volumes", [{"name": "a"}, {"name": None}], (1,), "has no name, "),
        ("ports", [{"name": "b"}], (0,), "has no containerPort, "),
        ("topologySpreadConstraints", [{"topologyKey": "a"}], (0,), "has no whenUnsatisfiable, "),
        ("topologySpreadConstraints", [{}], (0,), "has no topologyKey, "),
        ("topologySpreadConstraints", [{"topologyKey": LATER("a"), "whenUnsatisfiable": LATER("b")}],
         (0, "topologyKey"), "is an output, "),
        ("env", [{"name": "A"}, {"name": "B"}, {"name": "A"}], (2,),
         "has the same name as entry 0: one entry is expected. Remove one."),
        ("ports", [{"containerPort": 1}, {"containerPort": 1, "protocol": "TCP"}], (1,),
         "has the same containerPort and protocol as entry 0: "),
        ("env", [{"name": "A"}, {"name": pulumi.Output.from_input("A")}], (1, "name"), "is an output, "),
        ("volumeMounts", [{"mountPath": pulumi.Output.from_input("/a")}], (0, "mountPath"),
         "is an output, but entries of volumeMounts are merged by it. Give it a plain value."),
    ],
)  # fmt: skip
def test_an_entry_that_can_not_be_merged_by_its_keys_is_found(
    field: str, entries: Any, place: Any, problem: str
) -> None:
    ((at, found),) = problems(entries, field)
    assert at == place
    assert found.startswith(problem)


def test_entries_that_differ_in_one_of_their_keys_have_no_problem() -> None:
    ports = [{"containerPort": 1}, {"containerPort": 1, "protocol": "UDP"}, {"containerPort": 2}]
    later = [{"containerPort": pulumi.Output.from_input(1)}, {"containerPort": pulumi.Output.from_input(1)}]
    assert list(problems([*ports, *later], "ports")) == []
    assert all(list(problems([], field)) == [] for field in MAP_KEYS)


def test_entries_take_the_order_that_they_have_on_the_cluster_at_any_depth_and_new_ones_come_last() -> None:
    live = {
        "containers": [
            {"name": "side", "image": "a:1"},
            {"name": "web", "env": [{"name": "B"}, {"name": "A"}, {"name": "GONE"}], "args": ["x", "y"]},
        ]
    }
    env = [{"name": "NEW"}, {"name": "A", "value": "1"}, {"name": "B"}, {"name": "NEWER"}]
    made = {
        "hostNetwork": True,
        "containers": [
            {"name": "web", "env": env, "args": ["y", "x"], "ports": [{"containerPort": 2}, {"containerPort": 1}]},
            {"name": "new", "env": [{"name": "B"}, {"name": "A"}]},
            {"name": "side"},
        ],
    }
    ordered = in_order_of(live, made)
    assert [container["name"] for container in ordered["containers"]] == ["side", "web", "new"]
    side, web, new = ordered["containers"]
    assert web["env"] == [{"name": "B"}, {"name": "A", "value": "1"}, {"name": "NEW"}, {"name": "NEWER"}]
    assert web["args"] == ["y", "x"], "the order of a list without keys is its own"
    assert web["ports"] == [{"containerPort": 2}, {"containerPort": 1}]
    assert (side, new) == ({"name": "side"}, {"name": "new", "env": [{"name": "B"}, {"name": "A"}]})
    assert ordered["hostNetwork"] is True


@pytest.mark.parametrize(
    ("live", "made"),
    [
        (None, {"containers": [{"name": "b"}, {"name": "a"}]}),
        ({"containers": None}, {"containers": [{"name": "b"}, {"name": "a"}]}),
        ({"containers": [{"name": "a"}]}, {"containers": "later"}),
        ({"containers": [{"name": "a"}]}, None),
    ],
)
def test_what_has_no_order_to_take_stays_as_it_is(live: Any, made: Any) -> None:
    assert in_order_of(live, made) == made
