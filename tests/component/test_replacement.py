"""A change that replaces the StatefulSet is refused if claims, or files that pods still mount, would go with it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer

from .harness import Stack, known
from .refusals import refusal

DELETE = {"retention": {"when_deleted": "Delete"}}
REPLACING: dict[str, dict[str, Any]] = {
    "serviceName": {"service_name": "other"},
    "selector": {"selector_labels": {"app": "other"}},
    "podManagementPolicy": {"pod_management_policy": "Parallel"},
    "revisionHistoryLimit": {"revision_history_limit": 3},
    "volumeClaimTemplates": {"storage": {"storage_class_name": "my-sc"}},
}
"""A change of inputs for each field that can not be changed in place."""


def live(stack: Stack, **inputs: Any) -> None:
    """Deploy three pods, whose claims belong to the set as with ``whenDeleted: Delete``."""
    stack.grown_up(replicas=3, **inputs)
    owned_by(stack.api, stack.api.objects["statefulsets", "default", "web"]["metadata"]["uid"])


def owned_by(api: FakeApiServer, uid: str) -> None:
    """Let all claims belong to a set of this UID."""
    for (plural, _, _), found in api.objects.items():
        if plural == "persistentvolumeclaims":
            owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": uid}
            found["metadata"]["ownerReferences"] = [owner]


@pytest.mark.parametrize("field", REPLACING)
@pytest.mark.parametrize("command", ["preview", "up"])
def test_with_retention_delete_a_replacing_change_fails_with_the_claims_and_a_remedy(
    stack: Stack, field: str, command: str
) -> None:
    live(stack, **DELETE)
    said = refusal(getattr(stack, command)(replicas=3, **DELETE, **REPLACING[field]))
    assert f"changes {field}, which replaces the StatefulSet" in said
    assert (
        "delete its claims data-web-0, data-web-1, data-web-2. Set retention.whenDeleted to Retain and run up" in said
    )


def test_one_message_names_every_input_that_would_replace_the_set(stack: Stack) -> None:
    live(stack, **DELETE)
    said = refusal(stack.preview(replicas=3, **DELETE, **REPLACING["serviceName"], **REPLACING["podManagementPolicy"]))
    assert sorted(line.partition(" ")[0] for line in said.splitlines()) == ["pod_management_policy", "service_name"]


def test_setting_retain_in_the_same_change_does_not_help(stack: Stack) -> None:
    live(stack, **DELETE)
    said = refusal(stack.preview(replicas=3, **REPLACING["serviceName"]))
    assert "Set retention.whenDeleted to Retain and run up, then make this change" in said


def test_once_the_live_set_retains_its_claims_the_change_goes_through(stack: Stack) -> None:
    live(stack, **DELETE)
    live(stack)
    for change in REPLACING.values():
        ran = stack.preview(replicas=3, **change)
        assert ran.error == ""
        assert "web-set" in ran.resources


@pytest.mark.parametrize(
    "change", [{"image": "web:2"}, {"replicas": 1}, {"labels": {"team": "shop"}}, {"storage": {"size": "2Gi"}}]
)
def test_with_retention_delete_other_changes_go_through(stack: Stack, change: dict[str, Any]) -> None:
    live(stack, **DELETE)
    ran = stack.preview(**{"replicas": 3, **DELETE, **change})
    assert ran.error == ""
    assert "web-set" in ran.resources


def test_claims_that_the_set_does_not_own_do_not_block_the_change(stack: Stack, api: FakeApiServer) -> None:
    live(stack, **DELETE)
    owned_by(api, "that of an earlier set")
    assert stack.preview(replicas=3, **DELETE, **REPLACING["serviceName"]).error == ""


def test_a_user_who_may_not_list_claims_gets_the_same_refusal(stack: Stack, api: FakeApiServer) -> None:
    live(stack, **DELETE)
    api.forbid("list persistentvolumeclaims", "list storageclasses")
    said = refusal(stack.preview(replicas=3, **DELETE, **REPLACING["podManagementPolicy"]))
    assert "delete its claims data-web-0, data-web-1, data-web-2. Set retention.whenDeleted" in said


def test_with_an_explicit_provider_the_change_fails_as_well(stack: Stack) -> None:
    live(stack, **DELETE)
    opts = {"provider": stack.provider()}
    said = refusal(stack.up(replicas=3, namespace=known("default"), opts=opts, **DELETE, **REPLACING["serviceName"]))
    assert "changes serviceName, which replaces the StatefulSet" in said


def site(text: str, secret: bool = False) -> dict[str, Any]:
    return {"files": [{"mount_path": "/etc/site", "content": {"a.conf": text}, "secret": secret}]}


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize(
    ("update", "keeps"), [({"partition": 2}, "update.partition 2"), ({"type": "OnDelete"}, "update.type OnDelete")]
)
def test_pods_that_stay_as_they_are_keep_the_files_that_they_mount(
    stack: Stack, update: dict[str, Any], keeps: str, secret: bool
) -> None:
    live(stack, **site("one", secret))
    said = refusal(stack.preview(replicas=3, update=update, **site("two", secret)))
    assert said.startswith(f"files change, and with {keeps} pods that stay as they are would lose the files")
    assert refusal(stack.preview(replicas=3, update=update)) == said, "nor are they left out"

    everywhere = stack.preview(replicas=3, update={"partition": 0}, **site("two", secret))
    assert everywhere.error == ""
    (made,) = everywhere.of_type(":Secret" if secret else ":ConfigMap")
    assert made.name in everywhere["web-set"].depends_on


@pytest.mark.parametrize("update", [{"partition": 2}, {"type": "OnDelete"}])
def test_unchanged_files_do_not_block_a_canary(stack: Stack, update: dict[str, Any]) -> None:
    live(stack, **site("one"))
    assert stack.preview(replicas=3, image="web:2", update=update, **site("one")).error == ""


def test_changed_files_get_a_new_object_that_the_pods_mount(stack: Stack) -> None:
    def mounted(text: str) -> str:
        ran = stack.preview(**site(text))
        (made,) = ran.of_type(":ConfigMap")
        (volume,) = ran["web-set"].inputs["spec"]["template"]["spec"]["volumes"]
        name = str(made.inputs["metadata"]["name"])
        assert volume["configMap"]["name"] == name
        assert made.inputs["data"] == {"a.conf": text}
        return name

    assert mounted("one") == mounted("one") != mounted("two")


MOVES: dict[str, tuple[dict[str, Any], str]] = {
    "start": ({"ordinals_start": 1}, "ordinals_start changes from 0 to 1: the pods leave data-web-0 behind, "),
    "volume": ({"storage": {"volume_name": "www"}}, "storage no longer has the claim template data: the pods leave "),
    "name": (
        {"name": "shop", "selector_labels": {"app": "web"}},
        "name changes from web to shop: the pods leave data-web-0, data-web-1, data-web-2 behind, which nobody "
        "deletes, and data-shop-0, data-shop-1, data-shop-2 will be new and empty.",
    ),
    "namespace": (
        {"namespace": "back"},
        "namespace changes from default to back: the pods leave data-web-0, data-web-1,",
    ),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_preview_lists_the_claims_that_pods_leave_behind(stack: Stack, opts: Callable[..., Any], move: str) -> None:
    stack.grown_up(replicas=3)
    change, sentence = MOVES[move]
    ran = stack.preview(opts=opts(), replicas=3, **change)
    assert ran.error == ""
    (warning,) = ran.warnings
    assert warning.startswith(sentence)


@pytest.mark.parametrize("move", ["name", "namespace"])
def test_with_retention_delete_a_set_that_another_follows_is_not_given_up(
    stack: Stack, opts: Callable[..., Any], move: str
) -> None:
    stack.grown_up(replicas=3, **DELETE)
    said = refusal(stack.preview(opts=opts(), replicas=3, **DELETE, **MOVES[move][0]))
    assert "so the StatefulSet that is there is deleted, and with retention.whenDeleted Delete Kubernetes would" in said
    assert (
        "delete its claims data-web-0, data-web-1, data-web-2. Set retention.whenDeleted to Retain and run up" in said
    )


def test_with_retention_delete_pods_that_go_keep_their_claims(stack: Stack, opts: Callable[..., Any]) -> None:
    scaled = {"retention": {"when_scaled": "Delete"}}
    live(stack, **scaled)
    said = refusal(stack.preview(opts=opts(), replicas=3, ordinals_start=1, **scaled))
    assert (
        "ordinals_start changes from 0 to 1, so pods that are there are deleted, and with retention.whenScaled" in said
    )


@pytest.mark.parametrize("explicit", [False, True])
def test_a_volume_that_is_a_folder_is_not_made_a_device(stack: Stack, explicit: bool) -> None:
    live(stack)
    device = {"storage": {"volume_mode": "Block", "device_path": "/dev/data"}}
    opts = {"provider": stack.provider()} if explicit else {}
    said = refusal(stack.preview(replicas=3, opts=opts, **device))
    assert said == (
        'storage.volume_mode is "Block", but claim data-web-0, which the pods get, is "Filesystem", and Kubernetes can '
        "not change that. Set it to Filesystem, or give the claim template another volumeName, for new, empty claims."
    )
    new = {"storage": {**device["storage"], "volume_name": "raw"}}
    assert stack.preview(replicas=3, opts=opts, **new).error == ""


def test_a_device_stays_one(stack: Stack) -> None:
    device = {"storage": {"volume_mode": "Block", "device_path": "/dev/data"}}
    live(stack, **device)
    assert stack.preview(replicas=3, **device).error == ""
    said = refusal(stack.preview(replicas=3))
    assert said.startswith('storage.volume_mode is "Filesystem", but claim data-web-0, which the pods get, is "Block"')
