"""Rules on names and labels: what ties a StatefulSet to its pods and disks."""

from typing import Any

import pytest

from policies.stateful.stateful_rules.manifests import claim_template, container, service, stateful_set

from .packs import UNKNOWN, judge, resource


def with_selector(selector: Any, labels: Any = None) -> Any:
    web = stateful_set()
    web["spec"]["selector"] = selector
    if labels is not None:
        web["spec"]["template"]["metadata"]["labels"] = labels
    return web


def expression(key: Any, operator: Any, values: Any = None) -> Any:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}


class TestSelectorMatchesTemplate:
    rule = "selector-matches-template"

    @pytest.mark.parametrize(
        ("selector", "expected"),
        [
            ({"matchLabels": {"app": "nginx"}}, 0),
            ({"matchLabels": {"app": "Nginx"}}, 1),
            ({"matchLabels": {"app": "nginx", "tier": "web"}}, 1),
            (None, 1),
            ({}, 1),
            ({"matchLabels": {}}, 1),
            (expression("app", "In", ["nginx", "apache"]), 0),
            (expression("app", "In", ["apache"]), 1),
            (expression("app", "NotIn", ["apache"]), 0),
            (expression("app", "NotIn", ["nginx"]), 1),
            (expression("tier", "NotIn", ["web"]), 0),
            (expression("app", "Exists"), 0),
            (expression("tier", "Exists"), 1),
            (expression("tier", "DoesNotExist"), 0),
            (expression("app", "DoesNotExist"), 1),
            (UNKNOWN, 0),
            ({"matchLabels": UNKNOWN}, 0),
            ({"matchLabels": {"app": UNKNOWN}}, 0),
            ({"matchLabels": {"app": UNKNOWN, "tier": "web"}}, 1),
            (expression("app", "In", UNKNOWN), 0),
            (expression("app", "In", ["apache", UNKNOWN]), 0),
            (expression("app", "NotIn", ["apache", UNKNOWN]), 0),
            (expression("app", "NotIn", ["nginx", UNKNOWN]), 1),
            (expression("app", UNKNOWN), 0),
            (expression(UNKNOWN, "Exists"), 0),
            ({"matchExpressions": [UNKNOWN]}, 0),
        ],
    )
    def test_selectors(self, selector: Any, expected: int) -> None:
        assert len(judge(self.rule, with_selector(selector))) == expected

    @pytest.mark.parametrize(("labels", "expected"), [(UNKNOWN, 0), ({"app": UNKNOWN}, 0), ({}, 1), ({"a": "b"}, 1)])
    def test_labels(self, labels: Any, expected: int) -> None:
        assert len(judge(self.rule, with_selector({"matchLabels": {"app": "nginx"}}, labels))) == expected

    def test_the_message_names_what_is_not_met(self) -> None:
        selector = {**expression("tier", "Exists"), "matchLabels": {"app": "web"}}
        (message,) = judge(self.rule, with_selector(selector))
        assert 'has a spec.selector for app="web", tier, which the labels of its pod template do not meet' in message

    def test_a_patch_is_judged_when_it_sets_both(self) -> None:
        for web, expected in (
            (with_selector({"matchLabels": {"app": "web"}}), 1),
            (with_selector(None), 0),
            (stateful_set(spec={"template": None, "selector": {"matchLabels": {"app": "web"}}}), 0),
        ):
            patch = resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch")
            assert len(judge(self.rule, patch)) == expected


class TestStableLabels:
    rule = "stable-labels"

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("app.kubernetes.io/name", 0),
            ("app.kubernetes.io/instance", 0),
            ("app.kubernetes.io/component", 0),
            ("app.kubernetes.io/version", 1),
            ("helm.sh/chart", 1),
            ("version", 1),
            ("Version", 1),
            ("example.com/image", 1),
            ("pod-template-hash", 1),
            ("conversion", 0),
        ],
    )
    def test_names(self, key: str, expected: int) -> None:
        labels = {"app": "nginx", key: "x"}
        assert len(judge(self.rule, with_selector({"matchLabels": labels}, labels))) == expected
        claims = stateful_set(spec={"volumeClaimTemplates": [claim_template({"labels": labels})]})
        assert len(judge(self.rule, claims)) == expected
        assert len(judge(self.rule, with_selector(expression(key, "Exists")))) == expected

    @pytest.mark.parametrize(
        ("image", "value", "expected"),
        [
            ("registry.k8s.io/nginx-slim:0.27", "0.27", 1),
            ("registry.k8s.io:5000/nginx-slim", "5000", 0),
            ("nginx@sha256:0f3a", "0f3a", 1),
            ("nginx:1", "1", 0),
            ("nginx:12", "12", 0),
            ("nginx:1.2", "1.2", 1),
            ("nginx:latest", "latest", 0),
            (UNKNOWN, "0.27", 0),
            (None, "0.27", 0),
        ],
    )
    def test_values_of_an_image(self, image: Any, value: str, expected: int) -> None:
        web = with_selector({"matchLabels": {"app": "nginx", "deployed": value}})
        web["spec"]["template"]["spec"]["containers"] = [container(image=image)]
        assert len(judge(self.rule, web)) == expected

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("app.kubernetes.io/managed-by", 1),
            ("managed-by", 1),
            ("heritage", 1),
            ("argocd.argoproj.io/instance", 1),
            ("kustomize.toolkit.fluxcd.io/name", 1),
            ("kustomize.toolkit.fluxcd.io/Namespace", 1),
            ("app.kubernetes.io/instance", 0),
            ("app.kubernetes.io/part-of", 0),
            ("example.com/name", 0),
        ],
    )
    def test_who_manages_an_object_is_no_label_of_a_claim_template(self, key: str, expected: int) -> None:
        labels = {"app": "nginx", key: "Helm"}
        messages = judge(self.rule, stateful_set(spec={"volumeClaimTemplates": [claim_template({"labels": labels})]}))
        assert len(messages) == expected
        says = f'has label "{key}" in claim template "www": it changes with the tool that manages the object, and claim'
        assert all(says in message for message in messages)
        assert judge(self.rule, with_selector({"matchLabels": labels}, labels)) == []

    def test_the_names_of_managers_can_be_configured(self) -> None:
        web = stateful_set(spec={"volumeClaimTemplates": [claim_template({"labels": {"crew": "a", "heritage": "b"}})]})
        for names, expected in ((["...", "crew"], 2), (["crew"], 1), ([], 0)):
            assert len(judge(self.rule, web, config={"managerNames": names})) == expected

    def test_a_prefixed_name_is_of_that_label_alone(self) -> None:
        for key, expected in (("example.com/ring", 1), ("ring", 0), ("other.org/ring", 0)):
            web = with_selector({"matchLabels": {"app": "nginx", key: "1"}})
            assert len(judge(self.rule, web, config={"unstableNames": ["example.com/ring"]})) == expected

    def test_they_are_welcome_elsewhere(self) -> None:
        version = {"app": "nginx", "app.kubernetes.io/version": "1.2.3"}
        web = stateful_set(metadata={"labels": version}, spec={"template": {"metadata": {"labels": version}}})
        assert judge(self.rule, web) == []

    def test_the_names_can_be_configured(self) -> None:
        web = with_selector({"matchLabels": {"app": "nginx", "colour": "blue", "version": "2"}})
        (message,) = judge(self.rule, web, config={"unstableNames": ["colour"]})
        assert 'has label "colour" in spec.selector: it changes with every release' in message

    @pytest.mark.parametrize(
        ("web", "expected"),
        [
            (with_selector(UNKNOWN), 0),
            (with_selector({"matchLabels": UNKNOWN}), 0),
            (with_selector({"matchLabels": {"version": UNKNOWN}}), 1),
            (with_selector({"matchLabels": {"version": "1"}}, UNKNOWN), 1),
            (stateful_set(spec={"template": UNKNOWN, "selector": {"matchLabels": {"version": "1"}}}), 1),
            (stateful_set(spec={"volumeClaimTemplates": [claim_template({"name": UNKNOWN, "labels": UNKNOWN})]}), 0),
        ],
    )
    def test_unknowns(self, web: Any, expected: int) -> None:
        assert len(judge(self.rule, web)) == expected


class TestNoAutonaming:
    rule = "no-autonaming"
    marked: Any = {"annotations": {"pulumi.com/autonamed": "true"}}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("metadata", "expected"),
        [
            ({}, 0),
            (marked, 1),
            ({"annotations": {"pulumi.com/autonamed": "false"}}, 0),
            ({"name": None}, 1),
            ({"generateName": "web-"}, 1),
            ({"name": UNKNOWN}, 0),
            ({"generateName": UNKNOWN}, 0),
            ({"name": UNKNOWN, **marked}, 1),
            ({"annotations": UNKNOWN}, 0),
        ],
    )
    def test_of_a_set(self, metadata: Any, expected: int) -> None:
        web = resource(stateful_set(metadata=metadata), name="web")
        assert len(judge(self.rule, web, service())) == expected

    def test_of_a_governing_service(self) -> None:
        (message,) = judge(self.rule, stateful_set(), service(metadata=self.marked))
        assert message.startswith('Service default/nginx (resource "nginx") has no name of its own')
        assert "as serviceName of StatefulSet default/web" in message

    def test_other_services_may_be_autonamed(self) -> None:
        assert judge(self.rule, stateful_set(), service(), service(metadata={"name": "x-1a2b", **self.marked})) == []

    @pytest.mark.parametrize("namespace", ["other", UNKNOWN])
    def test_so_may_one_of_the_same_name_that_is_elsewhere_or_may_be(self, namespace: str) -> None:
        elsewhere = service(metadata={"namespace": namespace, **self.marked})
        assert judge(self.rule, stateful_set(), elsewhere) == []

    def test_the_metadata_may_be_missing(self) -> None:
        web = {**stateful_set()}
        del web["metadata"]
        assert len(judge(self.rule, resource(web, name="web"), service())) == 1

    def test_a_patch_needs_no_name_of_ours(self) -> None:
        web = resource(stateful_set(metadata=self.marked), resource_type="kubernetes:apps/v1:StatefulSetPatch")
        assert judge(self.rule, web, service()) == []
