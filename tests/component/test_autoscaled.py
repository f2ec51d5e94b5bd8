"""``autoscaled``: who owns the number of pods, and how it changes hands without a change of that number."""

from typing import Any

import pulumi
import pytest

from tests.support.fake_api_server import FakeApiServer

from .harness import Stack, known
from .refusals import refusal

MARK = "stateful-web.dev/autoscaled"
FORCE = "pulumi.com/patchForce"


def annotations(inputs: dict[str, Any]) -> dict[str, str]:
    return dict(inputs["metadata"].get("annotations", {}))


def at_five(stack: Stack) -> None:
    """Deploy three pods with ``autoscaled``, of which an autoscaler makes five."""
    stack.grown_up(replicas=3, autoscaled=True)
    stack.api.objects["statefulsets", "default", "web"]["spec"]["replicas"] = 5


def test_the_stack_marks_an_autoscaled_set_and_leaves_its_count_alone(stack: Stack) -> None:
    ran = stack.up(replicas=3, autoscaled=True)
    assert ran.error == ""
    assert ran["web-set"].inputs["spec"]["replicas"] == 3, "to start with"
    assert ran["web-set"].ignore_changes == ("spec.replicas",)
    assert annotations(ran["web-set"].inputs) == {MARK: "true"}


def test_without_an_autoscaler_the_stack_owns_the_count(stack: Stack) -> None:
    ran = stack.up(replicas=3)
    assert ran["web-set"].inputs["spec"]["replicas"] == 3
    assert ran["web-set"].ignore_changes == ()
    assert annotations(ran["web-set"].inputs) == {}


def test_switching_it_on_needs_no_count(stack: Stack) -> None:
    stack.grown_up(replicas=3)
    ran = stack.up(autoscaled=True)
    assert ran.error == ""
    assert "spec.replicas" in ran["web-set"].ignore_changes
    assert annotations(ran["web-set"].inputs) == {MARK: "true"}


def test_the_outputs_follow_the_count_of_the_set_and_not_the_input(stack: Stack) -> None:
    def live_count(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        # The engine puts the old count in the place of an ignored change.
        if not args.type_.endswith(":StatefulSet"):
            return None
        props: dict[str, Any] = {**args.props}
        props["spec"] = {**props["spec"], "replicas": 5}
        return pulumi.ResourceTransformResult(props, args.opts)

    opts = {"transforms": [live_count]}
    outputs = stack.up(replicas=3, autoscaled=True, opts=opts).component_outputs["web"]
    assert outputs["replicas"] == 5
    assert outputs["podHosts"] == [f"web-{n}.web.default.svc.cluster.local" for n in range(5)]
    assert outputs["claimNames"] == [f"data-web-{n}" for n in range(5)]


@pytest.mark.parametrize("command", ["preview", "up"])
@pytest.mark.parametrize("off", [{"autoscaled": False}, {}])
def test_switching_it_off_without_a_count_fails_with_the_live_count(
    stack: Stack, off: dict[str, Any], command: str
) -> None:
    at_five(stack)
    said = refusal(getattr(stack, command)(**off))
    assert said.startswith("replicas is missing, and an autoscaler has owned the count until now, which is 5")
    assert "Set it to 5 to keep the pods, or autoscaled to true." in said


def test_switching_it_off_without_a_count_fails_with_an_explicit_provider_too(stack: Stack) -> None:
    at_five(stack)
    said = refusal(stack.preview(namespace=known("default"), opts={"provider": stack.provider()}))
    assert "Set it to 5 to keep the pods" in said


@pytest.mark.parametrize("wanted", [5, 2, known(2)])
@pytest.mark.parametrize("explicit", [False, True])
def test_switching_it_off_with_a_count_takes_the_field_back(stack: Stack, wanted: Any, explicit: bool) -> None:
    at_five(stack)
    opts = {"provider": stack.provider()} if explicit else {}
    ran = stack.up(replicas=wanted, opts=opts)
    assert ran.error == ""
    made = ran["web-set"]
    assert made.inputs["spec"]["replicas"] == (2 if callable(wanted) else wanted)
    assert made.ignore_changes == ()
    assert annotations(made.inputs) == {MARK: "false", FORCE: "true"}, "the autoscaler stays the field's manager"


def test_later_runs_keep_taking_the_field_back(stack: Stack) -> None:
    at_five(stack)
    stack.grown_up(replicas=2)
    ran = stack.up(replicas=1)
    assert ran["web-set"].inputs["spec"]["replicas"] == 1
    assert annotations(ran["web-set"].inputs) == {MARK: "false", FORCE: "true"}


def test_switching_it_off_keeps_the_given_annotations(stack: Stack) -> None:
    at_five(stack)
    ran = stack.up(replicas=5, annotations={"team": "shop"})
    assert annotations(ran["web-set"].inputs) == {"team": "shop", MARK: "false", FORCE: "true"}


def test_an_unmarked_set_may_leave_its_count_out(stack: Stack) -> None:
    stack.grown_up(replicas=3)
    ran = stack.up()
    assert ran.error == ""
    assert ran["web-set"].inputs["spec"]["replicas"] == 1


def test_an_account_that_may_not_read_sets_leaves_the_mark_as_the_state_has_it(
    stack: Stack, api: FakeApiServer
) -> None:
    at_five(stack)
    api.forbid("list statefulsets", "get statefulsets")
    ran = stack.up(replicas=2)
    assert ran.error == ""
    assert any(warning.startswith("StatefulSet web was not looked up: statefulsets.apps") for warning in ran.warnings)
    assert ran["web-set"].inputs["spec"]["replicas"] == 2
    assert annotations(ran["web-set"].inputs) == {MARK: "false", FORCE: "true"}


SCALER = {"max_replicas": 5, "min_replicas": 2}


def test_an_autoscaler_of_the_stack_starts_with_its_fewest_pods_and_owns_their_count(stack: Stack) -> None:
    ran = stack.up(autoscale=SCALER)
    assert ran.error == ""
    assert ran["web-set"].inputs["spec"]["replicas"] == 2
    assert ran["web-set"].ignore_changes == ("spec.replicas",)
    assert annotations(ran["web-set"].inputs) == {MARK: "true"}
    assert ran["web-autoscaler"].inputs["spec"]["scaleTargetRef"]["name"] == "web"


@pytest.mark.parametrize("explicit", [False, True])
def test_an_autoscaler_is_added_to_a_running_stack_whose_count_stays(stack: Stack, explicit: bool) -> None:
    stack.grown_up(replicas=3)
    opts = {"provider": stack.provider()} if explicit else {}
    ran = stack.up(autoscale=SCALER, opts=opts)
    assert (ran.error, ran.said) == ("", ())
    assert "web-autoscaler" in ran.resources
    assert ran["web-set"].ignore_changes == ("spec.replicas",)
    assert annotations(ran["web-set"].inputs) == {MARK: "true"}


def scaled_to_five(stack: Stack) -> None:
    stack.grown_up(autoscale=SCALER)
    stack.api.objects["statefulsets", "default", "web"]["spec"]["replicas"] = 5


def test_an_autoscaler_that_is_removed_leaves_a_count_to_be_given(stack: Stack) -> None:
    scaled_to_five(stack)
    said = refusal(stack.up())
    assert said.startswith("replicas is missing, and an autoscaler has owned the count until now, which is 5")
    assert "Set it to 5 to keep the pods, or autoscaled to true." in said


def test_with_a_count_an_autoscaler_is_removed_and_the_count_taken_back(stack: Stack) -> None:
    scaled_to_five(stack)
    ran = stack.up(replicas=5)
    assert ran.error == ""
    assert "web-autoscaler" not in ran.resources
    assert ran["web-set"].inputs["spec"]["replicas"] == 5
    assert annotations(ran["web-set"].inputs) == {MARK: "false", FORCE: "true"}
    ((level, warning),) = ran.said
    assert level == "WARNING"
    assert warning.endswith("may change it once more before it goes: run pulumi up --refresh after it.")


def test_another_autoscaler_can_take_over_from_that_of_the_stack(stack: Stack) -> None:
    scaled_to_five(stack)
    ran = stack.up(autoscaled=True)
    assert ran.error == ""
    assert "web-autoscaler" not in ran.resources
    assert ran["web-set"].ignore_changes == ("spec.replicas",)
