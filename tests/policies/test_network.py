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

    @pytest.mark.parametrize(
        ("annotations", "spec"),
        [
            ({"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}, {}),
            ({"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}, {}),
            ({"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}, {}),
            ({"networking.gke.io/load-balancer-type": "Internal"}, {}),
            ({"cloud.google.com/load-balancer-type": "internal"}, {}),
            ({"service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": "subnet-1"}, {}),
            ({"load-balancer.hetzner.cloud/disable-public-network": "true"}, {}),
            ({}, {"loadBalancerClass": "networking.gke.io/l4-regional-internal"}),
            ({}, {"loadBalancerClass": "service.k8s.aws/nlb"}),
            ({"service.beta.kubernetes.io/aws-load-balancer-scheme": UNKNOWN}, {}),
            (UNKNOWN, {}),
            ({}, {"loadBalancerClass": UNKNOWN}),
        ],
    )
    def test_an_internal_load_balancer_is_not_public(self, annotations: Any, spec: Any) -> None:
        internal = service(spec={"type": "LoadBalancer", **spec})
        internal["metadata"]["annotations"] = annotations
        assert judge(self.rule, internal) == []

    @pytest.mark.parametrize(
        ("annotations", "spec"),
        [
            ({"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}, {}),
            (
                {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"},
                {"loadBalancerClass": "service.k8s.aws/nlb"},
            ),
            ({"service.beta.kubernetes.io/azure-load-balancer-internal": "false"}, {}),
            ({"networking.gke.io/load-balancer-type": "External"}, {}),
            ({"service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": None}, {}),
            ({"example.com/internal": "true"}, {}),
            (None, {"loadBalancerClass": "example.com/fast"}),
            ({"loadBalancerClass": "tailscale"}, {}),
        ],
    )
    def test_any_other_load_balancer_is(self, annotations: Any, spec: Any) -> None:
        (message,) = judge(
            self.rule, service(metadata={"annotations": annotations}, spec={"type": "LoadBalancer", **spec})
        )
        assert "is open to the outside of the cluster by LoadBalancer." in message

    def test_a_mark_is_of_load_balancers_alone_and_can_be_added(self) -> None:
        marked = {"annotations": {"example.com/internal": "Yes"}}
        config = {"internal": ["...", "example.com/internal=yes"]}
        assert judge(self.rule, service(metadata=marked, spec={"type": "LoadBalancer"}), config=config) == []
        assert judge(self.rule, service(metadata=marked, spec={"type": "NodePort"}), config=config)
        both = service(metadata=marked, spec={"type": "LoadBalancer", "externalIPs": ["192.0.2.1"]})
        (message,) = judge(self.rule, both, config=config)
        assert "by externalIPs." in message

    def test_ways_and_families_of_addresses_change_nothing(self) -> None:
        spec = {
            "ipFamilyPolicy": "PreferDualStack",
            "ipFamilies": ["IPv6", "IPv4"],
            "trafficDistribution": "PreferSameZone",
        }
        assert (
            judge(self.rule, service(spec={**spec, "clusterIP": "fd00::1", "clusterIPs": ["fd00::1", "10.0.0.1"]}))
            == []
        )


CILIUM = "cilium.io/v2"


def of_other_group(version: str, kind: str, spec: Any, **more: Any) -> Any:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "web", "namespace": "default"},
        "spec": spec,
        **more,
    }


def cilium(selector: Any, **more: Any) -> Any:
    return of_other_group(CILIUM, "CiliumNetworkPolicy", {"endpointSelector": selector}, **more)


class TestPoliciesOfOtherGroups:
    rule = "network-policy"

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            (cilium({}), 0),
            (cilium({"matchLabels": {"app.kubernetes.io/name": "web"}}), 0),
            (cilium({"matchLabels": {"k8s:app.kubernetes.io/name": "web"}}), 0),
            (cilium({"matchExpressions": [{"key": "any:app.kubernetes.io/name", "operator": "Exists"}]}), 0),
            (cilium({"matchLabels": {"app.kubernetes.io/name": "db"}}), 1),
            (cilium({"matchExpressions": [{"key": "k8s:team", "operator": "Exists"}]}), 1),
            (cilium({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "default"}}), 0),
            (cilium(UNKNOWN), 0),
            (cilium({"matchLabels": UNKNOWN}), 0),
            (cilium({"matchExpressions": UNKNOWN}), 0),
            (cilium({"matchExpressions": [UNKNOWN]}), 0),
            (cilium({"matchExpressions": [{"key": UNKNOWN, "operator": "Exists"}]}), 0),
            (cilium({"matchExpressions": [{"key": "io.example/team", "operator": "Exists"}]}), 1),
            (cilium(None), 1),
            (cilium(None, specs=[{"endpointSelector": {}}]), 0),
            (cilium(None, specs=UNKNOWN), 0),
            (cilium(None, specs=[{"nodeSelector": {}}]), 1),
            ({**cilium({}), "metadata": {"name": "web", "namespace": "other"}}, 1),
            ({**cilium({}), "metadata": {"name": "web"}}, 0),
            ({**of_other_group(CILIUM, "CiliumClusterwideNetworkPolicy", {"endpointSelector": {}}), "metadata": {}}, 0),
        ],
    )
    def test_cilium_s_selectors_are_judged(self, policy: Any, expected: int) -> None:
        messages = judge(self.rule, stateful_set(), policy)
        assert len(messages) == expected
        assert all("every pod of the cluster can reach them" in message for message in messages)

    def test_one_without_a_namespace_is_in_that_of_its_provider(self) -> None:
        lone = {**cilium({}), "metadata": {"name": "web"}}
        assert judge(self.rule, stateful_set(), resource(lone, provider(namespace="other")))
        wide = {**lone, "kind": "CiliumClusterwideNetworkPolicy"}
        assert judge(self.rule, stateful_set(), resource(wide, provider(namespace="other"))) == []

    @pytest.mark.parametrize(
        ("version", "kind"),
        [
            ("crd.projectcalico.org/v1", "NetworkPolicy"),
            ("projectcalico.org/v3", "GlobalNetworkPolicy"),
            ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
            ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
            ("security.istio.io/v1", "AuthorizationPolicy"),
        ],
    )
    def test_of_others_it_is_said_that_they_are_there(self, version: str, kind: str) -> None:
        (message,) = judge(self.rule, stateful_set(), of_other_group(version, kind, {"selector": "app == 'web'"}))
        assert "every pod of the cluster can reach them" not in message
        assert f"selects; whether {kind} default/web" in message
        assert "is not judged here, as it is of another API group" in message

    def test_one_of_another_place_says_nothing(self) -> None:
        other = of_other_group("crd.projectcalico.org/v1", "NetworkPolicy", {})
        elsewhere = {**other, "metadata": {"name": "web", "namespace": "other"}}
        (message,) = judge(self.rule, stateful_set(), elsewhere)
        assert "every pod of the cluster can reach them" in message
        here, there = (provider(f"urn:{name}", kubeconfig=name) for name in ("here", "there"))
        (message,) = judge(self.rule, resource(stateful_set(), here), resource(other, there))
        assert "every pod of the cluster can reach them" in message

    def test_kinds_can_be_added(self) -> None:
        ours = of_other_group("example.com/v1", "Fence", {})
        (message,) = judge(self.rule, stateful_set(), ours)
        assert "every pod of the cluster can reach them" in message
        (message,) = judge(self.rule, stateful_set(), ours, config={"otherKinds": ["...", "Fence.example.com"]})
        assert "whether Fence default/web" in message

    def test_none_is_judged_as_a_workload(self) -> None:
        assert judge(self.rule, cilium({}), of_other_group("security.istio.io/v1", "AuthorizationPolicy", {})) == []


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

    def test_in_the_network_of_the_node_a_policy_alone_is_no_fix(self) -> None:
        (message,) = judge(self.rule, stateful_set(spec={"template": {"spec": {"hostNetwork": True}}}))
        assert (
            "Fix: remove hostNetwork, as no network policy reaches into the network of a node, and declare" in message
        )

    def test_unknown_labels_are_left_to_up(self) -> None:
        web = stateful_set(spec={"template": {"metadata": {"labels": UNKNOWN}}})
        assert judge(self.rule, web, network_policy()) == []
        assert judge(self.rule, web)

    def test_every_workload_is_judged_and_no_patch(self) -> None:
        assert len(judge(self.rule, workload("CronJob", "batch/v1"), workload("Pod", "v1"))) == 2
        assert judge(self.rule, resource(stateful_set(), resource_type="kubernetes:apps/v1:StatefulSetPatch")) == []
