"""Where no namespace is given, objects go where the provider's other resources go."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import UNKNOWN, Ran

from .harness import Stack, known, unknown
from .refusals import refusal

CHILDREN = ("web-headless", "web-set")


def namespaces(ran: Ran) -> set[Any]:
    assert ran.error == ""
    return {ran[child].inputs["metadata"].get("namespace") for child in CHILDREN}


def in_context(api: FakeApiServer, namespace: str) -> str:
    """Return a kubeconfig whose context has a namespace."""
    config = yaml.safe_load(api.kubeconfig)
    config["contexts"][0]["context"]["namespace"] = namespace
    return str(yaml.safe_dump(config))


def test_without_any_it_is_default(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    ran = run(opts=opts())
    assert namespaces(ran) == {"default"}
    assert ran.component_outputs["web"]["namespace"] == "default"


def test_the_contexts_is_followed(run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer) -> None:
    ran = run(opts=opts(kubeconfig=in_context(api, "shop")))
    assert namespaces(ran) == {"shop"}
    assert ran.component_outputs["web"]["podHosts"] == ["web-0.web.shop.svc.cluster.local"]


def test_the_providers_comes_before_the_contexts(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    assert namespaces(run(opts=opts(kubeconfig=in_context(api, "other"), namespace="shop"))) == {"shop"}


def test_the_inputs_comes_before_all(run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer) -> None:
    settings = opts(kubeconfig=in_context(api, "other"), namespace="another")
    assert namespaces(run(opts=settings, namespace="shop")) == {"shop"}


def test_that_of_a_provider_that_is_not_known_yet_is_not_known_either(stack: Stack) -> None:
    assert namespaces(stack.preview(opts={"provider": stack.provider(kubeconfig=unknown)})) == {UNKNOWN}
    provider = stack.provider(kubeconfig=unknown, namespace="shop")
    assert namespaces(stack.preview(opts={"provider": provider})) == {"shop"}


def test_the_live_set_of_that_namespace_is_the_one_that_grows(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack, api: FakeApiServer
) -> None:
    stack.grown_up(namespace="shop")
    ran = run(opts=opts(namespace="shop"), storage={"size": "2Gi"})
    (patch,) = ran.of_type(":PersistentVolumeClaimPatch")
    assert patch.inputs["metadata"]["namespace"] == "shop"


PULUMIS = [{"manager": "pulumi-kubernetes-1a2b3c4d", "operation": "Update"}]


def lives_in_default(stack: Stack, managed: list[dict[str, str]]) -> None:
    """Have a set in ``default`` that the state does not know, as that of the stack's former name."""
    stack.grown_up()
    stack.state = {}
    stack.api.objects["statefulsets", "default", "web"]["metadata"]["managedFields"] = managed


def test_a_set_of_pulumis_in_default_is_not_moved_by_a_namespace_that_nobody_gave(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack
) -> None:
    lives_in_default(stack, PULUMIS)
    assert refusal(run(opts=opts(namespace="shop"))) == (
        "namespace is not given, so it is the provider's or the context's, shop; but StatefulSet web lives in default. "
        "Set it to default to stay there, or to shop for a new set with new, empty claims."
    )
    for namespace in ("default", "shop"):
        assert namespaces(run(opts=opts(namespace="shop"), namespace=namespace)) == {namespace}


def test_a_set_of_somebody_else_in_default_is_not_asked_about(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack
) -> None:
    lives_in_default(stack, [{"manager": "kubectl", "operation": "Apply"}])
    assert namespaces(run(opts=opts(namespace="shop"))) == {"shop"}


def test_a_set_that_is_in_both_stays_where_the_provider_says(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack
) -> None:
    lives_in_default(stack, PULUMIS)
    stack.grown_up(namespace="shop")
    assert namespaces(run(opts=opts(namespace="shop"))) == {"shop"}


def test_a_set_of_the_state_in_default_is_not_moved_either_if_the_account_can_not_see_it(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack, api: FakeApiServer
) -> None:
    stack.grown_up()
    api.forbid("list statefulsets", "get statefulsets")
    said = refusal(run(opts=opts(namespace="shop")))
    assert "but StatefulSet web lives in default." in said


@pytest.mark.parametrize("namespace", ["shop", known("shop")])
def test_another_namespace_that_is_asked_for_is_told_with_the_claims_that_stay_behind(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack, namespace: Any
) -> None:
    stack.grown_up(replicas=2)
    ran = run(opts=opts(), replicas=2, namespace=namespace)
    assert namespaces(ran) == {"shop"}
    assert ran.warnings == [
        "namespace changes from default to shop: the pods leave data-web-0, data-web-1 behind, which nobody deletes, "
        "and data-web-0, data-web-1 will be new and empty."
    ]
