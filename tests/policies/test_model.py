"""Kubernetes objects as plain data: what an unknown value hides, whom a selector selects, and what text is safe."""

from typing import Any

import pytest

from policies.kit.examples import merged
from policies.kit.model import (
    UNKNOWN,
    Cluster,
    Object,
    all_of,
    by_name,
    entries,
    get,
    holds,
    integer,
    is_complete,
    is_equal,
    lacking,
    listed,
    mapping,
    matches,
    one_line,
    quote,
    text,
)
from policies.kit.pods import TEMPLATES, all_are_known, containers, labels, running, template


def named(
    name: Any, namespace: Any = None, kind: str = "Service", cluster: Cluster | None = None, **more: Any
) -> Object:
    return Object(kind, {"metadata": {"name": name, "namespace": namespace}}, cluster=cluster or Cluster("a"), **more)


def written_anew(value: Any) -> Any:
    """Return text that is equal to this one, and is not the same object: so is what the engine sends."""
    return "".join(list(value)) if isinstance(value, str) else value


class TestCluster:
    @pytest.mark.parametrize(
        ("mine", "theirs", "expected"),
        [
            ((None, None, None), (None, None, None), True),
            (("x", None, None), (None, None, None), True),
            (("x", None, None), ("x", None, None), True),
            (("x", None, None), ("y", None, None), False),
            (("x", "a", None), ("x", "b", None), False),
            (("x", "a", None), ("x", "a", "c"), True),
            (("x", None, "c"), ("x", None, "d"), False),
            ((UNKNOWN, None, None), ("x", None, None), UNKNOWN),
            ((UNKNOWN, "a", None), ("x", "b", None), False),
            (("/home/me/.kube/config", None, None), (".kube/config", None, None), True),
            (("~/.kube/config", None, None), ("/home/me/.kube/config", None, None), True),
            ((".kube/config", None, None), ("/home/me/.kube/../.kube/config", None, None), True),
            (("config", None, None), ("/home/me/.kubeconfig", None, None), False),
            (("config", None, None), ("kube/config", None, None), False),
            (("kind: Config\nx", None, None), ("kind: Config\nx", None, None), True),
            (("kind: Config\nx", None, None), ("/kind: Config\nx", None, None), False),
            ((7, None, None), ("7", None, None), False),
            ((7, None, None), (7, None, None), True),
            ((), ("x",), True),
        ],
    )
    def test_two_are_one_unless_both_name_one_and_the_names_differ(self, mine: Any, theirs: Any, expected: Any) -> None:
        mine = tuple(map(written_anew, mine))
        assert Cluster("a", mine).is_same(Cluster("b", theirs)) is expected
        assert Cluster("b", theirs).is_same(Cluster("a", mine)) is expected

    def test_one_provider_is_one_cluster(self) -> None:
        assert Cluster(written_anew("a/b"), ("x",)).is_same(Cluster("a/b", ("y",))) is True
        assert Cluster("b", ("x",)).is_same(Cluster("a", ("y",))) is False


class TestObject:
    @pytest.mark.parametrize(
        ("own", "provider", "expected"),
        [
            ("shop", None, "shop"),
            ("shop", "other", "shop"),
            (None, "other", "other"),
            ("", "other", "other"),
            (None, None, "default"),
            (UNKNOWN, None, UNKNOWN),
            (None, UNKNOWN, UNKNOWN),
        ],
    )
    def test_its_namespace(self, own: Any, provider: Any, expected: Any) -> None:
        assert named("x", own, cluster=Cluster(namespace=provider)).namespace == expected

    @pytest.mark.parametrize(
        ("made", "says"),
        [
            (named("web", "shop"), "Service shop/web"),
            (named("web", "shop", resource="w"), 'Service shop/web (resource "w")'),
            (named("web", kind="StatefulSet.apps", patch=True), "StatefulSetPatch default/web"),
            (named(UNKNOWN, "shop", resource="w"), 'Service (resource "w")'),
            (named(None), "Service"),
            (named("web", UNKNOWN), "Service web"),
            (named("w\nb"), "Service default/w?b"),
        ],
    )
    def test_how_it_is_called(self, made: Object, says: str) -> None:
        assert str(made) == says

    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (named("web", "shop"), True),
            (named("web", "other"), False),
            (named("api", "shop"), False),
            (named("web", UNKNOWN), UNKNOWN),
            (named(UNKNOWN, "shop"), UNKNOWN),
            (named(UNKNOWN, "other"), False),
            (named("web", "shop", cluster=Cluster("b", ("x",))), True),
        ],
    )
    def test_whether_it_is_the_one_that_is_meant(self, found: Object, expected: Any) -> None:
        like = named("set", "shop", cluster=Cluster("a"))
        assert found.is_named("web", like) is expected
        if found.name == "web":
            assert found.is_beside(like) is expected

    def test_one_on_another_cluster_is_not_beside(self) -> None:
        here, there = (named("web", "shop", cluster=Cluster(urn, (urn,))) for urn in "ab")
        assert here.is_beside(there) is False
        assert here.is_named("web", there) is False

    def test_look_up_by_name_finds_what_has_it_or_may_have_it(self) -> None:
        web, other, unknown = named("web"), named("other"), named(UNKNOWN)
        also = named("web", "shop")
        of_others = [named(name, kind=kind) for name in ("web", UNKNOWN) for kind in ("Pod", "Widget")]
        found = by_name([web, other, unknown, also, *of_others, named(None), named(7)], written_anew("Service"))
        assert found("web") == [web, also, unknown]
        assert found("nothing") == [unknown]

    def test_two_that_say_the_same_are_two(self) -> None:
        one, two = (Object("Service", {}, cluster=Cluster("a")) for _ in "ab")
        assert one != two
        assert one.cluster != two.cluster
        assert len({one, two, one}) == 2

    def test_get_reads_its_data(self) -> None:
        assert named("web").get("metadata", "name") == "web"
        assert named("web").get("spec") is None


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        ({"a": {"b": 1}}, ("a", "b"), 1),
        ({"a": {"b": None}}, ("a", "b"), None),
        ({"a": {"b": 1}}, ("a", "c"), None),
        ({"a": 1}, ("a", "b"), None),
        ({"a": [1]}, ("a", "0"), None),
        ({"a": UNKNOWN}, ("a", "b", "c"), UNKNOWN),
        ({"a": UNKNOWN}, ("b",), None),
        (UNKNOWN, ("a",), UNKNOWN),
        (UNKNOWN, (), UNKNOWN),
        ("text", (), "text"),
        (None, ("a",), None),
    ],
)
def test_get(value: Any, path: Any, expected: Any) -> None:
    assert get(value, *path) is expected


def test_entries_and_maps_of_anything() -> None:
    assert entries([1, UNKNOWN, None]) == [1, None]
    others: list[Any] = [None, UNKNOWN, {}, "ab", 7]
    assert [entries(value) for value in others] == [[]] * 5
    assert mapping({"a": 1}) == {"a": 1}
    assert [mapping(value) for value in ([], *others[:2], "ab")] == [{}] * 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, False), ([UNKNOWN], False), ([1, UNKNOWN], False), ([], True), ([1], True), (None, True), ({}, True)],
)
def test_an_absence_is_certain_where_all_is_known(value: Any, expected: bool) -> None:
    assert is_complete(value) is expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], True),
        ([True], True),
        ([True, True], True),
        ([True, False], False),
        ([UNKNOWN, True], UNKNOWN),
        ([UNKNOWN, False], False),
        ([False, UNKNOWN], False),
    ],
)
def test_all_of(answers: Any, expected: Any) -> None:
    assert all_of(iter(answers)) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (UNKNOWN, "a", UNKNOWN),
        ("a", UNKNOWN, UNKNOWN),
        (None, None, True),
        (1, 1.0, True),
    ],
)
def test_is_equal(left: Any, right: Any, expected: Any) -> None:
    assert is_equal(left, right) is expected


@pytest.mark.parametrize(
    ("selector", "has", "expected"),
    [
        ({"a": "1"}, {"a": "1"}, {}),
        ({"a": "1"}, {"a": "2"}, {"a": "1"}),
        ({"a": "1", "b": "2"}, {"a": "1"}, {"b": "2"}),
        ({"a": "1"}, {"a": UNKNOWN}, {}),
        ({"a": UNKNOWN}, {"a": "1"}, {}),
        ({"a": "1"}, UNKNOWN, {}),
        ({"a": "1"}, None, {"a": "1"}),
        (UNKNOWN, {}, {}),
        (None, {}, {}),
    ],
)
def test_what_labels_certainly_lack(selector: Any, has: Any, expected: Any) -> None:
    assert lacking(selector, has) == expected


HAS = {"app": "web", "tier": UNKNOWN}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ("app", False),
        (UNKNOWN, UNKNOWN),
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "db"}}, False),
        ({"matchLabels": {"tier": "x"}}, UNKNOWN),
        ({"matchLabels": {"app": "db", "tier": "x"}}, False),
        ({"matchLabels": UNKNOWN}, UNKNOWN),
        ({"matchExpressions": UNKNOWN}, UNKNOWN),
        ({"matchExpressions": [UNKNOWN]}, UNKNOWN),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
        ({"matchLabels": {"app": "db"}, "matchExpressions": [{"key": "app", "operator": "Exists"}]}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
    ],
)
def test_whom_a_selector_selects(selector: Any, expected: Any) -> None:
    assert matches(selector, HAS) is expected


@pytest.mark.parametrize(
    ("key", "operator", "values", "expected"),
    [
        ("app", "Exists", None, True),
        ("x", "Exists", None, False),
        ("app", "DoesNotExist", None, False),
        ("x", "DoesNotExist", None, True),
        ("app", "In", ["web", "db"], True),
        ("app", "In", ["db"], False),
        ("x", "In", ["db"], False),
        ("app", "NotIn", ["db"], True),
        ("app", "NotIn", ["web"], False),
        ("x", "NotIn", ["web"], True),
        ("app", "In", ["web", UNKNOWN], True),
        ("app", "In", ["db", UNKNOWN], UNKNOWN),
        ("app", "In", UNKNOWN, UNKNOWN),
        ("app", "NotIn", ["db", UNKNOWN], UNKNOWN),
        ("app", "NotIn", ["web", UNKNOWN], False),
        ("x", "In", [UNKNOWN], False),
        ("x", "NotIn", UNKNOWN, True),
        ("tier", "Exists", None, UNKNOWN),
        ("tier", "In", ["a"], UNKNOWN),
        ("app", UNKNOWN, ["web"], UNKNOWN),
        (UNKNOWN, "Exists", None, UNKNOWN),
    ],
)
def test_whether_labels_meet_an_expression(key: Any, operator: Any, values: Any, expected: Any) -> None:
    assert holds({"key": key, "operator": written_anew(operator), "values": values}, HAS) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), (3.0, 3), (3.5, None), (True, None), (False, None), ("3", None), (None, None), (UNKNOWN, UNKNOWN), (0, 0)],
)
def test_integer(value: Any, expected: Any) -> None:
    found = integer(value)
    assert found == expected
    assert type(found) is type(expected)


def test_text() -> None:
    given: list[Any] = ["a", "", UNKNOWN, 7, None, []]
    assert [text(value) for value in given] == ["a", "", UNKNOWN, None, None, None]


def test_words_for_a_message_are_on_one_line_and_not_long() -> None:
    assert one_line("a\nb\x1bc") == "a?b?c"
    assert one_line("a" * 120) == "a" * 120
    assert one_line("a" * 121) == "a" * 119 + "…"
    assert one_line("abcdef", limit=5) == "abcd…"
    assert one_line("abcde", limit=5) == "abcde"


def test_values_in_a_message_are_written_as_json() -> None:
    assert quote("a") == '"a"'
    assert quote("a\nb") == '"a?b"'
    assert quote("a" * 200) == f'"{"a" * 119}…"'
    assert [quote(value) for value in (7, 1.5, True, None, ["a"])] == ["7", "1.5", "true", "null", '["a"]']
    assert quote(UNKNOWN) == '"?"'
    assert quote(["a" * 200]) == f'["{"a" * 117}…'


def test_lists_in_a_message_end_with_a_count() -> None:
    assert listed([]) == ""
    assert listed(["a", 7]) == "a, 7"
    assert listed(list("abcde")) == "a, b, c, d, e"
    assert listed(list("abcdef")) == "a, b, c, d, e and 1 more"
    assert listed(list("abcdefg"), limit=3) == "a, b, c and 4 more"
    assert listed(iter(["a\nb"])) == "a?b"


def workload(kind: str, pod: Any) -> Object:
    data = pod
    for key in reversed(TEMPLATES[kind]):
        data = {key: data}
    return Object(kind, data)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_workload_has_its_pods_where_they_are(kind: str) -> None:
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a"}]}}
    made = workload(kind, pod)
    assert template(made) == pod
    assert labels(made) == {"app": "web"}
    assert list(containers(made)) == [{"name": "a"}]


def of_containers(*init: Any, containers: Any = None) -> Object:
    return workload(
        "StatefulSet.apps", {"spec": {"containers": containers or [{"name": "main"}], "initContainers": [*init]}}
    )


def test_containers_come_before_init_containers_and_what_is_none_is_left_out() -> None:
    made = of_containers({"name": "init"}, UNKNOWN, "x", None)
    assert [container["name"] for container in containers(made)] == ["main", "init"]
    assert [container["name"] for container in containers(made, "initContainers")] == ["init"]
    assert [container["name"] for container in containers(made, "containers")] == ["main"]
    assert list(containers(workload("Pod", {"spec": {"containers": UNKNOWN}}))) == []


def test_what_runs_as_long_as_the_pod() -> None:
    made = of_containers(
        {"name": "once"}, {"name": "sidecar", "restartPolicy": "Always"}, {"name": "may", "restartPolicy": UNKNOWN}
    )
    assert [container["name"] for container in running(made)] == ["main", "sidecar"]
    assert [container["name"] for container in running(made, or_may=True)] == ["main", "sidecar", "may"]


def test_whether_all_containers_are_known() -> None:
    assert all_are_known(of_containers({"name": "init"}))
    assert not all_are_known(of_containers(UNKNOWN))
    assert not all_are_known(of_containers(containers=[UNKNOWN]))
    assert not all_are_known(workload("Pod", UNKNOWN))


class TestExamples:
    def test_a_merge_patch_goes_deep_replaces_lists_and_removes_by_none(self) -> None:
        base = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
        assert merged(base, {"a": {"b": 2, "c": [3]}, "d": None, "e": {"f": None, "g": 1}, "h": None}) == {
            "a": {"b": 2, "c": [3]},
            "e": {"g": 1},
        }
        assert base == {"a": {"b": 1, "c": [1, 2]}, "d": 1}
        assert merged({"a": None}, {"a": {"b": 1}}) == {"a": {"b": 1}}

    def test_no_part_is_shared(self) -> None:
        shared = {"x": [{"y": 1}]}
        given = [{"z": 1}]
        made = merged({"a": shared, "b": shared}, {"c": given})
        made["a"]["x"][0]["y"] = 2
        made["c"][0]["z"] = 2
        assert made["b"] == {"x": [{"y": 1}]} == shared
        assert given == [{"z": 1}]
