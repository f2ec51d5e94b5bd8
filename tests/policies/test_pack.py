"""What holds for every rule of every pack: its metadata, its examples, opt-outs, exemptions and configuration."""

import ast
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, Severity, StackValidationPolicy

from policies.stateful.stateful_rules.manifests import service, stateful_set

from .packs import PACKS, RULES, UNKNOWN, judge, judge_all, resource, serving

FOLDERS = {name: Path(__file__).parents[2] / "policies" / name for name in PACKS}
LEVELS = {"stateful": "mandatory", "hardening": "advisory"}
ANNOTATION = "policy.stateful-web.dev/allow-"

every_rule = pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{pack}/{rule.name}") for pack, rules in PACKS.items() for rule in rules]
)
every_pack = pytest.mark.parametrize("pack", PACKS)


class TestMetadata:
    @every_rule
    def test_texts_are_whole_sentences(self, rule: Any) -> None:
        assert rule.description.endswith(".")
        assert rule.remediation.endswith(".")
        assert not rule.display_name.endswith(".")

    @every_rule
    def test_the_sdk_accepts_it(self, rule: Any) -> None:
        (policy,) = serving(rule)
        assert isinstance(policy, StackValidationPolicy if rule.whole_stack else ResourceValidationPolicy)
        assert (policy.name, policy.description) == (rule.name, rule.description)
        assert policy.enforcement_level == EnforcementLevel(rule.level)
        assert policy.severity == Severity(rule.severity)
        assert policy.remediation_steps == rule.remediation
        assert policy.config_schema is not None

    @every_rule
    def test_every_property_has_a_type_a_default_and_a_description(self, rule: Any) -> None:
        for name, schema in rule.schema.items():
            assert {"type", "default", "description"} <= schema.keys(), name
            assert schema["description"].endswith(".")
        assert {"allowOptOuts", "exemptNamespaces", "reason"} <= rule.schema.keys()

    @every_pack
    def test_names_are_unique_and_levels_are_those_of_the_pack(self, pack: str) -> None:
        names = [rule.name for rule in PACKS[pack]]
        assert len(names) == len(set(names))
        notes = {"opt-outs", "no-opaque-release"}
        assert {rule.level for rule in PACKS[pack] if rule.name not in notes} == {LEVELS[pack]}
        assert {rule.level for rule in PACKS[pack] if rule.name in notes} == {"advisory"}


class TestExamples:
    @every_rule
    def test_the_passing_example_passes(self, rule: Any) -> None:
        assert judge(rule, *rule.passing, config=rule.example_config) == []

    @every_rule
    def test_the_failing_example_fails_with_a_message_of_one_line(self, rule: Any) -> None:
        messages = judge(rule, *rule.failing, config=rule.example_config)
        assert messages
        for message in messages:
            assert "\n" not in message
            assert " Fix: " in message
            assert message.endswith(".")

    @every_pack
    def test_passing_examples_keep_all_the_rules_on_single_objects(self, pack: str) -> None:
        rules = [rule for rule in PACKS[pack] if not rule.whole_stack]
        for rule in rules:
            assert judge_all(rules, *rule.passing, config={rule.name: rule.example_config}) == {}


class TestOptOuts:
    bare = stateful_set(spec={"volumeClaimTemplates": None, "template": {"spec": {"containers": []}}})
    rule = RULES["volume-claim-templates-required"]

    def annotated(self, reason: Any) -> Mapping[str, Any]:
        return {
            **self.bare,
            "metadata": {**self.bare["metadata"], "annotations": {f"{ANNOTATION}{self.rule.name}": reason}},
        }

    def test_a_reason_excuses_the_object_and_is_reported(self) -> None:
        web = self.annotated("a cache that may be lost")
        assert judge(self.rule, web) == []
        (message,) = judge(RULES["opt-outs"], web)
        assert message.startswith(
            'StatefulSet default/web (resource "web") asks to be excused from '
            "volume-claim-templates-required: a cache that may be lost."
        )

    @pytest.mark.parametrize("reason", ["", "  ", 7, True])
    def test_no_reason_is_no_opt_out(self, reason: Any) -> None:
        (message,) = judge(self.rule, self.annotated(reason))
        assert "does not count: it gives no reason" in message
        assert judge(RULES["opt-outs"], self.annotated(reason)) == []

    def test_an_unknown_reason_is_no_opt_out(self) -> None:
        (message,) = judge(self.rule, self.annotated(UNKNOWN))
        assert "does not count: its value is not known in preview" in message
        assert judge(self.rule, {**self.bare, "metadata": {"name": "web", "annotations": UNKNOWN}})

    def test_where_opt_outs_are_not_allowed_they_do_not_count(self) -> None:
        (message,) = judge(self.rule, self.annotated("because"), config={"allowOptOuts": False})
        assert "does not count: allowOptOuts is false" in message

    def test_of_one_rule_is_not_of_another(self) -> None:
        lone = stateful_set(metadata={"annotations": {f"{ANNOTATION}headless-service": "because"}})
        assert judge(RULES["governing-service"], lone)

    def test_a_joining_rule_takes_it_from_either_object(self) -> None:
        annotations = {f"{ANNOTATION}headless-service": "clients need the address"}
        plain = service(spec={"clusterIP": None})
        rule = RULES["headless-service"]
        assert judge(rule, service(**{**plain, "metadata": {"annotations": annotations}}), stateful_set()) == []
        assert judge(rule, plain, stateful_set(metadata={"annotations": annotations})) == []

    def test_reasons_are_kept_to_one_line(self) -> None:
        (message,) = judge(RULES["opt-outs"], self.annotated("a\nb\x1b[31m" + "c" * 1000))
        assert "\n" not in message
        assert "\x1b" not in message
        assert len(message) < 400


class TestConfiguration:
    rule = RULES["volume-claim-templates-required"]

    def test_exempt_namespaces_are_not_judged(self) -> None:
        config = {"exemptNamespaces": ["scratch"]}
        for namespace, expected in (("scratch", 0), ("default", 1), (UNKNOWN, 0)):
            web = stateful_set(metadata={"namespace": namespace}, spec={"volumeClaimTemplates": None})
            assert len(judge(self.rule, web, config=config)) == expected

    def test_an_unknown_namespace_is_judged_when_none_is_exempt(self) -> None:
        assert judge(self.rule, stateful_set(metadata={"namespace": UNKNOWN}, spec={"volumeClaimTemplates": None}))

    def test_a_misspelt_property_is_an_error(self) -> None:
        with pytest.raises(ValueError, match='no property "allowOptOut"; it has: '):
            judge(self.rule, stateful_set(), config={"allowOptOut": False})


def test_a_helm_release_is_reported_as_not_inspectable() -> None:
    props = {"name": "db", "namespace": "data", "chart": "postgresql", "values": {"password": "canary"}}
    release = resource(props, name="db", resource_type="kubernetes:helm.sh/v3:Release")
    (message,) = judge(RULES["no-opaque-release"], release)
    assert message.startswith('Release (resource "db") installs objects of chart postgresql that no policy can see')
    assert "canary" not in message


class TestFolder:
    """A pack in the repository; what is published is told by ``test_assembled.py``."""

    @every_pack
    def test_the_project_file_names_runtime_toolchain_and_version(self, pack: str) -> None:
        project = yaml.safe_load((FOLDERS[pack] / "PulumiPolicy.yaml").read_text())
        assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
        assert project["version"]
        assert project["description"].endswith(".")

    @every_pack
    def test_its_requirements_are_pinned(self, pack: str) -> None:
        lines = (FOLDERS[pack] / "requirements.txt").read_text().splitlines()
        requirements = [line for line in lines if not line.startswith("#")]
        assert {line.partition("==")[0] for line in requirements} == {"pulumi", "pulumi-policy"}
        assert all("==" in line for line in requirements)

    @every_pack
    def test_it_imports_nothing_but_the_sdk_the_kit_and_itself(self, pack: str) -> None:
        def of(folder: Path) -> set[str]:
            return {
                name
                for path in folder.rglob("*.py")
                if "venv" not in path.relative_to(folder).parts
                for node in ast.walk(ast.parse(path.read_text()))
                for name in (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [str(node.module)]
                    if isinstance(node, ast.ImportFrom) and not node.level
                    else []
                )
                if name.partition(".")[0] not in sys.stdlib_module_names
            }

        kit = ("pulumi_policy", "policies.kit")
        assert not [name for name in of(FOLDERS[pack].parent / "kit") if not name.startswith("pulumi_policy")]
        assert not [name for name in of(FOLDERS[pack]) if not name.startswith((*kit, f"policies.{pack}."))]

    @every_pack
    def test_it_serves_from_its_place_in_the_repository_and_soon(self, pack: str, tmp_path: Path) -> None:
        code = """
import runpy, sys
import pulumi_policy
served = []
pulumi_policy.PolicyPack = lambda name, policies, **more: served.append((name, len(policies), more))
runpy.run_path(sys.argv[1], run_name="__main__")
assert not any(name.startswith(("pulumi_kubernetes", "kubernetes", "lightkube")) for name in sys.modules)
print(served[0][0], served[0][1], served[0][2]["enforcement_level"].value)
"""
        began = time.monotonic()
        run = subprocess.run(
            [sys.executable, "-c", code, str(FOLDERS[pack])], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == [pack, str(len(PACKS[pack])), LEVELS[pack]]
        assert time.monotonic() - began < 30  # a hang, not a speed: figures belong to the benchmark
