"""Between the policy SDK and the rules: proxies become plain objects, rules become policies of the SDK."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import PolicyCustomTimeouts
from pulumi_policy.proxy import unknown_checking_proxy

from policies.kit import adapter
from policies.kit.adapter import Memory, Pack, kind_of, objects_of, plain
from policies.kit.model import UNKNOWN, Object
from policies.kit.rule import Config, Finding, Rule
from policies.kit.tables import Table

from .packs import SENTINELS, provider, resource

SENTINEL = SENTINELS[-1]
WEB = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"a": 1}}


def rule(seen: list[Any], **changes: Any) -> Rule:
    """Return a rule that keeps what it is given, and finds each Service of type Bad."""

    def check(objects: Sequence[Object], _: Config) -> Iterable[Finding]:
        seen.append(list(objects))
        for found in objects:
            if found.get("spec", "type") == "Bad":
                yield Finding(found, "is bad", "make it good", remedy=((("spec", "type"), "Good"), (("a", "b"), "c")))

    made: dict[str, Any] = {
        "name": "a-rule",
        "display_name": "A rule",
        "description": "It is one.",
        "remediation": "Do so.",
        "severity": "high",
        "level": "mandatory",
        "kinds": ("Service",),
        "check": check,
        "properties": {"size": {"type": "number", "default": 1, "description": "Its size."}},
        "passing": (),
        "failing": (),
    }
    return Rule(**{**made, **changes})


def args(given: PolicyResource, config: Any = None, props: Any = None) -> ResourceValidationArgs:
    props = given.props if props is None else props
    return ResourceValidationArgs(given.resource_type, props, given.urn, given.name, given.opts, given.provider, config)


def bad(name: str = "web") -> Any:
    return {**WEB, "metadata": {"name": name, "namespace": "shop"}, "spec": {"type": "Bad"}}


class Reported(list[tuple[str, str | None]]):
    def __call__(self, message: str, urn: str | None = None) -> None:
        self.append((message, urn))


def of_resource(pack: Pack, index: int = 0) -> ResourceValidationPolicy:
    policy = pack.policies[index]
    assert isinstance(policy, ResourceValidationPolicy)
    return policy


def of_stack(pack: Pack, index: int = 0) -> StackValidationPolicy:
    policy = pack.policies[index]
    assert isinstance(policy, StackValidationPolicy)
    return policy


class TestPlain:
    @pytest.mark.parametrize("sentinel", SENTINELS)
    def test_what_is_not_known_is_marked_wherever_it_is(self, sentinel: str) -> None:
        given = {"a": sentinel, "b": [1, sentinel, {"c": sentinel}], "d": "text", "e": None, "f": True, "g": 1.5}
        expected = {"a": UNKNOWN, "b": [1, UNKNOWN, {"c": UNKNOWN}], "d": "text", "e": None, "f": True, "g": 1.5}
        assert plain(unknown_checking_proxy(given)) == expected
        assert plain(given) == expected

    def test_it_is_a_copy(self) -> None:
        given = {"a": [{"b": 1}]}
        plain(given)["a"][0]["b"] = 2
        assert given == {"a": [{"b": 1}]}
        assert plain("text") == "text"


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("kubernetes:apps/v1:StatefulSet", ("StatefulSet.apps", False, False)),
        ("kubernetes:apps/v1beta1:StatefulSetPatch", ("StatefulSet.apps", True, False)),
        ("kubernetes:core/v1:ServiceList", ("Service", False, True)),
        ("kubernetes:v1:Service", ("Service", False, False)),
        ("kubernetes:core/v1:Service", ("Service", False, False)),
        ("kubernetes:helm.sh/v3:Release", ("Release.helm.sh", False, False)),
        ("kubernetes:cilium.io/v2:CiliumNetworkPolicy", ("CiliumNetworkPolicy.cilium.io", False, False)),
        ("pulumi:providers:kubernetes", ("Provider.kubernetes", False, False)),
        ("pulumi:providers:aws", None),
        ("pulumi:pulumi:Stack", None),
        ("aws:s3/bucket:Bucket", None),
        ("kubernetes:apps/v1:", None),
        ("kubernetes", None),
    ],
)
def test_kinds_of_tokens(token: str, expected: Any) -> None:
    assert kind_of(token) == expected


class TestObjects:
    def test_a_resource_is_one_object_with_all_that_is_told_of_it(self) -> None:
        given = resource(WEB, provider("urn:p", kubeconfig="k", context="c", namespace="n"), name="w")
        given.opts.ignore_changes.append("spec")
        (found,) = objects_of(given)
        assert (found.kind, found.data, found.urn, found.resource) == ("Service", WEB, given.urn, "w")
        assert (found.patch, found.inputs, found.ignored) == (False, None, ("spec",))
        assert found.cluster.provider == "urn:p"
        assert found.cluster.address == ("k", "c", None)
        assert found.cluster.namespace == "n"

    def test_a_list_is_its_items_a_patch_says_so_and_other_types_are_none(self) -> None:
        items = {"items": [WEB, SENTINEL, "x", WEB]}
        assert [
            found.data for found in objects_of(resource(items, name="l", resource_type="kubernetes:v1:ServiceList"))
        ] == [
            WEB,
            WEB,
        ]
        (patch,) = objects_of(resource(WEB, resource_type="kubernetes:core/v1:ServicePatch"))
        assert patch.patch is True
        assert objects_of(resource(WEB, resource_type="aws:s3/bucket:Bucket")) == []

    def test_without_a_provider_there_is_a_cluster_that_says_nothing(self) -> None:
        given = resource(WEB)
        options = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
        lone = PolicyResource(given.resource_type, given.props, given.urn, given.name, options, None, None, [], {})
        (found,) = objects_of(lone)
        assert (found.cluster.provider, found.cluster.address, found.namespace) == ("", (), "shop")


class TestMemory:
    def test_the_objects_of_a_request_are_parsed_once_and_those_of_the_next_anew(self) -> None:
        memory, parsed = Memory(), []

        def parse() -> list[Object]:
            parsed.append(1)
            return [Object("Service", {})]

        first = memory.objects("urn:a", "one", parse)
        assert memory.objects("".join(["urn", ":a"]), "two", parse) is first
        assert len(parsed) == 1
        assert memory.objects("urn:a", "one", parse) is not first
        assert len(parsed) == 2
        memory.objects("urn:a", "two", parse)
        assert len(parsed) == 2
        memory.objects("urn:b", "three", parse)
        assert len(parsed) == 3


class TestPolicies:
    def test_a_rule_is_a_policy_of_the_sdk(self) -> None:
        (policy,) = Pack([rule([])]).policies
        assert isinstance(policy, ResourceValidationPolicy)
        assert (policy.name, policy.description, policy.display_name) == ("a-rule", "It is one.", "A rule")
        assert policy.enforcement_level == EnforcementLevel.MANDATORY
        assert policy.severity == Severity.HIGH
        assert policy.remediation_steps == "Do so."
        assert policy.config_schema is not None
        assert set(policy.config_schema.properties) == {"size", "allowOptOuts", "exemptNamespaces", "reason"}
        assert isinstance(Pack([rule([], whole_stack=True)]).policies[0], StackValidationPolicy)

    @pytest.mark.parametrize("remember", [False, True])
    def test_a_resource_is_judged_by_the_rule_with_its_configuration(self, remember: bool) -> None:
        seen: list[Any] = []
        reported = Reported()
        pack = Pack([rule(seen)], remember)
        of_resource(pack).validate(args(resource(bad())), reported)
        assert reported == [('Service shop/web (resource "web") is bad. Fix: make it good.', None)]
        of_resource(pack).validate(args(resource(bad()), {"exemptNamespaces": ["shop"]}), reported)
        of_resource(pack).validate(args(resource(WEB)), reported)
        assert len(reported) == 1
        with pytest.raises(ValueError, match="no property"):
            of_resource(pack).validate(args(resource(bad()), {"sise": 1}), reported)

    def test_what_no_rule_looks_at_is_not_parsed(self) -> None:
        seen: list[Any] = []
        pack = Pack([rule(seen), rule(seen, name="other", kinds=("Pod",))], remember=True)
        for kind in ("Pod", "Secret"):
            of_resource(pack, 1).validate(args(resource({**WEB, "kind": kind})), Reported())
        of_resource(pack).validate(args(resource(WEB, resource_type="aws:s3/bucket:Bucket")), Reported())
        assert [len(objects) for objects in seen] == [1, 0, 0]

    @pytest.mark.parametrize("remember", [False, True])
    def test_a_stack_is_judged_whole_and_each_finding_says_where(self, remember: bool) -> None:
        seen: list[Any] = []
        reported = Reported()
        pack = Pack([rule(seen, whole_stack=True)], remember)
        given = [resource(bad("a")), resource(WEB), resource(bad("b")), resource({**WEB, "kind": "Secret"})]
        for _ in range(2):
            of_stack(pack).validate(StackValidationArgs(given, None), reported)
        assert [urn for _, urn in reported] == [given[0].urn, given[2].urn] * 2
        assert [len(objects) for objects in seen] == [3, 3]

    def test_a_stack_s_objects_have_the_inputs_that_were_judged_before(self) -> None:
        seen: list[Any] = []
        pack = Pack([rule(seen), rule(seen, name="whole", whole_stack=True)])
        of_resource(pack).validate(args(resource(WEB)), Reported())
        outcome = {**WEB, "spec": {"a": 2}}
        of_stack(pack, 1).validate(StackValidationArgs([resource(outcome), resource(bad("b"))], None), Reported())
        (first, second) = seen[-1]
        assert (first.data["spec"], first.inputs["spec"]) == ({"a": 2}, {"a": 1})
        assert second.inputs is None
        several = resource({"items": [WEB, WEB]}, name="web", resource_type="kubernetes:core/v1:Service")
        of_stack(pack, 1).validate(StackValidationArgs([several], None), Reported())
        as_list = resource({"items": [WEB, WEB]}, name="l", resource_type="kubernetes:core/v1:ServiceList")
        of_resource(pack).validate(args(as_list), Reported())
        shorter = resource({"items": [WEB]}, name="l", resource_type="kubernetes:core/v1:ServiceList")
        of_stack(pack, 1).validate(StackValidationArgs([shorter], None), Reported())
        assert [found.inputs for found in seen[-1]] == [None]
        of_stack(pack, 1).validate(StackValidationArgs([as_list], None), Reported())
        assert [found.inputs for found in seen[-1]] == [WEB, WEB]

    @pytest.mark.parametrize("remember", [False, True])
    def test_kinds_that_a_configuration_adds_are_parsed_from_then_on(self, remember: bool) -> None:
        seen: list[Any] = []
        first = rule(seen, name="first", whole_stack=True)
        adding = rule(
            seen, whole_stack=True, tables={"more": Table("Kinds.", {"Pod": "https://a"})}, kinds_table="more"
        )
        pack = Pack([first, adding], remember)
        given = StackValidationArgs([resource({**WEB, "kind": kind}) for kind in ("Pod", "Secret")], None)
        of_stack(pack, 0).validate(given, Reported())
        of_stack(pack, 1).validate(given, Reported())
        assert [[found.kind for found in objects] for objects in seen] == [[], ["Pod"]]
        more = StackValidationArgs(given.resources, {"more": ["...", "Secret"]})
        of_stack(pack, 0).validate(given, Reported())
        of_stack(pack, 1).validate(more, Reported())
        assert [found.kind for found in seen[-1]] == ["Pod", "Secret"]

    @pytest.mark.parametrize(("more", "expected"), [({}, 3), ({"remember": False}, 3), ({"remember": True}, 1)])
    def test_rules_share_what_was_parsed_where_they_are_asked_by_the_engine(
        self, more: Any, expected: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parsed = []

        def counted(given: Any) -> list[Object]:
            parsed.append(given.urn)
            return objects_of(given)

        monkeypatch.setattr(adapter, "objects_of", counted)
        kinds = {"a": ("Service",), "b": ("Service", "Pod"), "c": ("Service", "Pod", "Secret")}
        pack = Pack([rule([], name=name, kinds=of, whole_stack=True) for name, of in kinds.items()], **more)
        given = StackValidationArgs([resource(WEB)], None)
        for index in range(3):
            of_stack(pack, index).validate(given, Reported())
        assert len(parsed) == expected


class TestRemedies:
    def remedied(self, of: Rule, props: Any, resource_type: str | None = None) -> Any:
        given = resource(bad(), resource_type=resource_type)
        return of_resource(Pack([of])).remediate(args(given, props=props))

    def test_a_remedy_is_set_in_place_and_what_is_in_its_way_is_replaced(self) -> None:
        for before in ({"spec": {"type": "Bad", "x": 1}}, {"spec": {"type": "Bad", "x": 1}, "a": "b"}):
            props = dict(before)
            made = self.remedied(rule([], remediable=True), props)
            assert made is props
            assert made == {"spec": {"type": "Good", "x": 1}, "a": {"b": "c"}}
        kept = self.remedied(rule([], remediable=True), {"spec": {"type": "Bad"}, "a": {"d": 1}})
        assert kept["a"] == {"d": 1, "b": "c"}

    def test_what_is_right_a_list_and_another_package_s_resource_are_left_alone(self) -> None:
        good = {"spec": {"type": "Good"}}
        assert self.remedied(rule([], remediable=True), good) is None
        listed = {"items": [{"spec": {"type": "Bad"}}]}
        assert self.remedied(rule([], remediable=True), listed, "kubernetes:core/v1:ServiceList") is None
        assert self.remedied(rule([], remediable=True), {"spec": {"type": "Bad"}}, "aws:s3/bucket:Bucket") is None

    def test_a_rule_that_can_not_put_right_has_no_remedy(self) -> None:
        given = args(resource(bad()), props={"spec": {"type": "Bad"}})
        assert of_resource(Pack([rule([])])).remediate(given) is None
