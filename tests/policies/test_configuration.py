"""The example configurations: dev prints no advice on the scenario, prod allows no opt-out."""

import json
from typing import Any

import pytest

from sandbox.paths import ROOT

from .packs import PACKS, judge_all

FOLDERS = {name: ROOT / "policies" / name for name in PACKS}
ADVICE = {"opt-outs", "cluster-identifier", "no-deprecated-fields"}
LEVELS = {"advisory", "mandatory", "remediate", "disabled"}
TYPES: dict[str, Any] = {"boolean": bool, "string": str, "number": (int, float), "array": list}

every_pack = pytest.mark.parametrize("pack", PACKS)


def read(pack: str, stack: str) -> dict[str, dict[str, Any]]:
    """Return a configuration with a bare level written as a property, as the CLI reads it."""
    given = json.loads((FOLDERS[pack] / f"policy-config.{stack}.json").read_text())
    return {rule: {"enforcementLevel": of} if isinstance(of, str) else of for rule, of in given.items()}


def properties(config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a configuration as rules get it: without their levels, which are the engine's business."""
    return {
        name: {key: value for key, value in of_rule.items() if key != "enforcementLevel"}
        for name, of_rule in config.items()
    }


@every_pack
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_it_fits_the_rules(pack: str, stack: str) -> None:
    """The CLI takes the name of a rule or a property that does not exist in silence."""
    rules = {rule.name: rule for rule in PACKS[pack]}
    for name, of_rule in read(pack, stack).items():
        schema = rules[name].schema
        for key, value in of_rule.items():
            if key == "enforcementLevel":
                assert value in LEVELS
                continue
            assert isinstance(value, TYPES[schema[key]["type"]]), (name, key)
            assert value in schema[key].get("enum", [value])


@every_pack
def test_dev_gives_a_reason_for_each_departure(pack: str) -> None:
    for name, of_rule in read(pack, "dev").items():
        assert of_rule["reason"].endswith("."), name


@every_pack
def test_prod_is_strict(pack: str) -> None:
    config = read(pack, "prod")
    assert config.keys() == {rule.name for rule in PACKS[pack]}
    for name, of_rule in config.items():
        assert of_rule["enforcementLevel"] == ("advisory" if name in ADVICE else "mandatory")
        assert name in ADVICE or of_rule["allowOptOuts"] is False


@every_pack
def test_the_scenario_gets_no_advice_with_dev(pack: str) -> None:
    config = read(pack, "dev")
    rules = [rule for rule in PACKS[pack] if config.get(rule.name, {}).get("enforcementLevel") != "disabled"]
    assert judge_all(rules, *SCENARIO, config=properties(config)) == {}
    # Without the configuration there is advice: what it turns off is what the scenario can not meet.
    for name in config:
        assert judge_all([rule for rule in PACKS[pack] if rule.name == name], *SCENARIO), name


SCENARIO = (
    {"type": "pulumi:providers:kubernetes", "name": "default", "kubeconfig": ".sandbox/kubeconfig"},
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "nginx", "namespace": "default", "labels": {"app": "nginx"}},
        "spec": {"clusterIP": "None", "selector": {"app": "nginx"}, "ports": [{"name": "web", "port": 80}]},
    },
    {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "default", "labels": {"app": "nginx"}},
        "spec": {
            "replicas": 3,
            "serviceName": "nginx",
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": {
                "metadata": {"labels": {"app": "nginx"}},
                "spec": {
                    "terminationGracePeriodSeconds": 10,
                    "automountServiceAccountToken": False,
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [
                        {
                            "name": "nginx",
                            "image": "registry.k8s.io/nginx-slim:0.8",
                            "ports": [{"name": "web", "containerPort": 80}],
                            "volumeMounts": [{"name": "www", "mountPath": "/usr/share/nginx/html"}],
                            "securityContext": {"allowPrivilegeEscalation": False},
                        }
                    ],
                },
            },
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "www"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "storageClassName": "rook-ceph-block",
                        "resources": {"requests": {"storage": "1Gi"}},
                    },
                }
            ],
        },
    },
)
"""Stack dev, as the mission says it and as the component's defaults complete it."""
