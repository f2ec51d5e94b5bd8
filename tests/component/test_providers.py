"""Providers of a StatefulWeb: its children use the one that it is given, and that one's cluster is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from components.stateful_web import StatefulWeb
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack, secret, unknown

NOWHERE = "/no/such/kubeconfig"


def three_components(stack: Stack, path: Path, class_name: str, preview: bool) -> Ran:
    """Run three of them on two providers of the same cluster, while the default provider leads nowhere."""
    stack.config["kubernetes:kubeconfig"] = NOWHERE
    path.write_text(stack.api.kubeconfig)

    def program() -> None:
        here = k8s.Provider("here", kubeconfig=str(path))
        as_text = k8s.Provider("as-text", kubeconfig=stack.api.kubeconfig)

        def component(name: str, namespace: str, **opts: Any) -> None:
            storage: Any = {"storage_class_name": class_name}
            inputs: Any = {"image": "web:1", "namespace": namespace, "storage": storage}
            StatefulWeb(name, inputs, pulumi.ResourceOptions(**opts))

        component("one", "front", provider=here)
        component("two", "back", providers={"kubernetes": here})
        component("three", "front", providers=[as_text])

    return stack.program(program, preview=preview)


def test_several_components_each_use_the_provider_that_they_are_given(
    stack: Stack, tmp_path: Path, preview: bool
) -> None:
    ran = three_components(stack, tmp_path / "kubeconfig", "my-sc", preview)
    assert (ran.error, ran.said) == ("", ())
    used = {found.name: found.provider for found in ran.resources.values() if found.type.startswith("kubernetes:")}
    assert used == {
        "one-headless": "here",
        "one-set": "here",
        "two-headless": "here",
        "two-set": "here",
        "three-headless": "as-text",
        "three-set": "as-text",
    }


def test_each_provider_is_asked_once_for_classes_and_once_for_each_namespace(
    stack: Stack, tmp_path: Path, preview: bool
) -> None:
    three_components(stack, tmp_path / "kubeconfig", "my-sc", preview)
    assert stack.api.asked.count("list storageclasses") == 2
    assert stack.api.asked.count("list statefulsets") == 3
    assert stack.api.asked.count("list persistentvolumeclaims") == 3


def test_a_class_that_the_cluster_of_a_provider_lacks_is_refused_before_any_set(
    stack: Stack, tmp_path: Path, preview: bool
) -> None:
    ran = three_components(stack, tmp_path / "kubeconfig", "fast", preview)
    assert 'storage.storage_class_name is "fast": this cluster has no StorageClass "fast" (it has: my-sc,' in ran.error
    assert "Traceback" not in ran.error
    assert [found.name for found in ran.resources.values() if found.type.startswith("kubernetes:")] == []


def test_a_provider_of_another_package_is_not_asked(stack: Stack, preview: bool) -> None:
    def program() -> None:
        other = pulumi.ProviderResource("random", "other")
        StatefulWeb("web", {"image": "web:1"}, pulumi.ResourceOptions(providers=[other]))

    ran = stack.program(program, preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert ran["web-set"].provider == ""
    assert "list storageclasses" in stack.api.asked


def test_the_provider_of_the_component_around_it_is_used_and_asked(stack: Stack, preview: bool) -> None:
    stack.config["kubernetes:kubeconfig"] = NOWHERE

    def program() -> None:
        shop = pulumi.ComponentResource(
            "shop:index:Shop", "shop", None, pulumi.ResourceOptions(providers=[stack.provider()()])
        )
        StatefulWeb("web", {"image": "web:1"}, pulumi.ResourceOptions(parent=shop))

    ran = stack.program(program, preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert ran["web-set"].provider == "explicit"


def test_the_cluster_of_the_context_that_the_provider_names_is_asked(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    config = yaml.safe_load(api.kubeconfig)
    config["contexts"].append({"name": "here", "context": config["contexts"][0]["context"]})
    config["current-context"] = "elsewhere"
    ran = run(opts=opts(kubeconfig=yaml.safe_dump(config), context="here"))
    assert (ran.error, ran.said) == ("", ())
    assert "list storageclasses" in api.asked


def test_the_cluster_that_the_provider_names_is_asked_in_place_of_its_contexts(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    config = yaml.safe_load(api.kubeconfig)
    config["clusters"].append({"name": "away", "cluster": {"server": "http://127.0.0.1:1"}})
    config["contexts"][0]["context"]["cluster"] = "away"
    ran = run(opts=opts(kubeconfig=yaml.safe_dump(config), cluster="fake"))
    assert (ran.error, ran.said) == ("", ())
    assert "list storageclasses" in api.asked


def test_a_provider_without_a_kubeconfig_is_asked_where_the_environment_leads(
    run: Callable[..., Ran], stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.config["kubernetes:kubeconfig"] = NOWHERE
    (tmp_path / "kubeconfig").write_text(stack.api.kubeconfig)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    ran = run(opts={"provider": stack.provider(kubeconfig=None)})
    assert (ran.error, ran.said) == ("", ())
    assert "list storageclasses" in stack.api.asked


def test_a_provider_whose_kubeconfig_is_secret_is_asked_like_any_other(run: Callable[..., Ran], stack: Stack) -> None:
    ran = run(opts={"provider": stack.provider(kubeconfig=secret(stack.api.kubeconfig))})
    assert (ran.error, ran.said) == ("", ())
    assert "list storageclasses" in stack.api.asked


def test_a_provider_of_a_cluster_that_is_not_there_yet_is_a_warning_and_the_preview_goes_on(stack: Stack) -> None:
    ran = stack.preview(opts={"provider": stack.provider(kubeconfig=unknown)})
    assert ran.error == ""
    assert ran.warnings == [
        "StatefulSet web was not looked up: the kubeconfig of the provider is not known before up, which decides on "
        "claims."
    ]
    assert ran["web-set"].provider == ran["web-headless"].provider == "explicit"
    assert stack.api.asked == []


def test_no_cluster_is_asked_for_a_provider_that_renders_yaml(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack
) -> None:
    settings = {"renderYamlToDirectory": "out"} if not opts() else {"render_yaml_to_directory": "out"}
    stack.grown_up()
    stack.api.asked.clear()
    ran = run(opts=opts(**settings), storage={"size": "2Gi", "storage_class_name": "fast"})
    assert (ran.error, ran.said) == ("", ())
    assert stack.api.asked == []
    (template,) = ran["web-set"].inputs["spec"]["volumeClaimTemplates"]
    assert template["spec"]["resources"]["requests"]["storage"] == "2Gi", "there is nothing that it would replace"
    assert ran.of_type(":PersistentVolumeClaimPatch") == []
