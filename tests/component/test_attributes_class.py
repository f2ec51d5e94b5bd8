"""Live claims follow ``storage.volumeAttributesClassName``: what is registered, looked up and refused."""

from collections.abc import Callable
from typing import Any

import pulumi_kubernetes as k8s
import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.monitor import Ran

from .claims import carried_out, claim, recreated
from .harness import Stack, attributes_class, known, unknown
from .refusals import refusal

FAST, SLOW = {"volume_attributes_class_name": "fast"}, {"volume_attributes_class_name": "slow"}


@pytest.fixture(autouse=True)
def classes(api: FakeApiServer) -> None:
    api.add(attributes_class("fast"), attributes_class("slow"), attributes_class("other", "file.example"))


def patched(ran: Ran) -> dict[str, dict[str, Any]]:
    """Return what each patch of a claim asks for."""
    assert ran.error == ""
    return {patch.name.removeprefix("web-claim-"): patch.inputs["spec"] for patch in ran.of_type("ClaimPatch")}


def of_template(ran: Ran) -> str | None:
    (template,) = ran["web-set"].inputs["spec"]["volumeClaimTemplates"]
    name: str | None = template["spec"].get("volumeAttributesClassName")
    return name


def has(name: str) -> dict[str, str]:
    return {"volumeAttributesClassName": name}


@pytest.mark.parametrize("explicit", [False, True], ids=["default provider", "explicit provider"])
def test_claims_are_born_with_it_moved_to_another_and_keep_the_last_one(stack: Stack, explicit: bool) -> None:
    opts = {"provider": stack.provider()} if explicit else {}
    first = carried_out(stack, replicas=2, storage=FAST, opts=opts)
    assert (of_template(first), patched(first), first.said) == ("fast", {}, ())
    moved = carried_out(stack, replicas=2, storage=SLOW, opts=opts)
    assert of_template(moved) == "fast", "another one would replace the set"
    assert patched(moved) == {"data-web-0": has("slow"), "data-web-1": has("slow")}
    assert claim(stack, "data-web-1")["spec"]["volumeAttributesClassName"] == "slow"
    again = carried_out(stack, replicas=2, storage=SLOW, opts=opts)
    assert again.resources == moved.resources
    scaled = carried_out(stack, replicas=3, storage=SLOW, opts=opts)
    assert patched(scaled)["data-web-2"] == has("slow"), "the template gives it the first one"
    without = carried_out(stack, replicas=3, opts=opts)
    assert of_template(without) == "fast"
    assert patched(without) == patched(scaled)
    (said,) = without.warnings
    assert said.startswith("storage.volume_attributes_class_name is not given, and Kubernetes takes no class away: the")
    assert "claims of data keep slow. Set it to that, or to another class." in said


def test_a_set_that_was_born_without_one_keeps_its_template(stack: Stack) -> None:
    stack.grown_up(replicas=2)
    ran = carried_out(stack, replicas=2, storage=FAST)
    assert of_template(ran) is None
    assert patched(ran) == {"data-web-0": has("fast"), "data-web-1": has("fast")}
    recreated(stack, "data-web-0")
    anew = carried_out(stack, replicas=2, storage=FAST)
    assert anew["web-claim-data-web-0"].inputs != ran["web-claim-data-web-0"].inputs
    assert anew["web-claim-data-web-1"].inputs == ran["web-claim-data-web-1"].inputs
    grown = carried_out(stack, replicas=2, storage={**FAST, "size": "2Gi"})
    assert patched(grown)["data-web-1"] == {**has("fast"), "resources": {"requests": {"storage": "2Gi"}}}


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_class_that_is_missing_is_refused_with_those_that_are_there(stack: Stack, command: str) -> None:
    said = refusal(getattr(stack, command)(storage={"volume_attributes_class_name": "gone"}))
    assert said == (
        'storage.volumeAttributesClassName is "gone": this cluster has no VolumeAttributesClass "gone" (it has: fast, '
        "other, slow); Kubernetes has them since 1.34. Set one that it has."
    ).replace("volumeAttributesClassName", "volume_attributes_class_name")


def test_a_class_of_another_driver_is_refused(stack: Stack) -> None:
    stack.grown_up()
    said = refusal(stack.preview(storage={"volume_attributes_class_name": "other"}))
    assert "a class of driver file.example, and the StorageClass is of driver driver.example" in said
    assert "claim data-web-0 is of driver driver.example. Set a class of that driver (it has: fast, slow)" in said


def test_the_right_to_get_the_class_is_enough_and_without_it_that_is_said(stack: Stack, api: FakeApiServer) -> None:
    api.forbid("list volumeattributesclasses")
    assert stack.preview(storage=FAST).said == ()
    assert "no VolumeAttributesClass" in refusal(stack.preview(storage={"volume_attributes_class_name": "gone"}))
    api.forbid("get volumeattributesclasses")
    (said,) = stack.preview(storage=FAST).warnings
    assert said.startswith('VolumeAttributesClass "fast" was not looked up: volumeattributesclasses.storage.k8s.io is')


def test_nobody_is_asked_for_classes_that_nobody_named(stack: Stack, api: FakeApiServer) -> None:
    stack.grown_up()
    stack.preview(storage={**FAST, "verify": False})
    assert not [asked for asked in api.asked if "volumeattributesclasses" in asked]


def test_an_account_that_may_not_read_claims_changes_none(stack: Stack, api: FakeApiServer) -> None:
    stack.grown_up(replicas=2)
    carried_out(stack, replicas=2, storage=FAST)
    api.forbid("list persistentvolumeclaims", "get persistentvolumeclaims")
    ran = stack.up(replicas=2, storage=SLOW)
    assert [patch.ignore_changes for patch in ran.of_type("ClaimPatch")] == [("metadata", "spec")] * 2
    assert of_template(ran) is None


@pytest.mark.parametrize("value", [known("fast"), unknown], ids=["known", "not known yet"])
def test_an_output_names_the_class_as_text_does(stack: Stack, value: Callable[[], Any]) -> None:
    stack.grown_up()
    ran = stack.preview(storage={"volume_attributes_class_name": value})
    assert of_template(ran) is None
    assert patched(ran) == ({} if value is unknown else {"data-web-0": has("fast")})


def test_a_class_that_the_program_makes_is_not_looked_up(stack: Stack) -> None:
    def made() -> Any:
        name = k8s.meta.v1.ObjectMetaArgs(name="to-come")
        return k8s.storage.v1.VolumeAttributesClass("class", metadata=name, driver_name="driver.example").metadata.name

    ran = stack.preview(storage={"volume_attributes_class_name": made})
    assert (ran.error, ran.said, of_template(ran)) == ("", (), "to-come")
