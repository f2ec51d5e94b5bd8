"""An account with few rights: what it may not list is a warning, and the program goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .harness import Stack, known

CLASSES = (
    'storageclasses.storage.k8s.io is forbidden: User "somebody" cannot list resource "storageclasses" in API group '
    '"storage.k8s.io" at the cluster scope.'
)
SETS = (
    'StatefulSets were not looked up: statefulsets.apps is forbidden: User "somebody" cannot list resource '
    '"statefulsets" in API group "apps" in the namespace "default".'
)
CLAIMS = (
    'Whether claims have to grow was not looked up: persistentvolumeclaims is forbidden: User "somebody" cannot '
    'list resource "persistentvolumeclaims" in API group "" in the namespace "default".'
)


@pytest.mark.parametrize(
    ("storage", "what"),
    [
        ({}, "The default StorageClass"),
        ({"storage_class_name": "none-such"}, 'StorageClass "none-such"'),
        ({"storage_class_name": known("none-such")}, 'StorageClass "none-such"'),
    ],
    ids=["no class", "a class", "a class by an output"],
)
def test_an_account_that_may_not_list_classes_is_told_that_none_was_looked_up(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, storage: dict[str, Any], what: str
) -> None:
    api.forbid("list storageclasses")
    ran = run(opts=opts(), storage=storage)
    assert ran.error == ""
    assert ran.warnings == [f"{what} was not looked up: {CLASSES}"]
    assert {"web-headless", "web-set"} <= ran.resources.keys()


def test_a_class_of_the_stacks_own_needs_no_right_to_list_classes(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    api.forbid("list storageclasses")
    ran = run(opts=opts(), storage={"create_storage_class": {"provisioner": "driver.example"}})
    assert (ran.error, ran.said) == ("", ())
    assert "web-class-data" in ran.resources


@pytest.mark.parametrize(
    ("right", "warning"),
    [("list statefulsets", SETS), ("list persistentvolumeclaims", CLAIMS)],
    ids=["StatefulSets", "claims"],
)
def test_an_account_that_may_not_list_what_is_live_is_told_and_goes_on(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer, right: str, warning: str
) -> None:
    api.forbid(right)
    ran = run(opts=opts())
    assert ran.error == ""
    assert warning in ran.warnings
    assert {"web-headless", "web-set"} <= ran.resources.keys()


def test_an_account_that_may_list_nothing_is_told_so_and_goes_on(
    run: Callable[..., Ran], opts: Callable[..., Any], api: FakeApiServer
) -> None:
    api.forbid("list storageclasses", "list statefulsets", "list persistentvolumeclaims")
    ran = run(opts=opts(), replicas=3)
    assert ran.error == ""
    assert {f"The default StorageClass was not looked up: {CLASSES}", SETS} <= set(ran.warnings)
    assert {"web-headless", "web-set"} <= ran.resources.keys()


def test_an_account_without_rights_is_still_refused_bad_inputs(stack: Stack, api: FakeApiServer) -> None:
    api.forbid("list storageclasses", "list statefulsets", "list persistentvolumeclaims")
    assert stack.preview(port=0).error == "port is 0: 1 to 65535 is expected."
