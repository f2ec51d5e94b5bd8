"""Which objects recover takes for made and forgotten: only those of a program that takes its inputs from config."""

from pathlib import Path
from typing import Any

import pytest

from components.stateful_web.cli import recover
from components.stateful_web.cli.pulumi_cli import State
from components.stateful_web.kubeconfig import ClusterAccess

COMPONENT = "urn:pulumi:dev::shop::stateful-web:index:StatefulWeb::web"
SET = {
    "urn": "urn:pulumi:dev::shop::stateful-web:index:StatefulWeb$kubernetes:apps/v1:StatefulSet::web-set",
    "type": "kubernetes:apps/v1:StatefulSet",
}


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project whose config could be the component's, and a cluster that has every object that it is asked for."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {image: 'web:1', namespace: shop, replicas: 2}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recover, "configured", lambda stack: ClusterAccess())
    monkeypatch.setattr(recover, "_live", lambda reached, resource: {"metadata": {}})


def unowned(*resources: dict[str, Any]) -> list[str]:
    return recover.unowned("dev", State("dev", {"resources": resources}))


def of_set(name: str) -> dict[str, Any]:
    return {**SET, "inputs": {"metadata": {"name": name, "namespace": "shop"}}}


def test_of_a_program_with_its_inputs_in_config_what_the_state_lacks_is_named() -> None:
    component = {"urn": COMPONENT, "type": "stateful-web:index:StatefulWeb"}
    assert unowned(component) == ["kubernetes:core/v1:Service shop/web", "kubernetes:apps/v1:StatefulSet shop/web"]
    assert unowned(component, of_set("web")) == ["kubernetes:core/v1:Service shop/web"]


@pytest.mark.parametrize(
    "resources",
    [
        [],
        [{"urn": COMPONENT.replace("::web", "::site"), "type": "stateful-web:index:StatefulWeb"}],
        [
            {
                "urn": "urn:pulumi:dev::shop::kubernetes:apps/v1:StatefulSet::web",
                "type": "kubernetes:apps/v1:StatefulSet",
            }
        ],
        [{"urn": COMPONENT, "type": "stateful-web:index:StatefulWeb"}, of_set("site")],
    ],
    ids=["nothing is deployed", "a component of another name", "no component", "the component's set has another name"],
)
def test_of_another_program_whose_config_looks_the_same_nothing_is_claimed(resources: list[Any]) -> None:
    assert unowned(*resources) == []
