"""What becomes of one claim when a size is asked for, decided from what is live."""

from typing import Any

import pytest

from components.stateful_web.growth import growth, has_outgrown, kept_sizes
from components.stateful_web.live import NOT_YET, Live, Recorded, Unanswered, Why
from components.stateful_web.patches import Patch
from components.stateful_web.storage import StorageClass
from components.stateful_web.validation import validate

RIGID = StorageClass("rigid", "driver.example", is_default=True, can_grow=False)


def inputs(size: Any = "2Gi", **given: Any) -> Any:
    args: Any = {"image": "web:1", "namespace": "shop", "storage": {"size": "1Gi"}, **given}
    found, findings = validate("web", args)
    assert findings == []
    return {**found, "storage": {**found["storage"], "size": size}}


def a_set(size: str = "1Gi") -> dict[str, Any]:
    template = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}}}
    return {"metadata": {"name": "web"}, "spec": {"replicas": 1, "volumeClaimTemplates": [template]}}


def a_claim(size: str, *, capacity: str | None = None, ours: bool = False, of: str = "soft") -> dict[str, Any]:
    requests: Any = {"f:spec": {"f:resources": {"f:requests": {"f:storage": {}}}}}
    managed = {"manager": "pulumi-kubernetes-1a2b" if ours else "kubectl", "operation": "Apply", "fieldsV1": requests}
    return {
        "metadata": {"name": "data-web-0", "uid": "7", "managedFields": [managed]},
        "spec": {"storageClassName": of, "resources": {"requests": {"storage": size}}},
        "status": {"capacity": {"storage": capacity or size}},
    }


def live(claim: Any, born: str = "1Gi", **given: Any) -> Live:
    return Live(a_set(born), {"data-web-0": claim} if claim else {}, (RIGID,), **given)


PATCHED = (Patch("data-web-0", "2Gi"),)


@pytest.mark.parametrize(
    ("born", "claim", "patches"),
    [
        pytest.param("2Gi", None, (), id="a new pod gets what the template has"),
        pytest.param("1Gi", None, PATCHED, id="a new pod's claim grows"),
        pytest.param("1Gi", a_claim("1Gi"), PATCHED, id="it grows"),
        pytest.param("1Gi", a_claim("2Gi"), PATCHED, id="somebody has grown it to the same size"),
        pytest.param("1Gi", a_claim("2Gi", ours=True), PATCHED, id="it has grown"),
        pytest.param("2Gi", a_claim("2Gi"), (), id="it was born like this"),
        pytest.param("2048Mi", a_claim("2048Mi"), (), id="it was born like this, by another spelling"),
        pytest.param("2Gi", a_claim("2Gi", ours=True), PATCHED, id="a patch that the stack has stays"),
        pytest.param("2Gi", a_claim("1Gi"), PATCHED, id="a claim of an earlier set is smaller"),
        pytest.param("1Gi", a_claim("9Pi", capacity="1Gi", ours=True), PATCHED, id="an expansion that failed"),
        pytest.param("2Gi", a_claim("2Gi", of="rigid", ours=True), PATCHED, id="a rigid class, and nothing to grow"),
    ],
)
def test_a_claim_is_patched_where_it_has_to_grow_or_the_stack_has_its_patch(
    born: str, claim: Any, patches: tuple[Patch, ...]
) -> None:
    found = growth(inputs(), live(claim, born))
    assert found.patches == patches
    assert (found.findings, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("born", "claim", "problem"),
    [
        ("3Gi", None, "the claims of data were made with 3Gi, and Kubernetes can not shrink a volume. Set 3Gi or more"),
        ("1Gi", a_claim("3Gi", ours=True), "claim data-web-0 has been grown to 3Gi, and Kubernetes"),
        ("1Gi", a_claim("3Gi", capacity="4Gi", ours=True), "claim data-web-0 has been grown to 3Gi, and Kubernetes"),
        ("1Gi", a_claim("9Pi", capacity="2Gi", ours=True), "has 2Gi already, and Kubernetes can not shrink a volume."),
        ("1Gi", a_claim("9Pi", capacity="4Gi", ours=True), "Set more than 4Gi."),
        ("1Gi", a_claim("1Gi", of="rigid"), 'data-web-0 has 1Gi of StorageClass "rigid", which can not grow'),
    ],
)
def test_a_size_that_a_claim_can_not_get_is_refused_with_the_reason(born: str, claim: Any, problem: str) -> None:
    (finding,) = growth(inputs(), live(claim, born)).findings
    assert finding.path == ("storage", "size")
    assert finding.problem.startswith('is "2Gi"')
    assert problem in finding.problem


def test_a_claim_that_was_never_bound_is_not_taken_back() -> None:
    claim = {**a_claim("3Gi", ours=True), "status": {"phase": "Pending"}}
    (finding,) = growth(inputs(), live(claim)).findings
    assert "has been grown to 3Gi" in finding.problem


@pytest.mark.parametrize("phase", ["Pending", "Lost"])
def test_a_claim_that_is_not_bound_gets_its_size_by_the_first_up_after_that(phase: str) -> None:
    claim = {**a_claim("1Gi"), "status": {"phase": phase}}
    found = growth(inputs(), live(claim))
    assert (found.patches, found.findings) == ((), ())
    assert found.notes == (
        "Claim data-web-0 is not bound, and Kubernetes grows bound claims only: the first up after that gives it 2Gi.",
    )
    bound = {**claim, "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}
    assert growth(inputs(), live(bound)).patches == PATCHED


def test_a_claim_that_is_not_bound_of_a_class_that_can_not_grow_is_refused_at_once() -> None:
    (finding,) = growth(inputs(), live({**a_claim("1Gi", of="rigid"), "status": {"phase": "Pending"}})).findings
    assert "which can not grow" in finding.problem


def test_a_claim_that_others_made_larger_is_left_alone() -> None:
    found = growth(inputs(), live(a_claim("3Gi")))
    assert found.notes == ("Claim data-web-0 has 3Gi, more than the 2Gi asked for: it is left alone.",)
    assert (found.patches, found.findings) == ((), ())


def test_claims_that_are_there_grow_in_the_order_of_their_pods_whoever_owns_the_count() -> None:
    names = [f"data-web-{ordinal}" for ordinal in (10, 9, 0)]
    others = ["data-web", "data-web-x", "data-web-0-0", "logs-web-1", "7"]
    there = Live(a_set(), {name: {**a_claim("1Gi"), "metadata": {"name": name}} for name in (*names, *others)})
    for asked in (inputs(autoscaled=True), inputs() | {"replicas": NOT_YET}, inputs() | {"ordinals_start": NOT_YET}):
        assert [patch.claim for patch in growth(asked, there).patches] == ["data-web-0", "data-web-9", "data-web-10"]


NO = Unanswered(Why.NOT_ALLOWED, "no")
RECORDED = Recorded(None, {"data-web-0": "3Gi", "old-web-0": "1Gi", "data-web-2-0": "1Gi", "0": "1Gi"})
KEPT = (Patch("data-web-0", "3Gi", kept=True),)


@pytest.mark.parametrize("seen", [Live(NO, NO, NO), Live(a_set(), NO), Live(NO, {})])
def test_what_can_not_be_seen_keeps_the_patches_of_the_set_that_the_stack_has(seen: Live) -> None:
    there = Live(seen.stateful_set, seen.claims, recorded=RECORDED)
    assert growth(inputs(), there).patches == KEPT


def test_a_size_that_is_not_known_yet_keeps_the_patches_of_its_template_alone() -> None:
    logs = {"volume_name": "logs", "mount_path": "/logs", "size": "1Gi"}
    there = live(None, recorded=Recorded(None, {**RECORDED.patches, "logs-web-0": "5Gi"}))
    assert growth(inputs(NOT_YET, volumes=[logs]), there).patches == KEPT
    assert kept_sizes(inputs(NOT_YET, volumes=[logs]), there) == {"data": "1Gi", "logs": "1Gi"}


@pytest.mark.parametrize(
    ("born", "asked", "size"),
    [("1Gi", "2Gi", "1Gi"), ("3Gi", "2Gi", "3Gi"), ("2Gi", "2048Mi", "2048Mi"), ("1Gi", NOT_YET, "1Gi")],
)
def test_a_template_keeps_its_size_in_the_spelling_that_is_asked_for(born: str, asked: Any, size: str) -> None:
    assert kept_sizes(inputs(asked), live(None, born)) == {"data": size}


def test_a_template_that_the_set_does_not_have_gets_the_size_that_is_asked_for() -> None:
    assert kept_sizes(inputs(), Live()) == {"data": "2Gi"}
    assert kept_sizes(inputs(), Live(NO, NO, recorded=Recorded(a_set("3Gi")))) == {"data": "3Gi"}


@pytest.mark.parametrize(
    ("asked", "claim", "outgrown"),
    [
        ("2Gi", None, False),
        ("2Gi", a_claim("1Gi"), True),
        ("2Gi", a_claim("2Gi"), False),
        ("2Gi", a_claim("3Gi"), False),
        (NOT_YET, a_claim("1Gi"), False),
    ],
)
def test_a_claim_is_outgrown_where_more_is_asked_for_than_it_has(asked: Any, claim: Any, outgrown: bool) -> None:
    assert has_outgrown(inputs(asked), live(claim)) is outgrown


def test_a_claim_that_was_made_anew_is_patched_again_by_its_uid() -> None:
    has_patch = Recorded(None, {"data-web-0": "2Gi"})
    anew, marked = a_claim("1Gi"), a_claim("2Gi", ours=True)
    marked["metadata"]["annotations"] = {"stateful-web.dev/regrown": "6"}
    assert growth(inputs(), live(anew, recorded=has_patch)).patches == (Patch("data-web-0", "2Gi", regrown="7"),)
    assert growth(inputs(), live(anew)).patches == PATCHED, "the stack never had a patch of it"
    assert growth(inputs(), live(marked, recorded=has_patch)).patches == (Patch("data-web-0", "2Gi", regrown="6"),)


@pytest.mark.parametrize(
    ("claim", "patches"),
    [
        pytest.param(a_claim("1Gi"), PATCHED, id="it is below the floor"),
        pytest.param(a_claim("2Gi", ours=True), PATCHED, id="it has grown to the floor"),
        pytest.param(a_claim("2Gi"), (), id="others made it as large as the floor"),
        pytest.param(a_claim("3Gi"), (), id="others made it larger"),
        pytest.param(a_claim("3Gi", ours=True), (Patch("data-web-0", "3Gi"),), id="the floor was higher"),
        pytest.param(a_claim("9Pi", capacity="1Gi", ours=True), (Patch("data-web-0", "9Pi"),), id="it failed to grow"),
        pytest.param(None, PATCHED, id="a new pod's claim begins at the floor"),
    ],
)
def test_a_claim_that_others_resize_gets_the_floor_and_never_less_than_it_has(
    claim: Any, patches: tuple[Patch, ...]
) -> None:
    found = growth(resized(inputs()), live(claim))
    assert (found.patches, found.findings, found.notes) == (patches, (), ())


def test_a_floor_below_what_claims_are_made_with_is_no_mistake() -> None:
    assert growth(resized(inputs()), live(a_claim("3Gi"), "3Gi")) == growth(resized(inputs()), live(None, "3Gi"))
    assert kept_sizes(resized(inputs()), live(None, "3Gi")) == {"data": "3Gi"}


def test_the_patch_of_a_claim_that_others_have_resized_since_stays_as_the_state_has_it() -> None:
    has_patch = Recorded(None, {"data-web-0": "2Gi"})
    found = growth(resized(inputs()), live(a_claim("5Gi"), recorded=has_patch))
    assert found.patches == (Patch("data-web-0", "2Gi", kept=True),)
    assert growth(resized(inputs("6Gi")), live(a_claim("5Gi"), recorded=has_patch)).patches == (
        Patch("data-web-0", "6Gi", regrown="7"),
    )


def resized(given: Any) -> Any:
    return {**given, "storage": {**given["storage"], "resized_by_others": True}}
