"""Rules headless-service and governing-service: the join of a StatefulSet and the Service it names."""

from typing import Any

import pytest

from policies.stateful.stateful_rules.manifests import service, stateful_set

from .packs import UNKNOWN, judge, judge_with_urns, provider, resource

JOINS = ["headless-service", "governing-service"]


@pytest.mark.parametrize("rule", JOINS)
def test_a_headless_service_that_selects_the_pods_passes(rule: str) -> None:
    assert judge(rule, service(), stateful_set()) == []


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"clusterIP": None}, "has no spec.clusterIP"),
        ({"clusterIP": ""}, 'has spec.clusterIP ""'),
        ({"clusterIP": "none"}, 'has spec.clusterIP "none"'),
        ({"clusterIP": "10.0.0.7"}, 'has spec.clusterIP "10.0.0.7"'),
        ({"clusterIP": None, "clusterIPs": ["None"]}, "has no spec.clusterIP"),
        ({"clusterIP": None, "type": "LoadBalancer"}, "has no spec.clusterIP"),
        ({"clusterIP": None, "type": "ExternalName", "externalName": "db.example"}, "has type ExternalName"),
    ],
)
def test_a_governing_service_that_is_not_headless_is_denied(spec: dict[str, Any], says: str) -> None:
    ((message, urn),) = judge_with_urns("headless-service", service(spec=spec), stateful_set())
    assert message.startswith(f'Service default/nginx (resource "nginx") {says}')
    assert 'Fix: set spec.clusterIP to "None"' in message
    assert urn == "urn:pulumi:dev::test::kubernetes:core/v1:Service::nginx"


def test_a_service_that_no_stateful_set_names_may_have_an_address() -> None:
    clients = service(metadata={"name": "clients"}, spec={"clusterIP": None})
    assert judge("headless-service", service(), clients, stateful_set()) == []


def test_one_service_of_two_sets_is_reported_once() -> None:
    sets = [stateful_set(metadata={"name": name}) for name in ("a", "b")]
    assert len(judge("headless-service", service(spec={"clusterIP": None}), *sets)) == 1


def test_a_service_of_the_same_name_elsewhere_does_not_hide_it() -> None:
    elsewhere = service(metadata={"namespace": "other"})
    (message,) = judge("headless-service", elsewhere, service(spec={"clusterIP": None}), stateful_set())
    assert message.startswith("Service default/nginx")


@pytest.mark.parametrize("rule", JOINS)
def test_only_a_stateful_set_has_a_governing_service(rule: str) -> None:
    other = service(metadata={"name": "other"}, spec={"serviceName": "clients"})
    clients = service(metadata={"name": "clients"}, spec={"clusterIP": None, "selector": {"app": "client"}})
    assert judge(rule, service(), stateful_set(), other, clients) == []


@pytest.mark.parametrize("version", ["apps/v1", "apps/v1beta1", "apps/v1beta2"])
def test_every_api_version_of_a_stateful_set_is_joined(version: str) -> None:
    web = {**stateful_set(), "apiVersion": version}
    assert judge("headless-service", service(spec={"clusterIP": None}), web)
    assert judge("governing-service", web)


@pytest.mark.parametrize("resource_type", ["kubernetes:core/v1:Service", "kubernetes:v1:Service"])
def test_both_spellings_of_the_core_group_are_a_service(resource_type: str) -> None:
    plain = resource(service(spec={"clusterIP": None}), resource_type=resource_type)
    assert judge("headless-service", plain, stateful_set())


def test_a_service_of_another_group_is_not_a_service() -> None:
    knative = resource(service(spec={"clusterIP": None}), resource_type="kubernetes:serving.knative.dev/v1:Service")
    assert judge("headless-service", knative, stateful_set()) == []
    assert len(judge("governing-service", knative, stateful_set())) == 1


def test_lists_are_looked_into() -> None:
    sets = resource({"items": [stateful_set()]}, name="sets", resource_type="kubernetes:apps/v1:StatefulSetList")
    services = {"items": [service(spec={"clusterIP": None})]}
    listed = resource(services, name="services", resource_type="kubernetes:core/v1:ServiceList")
    assert judge("governing-service", sets, listed) == []
    assert len(judge("headless-service", sets, listed)) == 1
    assert len(judge("governing-service", sets)) == 1


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"clusterIPs": ["None"], "ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6", "IPv4"]}, 0),
        ({"trafficDistribution": "PreferSameNode"}, 0),
        ({"clusterIP": "fd00::7", "clusterIPs": ["fd00::7", "10.0.0.7"], "ipFamilyPolicy": "PreferDualStack"}, 1),
    ],
)
def test_families_of_addresses_and_ways_of_traffic_do_not_make_a_service_headless(spec: Any, expected: int) -> None:
    messages = judge("headless-service", service(spec=spec), stateful_set())
    assert len(messages) == expected
    assert all('has spec.clusterIP "fd00::7"' in message for message in messages)


class TestPatches:
    """A Patch sets what it mentions; the rest of its object is set elsewhere."""

    def patch(self, spec: dict[str, Any]) -> Any:
        manifest = {"metadata": {"name": "nginx", "namespace": "default"}, "spec": spec}
        return resource(manifest, resource_type="kubernetes:core/v1:ServicePatch")

    def test_a_service_patch_that_gives_an_address_is_denied(self) -> None:
        (message,) = judge("headless-service", self.patch({"clusterIP": ""}), service(), stateful_set())
        assert message.startswith("ServicePatch default/nginx")

    def test_a_patch_that_removes_the_claims_is_denied(self) -> None:
        manifest = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"volumeClaimTemplates": []}}
        patch = resource(manifest, resource_type="kubernetes:apps/v1:StatefulSetPatch")
        (message,) = judge("volume-claim-templates-required", patch)
        assert message.startswith("StatefulSetPatch default/web")

    def test_a_service_patch_of_something_else_passes_and_shows_that_the_service_exists(self) -> None:
        patch = self.patch({"ports": []})
        assert judge("headless-service", patch, stateful_set()) == []
        assert judge("governing-service", patch, stateful_set()) == []

    def test_a_service_patch_that_selects_other_pods_is_denied(self) -> None:
        assert judge("governing-service", self.patch({"selector": {"app": "other"}}), service(), stateful_set())

    def test_the_service_of_a_patched_set_may_live_where_the_set_does(self) -> None:
        web = resource(stateful_set(), resource_type="kubernetes:apps/v1:StatefulSetPatch")
        assert judge("governing-service", web) == []
        assert judge("headless-service", web, service(spec={"clusterIP": None}))

    def test_a_set_patch_without_labels_or_service_name_passes(self) -> None:
        web = stateful_set(spec={"template": None, "serviceName": None})
        patch = resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch")
        assert judge("governing-service", patch, service()) == []
        named = resource(stateful_set(spec={"template": None}), resource_type="kubernetes:apps/v1:StatefulSetPatch")
        assert judge("governing-service", named, service()) == []

    def test_a_set_patch_that_sets_other_labels_is_denied(self) -> None:
        web = stateful_set(spec={"template": {"metadata": {"labels": {"app": "other"}}}})
        patch = resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch")
        assert len(judge("governing-service", patch, service())) == 1


@pytest.mark.parametrize("name", [None, ""])
def test_a_set_that_names_no_service_is_denied(name: str | None) -> None:
    (message,) = judge("governing-service", service(), stateful_set(spec={"serviceName": name}))
    assert message.startswith('StatefulSet default/web (resource "web") names no Service')


def test_a_missing_governing_service_is_denied() -> None:
    (message,) = judge("governing-service", stateful_set())
    assert 'has serviceName "nginx", but this program has no such Service' in message
    assert "policy.stateful-web.dev/allow-governing-service: <reason>" in message


def test_a_service_in_another_namespace_does_not_count_and_is_named() -> None:
    (message,) = judge("governing-service", service(metadata={"namespace": "other"}), stateful_set())
    assert "only Service other/nginx" in message


def test_a_service_that_lives_elsewhere_is_an_opt_out_with_a_reason() -> None:
    annotations = {"policy.stateful-web.dev/allow-governing-service": "the network team owns it"}
    assert judge("governing-service", stateful_set(metadata={"annotations": annotations})) == []


@pytest.mark.parametrize("selector", [None, {}])
def test_a_governing_service_without_a_selector_is_denied(selector: dict[str, str] | None) -> None:
    lone = {**service(), "spec": {**service()["spec"], "selector": selector}}
    (message,) = judge("governing-service", lone, stateful_set())
    assert "has no spec.selector" in message


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        ({"app": "Nginx"}, 'selects app="Nginx", which the pods of {web} do not have (they have "nginx").'),
        ({"app": "nginx", "tier": "web"}, 'selects tier="web", which the pods of {web} do not have.'),
        ({"app": "db", "tier": "web"}, 'selects app="db", tier="web", which the pods of {web} do not have.'),
    ],
)
def test_a_selector_that_misses_the_pods_is_denied(selector: dict[str, str], says: str) -> None:
    (message,) = judge("governing-service", service(spec={"selector": selector}), stateful_set())
    assert says.format(web='StatefulSet default/web (resource "web")') in message


def test_pods_without_labels_are_not_selected() -> None:
    (message,) = judge("governing-service", service(), stateful_set(spec={"template": {"metadata": None}}))
    assert 'selects app="nginx"' in message


class TestNamespaces:
    """An object without a namespace lands in that of its provider, or in ``default``."""

    def test_no_namespace_is_default(self) -> None:
        assert judge("governing-service", service(metadata={"namespace": None}), stateful_set()) == []

    def test_the_provider_has_a_say(self) -> None:
        of = provider(namespace="shop")
        bare = [resource(make(metadata={"namespace": None}), of) for make in (service, stateful_set)]
        assert judge("governing-service", *bare) == []
        named = resource(service(metadata={"namespace": "shop"}), of)
        assert judge("governing-service", named, bare[1]) == []
        assert len(judge("governing-service", resource(service(), of), bare[1])) == 1


class TestProviders:
    """The same name in two clusters is two objects."""

    def test_two_default_providers_are_one_cluster(self) -> None:
        newer = provider(f"{provider().urn}_newer")
        assert judge("governing-service", resource(service(), newer), stateful_set()) == []

    def test_the_same_kubeconfig_is_one_cluster(self) -> None:
        one, two = (provider(f"urn:{name}", kubeconfig="a", context="x") for name in ("one", "two"))
        assert judge("governing-service", resource(service(), one), resource(stateful_set(), two)) == []

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (".sandbox/kubeconfig", "/srv/shop/.sandbox/kubeconfig"),
            ("./dev//kubeconfig", "/srv/dev/kubeconfig"),
            ("~/.kube/config", "/home/me/.kube/config"),
        ],
    )
    def test_a_path_and_its_end_are_one_kubeconfig(self, one: str, two: str) -> None:
        """The SDK gives a provider of its own the path in KUBECONFIG, the default provider has that of the config."""
        for first, second in ((one, two), (two, one)):
            here, there = (provider(f"urn:{path}", kubeconfig=path) for path in (first, second))
            assert judge("governing-service", resource(service(), here), resource(stateful_set(), there)) == []

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("/a/kubeconfig", "/b/kubeconfig"),
            ("/a/dev-kubeconfig", "kubeconfig"),
            ("a/kubeconfig", "kubeconfig"),
            ("apiVersion: v1\nname: /x", "x"),
        ],
    )
    def test_paths_that_end_otherwise_are_two_kubeconfigs(self, one: str, two: str) -> None:
        here, there = (provider(f"urn:{path}", kubeconfig=path) for path in (one, two))
        assert judge("governing-service", resource(service(), here), resource(stateful_set(), there))

    def test_another_kubeconfig_is_another_cluster(self) -> None:
        one, two = (provider(f"urn:{name}", kubeconfig=name) for name in ("one", "two"))
        plain = service(spec={"clusterIP": None})
        assert len(judge("governing-service", resource(service(), one), resource(stateful_set(), two))) == 1
        assert judge("headless-service", resource(plain, one), resource(stateful_set(), two)) == []

    def test_a_provider_that_names_no_cluster_is_taken_to_reach_the_same(self) -> None:
        named, ambient = (
            provider("urn:named", kubeconfig="a", context="x"),
            provider("urn:ambient", namespace="default"),
        )
        plain = service(spec={"clusterIP": None})
        assert judge("governing-service", resource(service(), named), resource(stateful_set(), ambient)) == []
        assert judge("headless-service", resource(plain, named), resource(stateful_set(), ambient))

    def test_another_context_is_another_cluster(self) -> None:
        one, two = (provider(f"urn:{name}", context=name) for name in ("one", "two"))
        assert judge("governing-service", resource(service(), one), resource(stateful_set(), two))

    def test_what_is_not_known_is_not_guessed(self) -> None:
        one, two = (provider(f"urn:{name}", kubeconfig=UNKNOWN) for name in ("one", "two"))
        plain = service(spec={"clusterIP": None})
        assert judge("governing-service", resource(service(), one), resource(stateful_set(), two)) == []
        assert judge("headless-service", resource(plain, one), resource(stateful_set(), two)) == []
        assert len(judge("headless-service", resource(plain, one), resource(stateful_set(), one))) == 1


class TestUnknowns:
    """What a preview can not know is left to ``up``; what it knows is judged all the same."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (service(spec={"clusterIP": UNKNOWN}), {"headless-service": 0, "governing-service": 0}),
            (service(spec={"clusterIP": None, "selector": UNKNOWN}), {"headless-service": 1, "governing-service": 0}),
            (
                service(spec={"clusterIP": None, "selector": {"app": UNKNOWN, "tier": "db"}, "ports": UNKNOWN}),
                {"headless-service": 1, "governing-service": 1},
            ),
            (service(metadata={"name": UNKNOWN}), {"headless-service": 0, "governing-service": 0}),
            (service(metadata={"namespace": UNKNOWN}), {"headless-service": 0, "governing-service": 0}),
            ({**service(), "spec": UNKNOWN}, {"headless-service": 0, "governing-service": 0}),
            ({**service(), "metadata": UNKNOWN}, {"headless-service": 0, "governing-service": 0}),
        ],
    )
    def test_of_the_service(self, given: Any, expected: dict[str, int]) -> None:
        given = resource(given, name="nginx")
        assert {rule: len(judge(rule, given, stateful_set())) for rule in JOINS} == expected

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (stateful_set(spec={"serviceName": UNKNOWN}), 0),
            (stateful_set(metadata={"namespace": UNKNOWN}), 0),
            (stateful_set(spec={"replicas": UNKNOWN, "volumeClaimTemplates": UNKNOWN}), 1),
            (stateful_set(spec={"template": {"metadata": {"labels": UNKNOWN}}}), 1),
        ],
    )
    def test_of_the_set(self, given: Any, expected: int) -> None:
        assert len(judge("headless-service", service(spec={"clusterIP": None}), given)) == expected

    def test_labels(self) -> None:
        wrong = service(spec={"selector": {"app": "other"}})
        for labels in (UNKNOWN, {"app": UNKNOWN}):
            web = stateful_set(spec={"template": {"metadata": {"labels": labels}}})
            assert judge("governing-service", wrong, web) == []
        web = stateful_set(spec={"template": {"metadata": {"labels": {"app": "nginx", "tier": UNKNOWN}}}})
        assert len(judge("governing-service", wrong, web)) == 1
