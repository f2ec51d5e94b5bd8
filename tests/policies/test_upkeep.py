"""Rules on what an upgrade or a changed kubeconfig would break."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import provider, service

from .packs import UNKNOWN, judge, resource


class TestClusterIdentifier:
    rule = "cluster-identifier"

    @pytest.mark.parametrize(
        ("inputs", "expected"),
        [
            ({}, 0),
            ({"clusterIdentifier": None}, 1),
            ({"clusterIdentifier": ""}, 1),
            ({"clusterIdentifier": UNKNOWN}, 0),
            ({"clusterIdentifier": None, "kubeconfig": "canary", "context": "shop"}, 1),
            ({"clusterIdentifier": None, "renderYamlToDirectory": "out"}, 0),
        ],
    )
    def test_a_provider_without_one_gets_advice_and_shows_nothing(self, inputs: Any, expected: int) -> None:
        messages = judge(self.rule, provider(**inputs))
        assert len(messages) == expected
        for message in messages:
            assert message.startswith('Provider (resource "shop") has no clusterIdentifier')
            assert "canary" not in message

    def test_default_providers_are_judged_and_those_of_other_packages_are_not(self) -> None:
        default = resource({}, name="default_4_34_2", resource_type="pulumi:providers:kubernetes")
        assert len(judge(self.rule, default)) == 1
        assert judge(self.rule, resource({}, name="default", resource_type="pulumi:providers:aws")) == []


class TestNoDeprecatedFields:
    rule = "no-deprecated-fields"

    @pytest.mark.parametrize(
        ("spec", "says"),
        [
            ({}, None),
            ({"externalIPs": []}, None),
            ({"externalIPs": ["192.0.2.1"]}, "has spec.externalIPs, which is deprecated since Kubernetes 1.36"),
            ({"externalIPs": UNKNOWN}, None),
            ({"loadBalancerIP": "192.0.2.1"}, "has spec.loadBalancerIP, which is deprecated since Kubernetes 1.24."),
            ({"loadBalancerIP": ""}, None),
            (
                {"trafficDistribution": "PreferClose"},
                'has spec.trafficDistribution "PreferClose", which is deprecated since Kubernetes 1.34. Fix: use',
            ),
            ({"trafficDistribution": "PreferSameZone"}, None),
            ({"trafficDistribution": "PreferSameNode"}, None),
            ({"trafficDistribution": UNKNOWN}, None),
        ],
    )
    def test_fields(self, spec: Any, says: str | None) -> None:
        messages = judge(self.rule, service(spec=spec))
        assert len(messages) == (says is not None)
        assert all(says in message for message in messages if says)

    def test_annotations(self) -> None:
        old = {"service.kubernetes.io/topology-aware-hints": "auto", "service.kubernetes.io/topology-mode": "Auto"}
        (message,) = judge(self.rule, service(metadata={"annotations": old}))
        assert (
            "has metadata.annotations.service.kubernetes.io/topology-aware-hints, which is deprecated since" in message
        )

    def test_fields_can_be_added(self) -> None:
        web = service(spec={"sessionAffinity": "ClientIP", "externalIPs": ["192.0.2.1"]})
        added, known = judge(self.rule, web, config={"fields": ["spec.sessionAffinity=ClientIP", "..."]})
        assert 'has spec.sessionAffinity "ClientIP", which is deprecated. Fix: see the release notes' in added
        assert "spec.externalIPs" in known
        assert judge(self.rule, web, config={"fields": ["spec.sessionAffinity=None"]}) == []
