"""Claims grow by patches: what is registered for which claim, what is left alone, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.stateful_web import StatefulWeb
from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .claims import carried_out, recreated
from .harness import Stack, known, storage_class
from .refusals import refusal

LOGS = {"volume_name": "logs", "mount_path": "/logs", "storage_class_name": "my-sc"}


def patched(ran: Ran) -> dict[str, str]:
    """Return the size that each claim is patched to."""
    assert ran.error == ""
    patches = ran.of_type(":PersistentVolumeClaimPatch")
    return {
        patch.inputs["metadata"]["name"]: patch.inputs["spec"]["resources"]["requests"]["storage"] for patch in patches
    }


def template_sizes(ran: Ran) -> dict[str, str]:
    """Return the size in each claim template of the set."""
    templates = ran["web-set"].inputs["spec"]["volumeClaimTemplates"]
    return {t["metadata"]["name"]: t["spec"]["resources"]["requests"]["storage"] for t in templates}


def resize(stack: Stack, name: str, size: str, *, by: str, **metadata: Any) -> None:
    """Make a claim larger, as a field manager does with a server-side apply."""
    fields: dict[str, Any] = {"f:spec": {"f:resources": {"f:requests": {"f:storage": {}}}}}
    applied = [{"manager": by, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}]
    claim = stack.api.objects["persistentvolumeclaims", "default", name]
    metadata = {"uid": claim["metadata"]["uid"], "managedFields": applied, **metadata}
    stack.add_claim(name, {**claim["spec"], "resources": {"requests": {"storage": size}}}, **metadata)


def claims(volume: str, size: str, *ordinals: int) -> dict[str, str]:
    return {f"{volume}-web-{ordinal}": size for ordinal in ordinals}


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_larger_size_patches_every_claim_and_leaves_the_template_as_it_was(stack: Stack, command: str) -> None:
    stack.grown_up(replicas=3)
    ran = getattr(stack, command)(replicas=3, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1, 2)
    assert template_sizes(ran) == {"data": "1Gi"}, "another size would replace the set"
    assert ran.warnings == []


def test_a_patch_depends_on_the_set_forces_the_size_and_is_retained_on_delete(stack: Stack) -> None:
    stack.grown_up()
    patch = stack.up(storage={"size": "2Gi"})["web-claim-data-web-0"]
    assert patch.inputs["metadata"] == {
        "name": "data-web-0",
        "namespace": "default",
        "annotations": {"pulumi.com/patchForce": "true"},
    }
    assert patch.inputs["spec"] == {"resources": {"requests": {"storage": "2Gi"}}}, "the size and no other field"
    assert patch.parent == "web"
    assert "web-set" in patch.depends_on
    assert patch.retain_on_delete is True


def test_a_first_up_and_one_without_a_change_patch_nothing(stack: Stack) -> None:
    assert patched(stack.grown_up(replicas=3, storage={"size": "2Gi"})) == {}
    again = stack.up(replicas=3, storage={"size": "2Gi"})
    assert patched(again) == {}
    assert template_sizes(again) == {"data": "2Gi"}


def test_the_same_size_written_in_another_way_patches_nothing(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    assert patched(stack.up(replicas=2, storage={"size": "1024Mi"})) == {}


def test_after_growth_every_run_registers_the_same_patches(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    first = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    again = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    assert again.resources == first.resources, "one that is missing would be deleted"
    assert patched(again) == claims("data", "2Gi", 0, 1)


def test_a_pod_added_after_growth_gets_a_claim_of_the_larger_size(stack: Stack) -> None:
    stack.grown_up(replicas=3)
    carried_out(stack, replicas=3, storage={"size": "2Gi"})
    ran = carried_out(stack, replicas=5, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1, 2, 3, 4)
    assert template_sizes(ran) == {"data": "1Gi"}


def test_the_claim_of_a_removed_pod_grows_when_the_pod_returns(stack: Stack) -> None:
    stack.grown_up(replicas=3)
    carried_out(stack, replicas=3, storage={"size": "2Gi"})
    assert patched(carried_out(stack, replicas=1, storage={"size": "2Gi"})) == claims("data", "2Gi", 0)
    assert patched(carried_out(stack, replicas=1, storage={"size": "3Gi"})) == claims("data", "3Gi", 0)
    assert patched(carried_out(stack, replicas=3, storage={"size": "3Gi"})) == claims("data", "3Gi", 0, 1, 2)


def test_each_claim_template_grows_independently(stack: Stack) -> None:
    stack.grown_up(replicas=2, volumes=[LOGS])
    only_logs = stack.up(replicas=2, volumes=[{**LOGS, "size": "3Gi"}])
    assert patched(only_logs) == claims("logs", "3Gi", 0, 1)
    both = stack.up(replicas=2, storage={"size": "2Gi"}, volumes=[{**LOGS, "size": "3Gi"}])
    assert patched(both) == {**claims("data", "2Gi", 0, 1), **claims("logs", "3Gi", 0, 1)}
    assert template_sizes(both) == {"data": "1Gi", "logs": "1Gi"}


def test_adding_a_claim_template_after_growth_changes_neither_the_first_one_nor_its_patches(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    carried_out(stack, replicas=2, storage={"size": "2Gi"})
    ran = stack.up(replicas=2, storage={"size": "2Gi"}, volumes=[LOGS])
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "1Gi", "logs": "1Gi"}


def test_patches_name_the_claims_of_pods_that_do_not_start_at_ordinal_zero(stack: Stack) -> None:
    stack.grown_up(replicas=2, ordinals_start=5)
    ran = stack.up(replicas=2, ordinals_start=5, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 5, 6)


def test_claims_left_by_a_deleted_set_grow_with_the_new_one(stack: Stack, api: FakeApiServer) -> None:
    stack.grown_up(replicas=2)
    del api.objects["statefulsets", "default", "web"]
    ran = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "2Gi"}
    assert patched(stack.up(replicas=2, storage={"size": "2Gi"})) == claims("data", "2Gi", 0, 1)


def test_with_an_autoscaler_all_existing_claims_grow_and_no_others(stack: Stack) -> None:
    stack.grown_up(replicas=4, autoscaled=True)
    ran = stack.up(replicas=2, autoscaled=True, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1, 2, 3), "the autoscaler has made two more pods"


@pytest.mark.parametrize("autoscaled", [False, True])
def test_growth_leaves_claims_of_others_with_a_similar_name_alone(stack: Stack, autoscaled: bool) -> None:
    stack.grown_up(replicas=2, autoscaled=autoscaled)
    for name in ("data-web-extra", "data-web-0-copy", "data-web", "data-webshop-0", "my-data-web-0"):
        stack.add_claim(name, {"resources": {"requests": {"storage": "1Gi"}}})
    ran = stack.up(replicas=2, autoscaled=autoscaled, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1)


def test_growth_ignores_claims_in_another_namespace(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    stack.add_claim("data-web-0", {"resources": {"requests": {"storage": "9Gi"}}}, namespace="elsewhere")
    ran = stack.up(replicas=2, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert ran.warnings == []


def test_each_of_two_components_in_two_namespaces_sees_its_own_claims(stack: Stack) -> None:
    stack.grown_up()
    stack.grown_up(namespace="shop")
    stack.add_claim("data-web-0", {"resources": {"requests": {"storage": "5Gi"}}}, namespace="shop")

    def program() -> None:
        StatefulWeb("web", {"image": "web:1", "storage": {"size": "2Gi"}})
        StatefulWeb("other", {"image": "web:1", "name": "web", "namespace": "shop", "storage": {"size": "2Gi"}})

    ran = stack.program(program)
    assert patched(ran) == claims("data", "2Gi", 0)
    assert "web-claim-data-web-0" in ran.resources
    assert ran.warnings == ["Claim data-web-0 has 5Gi, more than the 2Gi asked for: it is left alone."]


@pytest.mark.parametrize("given", [{"size": known("2Gi")}, {"size": "2Gi"}])
def test_known_outputs_grow_claims_as_plain_values_do(stack: Stack, given: Mapping[str, Any]) -> None:
    stack.grown_up(replicas=2)
    ran = stack.up(replicas=known(2), namespace=known("default"), storage=given, opts={"provider": stack.provider()})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "1Gi"}
    assert {patch.provider for patch in ran.of_type(":PersistentVolumeClaimPatch")} == {"explicit"}


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_size_below_that_of_the_template_fails_with_the_reason(stack: Stack, command: str) -> None:
    stack.grown_up(replicas=2, storage={"size": "2Gi"})
    said = refusal(getattr(stack, command)(replicas=2, storage={"size": "1Gi"}))
    assert said == (
        'storage.size is "1Gi", but the claims of data were made with 2Gi, and Kubernetes can not shrink a volume. '
        "Set 2Gi or more."
    )


def test_a_size_below_that_of_a_grown_claim_fails_with_the_reason(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    carried_out(stack, replicas=2, storage={"size": "3Gi"})
    said = refusal(stack.preview(replicas=2, storage={"size": "2500Mi"}))
    assert 'storage.size is "2500Mi", but claim data-web-0 has been grown to 3Gi, and Kubernetes can not shrink' in said
    assert "claim data-web-1 has been grown to 3Gi" in said


def test_the_message_names_the_volume_whose_size_shrinks(stack: Stack) -> None:
    stack.grown_up(replicas=2, volumes=[{**LOGS, "size": "2Gi"}])
    assert refusal(stack.preview(replicas=2, volumes=[LOGS])).startswith('volumes[0].size is "1Gi"')


def test_growth_on_a_class_without_expansion_fails_and_names_each_claim(stack: Stack) -> None:
    rigid = {"storage_class_name": "rigid"}
    stack.grown_up(replicas=2, storage=rigid)
    said = refusal(stack.preview(replicas=2, storage={**rigid, "size": "2Gi"}))
    for ordinal in (0, 1):
        assert f'claim data-web-{ordinal} has 1Gi of StorageClass "rigid", which can not grow' in said
    assert "allowVolumeExpansion is not true" in said


def test_claims_grow_once_their_class_allows_expansion(stack: Stack, api: FakeApiServer) -> None:
    rigid = {"storage_class_name": "rigid"}
    stack.grown_up(replicas=2, storage=rigid)
    api.add(storage_class("rigid"))
    assert patched(stack.preview(replicas=2, storage={**rigid, "size": "2Gi"})) == claims("data", "2Gi", 0, 1)


def test_a_claim_that_somebody_made_larger_stays_as_it_is_with_a_warning(stack: Stack) -> None:
    stack.grown_up(replicas=3)
    resize(stack, "data-web-1", "5Gi", by="kubectl")
    ran = stack.up(replicas=3, storage={"size": "2Gi"})
    assert patched(ran) == claims("data", "2Gi", 0, 2)
    assert ran.warnings == ["Claim data-web-1 has 5Gi, more than the 2Gi asked for: it is left alone."]


def test_without_verify_claims_grow_as_well(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    ran = stack.up(replicas=2, storage={"size": "2Gi", "verify": False})
    assert patched(ran) == claims("data", "2Gi", 0, 1)
    assert template_sizes(ran) == {"data": "1Gi"}


def failed(stack: Stack, name: str, size: str, capacity: str) -> None:
    """Have an expansion fail: the claim requests what its volume does not have."""
    resize(stack, name, size, by="pulumi-kubernetes-1a2b3c4d")
    stack.api.objects["persistentvolumeclaims", "default", name]["status"]["capacity"] = {"storage": capacity}


def test_a_failed_expansion_is_taken_back_to_any_size_above_what_the_volume_has(stack: Stack) -> None:
    stack.grown_up()
    carried_out(stack, storage={"size": "10Pi"})
    failed(stack, "data-web-0", "10Pi", "1Gi")
    assert patched(stack.preview(storage={"size": "10Gi"})) == claims("data", "10Gi", 0)


def test_a_failed_expansion_is_not_taken_back_to_what_the_volume_has(stack: Stack) -> None:
    stack.grown_up()
    carried_out(stack, storage={"size": "10Pi"})
    failed(stack, "data-web-0", "10Pi", "2Gi")
    for size in ("1Gi", "2Gi", "1536Mi"):
        assert refusal(stack.preview(storage={"size": size})) == (
            f'storage.size is "{size}", but the volume of claim data-web-0 has 2Gi already, and Kubernetes can not '
            "shrink a volume. Set more than 2Gi."
        )


def test_a_claim_that_was_made_anew_grows_again_and_the_next_run_changes_nothing(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    grown = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    recreated(stack, "data-web-1")
    ran = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    before, after = (run["web-claim-data-web-1"].inputs for run in (grown, ran))
    assert after != before, "the same inputs would be no change to the engine"
    assert ran["web-claim-data-web-0"].inputs == grown["web-claim-data-web-0"].inputs
    again = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    assert again.resources == ran.resources

    recreated(stack, "data-web-1")
    anew = carried_out(stack, replicas=2, storage={"size": "2Gi"})
    assert anew["web-claim-data-web-1"].inputs != after
    assert patched(anew) == claims("data", "2Gi", 0, 1)


@pytest.mark.parametrize("names", [("data",), ("data", "logs")])
@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_a_template_keeps_its_size_wherever_it_stands(stack: Stack, names: tuple[str, ...], explicit: bool) -> None:
    def volumes(*names_sizes: tuple[str, str]) -> dict[str, Any]:
        first, *rest = ({"volume_name": name, "size": size} for name, size in names_sizes)
        return {
            "storage": first,
            "volumes": [{**volume, "mount_path": f"/srv/{volume['volume_name']}"} for volume in rest],
        }

    opts = {"provider": stack.provider()} if explicit else {}
    stack.grown_up(**volumes(("data", "1Gi"), ("logs", "3Gi")))
    grown = {"data": "2Gi", "logs": "4Gi"}
    asked = [(name, grown[name]) for name in reversed(names)] + [("extra", "5Gi")]
    ran = stack.up(opts=opts, **volumes(*asked))
    assert template_sizes(ran) == {"extra": "5Gi", **{name: {"data": "1Gi", "logs": "3Gi"}[name] for name in names}}
    assert patched(ran) == {name: size for n in names for name, size in claims(n, grown[n], 0).items()}
