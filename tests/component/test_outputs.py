"""The outputs of a StatefulWeb follow its inputs, plain ones and those that are outputs themselves."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.stateful_web import StatefulWeb
from tests.support.monitor import UNKNOWN, Ran, Secret

from .harness import Stack, known, secret, unknown

SHOP: dict[str, Any] = {
    "name": "shop",
    "namespace": "front",
    "replicas": 2,
    "ordinals_start": 3,
    "service_name": "shop-pods",
    "storage": {"volume_name": "content", "create_storage_class": {"provisioner": "driver.example"}},
    "volumes": [{"volume_name": "logs", "mount_path": "/logs"}],
}
OF_SHOP = {
    "serviceName": "shop-pods",
    "namespace": "front",
    "podHosts": ["shop-3.shop-pods.front.svc.cluster.local", "shop-4.shop-pods.front.svc.cluster.local"],
    "claimNames": ["content-shop-3", "logs-shop-3", "content-shop-4", "logs-shop-4"],
    "storageClassName": "front-shop-content",
    "replicas": 2,
}


@pytest.mark.parametrize(
    "outputs",
    [{}, {"namespace": known("front"), "replicas": known(2), "ordinals_start": known(3)}],
    ids=["plain", "of outputs"],
)
def test_the_outputs_follow_the_inputs(
    run: Callable[..., Ran], opts: Callable[..., Any], outputs: dict[str, Any]
) -> None:
    ran = run(opts=opts(), **SHOP | outputs)
    assert ran.error == ""
    assert ran.component_outputs["web"] == OF_SHOP


def test_the_outputs_of_the_defaults_name_no_class(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    assert run(opts=opts()).component_outputs["web"] == {
        "serviceName": "web",
        "namespace": "default",
        "podHosts": ["web-0.web.default.svc.cluster.local"],
        "claimNames": ["data-web-0"],
        "replicas": 1,
    }


@pytest.mark.parametrize(
    ("inputs", "which"),
    [
        ({"replicas": unknown}, {"replicas", "podHosts", "claimNames"}),
        ({"ordinals_start": unknown}, {"podHosts", "claimNames"}),
        ({"namespace": unknown}, {"namespace", "podHosts", "storageClassName"}),
        ({"image": unknown}, set()),
    ],
    ids=["replicas", "ordinals", "namespace", "image"],
)
def test_only_outputs_that_follow_from_an_unknown_input_are_unknown(
    stack: Stack, opts: Callable[..., Any], inputs: dict[str, Any], which: set[str]
) -> None:
    ran = stack.preview(opts=opts(), **SHOP | inputs)
    assert ran.error == ""
    assert ran.component_outputs["web"] == OF_SHOP | dict.fromkeys(which, UNKNOWN)


def test_outputs_that_follow_from_a_secret_are_secret(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    made = run(opts=opts(), **SHOP | {"namespace": secret("front")}).component_outputs["web"]
    hidden = {name: Secret(OF_SHOP[name]) for name in ("namespace", "podHosts", "storageClassName")}
    assert made == OF_SHOP | hidden


def test_the_program_reads_the_outputs_as_attributes(stack: Stack, preview: bool) -> None:
    def program() -> dict[str, pulumi.Output[Any]]:
        web = StatefulWeb("web", {"image": "web:1", "replicas": 2, "storage": {"storage_class_name": "my-sc"}})
        return {"hosts": web.pod_hosts, "claims": web.claim_names, "class": web.storage_class_name, "n": web.replicas}

    assert stack.program(program, preview=preview).outputs == {
        "hosts": ["web-0.web.default.svc.cluster.local", "web-1.web.default.svc.cluster.local"],
        "claims": ["data-web-0", "data-web-1"],
        "class": "my-sc",
        "n": 2,
    }
