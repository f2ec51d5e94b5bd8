"""Rules on workloads of several pods: a node that goes must not take all of them along."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import budget, stateful_set, with_pod, workload

from .packs import UNKNOWN, judge, resource

SELECTOR: Any = {"matchLabels": {"app.kubernetes.io/name": "web"}}


def autoscaler(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"scaleTargetRef": {"kind": "StatefulSet", "name": "web"}, **spec},
    }


AUTOSCALED: Any = [
    (autoscaler(minReplicas=2), None, 1),
    (autoscaler(minReplicas=2.0), None, 1),
    (autoscaler(minReplicas=1), None, 0),
    (autoscaler(minReplicas=1), 5, 0),
    (autoscaler(minReplicas=3), 1, 1),
    (autoscaler(), 5, 0),
    (autoscaler(minReplicas=UNKNOWN), 5, 0),
    (autoscaler(minReplicas=2, scaleTargetRef={"kind": "Deployment", "name": "web"}), 1, 0),
    (autoscaler(minReplicas=2, scaleTargetRef={"kind": "StatefulSet", "name": "other"}), 1, 0),
    (autoscaler(minReplicas=1, scaleTargetRef=UNKNOWN), 3, 1),
    ({**autoscaler(minReplicas=2), "metadata": {"name": "web", "namespace": "other"}}, None, 0),
    ({**autoscaler(minReplicaCount=2), "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}, None, 1),
    ({**autoscaler(), "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}, 3, 0),
]
"""An autoscaler, the count that the set itself has, and how many findings there are of a set that lacks something."""


class TestDisruptionBudget:
    rule = "disruption-budget"

    def test_pods_without_one_are_reported(self) -> None:
        (message,) = judge(self.rule, stateful_set())
        assert "has 3 replicas and no PodDisruptionBudget in this program" in message
        assert judge(self.rule, workload("Deployment"))

    @pytest.mark.parametrize(
        ("replicas", "config", "expected"),
        [
            (0, {}, 0),
            (1, {}, 0),
            (2, {}, 1),
            (2.0, {}, 1),
            (2, {"minReplicas": 3.0}, 0),
            (None, {}, 0),
            (UNKNOWN, {}, 0),
            (None, {"minReplicas": 1}, 0),
        ],
    )
    def test_it_takes_several_pods(self, replicas: Any, config: Any, expected: int) -> None:
        assert len(judge(self.rule, stateful_set(spec={"replicas": replicas}), config=config)) == expected

    @pytest.mark.parametrize(("scaler", "replicas", "expected"), AUTOSCALED)
    def test_an_autoscaler_of_the_program_says_how_many_there_are(
        self, scaler: Any, replicas: Any, expected: int
    ) -> None:
        assert len(judge(self.rule, stateful_set(spec={"replicas": replicas}), scaler)) == expected

    def test_one_that_lets_nothing_go_of_the_least_that_an_autoscaler_leaves_is_reported(self) -> None:
        web = stateful_set(spec={"replicas": None})
        least = {**budget(), "spec": {"selector": SELECTOR, "minAvailable": 2}}
        assert len(judge(self.rule, web, autoscaler(minReplicas=2), least)) == 1
        assert judge(self.rule, web, autoscaler(minReplicas=3), least) == []

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (budget(), 0),
            (budget(spec={"selector": None}), 1),
            ({**budget(), "spec": {"selector": {}}}, 0),
            (budget(metadata={"namespace": "other"}), 1),
            (budget(metadata={"namespace": UNKNOWN}), 0),
            ({**budget(), "spec": {"selector": {"matchLabels": {"app": "other"}}}}, 1),
            ({**budget(), "spec": {"selector": UNKNOWN}}, 0),
            ({**budget(), "spec": UNKNOWN}, 0),
        ],
    )
    def test_who_is_selected(self, given: Any, expected: int) -> None:
        assert len(judge(self.rule, stateful_set(), given)) == expected

    @pytest.mark.parametrize(
        ("spec", "expected"),
        [
            ({"maxUnavailable": 1}, 0),
            ({"maxUnavailable": "50%"}, 0),
            ({"maxUnavailable": 0}, 1),
            ({"maxUnavailable": 0.0}, 1),
            ({"maxUnavailable": "0%"}, 1),
            ({"minAvailable": 2}, 0),
            ({"minAvailable": "50%"}, 0),
            ({"minAvailable": 3}, 1),
            ({"minAvailable": 4}, 1),
            ({"minAvailable": "66%"}, 0),
            ({"minAvailable": "67%"}, 1),
            ({"minAvailable": "100%"}, 1),
            ({"minAvailable": UNKNOWN}, 0),
            ({"maxUnavailable": UNKNOWN}, 0),
        ],
    )
    def test_one_that_lets_nothing_go_is_reported(self, spec: Any, expected: int) -> None:
        messages = judge(self.rule, stateful_set(), {**budget(), "spec": {"selector": SELECTOR, **spec}})
        assert len(messages) == expected
        assert all("lets no pod of StatefulSet default/web" in message for message in messages)

    @pytest.mark.parametrize(
        ("most", "expected"),
        [
            (None, 0),
            (1, 0),
            (2, 0),
            (3, 1),
            (4.0, 1),
            ("50%", 0),
            ("66%", 0),
            ("67%", 1),
            ("100%", 1),
            (UNKNOWN, 0),
            ("many", 0),
        ],
    )
    def test_an_update_of_a_set_must_not_stop_all_of_its_pods(self, most: Any, expected: int) -> None:
        update = {"updateStrategy": {"rollingUpdate": {"maxUnavailable": most}}}
        messages = judge(self.rule, stateful_set(spec=update), budget())
        assert len(messages) == expected
        assert all("an update may stop them all at once" in message for message in messages)
        assert judge(self.rule, stateful_set(spec={**update, "replicas": 1})) == []
        assert judge(self.rule, workload("Deployment", spec=update), budget()) == []

    def test_patches_are_not_judged(self) -> None:
        assert judge(self.rule, resource(stateful_set(), resource_type="kubernetes:apps/v1:StatefulSetPatch")) == []


class TestSpreadAcrossNodes:
    rule = "spread-across-nodes"

    def spread(self, **affinity: Any) -> Any:
        return with_pod(topologySpreadConstraints=None, affinity={"podAntiAffinity": affinity})

    def constraint(self, **changes: Any) -> Any:
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": SELECTOR}
        return with_pod(topologySpreadConstraints=[{**term, **changes}])

    def test_nothing_that_spreads_is_reported(self) -> None:
        (message,) = judge(self.rule, with_pod(topologySpreadConstraints=None))
        assert "has 3 replicas and nothing that spreads them over kubernetes.io/hostname" in message

    def test_one_pod_needs_no_spreading(self) -> None:
        web = stateful_set(spec={"replicas": 1, "template": {"spec": {"topologySpreadConstraints": None}}})
        assert judge(self.rule, web) == []

    @pytest.mark.parametrize(("scaler", "replicas", "expected"), AUTOSCALED)
    def test_an_autoscaler_of_the_program_says_how_many_there_are(
        self, scaler: Any, replicas: Any, expected: int
    ) -> None:
        web = stateful_set(spec={"replicas": replicas, "template": {"spec": {"topologySpreadConstraints": None}}})
        assert len(judge(self.rule, web, scaler)) == expected

    def test_anti_affinity_spreads_too(self) -> None:
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": SELECTOR}
        assert judge(self.rule, self.spread(requiredDuringSchedulingIgnoredDuringExecution=[term])) == []
        weighted = {"weight": 1, "podAffinityTerm": term}
        assert judge(self.rule, self.spread(preferredDuringSchedulingIgnoredDuringExecution=[weighted])) == []
        rack = {**term, "topologyKey": "example.com/rack"}
        assert judge(self.rule, self.spread(requiredDuringSchedulingIgnoredDuringExecution=[rack]))

    @pytest.mark.parametrize(
        ("changes", "config", "expected"),
        [
            ({}, {}, 0),
            ({"topologyKey": "topology.kubernetes.io/zone"}, {}, 1),
            ({"topologyKey": "topology.kubernetes.io/zone"}, {"topologyKeys": ["topology.kubernetes.io/zone"]}, 0),
            ({"labelSelector": {"matchLabels": {"app": "other"}}}, {}, 1),
            ({"labelSelector": None}, {}, 1),
            ({"labelSelector": {}}, {}, 0),
            ({"topologyKey": UNKNOWN}, {}, 0),
            ({"labelSelector": UNKNOWN}, {}, 0),
        ],
    )
    def test_constraints(self, changes: Any, config: Any, expected: int) -> None:
        assert len(judge(self.rule, self.constraint(**changes), config=config)) == expected

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"whenUnsatisfiable": "DoNotSchedule", "maxSkew": 1}, 0),
            ({"whenUnsatisfiable": "DoNotSchedule"}, 0),
            ({"whenUnsatisfiable": "DoNotSchedule", "maxSkew": 2.0}, 0),
            ({"whenUnsatisfiable": "DoNotSchedule", "maxSkew": 3}, 1),
            ({"whenUnsatisfiable": "DoNotSchedule", "maxSkew": UNKNOWN}, 0),
            ({"whenUnsatisfiable": UNKNOWN}, 0),
            ({"whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1}, 1),
            ({"whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "other"}}}, 1),
        ],
    )
    @pytest.mark.parametrize("key", ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"])
    def test_a_hard_spread_over_zones_is_a_spread(self, changes: Any, expected: int, key: str) -> None:
        messages = judge(self.rule, self.constraint(topologyKey=key, **changes))
        assert len(messages) == expected
        if changes["whenUnsatisfiable"] == "ScheduleAnyway":
            assert (
                f"has 3 replicas, spread over {key} where that is possible, and nothing that spreads them over"
                in messages[0]
            )

    def test_anti_affinity_over_zones_is_hard_if_it_is_required(self) -> None:
        zone = {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": SELECTOR}
        assert judge(self.rule, self.spread(requiredDuringSchedulingIgnoredDuringExecution=[zone])) == []
        weighted = {"weight": 1, "podAffinityTerm": zone}
        assert judge(self.rule, self.spread(preferredDuringSchedulingIgnoredDuringExecution=[weighted]))

    def test_labels_of_several_nodes_can_be_added(self) -> None:
        web = self.constraint(topologyKey="example.com/rack", whenUnsatisfiable="DoNotSchedule")
        (message,) = judge(self.rule, web)
        assert "has 3 replicas and nothing that spreads them over kubernetes.io/hostname: one node" in message
        assert judge(self.rule, web, config={"wideTopologyKeys": ["...", "example.com/rack"]}) == []

    def test_a_selector_of_other_pods_has_a_message_of_its_own(self) -> None:
        (message,) = judge(self.rule, self.constraint(labelSelector={"matchLabels": {"app": "other"}}))
        assert "spreads pods by a labelSelector that does not select its own" in message

    @pytest.mark.parametrize(
        "spec",
        [
            {"topologySpreadConstraints": UNKNOWN},
            {"topologySpreadConstraints": [UNKNOWN]},
            {"topologySpreadConstraints": None, "affinity": UNKNOWN},
        ],
    )
    def test_unknowns(self, spec: Any) -> None:
        assert judge(self.rule, with_pod(**spec)) == []
