"""Labels and annotations of claims: kept up on live ones by patches of their own, removed by leaving them out."""

from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran, Secret

from .claims import carried_out, claim, recreated
from .harness import Stack, known, secret, unknown
from .refusals import refusal
from .test_growth import patched

BACKUP = {"labels": {"backup": "daily"}, "annotations": {"resize.topolvm.io/storage_limit": "10Gi"}}
OURS = {"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "stateful-web"}


def patches(ran: Ran) -> dict[str, dict[str, Any]]:
    """Return the metadata that each patch asks for, without what every patch has."""
    assert ran.error == ""
    found = {name.removeprefix("web-metadata-"): r for name, r in ran.resources.items() if "web-metadata-" in name}
    for patch in found.values():
        assert "spec" not in patch.inputs
        assert OURS.items() <= patch.inputs["metadata"]["annotations"].items()
    return {
        name: {
            "labels": patch.inputs["metadata"].get("labels", {}),
            "annotations": {k: v for k, v in patch.inputs["metadata"]["annotations"].items() if k not in OURS},
        }
        for name, patch in found.items()
    }


def metadata(stack: Stack, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return labels and annotations of a live claim, without those of Pulumi."""
    found = claim(stack, name)["metadata"]
    annotations = found.get("annotations", {})
    return found.get("labels", {}), {k: v for k, v in annotations.items() if k not in OURS}


@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_claims_get_them_from_the_first_up_and_templates_never(stack: Stack, explicit: bool) -> None:
    opts = {"provider": stack.provider()} if explicit else {}
    ran = carried_out(stack, replicas=2, storage=BACKUP, opts=opts)
    assert patches(ran) == {"data-web-0": BACKUP, "data-web-1": BACKUP}
    (template,) = ran["web-set"].inputs["spec"]["volumeClaimTemplates"]
    assert template["metadata"] == {"name": "data"}
    assert metadata(stack, "data-web-1") == (BACKUP["labels"], BACKUP["annotations"])
    again = carried_out(stack, replicas=2, storage=BACKUP, opts=opts)
    assert again.resources == ran.resources
    assert patches(carried_out(stack, replicas=3, storage=BACKUP, opts=opts))["data-web-2"] == BACKUP


def test_a_patch_is_retained_and_takes_its_turn_after_the_set(stack: Stack) -> None:
    patch = stack.up(storage=BACKUP, opts={"protect": True})["web-metadata-data-web-0"]
    assert (patch.retain_on_delete, patch.protect, patch.parent) == (True, False, "web")
    assert "web-set" in patch.depends_on


def test_a_key_that_is_left_out_is_removed_and_those_of_others_stay(stack: Stack) -> None:
    carried_out(stack, storage={**BACKUP, "labels": {"backup": "daily", "team": "shop"}})
    claim(stack, "data-web-0")["metadata"]["labels"]["theirs"] = "1"
    carried_out(stack, storage={"labels": {"team": "shop"}})
    assert metadata(stack, "data-web-0") == ({"team": "shop", "theirs": "1"}, {})
    emptied = carried_out(stack)
    assert metadata(stack, "data-web-0") == ({"theirs": "1"}, {})
    assert carried_out(stack).resources == emptied.resources, "a patch that went would be another change"


def test_what_a_destroyed_stack_has_left_is_the_next_ones_to_remove(stack: Stack, api: FakeApiServer) -> None:
    carried_out(stack, storage={"labels": {"backup": "daily", "team": "shop"}})
    del api.objects["statefulsets", "default", "web"]
    stack.state = {}
    carried_out(stack, storage={"labels": {"team": "shop"}})
    assert metadata(stack, "data-web-0") == ({"team": "shop"}, {})


def test_a_claim_that_was_made_anew_is_labelled_again_once(stack: Stack) -> None:
    first = carried_out(stack, replicas=2, storage=BACKUP)
    recreated(stack, "data-web-0")
    ran = carried_out(stack, replicas=2, storage=BACKUP)
    assert metadata(stack, "data-web-0")[0] == BACKUP["labels"]
    assert ran["web-metadata-data-web-0"].inputs != first["web-metadata-data-web-0"].inputs
    assert ran["web-metadata-data-web-1"].inputs == first["web-metadata-data-web-1"].inputs
    assert carried_out(stack, replicas=2, storage=BACKUP).resources == ran.resources


def test_they_and_growth_do_not_touch_each_other(stack: Stack) -> None:
    stack.grown_up()
    grown = carried_out(stack, storage={"size": "2Gi"})
    both = carried_out(stack, storage={"size": "2Gi", **BACKUP})
    assert both["web-claim-data-web-0"].inputs == grown["web-claim-data-web-0"].inputs
    assert metadata(stack, "data-web-0")[0] == BACKUP["labels"]
    recreated(stack, "data-web-0")
    carried_out(stack, storage={"size": "2Gi", **BACKUP})
    assert claim(stack, "data-web-0")["spec"]["resources"]["requests"]["storage"] == "2Gi"


def test_each_template_has_its_own(stack: Stack) -> None:
    logs = {"volume_name": "logs", "mount_path": "/logs", "labels": {"backup": "no"}}
    assert patches(stack.up(volumes=[logs])) == {"logs-web-0": {"labels": {"backup": "no"}, "annotations": {}}}


def test_with_an_autoscaler_all_existing_claims_have_them(stack: Stack) -> None:
    first = carried_out(stack, replicas=2, autoscaled=True, storage=BACKUP)
    assert carried_out(stack, replicas=2, autoscaled=True, storage=BACKUP).resources == first.resources
    stack.add_claim("data-web-2", claim(stack, "data-web-0")["spec"])
    assert list(patches(stack.up(replicas=2, autoscaled=True, storage=BACKUP))) == [f"data-web-{n}" for n in range(3)]


@pytest.mark.parametrize("plural", ["statefulsets", "persistentvolumeclaims"])
def test_an_account_with_fewer_rights_leaves_the_patches_that_the_stack_has(
    stack: Stack, api: FakeApiServer, plural: str
) -> None:
    stack.grown_up(replicas=2)
    carried_out(stack, replicas=2, storage={"size": "2Gi", **BACKUP})
    api.forbid(f"list {plural}", f"get {plural}")
    ran = stack.up(replicas=2, storage={"size": "2Gi", "labels": {"backup": "weekly"}})
    found = ran.of_type(":PersistentVolumeClaimPatch")
    assert sorted(patch.name for patch in found) == sorted(
        f"web-{of}-data-web-{ordinal}" for of in ("claim", "metadata") for ordinal in (0, 1)
    )
    assert {patch.ignore_changes for patch in found} == {("metadata", "spec")}
    assert "Changed storage has no effect until" in ran.warnings[-1]


def test_a_stack_without_labels_gets_no_patch_of_them_with_few_rights(stack: Stack, api: FakeApiServer) -> None:
    stack.grown_up()
    carried_out(stack, storage={"size": "2Gi"})
    api.forbid("list persistentvolumeclaims", "get persistentvolumeclaims")
    ran = stack.up(storage={"size": "2Gi", **BACKUP})
    assert patches(ran) == {}
    assert patched(ran) == {"data-web-0": "2Gi"}


def test_values_may_be_outputs_secret_or_not_known_yet(stack: Stack) -> None:
    storage = {"labels": {"a": known("1"), "b": secret("2"), "c": unknown}, "annotations": known({"d": "4"})}
    found = stack.preview(storage=storage)["web-metadata-data-web-0"].inputs["metadata"]
    assert (found["labels"]["a"], found["labels"]["b"]) == ("1", Secret("2"))
    assert found["annotations"] == {"d": "4", **OURS}


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ({"labels": {"app": "x"}}, "storage.labels.app is a label of the selector, which every claim has: another key"),
        ({"annotations": {"pulumi.com/patchForce": "false"}}, "is an annotation of the patch that sets the others: an"),
        ({"annotations": {"stateful-web.dev/regrown": ""}}, "is an annotation of the patch that sets the others: an"),
        ({"labels": {"a b": "c"}}, "storage.labels is"),
    ],
)
def test_a_key_that_is_not_the_users_to_choose_is_refused(stack: Stack, storage: Any, said: str) -> None:
    assert said in refusal(stack.preview(selector_labels={"app": "web"}, storage=storage))
