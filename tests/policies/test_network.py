"""Rules on who can reach a workload."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import network_policy, service, stateful_set, workload

from .packs import UNKNOWN, judge, provider, resource


class TestNoPublicService:
    rule = "no-public-service"

    @pytest.mark.parametrize(
        ("spec", "says"),
        [
            ({}, None),
            ({"type": "ClusterIP"}, None),
            ({"type": "ExternalName"}, None),
            ({"type": "LoadBalancer"}, "LoadBalancer"),
            ({"type": "NodePort"}, "NodePort"),
            ({"externalIPs": ["192.0.2.1"]}, "externalIPs"),
            ({"externalIPs": []}, None),
            ({"type": "NodePort", "externalIPs": ["192.0.2.1"]}, "NodePort, externalIPs"),
            ({"type": UNKNOWN}, None),
            ({"externalIPs": UNKNOWN}, None),
            ({"type": "NodePort", "externalIPs": UNKNOWN, "selector": UNKNOWN}, "NodePort"),
        ],
    )
    @pytest.mark.parametrize("kind", ["Service", "ServicePatch"])
    def test_ways_out(self, spec: Any, says: str | None, kind: str) -> None:
        messages = judge(self.rule, resource(service(spec=spec), resource_type=f"kubernetes:core/v1:{kind}"))
        assert len(messages) == (says is not None)
        assert all(f"is open to the outside of the cluster by {says}." in message for message in messages)

    def test_a_way_can_be_allowed(self) -> None:
        config = {"allowed": ["LoadBalancer"]}
        assert judge(self.rule, service(spec={"type": "LoadBalancer"}), config=config) == []
        assert judge(self.rule, service(spec={"type": "NodePort"}), config=config)


class TestNetworkPolicy:
    rule = "network-policy"

    def test_pods_without_one_are_reported(self) -> None:
        (message,) = judge(self.rule, stateful_set())
        assert message.startswith('StatefulSet default/web (resource "web") has pods that no NetworkPolicy')

    @pytest.mark.parametrize(
        ("selector", "expected"),
        [
            ({}, 0),
            (None, 1),
            ({"matchLabels": {"app.kubernetes.io/name": "web"}}, 0),
            ({"matchLabels": {"app.kubernetes.io/name": "other"}}, 1),
            ({"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": ["web"]}]}, 0),
            (UNKNOWN, 0),
            ({"matchLabels": UNKNOWN}, 0),
            ({"matchLabels": {"app.kubernetes.io/name": UNKNOWN}}, 0),
            ({"matchLabels": {"app.kubernetes.io/name": UNKNOWN, "tier": "db"}}, 1),
        ],
    )
    def test_selectors(self, selector: Any, expected: int) -> None:
        policy = network_policy()
        policy["spec"]["podSelector"] = selector
        assert len(judge(self.rule, stateful_set(), policy)) == expected

    def test_one_of_another_namespace_or_cluster_does_not_count(self) -> None:
        assert judge(self.rule, stateful_set(), network_policy(metadata={"namespace": "other"}))
        here, there = (provider(f"urn:{name}", kubeconfig=name) for name in ("here", "there"))
        assert judge(self.rule, resource(stateful_set(), here), resource(network_policy(), there))
        assert judge(self.rule, stateful_set(), network_policy(metadata={"namespace": UNKNOWN})) == []

    def test_unknown_labels_are_left_to_up(self) -> None:
        web = stateful_set(spec={"template": {"metadata": {"labels": UNKNOWN}}})
        assert judge(self.rule, web, network_policy()) == []
        assert judge(self.rule, web)

    def test_every_workload_is_judged_and_no_patch(self) -> None:
        assert len(judge(self.rule, workload("CronJob", "batch/v1"), workload("Pod", "v1"))) == 2
        assert judge(self.rule, resource(stateful_set(), resource_type="kubernetes:apps/v1:StatefulSetPatch")) == []
