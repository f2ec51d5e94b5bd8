"""An account with few rights: what it may not read is a warning, sets and claims keep their sizes, and up goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .claims import carried_out
from .harness import Stack, known
from .refusals import refusal
from .test_growth import claims, patched, template_sizes

ALL = ("storageclasses", "statefulsets", "persistentvolumeclaims")
CLASSES = (
    'storageclasses.storage.k8s.io is forbidden: User "somebody" cannot list resource "storageclasses" in API group '
    '"storage.k8s.io" at the cluster scope.'
)
SETS = (
    'StatefulSet web was not looked up: statefulsets.apps "web" is forbidden: User "somebody" cannot get resource '
    '"statefulsets" in API group "apps" in the namespace "default". Changed storage has no effect until this account '
    "may get statefulsets.apps and persistentvolumeclaims in namespace default: claims stay as they are."
)
CLAIMS = (
    'The claims of StatefulSet web were not looked up: persistentvolumeclaims "data-web-0" is forbidden: User '
    '"somebody" cannot get resource "persistentvolumeclaims" in API group "" in the namespace "default". Changed '
    "storage has no effect until this account may get persistentvolumeclaims in namespace default: claims stay as they "
    "are."
)


def may_not_read(api: FakeApiServer, *plurals: str) -> None:
    api.forbid(*(f"{verb} {plural}" for verb in ("list", "get") for plural in plurals))


def may_not_list(api: FakeApiServer, *plurals: str) -> None:
    api.forbid(*(f"list {plural}" for plural in plurals))


@pytest.mark.parametrize(
    ("storage", "what"),
    [
        ({}, "The default StorageClass"),
        ({"storage_class_name": "none-such"}, 'StorageClass "none-such"'),
        ({"storage_class_name": known("none-such")}, 'StorageClass "none-such"'),
    ],
    ids=["no class", "a class", "a class by an output"],
)
def test_an_account_that_may_not_read_classes_is_told_that_none_was_looked_up(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, storage: dict[str, Any], what: str
) -> None:
    may_not_read(api, "storageclasses")
    ran = run(opts=opts(), storage=storage)
    assert ran.error == ""
    assert ran.warnings == [f"{what} was not looked up: {CLASSES}"]
    assert {"web-headless", "web-set"} <= ran.resources.keys()


def test_the_right_to_get_the_named_class_is_enough_to_look_it_up(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    may_not_list(api, "storageclasses")
    assert (ran := run(opts=opts(), storage={"storage_class_name": "my-sc"})).error == ""
    assert ran.said == ()
    said = refusal(run(opts=opts(), storage={"storage_class_name": "none-such"}))
    assert said == (
        'storage.storage_class_name is "none-such": this cluster has no StorageClass "none-such". Set one that it has, '
        "or storage.createStorageClass."
    )


def test_a_class_of_the_stacks_own_needs_no_right_to_read_classes(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    may_not_read(api, "storageclasses")
    ran = run(opts=opts(), storage={"create_storage_class": {"provisioner": "driver.example"}})
    assert (ran.error, ran.said) == ("", ())
    assert "web-class-data" in ran.resources


def test_the_rights_to_get_are_enough_to_grow_claims(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack, api: FakeApiServer
) -> None:
    stack.grown_up(replicas=2)
    may_not_list(api, *ALL)
    ran = run(opts=opts(), replicas=2, storage={"size": "2Gi", "storage_class_name": "standard"})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "1Gi"}
    assert ran.said == ()


@pytest.mark.parametrize(
    ("plural", "warning"), [("statefulsets", SETS), ("persistentvolumeclaims", CLAIMS)], ids=["StatefulSets", "claims"]
)
def test_each_run_of_an_account_that_may_not_read_what_is_live_names_what_to_grant(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, plural: str, warning: str
) -> None:
    may_not_read(api, plural)
    ran = run(opts=opts())
    assert (ran.error, ran.warnings) == ("", [warning])
    assert {"web-headless", "web-set"} <= ran.resources.keys()


def test_an_account_that_may_read_nothing_is_told_so_and_goes_on(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    may_not_read(api, *ALL)
    ran = run(opts=opts(), replicas=3)
    assert ran.error == ""
    assert ran.warnings == [f"The default StorageClass was not looked up: {CLASSES}", SETS]
    assert {"web-headless", "web-set"} <= ran.resources.keys()


@pytest.mark.parametrize("lacks", [("statefulsets",), ("persistentvolumeclaims",), ALL], ids=["sets", "claims", "all"])
def test_a_size_that_is_raised_unseen_replaces_no_set_and_patches_no_claim(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack, api: FakeApiServer, lacks: tuple[str, ...]
) -> None:
    stack.grown_up(replicas=2)
    may_not_read(api, *lacks)
    ran = run(opts=opts(), replicas=2, storage={"size": "2Gi"})
    assert patched(ran) == {}
    assert template_sizes(ran) == {"data": "1Gi"}


@pytest.mark.parametrize("size", ["2Gi", "3Gi"])
@pytest.mark.parametrize("lacks", [("statefulsets",), ("persistentvolumeclaims",), ALL], ids=["sets", "claims", "all"])
def test_patches_that_the_stack_has_stay_as_they_are_in_a_run_with_fewer_rights(
    run: Callable[..., Ran],
    opts: Callable[..., Any],
    stack: Stack,
    api: FakeApiServer,
    lacks: tuple[str, ...],
    size: str,
) -> None:
    stack.grown_up(replicas=2)
    carried_out(stack, replicas=2, storage={"size": "2Gi"})
    may_not_read(api, *lacks)
    ran = run(opts=opts(), replicas=2, storage={"size": size})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "1Gi"}
    for patch in ran.of_type(":PersistentVolumeClaimPatch"):
        assert patch.ignore_changes == ("metadata", "spec"), "whatever the state has"


def test_the_next_account_with_all_rights_finds_the_same_patches(stack: Stack, api: FakeApiServer) -> None:
    stack.grown_up(replicas=2)
    grown = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    may_not_read(api, *ALL)
    stack.up(replicas=2, storage={"size": "2Gi"})
    api.forbidden.clear()
    again = stack.up(replicas=2, storage={"size": "2Gi"})
    assert again.resources == grown.resources
    assert again.said == ()


def test_an_account_without_rights_is_still_refused_bad_inputs(stack: Stack, api: FakeApiServer) -> None:
    may_not_read(api, *ALL)
    assert stack.preview(port=0).error == "port is 0: 1 to 65535 is expected."


def test_an_account_that_may_not_read_sets_is_not_let_adopt_one(stack: Stack, api: FakeApiServer) -> None:
    stack.config["kubernetes:upsertExistingObjects"] = "true"
    stack.grown_up()
    may_not_read(api, "statefulsets")
    said = refusal(stack.preview(adopt=True))
    assert said.startswith('adopt is true, but what is to be adopted was not looked up: statefulsets.apps "web" is')
    assert said.endswith("Use an account that may get statefulsets.apps.")
