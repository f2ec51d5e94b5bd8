"""The children of a StatefulWeb: their names and types, what they hold, and which of them comes first."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack, at, known, unknown

RICH: dict[str, Any] = {
    "create_namespace": True,
    "namespace": "shop",
    "retention": {"when_scaled": "Delete"},
    "storage": {"volume_name": "www", "create_storage_class": {"provisioner": "driver.example"}},
    "volumes": [{"volume_name": "logs", "mount_path": "/logs"}],
    "labels": {"team": "web"},
    "annotations": {"example.com/owner": "team web"},
    "env": {"MODE": "fast"},
    "files": [
        {"mount_path": "/etc/web", "content": {"web.conf": "listen 80;"}},
        {"mount_path": "/etc/keys", "content": {"key": "value"}, "secret": True},
    ],
    "resources": {"requests": {"cpu": "100m"}},
    "probes": {"readiness": {}},
    "security": "restricted",
    "topology_spread": True,
    "disruption_budget": {},
    "network_policy": {},
    "service_account": {},
    "client_service": {},
}
LEAST = {
    "web-headless": "kubernetes:core/v1:Service",
    "web-set": "kubernetes:apps/v1:StatefulSet",
}
MOST = {
    "web-namespace": "kubernetes:core/v1:NamespacePatch",
    "web-class-www": "kubernetes:storage.k8s.io/v1:StorageClass",
    "web-account": "kubernetes:core/v1:ServiceAccount",
    "web-files-0": "kubernetes:core/v1:ConfigMap",
    "web-files-1": "kubernetes:core/v1:Secret",
    "web-headless": "kubernetes:core/v1:Service",
    "web-client": "kubernetes:core/v1:Service",
    "web-policy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "web-budget": "kubernetes:policy/v1:PodDisruptionBudget",
    "web-set": "kubernetes:apps/v1:StatefulSet",
}
"""Names and types of the children: for life."""


@pytest.mark.parametrize(("inputs", "children"), [({}, LEAST), (RICH, MOST)], ids=["least", "most"])
def test_the_children_keep_their_names_and_types_for_life(
    run: Callable[..., Ran], opts: Callable[..., Any], inputs: dict[str, Any], children: dict[str, str]
) -> None:
    ran = run(opts=opts(), **inputs)
    assert ran.error == ""
    assert ran["web"].type == "stateful-web:index:StatefulWeb"
    made = [found for name, found in ran.resources.items() if name not in ("web", "explicit")]
    assert {found.name: found.type for found in made} == children
    assert {found.parent for found in made} == {"web"}


def test_the_children_of_another_name_begin_with_it(api: FakeApiServer) -> None:
    ran = Stack(api, name="shop").preview()
    assert list(ran.resources) == ["shop", "shop-headless", "shop-set"]
    assert at(ran["shop-headless"], "metadata.name") == at(ran["shop-set"], "metadata.name") == "shop"


def test_the_set_comes_after_all_that_its_pods_need_and_the_service_of_clients_does_not_hold_it_up(
    run: Callable[..., Ran], opts: Callable[..., Any]
) -> None:
    assert run(opts=opts())["web-set"].depends_on == {"web-headless"}
    assert run(opts=opts(), **RICH)["web-set"].depends_on == MOST.keys() - {"web-set", "web-client"}


def test_a_namespace_that_the_stack_creates_comes_before_all_else(
    run: Callable[..., Ran], opts: Callable[..., Any]
) -> None:
    ran = run(opts=opts(), **RICH)
    assert ran["web-namespace"].depends_on == frozenset()
    assert {name for name in MOST if "web-namespace" in ran[name].depends_on} == MOST.keys() - {"web-namespace"}


def test_the_namespace_alone_is_kept_when_the_stack_is_destroyed(run: Callable[..., Ran]) -> None:
    ran = run(**RICH)
    assert {name for name in MOST if ran[name].retain_on_delete} == {"web-namespace"}


@pytest.mark.parametrize(
    ("inputs", "seconds"),
    [
        ({}, "600s"),
        ({"rollout_timeout_seconds": 120}, "120s"),
        ({"rollout_timeout_seconds": 120, "replicas": 100}, "120s"),
        ({"replicas": 100}, "9000s"),
        ({"replicas": known(1)}, "900s"),
        ({"replicas": unknown}, "900s"),
    ],
    ids=["default", "told", "told, and many pods", "many pods", "an output", "an unknown output"],
)
def test_the_set_waits_as_long_as_it_was_told_or_as_its_pods_may_take(
    stack: Stack, inputs: dict[str, Any], seconds: str
) -> None:
    assert stack.preview(**inputs)["web-set"].timeouts == {"create": seconds, "update": seconds}


CLASS = {"provisioner": "driver.example", "name": "shop-fast", "parameters": {"tier": "gold"}}
OBJECTS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "a snapshot": (
        {"storage": {"data_source": {"kind": "VolumeSnapshot", "name": "before-friday"}}},
        "web-set",
        {
            "spec.volumeClaimTemplates.0.spec.dataSource": {
                "apiGroup": "snapshot.storage.k8s.io",
                "kind": "VolumeSnapshot",
                "name": "before-friday",
            }
        },
    ),
    "a clone": (
        {"storage": {"data_source": {"kind": "PersistentVolumeClaim", "name": "www-old-0"}}},
        "web-set",
        {"spec.volumeClaimTemplates.0.spec.dataSource": {"kind": "PersistentVolumeClaim", "name": "www-old-0"}},
    ),
    "no class": (
        {"storage": {"storage_class_name": ""}},
        "web-set",
        {"spec.volumeClaimTemplates.0.spec.storageClassName": ""},
    ),
    "a share of pods at once": (
        {"update": {"type": "RollingUpdate", "max_unavailable": "67%"}},
        "web-set",
        {"spec.updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "67%"}}},
    ),
    "a load balancer": ({"client_service": {"type": "LoadBalancer"}}, "web-client", {"spec.type": "LoadBalancer"}),
    "a budget": ({"disruption_budget": {}}, "web-budget", {"spec.maxUnavailable": 1}),
    "a budget of two": ({"disruption_budget": {"max_unavailable": 2}}, "web-budget", {"spec.maxUnavailable": 2}),
    "a budget of half": ({"disruption_budget": {"min_available": "50%"}}, "web-budget", {"spec.minAvailable": "50%"}),
    "a policy": (
        {"network_policy": {}, "port": 8080},
        "web-policy",
        {"spec.ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 8080, "protocol": "TCP"}]}]},
    ),
    "a policy for nobody": ({"network_policy": {"allow_from": []}}, "web-policy", {"spec.ingress": []}),
    "an account": (
        {"service_account": {}},
        "web-account",
        {"metadata.name": "web", "automountServiceAccountToken": False},
    ),
    "the account of others": (
        {"service_account": {"name": "theirs", "create": False}},
        "web-set",
        {"spec.template.spec.serviceAccountName": "theirs"},
    ),
    "a class": (
        {"storage": {"create_storage_class": {**CLASS, "mount_options": ["noatime"]}}},
        "web-class-data",
        {
            "metadata": {"name": "shop-fast"},
            "provisioner": "driver.example",
            "parameters": {"tier": "gold"},
            "mountOptions": ["noatime"],
            "reclaimPolicy": "Retain",
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
        },
    ),
    "another kind of class": (
        {
            "storage": {
                "create_storage_class": {
                    "provisioner": "driver.example",
                    "reclaim_policy": "Delete",
                    "volume_binding_mode": "Immediate",
                    "allow_volume_expansion": False,
                }
            }
        },
        "web-class-data",
        {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": False},
    ),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_an_input_is_registered_in_the_words_of_kubernetes(run: Callable[..., Ran], case: str) -> None:
    inputs, child, expected = OBJECTS[case]
    ran = run(**inputs)
    assert (ran.error, ran.said) == ("", ())
    assert {place: at(ran[child], place) for place in expected} == expected


def test_an_account_of_others_is_not_created(run: Callable[..., Ran]) -> None:
    assert "web-account" not in run(service_account={"name": "theirs", "create": False}).resources
