"""Which VolumeAttributesClass templates and claims get, and what is refused or left alone."""

import json
from typing import Any

import pytest

from components.stateful_web.attributes_class import problems
from components.stateful_web.findings import Finding
from components.stateful_web.growth import growth, is_behind
from components.stateful_web.live import NOT_YET, Live, Recorded, Unanswered, Why
from components.stateful_web.patches import Patch
from components.stateful_web.storage import AttributesClass, StorageClass, claim_template, claim_templates, kept_parts
from components.stateful_web.validation import validate

STANDARD = StorageClass("standard", "disk.example", is_default=True, can_grow=True)
FAST, OTHER = AttributesClass("fast", "disk.example"), AttributesClass("other", "file.example")
NO = Unanswered(Why.NOT_ALLOWED, "no")
PATH = ("storage", "volume_attributes_class_name")


def inputs(asked: Any = "fast", **storage: Any) -> Any:
    named = {} if asked is None else {"volume_attributes_class_name": asked if asked is not NOT_YET else "x"}
    args: Any = {"image": "web:1", "namespace": "shop", "storage": {"size": "1Gi", **named, **storage}}
    found: Any
    found, findings = validate("web", args)
    assert findings == []
    if asked is NOT_YET:
        found["storage"]["volume_attributes_class_name"] = NOT_YET
    return found


def spec(of_class: str | None, size: str = "1Gi") -> dict[str, Any]:
    named = {} if of_class is None else {"volumeAttributesClassName": of_class}
    return {"storageClassName": "standard", "resources": {"requests": {"storage": size}}, **named}


def a_set(of_class: str | None = None) -> dict[str, Any]:
    template = {"metadata": {"name": "data"}, "spec": spec(of_class)}
    return {"metadata": {"name": "web"}, "spec": {"replicas": 1, "volumeClaimTemplates": [template]}}


def a_claim(
    of_class: str | None, annotations: dict[str, str] | None = None, *, ours: bool = False, phase: str = "Bound"
) -> dict[str, Any]:
    fields: dict[str, Any] = {"f:spec": {"f:volumeAttributesClassName": {}}}
    managed = {"manager": "pulumi-kubernetes-1" if ours else "kubectl", "operation": "Apply", "fieldsV1": fields}
    metadata = {"name": "data-web-0", "uid": "7", "managedFields": [managed], "annotations": annotations}
    return {"metadata": metadata, "spec": spec(of_class), "status": {"phase": phase}}


def live(claim: Any, born: str | None = None, **given: Any) -> Live:
    there = {"data-web-0": answered(claim)} if claim else {}
    return Live(answered(a_set(born)), there, (STANDARD,), **{"attributes_classes": (FAST, OTHER), **given})


def answered(found: Any) -> Any:
    """Return an object as an API server's answer is read: no text of it is one of ours."""
    return json.loads(json.dumps(found))


@pytest.mark.parametrize(
    ("born", "claim", "of_class"),
    [
        pytest.param(None, None, "fast", id="a new pod's claim"),
        pytest.param("fast", None, None, id="a new pod's claim has it from the template"),
        pytest.param(None, a_claim(None), "fast", id="it has none"),
        pytest.param(None, a_claim("slow"), "fast", id="it has another"),
        pytest.param("slow", a_claim("slow", ours=True), "fast", id="it had another patch"),
        pytest.param("fast", a_claim("fast"), None, id="it was born with it"),
        pytest.param(None, a_claim("fast"), "fast", id="somebody gave it the same"),
        pytest.param("fast", a_claim("fast", ours=True), "fast", id="a patch that the stack has stays"),
    ],
)
def test_a_claim_is_patched_where_it_has_another_class_or_the_stack_has_its_patch(
    born: str | None, claim: Any, of_class: str | None
) -> None:
    found = growth(inputs(), live(claim, born))
    assert found.patches == ((Patch("data-web-0", None, of_class),) if of_class else ())
    assert (found.findings, found.notes) == ((), ())


@pytest.mark.parametrize(("kept", "of_class"), [(None, "fast"), ({}, None), ({"spec": spec("slow")}, "slow")])
def test_the_template_of_a_live_set_keeps_the_class_that_it_was_born_with(kept: Any, of_class: str | None) -> None:
    given = inputs()
    template = claim_template(given, given["storage"], kept and kept_parts({"metadata": {}, **kept}))
    assert template["spec"].get("volumeAttributesClassName") == of_class


def test_a_claim_without_a_set_gets_the_class_that_it_lacks() -> None:
    for has, patches in (("fast", ()), (None, (Patch("data-web-0", None, "fast"),))):
        assert growth(inputs(), Live(None, {"data-web-0": a_claim(has)})).patches == patches


@pytest.mark.parametrize(("born", "claim"), [(None, a_claim("fast", ours=True)), ("fast", a_claim("fast"))])
def test_claims_keep_the_class_that_is_not_asked_for_any_more_and_that_is_said(born: str | None, claim: Any) -> None:
    found = growth(inputs(None), live(claim, born))
    assert found.notes == (
        Finding(
            PATH,
            "is not given, and Kubernetes takes no class away: the claims of data keep fast. Set it to that, or to "
            "another class.",
        ),
    )
    assert found.patches == (() if born else (Patch("data-web-0", None, "fast"),))


def test_a_class_that_others_gave_is_nobodys_business() -> None:
    found = growth(inputs(None), live(a_claim("fast")))
    assert (found.patches, found.notes) == ((), ())


@pytest.mark.parametrize("phase", ["Pending", "Lost"])
def test_a_claim_that_is_not_bound_waits_for_its_class_with_a_word(phase: str) -> None:
    found = growth(inputs(), live(a_claim(None, phase=phase)))
    assert found.patches == ()
    assert found.notes == (
        "Claim data-web-0 is not bound, and Kubernetes changes that of bound claims only: the first up after that "
        "gives it fast.",
    )


def test_a_claim_that_is_not_bound_waits_for_size_and_class() -> None:
    found = growth(inputs(size="2Gi"), live(a_claim(None, phase="Pending")))
    assert found.patches == ()
    assert len(found.notes) == 2


def test_size_and_class_share_the_patch_of_a_claim() -> None:
    found = growth(inputs(size="2Gi"), live(a_claim(None)))
    assert found.patches == (Patch("data-web-0", "2Gi", "fast"),)


def test_a_claim_that_was_made_anew_gets_its_class_again() -> None:
    has_patch = Recorded(None, {"data-web-0": "1Gi"})
    assert growth(inputs(), live(a_claim(None), recorded=has_patch)).patches == (
        Patch("data-web-0", None, "fast", regrown="7"),
    )


@pytest.mark.parametrize(
    ("claim", "driver"),
    [
        (a_claim(None), "disk.example"),
        (a_claim(None, {"volume.kubernetes.io/storage-provisioner": "block.example"}), "block.example"),
        (a_claim(None, {"volume.beta.kubernetes.io/storage-provisioner": "block.example"}), "block.example"),
    ],
)
def test_a_class_of_another_driver_than_the_claims_is_refused(claim: Any, driver: str) -> None:
    (finding,) = growth(inputs("other"), live(claim)).findings
    there = "fast" if driver == "disk.example" else "none at all"
    assert finding == Finding(
        PATH,
        f'is "other", a class of driver file.example, and claim data-web-0 is of driver {driver}. Set a class of that '
        f"driver (it has: {there}), or leave it out.",
    )


def test_each_driver_has_classes_of_its_own_whatever_their_order() -> None:
    early = AttributesClass("early", "block.example")
    seen = live(a_claim(None), attributes_classes=(early, FAST, OTHER))
    for finding in (*growth(inputs("early"), seen).findings, *said(inputs("early"), seen)):
        assert "a class of driver block.example" in finding.problem
        assert "is of driver disk.example. Set a class of that driver (it has: fast), or" in finding.problem
    assert len(growth(inputs("early"), seen).findings) == len(said(inputs("early"), seen)) == 1


def test_a_driver_of_kubernetes_own_is_not_judged_since_a_csi_driver_does_its_work() -> None:
    in_tree = a_claim(None, {"volume.kubernetes.io/storage-provisioner": "kubernetes.io/aws-ebs"})
    assert growth(inputs("other"), live(in_tree)).findings == ()


def test_a_class_that_is_not_known_yet_leaves_the_patches_that_the_stack_has() -> None:
    recorded = Recorded(None, {"data-web-0": "1Gi"})
    found = growth(inputs(NOT_YET), live(a_claim(None), recorded=recorded))
    assert found.patches == (Patch("data-web-0", "1Gi", kept=True),)


@pytest.mark.parametrize(
    ("asked", "has", "behind"), [("fast", None, True), ("fast", "fast", False), (None, "fast", False)]
)
def test_a_claim_of_another_class_than_asked_for_is_behind(asked: str | None, has: str | None, behind: bool) -> None:
    assert is_behind(inputs(asked), live(a_claim(has))) is behind


def said(given: Any, found: Live, still_to_come: str = "") -> list[Any]:
    ((path, template),) = claim_templates(given)
    return list(problems(found, path, template, still_to_come))


def test_a_class_that_is_there_and_one_that_nobody_asks_for_is_no_problem() -> None:
    for given in (inputs(), inputs(None), inputs(NOT_YET), inputs("gone", verify=False)):
        assert said(given, live(None)) == []


def test_a_missing_class_is_refused_with_those_that_are_there() -> None:
    text = (
        'is "gone": this cluster has no VolumeAttributesClass "gone" (it has: fast, other); Kubernetes has them since'
    )
    (finding,) = said(inputs("gone"), live(None))
    assert finding == Finding(PATH, f"{text} 1.34. Set one that it has.")
    (note,) = said(inputs("gone"), live(None), "crds")
    assert note == (
        'VolumeAttributesClass "gone" is not there yet, and crds may make it: up looks for it once that is there.'
    )


def test_the_right_to_get_a_class_is_enough() -> None:
    for named, problem in (({"fast": FAST}, ""), ({"fast": None}, "since 1.34"), ({}, "was not looked up: no.")):
        found = " ".join(map(str, said(inputs(), Live(attributes_classes=NO, named_attributes_classes=named))))
        assert problem in found
        assert bool(problem) == bool(found)
    assert said(inputs(), Live(attributes_classes=Unanswered(Why.NOT_YET_KNOWN))) == []


@pytest.mark.parametrize(
    ("storage", "refused"),
    [
        ({}, True),
        ({"storage_class_name": "standard"}, True),
        ({"storage_class_name": "gone"}, False),
        ({"create_storage_class": {"provisioner": "disk.example"}}, True),
        ({"create_storage_class": {"provisioner": "file.example"}}, False),
        ({"create_storage_class": {"provisioner": "kubernetes.io/aws-ebs"}}, False),
    ],
)
def test_a_class_of_another_driver_than_the_storage_class_is_refused(storage: Any, refused: bool) -> None:
    found = said(inputs("other", **storage), Live(classes=(STANDARD,), attributes_classes=(FAST, OTHER)))
    assert [finding.problem for finding in found] == [
        'is "other", a class of driver file.example, and the StorageClass is of driver disk.example. Set a class of '
        "that driver (it has: fast), or leave it out."
    ] * refused
