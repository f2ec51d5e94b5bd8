"""Resource options of a StatefulWeb mean for it and its children what they mean for every component."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.stateful_web import StatefulWeb
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack, at

CHILDREN = ("web-headless", "web-set")


def test_depends_on_orders_the_component_after_other_resources(stack: Stack, preview: bool) -> None:
    def program() -> None:
        first = k8s.core.v1.ConfigMap("first", metadata={"name": "first"})
        StatefulWeb("web", {"image": "web:1"}, pulumi.ResourceOptions(depends_on=[first]))

    ran = stack.program(program, preview=preview)
    assert ran.error == ""
    assert ran["web"].depends_on == {"first"}
    assert next(iter(ran.resources)) == "first"


def test_others_come_after_the_children_of_a_component_that_they_depend_on(
    stack: Stack, preview: bool, opts: Callable[..., Any]
) -> None:
    given = opts()

    def program() -> None:
        provider = {key: make() for key, make in given.items()}
        web = StatefulWeb("web", {"image": "web:1"}, pulumi.ResourceOptions(**provider))
        k8s.core.v1.ConfigMap("last", metadata={"name": "last"}, opts=pulumi.ResourceOptions(depends_on=[web]))

    ran = stack.program(program, preview=preview)
    assert ran.error == ""
    assert set(CHILDREN) <= ran["last"].depends_on


def test_protect_guards_the_component_and_what_holds_its_pods(
    run: Callable[..., Ran], opts: Callable[..., Any]
) -> None:
    ran = run(opts=opts() | {"protect": True})
    assert ran.error == ""
    assert {name: ran[name].protect for name in ("web", *CHILDREN)} == dict.fromkeys(("web", *CHILDREN), True)


def test_protect_leaves_out_what_is_given_up_in_the_course_of_things(stack: Stack, opts: Callable[..., Any]) -> None:
    """A changed file is another object, and a smaller set has fewer patches: the engine must be free to drop them."""
    inputs: dict[str, Any] = {"files": [{"mount_path": "/a", "content": {"a": "a"}}]}
    stack.grown_up(**inputs)
    ran = stack.up(opts=opts() | {"protect": True}, storage={"size": "2Gi"}, **inputs)
    assert ran.error == ""
    protected = {name: found.protect for name, found in ran.resources.items() if found.parent == "web"}
    assert protected == {
        "web-files-0": False,
        "web-headless": True,
        "web-set": True,
        "web-claim-data-web-0": False,
    }


def test_nothing_is_protected_unless_it_is_asked_for(run: Callable[..., Ran]) -> None:
    ran = run()
    assert [name for name, found in ran.resources.items() if found.protect] == []


@pytest.mark.parametrize(
    ("option", "of_component", "default"),
    [
        ({"retain_on_delete": True}, True, None),
        ({"ignore_changes": ["replicas"]}, ("replicas",), ()),
        ({"aliases": [pulumi.Alias(name="shop")]}, ("shop",), ()),
    ],
    ids=["retain_on_delete", "ignore_changes", "aliases"],
)
def test_other_options_of_the_component_are_not_copied_to_its_children(
    run: Callable[..., Ran], opts: Callable[..., Any], option: dict[str, Any], of_component: Any, default: Any
) -> None:
    (name,) = option
    ran = run(opts=opts() | option)
    assert ran.error == ""
    assert getattr(ran["web"], name) == of_component
    assert [getattr(ran[child], name) for child in CHILDREN] == [default, default]


def test_timeouts_of_the_component_are_not_copied_to_the_set_which_has_its_own(run: Callable[..., Ran]) -> None:
    ran = run(opts={"custom_timeouts": pulumi.CustomTimeouts(create="1s")})
    assert ran["web"].timeouts == {"create": "1s"}
    assert ran["web-set"].timeouts == {"create": "600s", "update": "600s"}


def test_a_renamed_component_with_an_alias_keeps_the_names_of_its_objects(api: FakeApiServer, preview: bool) -> None:
    inputs: dict[str, Any] = {"name": "web", "selector_labels": {"app": "web"}, "recommended_labels": False}
    before = Stack(api).up(**inputs)
    renamed = Stack(api, name="shop")
    opts = {"aliases": [pulumi.Alias(name="web")]}
    after = (renamed.preview if preview else renamed.up)(opts=opts, **inputs)
    assert after.error == ""
    assert after["shop"].aliases == ("web",)
    assert {name.replace("shop", "web"): found.inputs for name, found in after.resources.items()} == {
        name: found.inputs for name, found in before.resources.items()
    }


def labelled(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.type_ != "kubernetes:core/v1:Service":
        return None
    props: Any = args.props
    props["metadata"]["labels"]["transformed"] = "yes"
    return pulumi.ResourceTransformResult(props, args.opts)


def test_a_transform_of_the_component_changes_its_children(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    ran = run(opts=opts() | {"transforms": [labelled]})
    assert ran.error == ""
    assert at(ran["web-headless"], "metadata.labels.transformed") == "yes"
    assert "transformed" not in at(ran["web-set"], "metadata.labels")


def test_a_transform_of_the_stack_changes_the_children(stack: Stack, preview: bool) -> None:
    def program() -> None:
        pulumi.runtime.register_stack_transform(labelled)
        StatefulWeb("web", {"image": "web:1", "client_service": {}})

    ran = stack.program(program, preview=preview)
    assert ran.error == ""
    for service in ("web-headless", "web-client"):
        assert at(ran[service], "metadata.labels.transformed") == "yes"


def test_a_component_in_another_component_is_its_child(stack: Stack, preview: bool) -> None:
    def program() -> None:
        shop = pulumi.ComponentResource("shop:index:Shop", "shop")
        StatefulWeb("web", {"image": "web:1"}, pulumi.ResourceOptions(parent=shop))

    ran = stack.program(program, preview=preview)
    assert ran.error == ""
    assert ran["web"].parent == "shop"
    assert {ran[child].parent for child in CHILDREN} == {"web"}
