"""The packs as the engine meets them: a process that speaks the analyzer's protocol, and what the SDK makes of it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import ResourceValidationArgs, ResourceValidationPolicy
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from policies.hardening.hardening_rules import manifests as hardening
from policies.kit import adapter
from policies.stateful.stateful_rules.manifests import autoscaler, service, stateful_set

from .packs import PACKS, RULES, SENTINELS, UNKNOWN, judge, provider, resource, serving, token

FOLDER = Path(__file__).parents[2] / "policies"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""How the engine marks a secret."""


def struct(value: Any) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(value, made)
    return made


def request(manifest: Any, name: str | None = None) -> Any:
    return analyzer_pb2.AnalyzeRequest(
        type=token(manifest),
        name=name or manifest["metadata"]["name"],
        urn=f"urn:pulumi:dev::test::{token(manifest)}::{name or manifest['metadata']['name']}",
        properties=struct(manifest),
    )


def stack(*manifests: Any) -> Any:
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(type=made.type, name=made.name, urn=made.urn, properties=made.properties)
            for made in map(request, manifests)
        ]
    )


@contextmanager
def served(folder: Path, python: Path | str = sys.executable) -> Iterator[Any]:
    """Serve a pack as the language host does, and return a client of it."""
    command = [python, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


@pytest.fixture(scope="module", params=PACKS)
def pack(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    with served(FOLDER / request.param) as client:
        yield request.param, client


@pytest.fixture(scope="module")
def stateful() -> Iterator[Any]:
    with served(FOLDER / "stateful") as client:
        yield client


def said(response: Any) -> dict[str, str]:
    return {found.policyName: found.message for found in response.diagnostics}


def test_it_presents_its_rules(pack: tuple[str, Any]) -> None:
    name, client = pack
    info = client.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == name
    assert [policy.name for policy in info.policies] == [rule.name for rule in PACKS[name]]
    stacks = {rule.name for rule in PACKS[name] if rule.whole_stack}
    of_stack = analyzer_pb2.PolicyType.POLICY_TYPE_STACK
    assert {policy.name for policy in info.policies if policy.policy_type == of_stack} == stacks


def test_it_judges_resources_and_stacks(stateful: Any) -> None:
    bad = stateful_set(spec={"volumeClaimTemplates": None})
    found = stateful.Analyze(request(bad)).diagnostics
    assert {d.policyName for d in found} == {"volume-claim-templates-required", "volume-mounts-resolve"}
    assert {d.enforcementLevel for d in found} == {analyzer_pb2.MANDATORY}
    (joined,) = stateful.AnalyzeStack(stack(service(spec={"clusterIP": None}), bad)).diagnostics
    assert joined.policyName == "headless-service"
    assert joined.urn.endswith("Service::nginx")
    assert not stateful.Analyze(request(stateful_set())).diagnostics
    assert not stateful.AnalyzeStack(stack(service(), stateful_set())).diagnostics


def test_a_resource_that_comes_again_is_judged_anew(stateful: Any) -> None:
    for templates in (None, stateful_set()["spec"]["volumeClaimTemplates"], None):
        found = stateful.Analyze(request(stateful_set(spec={"volumeClaimTemplates": templates}))).diagnostics
        assert bool(found) == (templates is None)


def test_an_unknown_value_is_never_a_rule_that_can_not_run(pack: tuple[str, Any]) -> None:
    name, client = pack
    web = stateful_set() if name == "stateful" else hardening.stateful_set()
    for sentinel in SENTINELS:
        for key in web["spec"]:
            unknown = {**web, "spec": {**web["spec"], key: sentinel}}
            for response in (client.Analyze(request(unknown)), client.AnalyzeStack(stack(unknown))):
                assert not [found for found in response.diagnostics if "can't run policy" in found.message]


def test_secrets_are_judged_and_not_shown(pack: tuple[str, Any]) -> None:
    _, client = pack
    web = hardening.with_container(image="nginx", env=[{"name": "TOKEN", "value": {**SECRET, "value": "canary"}}])
    web["spec"]["template"]["spec"] = {**SECRET, "value": web["spec"]["template"]["spec"]}
    response = client.Analyze(request(web))
    assert response.diagnostics
    assert "canary" not in str(response)


def test_replicas_are_those_that_the_program_asked_for(stateful: Any) -> None:
    """The outputs of a set always have a count; whether the program gave it is known from its inputs."""
    for replicas, rules in ((None, set()), (3, {"autoscaler-owns-replicas"})):
        stateful.Analyze(request(stateful_set(spec={"replicas": replicas})))
        assert said(stateful.AnalyzeStack(stack(service(), stateful_set(), autoscaler()))).keys() == rules


def test_remediation_puts_right_and_keeps_secrets() -> None:
    web = hardening.with_pod(automountServiceAccountToken=True)
    web["metadata"]["labels"] = {"team": {**SECRET, "value": "shop"}}
    web["spec"]["template"]["spec"]["nodeName"] = UNKNOWN
    rules = ("service-account-token", "recommended-labels")
    with served(FOLDER / "hardening") as client:
        assert not client.Remediate(request(web)).remediations  # it has to be asked for
        configuration = analyzer_pb2.ConfigureAnalyzerRequest()
        for rule in rules:
            configuration.policyConfig[rule].enforcementLevel = analyzer_pb2.REMEDIATE
        client.Configure(configuration)
        remedied = client.Remediate(request(web)).remediations
        assert [remedy.policyName for remedy in remedied] == list(rules)
        result = json_format.MessageToDict(remedied[-1].properties)
        assert not said(client.Analyze(request(result))).keys() & set(rules)
        assert not client.Remediate(request(result)).remediations
    assert result["metadata"]["labels"] == {
        "team": {**SECRET, "value": "shop"},
        "app.kubernetes.io/name": "web",
        "app.kubernetes.io/instance": "web",
        "app.kubernetes.io/managed-by": "pulumi",
    }
    assert result["spec"]["template"]["spec"]["automountServiceAccountToken"] is False
    assert result["spec"]["template"]["spec"]["nodeName"] == UNKNOWN


def remedied(rule: str, manifest: Any, resource_type: str | None = None) -> Any:
    """Return what a remediation makes of an object, on the SDK's own way; ``None`` if nothing."""
    (policy,) = serving(RULES[rule])
    assert isinstance(policy, ResourceValidationPolicy)
    given = resource(manifest, name="x", resource_type=resource_type)
    props = unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(struct(manifest)), True))
    args = ResourceValidationArgs(given.resource_type, props, given.urn, "x", given.opts, provider())
    result: Any = policy.remediate(args)
    return None if result is None else serialize_properties(result)


labels = st.dictionaries(
    st.sampled_from(["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "team"]),
    st.sampled_from(["", "web", UNKNOWN]) | st.none() | st.just({**SECRET, "value": "web"}),
)


@given(labels=labels | st.none() | st.just(UNKNOWN), token_mounted=st.sampled_from([True, None, False, UNKNOWN]))
def test_what_is_remedied_passes_and_needs_no_more(labels: Any, token_mounted: Any) -> None:
    web = hardening.with_pod()
    web["metadata"]["labels"] = labels
    web["spec"]["template"]["spec"]["automountServiceAccountToken"] = token_mounted
    for rule in ("service-account-token", "recommended-labels"):
        plain = deserialize_properties(json_format.MessageToDict(struct(web)))
        result = remedied(rule, web)
        assert (result is None) == (judge(rule, plain) == [])
        if result is not None:
            assert judge(rule, deserialize_properties(result)) == []
            assert remedied(rule, result) is None


def test_a_list_is_not_remedied() -> None:
    bare = {"items": [hardening.stateful_set(metadata={"labels": None})]}
    assert remedied("recommended-labels", bare, "kubernetes:apps/v1:StatefulSetList") is None


@pytest.mark.parametrize("name", PACKS)
def test_each_object_is_parsed_once_however_many_rules_look(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK asks rule after rule, each with proxies of its own."""
    parsed = []
    made = serving(*PACKS[name], remember=True)
    objects_of = adapter.objects_of

    def counted(given: Any) -> Any:
        parsed.append(given.urn)
        return objects_of(given)

    def report(message: str, urn: str | None = None) -> None:
        pass

    monkeypatch.setattr(adapter, "objects_of", counted)
    for _ in range(2):
        for policy in made:
            given = resource(hardening.stateful_set())
            args = ResourceValidationArgs(given.resource_type, given.props, given.urn, "web", given.opts, provider())
            if isinstance(policy, ResourceValidationPolicy):
                policy.validate(args, report)
    assert len(parsed) == 2


def test_kinds_that_a_configuration_adds_are_seen_from_then_on() -> None:
    web = hardening.stateful_set()
    fence = {"apiVersion": "example.com/v1", "kind": "Fence", "metadata": {"name": "web", "namespace": "default"}}
    with served(FOLDER / "hardening") as client:
        assert "every pod of the cluster" in said(client.AnalyzeStack(stack(web, fence)))["network-policy"]
        configuration = analyzer_pb2.ConfigureAnalyzerRequest()
        configuration.policyConfig["network-policy"].enforcementLevel = analyzer_pb2.ADVISORY
        json_format.ParseDict(
            {"otherKinds": ["...", "Fence.example.com"]}, configuration.policyConfig["network-policy"].properties
        )
        client.Configure(configuration)
        for _ in range(2):
            found = said(client.AnalyzeStack(stack(web, fence)))
            assert "whether Fence default/web" in found["network-policy"]
            assert "disruption-budget" in found


NAMES = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,250}[a-z0-9]", fullmatch=True) | st.text(max_size=80)
VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
"""https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"""


@given(name=NAMES)
def test_a_remedy_gives_no_label_that_the_api_server_refuses(name: str) -> None:
    result = remedied("recommended-labels", hardening.workload("Deployment", metadata={"name": name, "labels": None}))
    labels = result["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "pulumi"
    assert all(VALUE.fullmatch(value) for value in labels.values())


def test_a_name_that_is_longer_than_a_label_is_cut() -> None:
    for name, expected in (("a" * 75, "a" * 63), ("a" * 61 + "-." + "b", "a" * 61), ("a" * 63, "a" * 63)):
        labels = remedied("recommended-labels", hardening.service(metadata={"name": name, "labels": None}))["metadata"][
            "labels"
        ]
        assert labels["app.kubernetes.io/name"] == labels["app.kubernetes.io/instance"] == expected
    left_out = remedied("recommended-labels", hardening.service(metadata={"name": "???", "labels": None}))
    assert left_out["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "pulumi"}


def test_types_of_other_packages_are_not_parsed() -> None:
    assert adapter.kind_of("aws:s3/bucket:Bucket") is None
    assert adapter.kind_of("stateful-web:index:StatefulWeb") is None
    assert adapter.kind_of("pulumi:providers:aws") is None
    assert adapter.kind_of("pulumi:providers:kubernetes") == ("Provider.kubernetes", False, False)
    assert adapter.kind_of("kubernetes:apps/v1beta1:StatefulSetPatch") == ("StatefulSet.apps", True, False)
    assert adapter.kind_of("kubernetes:core/v1:ServiceList") == ("Service", False, True)
    assert adapter.kind_of("kubernetes:v1:Service") == ("Service", False, False)


def test_an_address_that_the_api_server_gave_is_not_held_against_the_program(stateful: Any) -> None:
    for asked, says in ((None, "has no spec.clusterIP;"), ("10.0.0.7", 'has spec.clusterIP "10.0.0.7";')):
        stateful.Analyze(request(service(spec={"clusterIP": asked})))
        outcome = stack(service(spec={"clusterIP": "10.0.0.7"}), stateful_set())
        assert says in said(stateful.AnalyzeStack(outcome))["headless-service"]
