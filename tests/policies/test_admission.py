"""What ``make admission`` prints: the rules that one object can answer, as policies of the API server."""

import json

import pytest
import yaml

from policies import admission
from sandbox.paths import ROOT


def test_the_reasons_stand_in_the_output_and_the_levels_in_the_bindings() -> None:
    config = json.loads((ROOT / "policies/stateful/policy-config.prod.json").read_text())
    text = admission.rendered({**config, "no-skip-await": "advisory", "stable-labels": "disabled"})
    for rule, reason in {**admission.WITHOUT, "claim-retention": admission.EXPLICIT_RETENTION}.items():
        assert f"#   {rule}: {reason}\n" in text
    assert "#   stable-labels: it is disabled" in text
    found = {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(text)}
    binding = "ValidatingAdmissionPolicyBinding"
    assert found[binding, "stateful-no-skip-await"]["spec"]["validationActions"] == ["Warn", "Audit"]
    assert found[binding, "stateful-graceful-termination"]["spec"]["validationActions"] == ["Deny"]
    assert (binding, "stateful-stable-labels") not in found
    conditions = found["ValidatingAdmissionPolicy", "stateful-graceful-termination"]["spec"]["matchConditions"]
    assert [condition["name"] for condition in conditions] == ["not-deleted"], "prod counts no excuses"


def test_a_misspelt_property_is_an_error() -> None:
    with pytest.raises(ValueError, match='no property "minimumSecond"'):
        admission.rendered({"graceful-termination": {"minimumSecond": 5}})


def test_exempt_namespaces_are_not_bound() -> None:
    (_, binding, *_) = admission.manifests({"volume-claim-templates-required": {"exemptNamespaces": ["scratch"]}})
    assert binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"] == [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["scratch"]}
    ]


def test_the_manifests_are_plain_yaml_for_kubectl() -> None:
    for item in yaml.safe_load_all(admission.rendered({})):
        assert item["apiVersion"] == "admissionregistration.k8s.io/v1"
        assert "\n" not in json.dumps(item)
