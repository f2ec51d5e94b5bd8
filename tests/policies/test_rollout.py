"""Rules on how a StatefulSet is stopped, scaled and waited for."""

from typing import Any

import pytest
from pulumi_policy import ResourceValidationArgs, ResourceValidationPolicy, StackValidationArgs, StackValidationPolicy

from policies.stateful.stateful_rules.manifests import autoscaler, stateful_set

from .packs import RULES, UNKNOWN, judge, provider, resource, serving


class TestGracefulTermination:
    rule = "graceful-termination"

    def with_grace(self, seconds: Any) -> Any:
        return stateful_set(spec={"template": {"spec": {"terminationGracePeriodSeconds": seconds}}})

    @pytest.mark.parametrize(
        ("seconds", "config", "expected"),
        [
            (0, {}, 1),
            (0.0, {}, 1),
            (-1, {}, 1),
            (1, {}, 0),
            (10.0, {}, 0),
            (None, {}, 0),
            (None, {"minimumSeconds": 30}, 0),
            (None, {"minimumSeconds": 31}, 1),
            (None, {"minimumSeconds": 60.0}, 1),
            (59, {"minimumSeconds": 60}, 1),
            (60, {"minimumSeconds": 60}, 0),
            (UNKNOWN, {}, 0),
            ("0", {}, 0),  # not a number: the API server refuses it
        ],
    )
    def test_grace(self, seconds: Any, config: Any, expected: int) -> None:
        messages = judge(self.rule, self.with_grace(seconds), config=config)
        assert len(messages) == expected

    def test_the_message_has_whole_numbers(self) -> None:
        (message,) = judge(self.rule, self.with_grace(0.0), config={"minimumSeconds": 5.0})
        assert "has terminationGracePeriodSeconds 0; expected is at least 5" in message

    def test_no_configuration_allows_a_grace_of_0(self) -> None:
        assert RULES[self.rule].properties["minimumSeconds"]["minimum"] == 1

    def test_the_example_of_the_reference_is_a_grace_of_0(self) -> None:
        (message,) = judge(self.rule, *RULES[self.rule].failing)
        assert "has terminationGracePeriodSeconds 0;" in message

    def test_a_patch_is_judged_by_what_it_sets(self) -> None:
        for seconds, expected in ((0, 1), (None, 0)):
            web = resource(self.with_grace(seconds), resource_type="kubernetes:apps/v1:StatefulSetPatch")
            assert len(judge(self.rule, web, config={"minimumSeconds": 60})) == expected


class TestAutoscalerOwnsReplicas:
    rule = "autoscaler-owns-replicas"

    def test_a_count_and_an_autoscaler_are_denied(self) -> None:
        (message,) = judge(self.rule, stateful_set(), autoscaler())
        assert message.startswith(
            'StatefulSet default/web (resource "web") has spec.replicas 3, and HorizontalPodAutoscaler default/web'
        )

    def test_keda_is_one_too(self) -> None:
        scaled = {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"scaleTargetRef": {"kind": "StatefulSet", "name": "web"}},
        }
        assert len(judge(self.rule, stateful_set(), scaled)) == 1
        scaled["spec"] = {"scaleTargetRef": {"name": "web"}}  # a Deployment, by default
        assert judge(self.rule, stateful_set(), scaled) == []

    @pytest.mark.parametrize("version", ["autoscaling/v1", "autoscaling/v2", "autoscaling/v2beta2"])
    def test_every_version(self, version: str) -> None:
        assert len(judge(self.rule, stateful_set(), {**autoscaler(), "apiVersion": version})) == 1

    @pytest.mark.parametrize(
        ("web", "scaler", "expected"),
        [
            (stateful_set(spec={"replicas": None}), autoscaler(), 0),
            (stateful_set(), autoscaler(spec={"scaleTargetRef": {"name": "other"}}), 0),
            (stateful_set(), autoscaler(spec={"scaleTargetRef": {"kind": "Deployment"}}), 0),
            (stateful_set(), autoscaler(metadata={"namespace": "other"}), 0),
            (stateful_set(spec={"replicas": UNKNOWN}), autoscaler(), 1),
            (stateful_set(), autoscaler(spec={"maxReplicas": UNKNOWN}), 1),
            (stateful_set(), autoscaler(spec={"scaleTargetRef": {"name": UNKNOWN}}), 0),
            (stateful_set(), autoscaler(spec={"scaleTargetRef": UNKNOWN}), 0),
            (stateful_set(metadata={"namespace": UNKNOWN}), autoscaler(), 0),
        ],
    )
    def test_who_scales_what(self, web: Any, scaler: Any, expected: int) -> None:
        assert len(judge(self.rule, web, scaler)) == expected

    def test_a_set_of_the_same_name_elsewhere_does_not_hide_it(self) -> None:
        elsewhere = stateful_set(metadata={"namespace": "other"})
        (message,) = judge(self.rule, elsewhere, stateful_set(), autoscaler())
        assert message.startswith("StatefulSet default/web")

    @pytest.mark.parametrize(("path", "expected"), [("spec.replicas", 0), ("spec", 0), ("spec.template", 1)])
    def test_a_count_that_is_ignored_passes(self, path: str, expected: int) -> None:
        web = resource(stateful_set())
        web.opts.ignore_changes.append(path)
        assert len(judge(self.rule, web, autoscaler())) == expected

    @pytest.mark.parametrize(("asked", "expected"), [(None, 0), (3, 1)])
    @pytest.mark.parametrize("remember", [True, False])
    def test_what_the_program_asked_for_counts_not_what_came_of_it(
        self, asked: Any, expected: int, remember: bool
    ) -> None:
        """The API server fills in a count; the engine shows that to stack rules, and inputs to the others."""
        rules = [RULES["graceful-termination"], RULES[self.rule]]
        grace, owner = serving(*rules, remember=remember)
        assert isinstance(grace, ResourceValidationPolicy)
        assert isinstance(owner, StackValidationPolicy)
        given = resource(stateful_set(spec={"replicas": asked}))
        messages: list[str] = []

        def report(message: str, urn: str | None = None) -> None:
            messages.append(message)

        grace.validate(
            ResourceValidationArgs(
                given.resource_type, given.props, given.urn, given.name, given.opts, provider(), None
            ),
            report,
        )
        outcome = [resource(stateful_set(spec={"replicas": asked or 1})), resource(autoscaler())]
        owner.validate(StackValidationArgs(outcome), report)
        assert len(messages) == expected


class TestNoSkipAwait:
    rule = "no-skip-await"

    @pytest.mark.parametrize(
        ("value", "expected"), [("true", 1), ("True", 1), (True, 1), ("false", 0), (None, 0), (UNKNOWN, 0)]
    )
    def test_annotation(self, value: Any, expected: int) -> None:
        web = stateful_set(metadata={"annotations": {"pulumi.com/skipAwait": value, "other": UNKNOWN}})
        assert len(judge(self.rule, web)) == expected

    def test_unknown_annotations_are_left_to_up(self) -> None:
        assert judge(self.rule, stateful_set(metadata={"annotations": UNKNOWN})) == []
