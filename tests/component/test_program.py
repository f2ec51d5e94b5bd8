"""The program with stack config: settings, the component and the stack's outputs, as one run of ``__main__.py``."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import components.stateful_web
from sandbox.paths import ROOT
from tests.support.monitor import PROJECT, Ran, Secret

from .harness import Stack, as_the_engine_hands_it_over, at, file, in_clear

CANARY = "canary-91"


def main(stack: Stack, values: Mapping[str, Any], *encrypted: str, preview: bool = True) -> Ran:
    """Run the program with these config keys, some of which are encrypted in the stack file."""
    stack.config.update(as_the_engine_hands_it_over({f"stateful-web:{key}": value for key, value in values.items()}))
    secret_config = frozenset(f"stateful-web:{key}" for key in encrypted)
    return stack.program(file(), preview=preview, secret_config=secret_config)


def scenario() -> dict[str, Any]:
    """Return the config of stack dev."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    return {key.removeprefix("stateful-web:"): config[key] for key in config if key.startswith("stateful-web:")}


def test_the_stack_file_of_dev_makes_a_service_and_a_set(stack: Stack, preview: bool) -> None:
    ran = main(stack, scenario(), preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert list(ran.resources) == ["web", "web-headless", "web-set"]
    assert at(ran["web-headless"], "metadata.name") == "nginx"
    assert at(ran["web-set"], "spec.template.spec.containers.0.image") == "registry.k8s.io/nginx-slim:0.8"


def test_defaults_that_the_engine_takes_from_the_project_file_change_nothing(stack: Stack, preview: bool) -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {key: spec["default"] for key, spec in declared.items()}
    without = main(stack, scenario(), preview=preview)
    assert defaults.keys() - scenario().keys() != set()
    ran = main(stack, defaults | scenario(), preview=preview)
    assert (ran.error, ran.resources, ran.outputs) == ("", without.resources, without.outputs)


def test_numbers_booleans_and_maps_reach_the_objects_as_what_they_are(stack: Stack) -> None:
    values = {"image": "web:1", "replicas": "2", "topologySpread": "true", "env": {"COUNT": "3"}, "port": 8080}
    ran = main(stack, values)
    assert ran.error == ""
    assert at(ran["web-set"], "spec.replicas") == 2
    assert at(ran["web-set"], "spec.template.spec.topologySpreadConstraints.0.maxSkew") == 1
    assert at(ran["web-set"], "spec.template.spec.containers.0.env.0.value") == "3"
    assert at(ran["web-headless"], "spec.ports.0.port") == 8080


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "keys and kinds": (
        {"replcas": 5, "storage": {"xyz": "x"}, "replicas": "three"},
        [
            'stateful-web:replcas is not a key that exists. Did you mean "replicas"?',
            'stateful-web:replicas is "three": a whole number is expected.',
            "stateful-web:storage.xyz is not a key that exists. Known keys: volumeName, size, accessModes, "
            "storageClassName, createStorageClass, dataSource, volumeAttributesClassName, labels, annotations, "
            "resizedByOthers, volumeMode, devicePath, subPath, mountPath, verify.",
        ],
    ),
    "values": (
        {"storage": {"size": "big"}, "port": 70000, "image": "nginx", "serviceName": "Nginx"},
        [
            'stateful-web:storage.size is "big": a Kubernetes quantity is expected, e.g. 10Gi.',
            "stateful-web:port is 70000: 1 to 65535 is expected.",
            'stateful-web:image is "nginx": a tag or a digest is expected. Add one, e.g. :1.27.',
            'stateful-web:serviceName is "Nginx": lower-case letters, digits and dashes are expected, at most 63 '
            "characters, starting with a letter.",
        ],
    ),
    "a number in place of text": (
        {"env": {"COUNT": 1.5}},
        [
            "stateful-web:env.COUNT is a value that is not shown: text is expected, and a number with decimals has "
            "lost its own text (1.10 is 1.1). Put it in quotes in the stack file, or use pulumi config set --path "
            "--type string."
        ],
    ),
    "a contradiction": (
        {"storage": {"storageClassName": "my-sc", "createStorageClass": {"provisioner": "driver.example"}}},
        [
            'stateful-web:storage.createStorageClass is given, and so is storageClassName "my-sc": exactly one of '
            "them is expected. Remove one."
        ],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_config_is_a_sentence_for_each_mistake_and_nothing_is_registered(
    stack: Stack, preview: bool, case: str
) -> None:
    values, sentences = BAD[case]
    ran = main(stack, {"image": "web:1", **values}, preview=preview)
    assert sorted(ran.error.splitlines()) == sorted(sentences)
    assert ran.said == (("ERROR", ran.error),)
    assert ran.resources == {}
    assert stack.api.asked == []


def test_config_without_an_image_says_that_it_is_missing(stack: Stack) -> None:
    assert main(stack, {"replicas": 1}).error == "stateful-web:image is missing: text is expected. Set it."


def test_a_refusal_after_a_look_at_the_cluster_names_the_config_key(stack: Stack, preview: bool) -> None:
    ran = main(stack, {"image": "web:1", "storage": {"storageClassName": "none-such"}}, preview=preview)
    assert ran.error.startswith('stateful-web:storage.storageClassName is "none-such": this cluster has no')
    assert list(ran.resources) == ["web"]


def test_a_secret_below_a_key_of_the_stack_file_reaches_the_pod_as_a_secret(stack: Stack, preview: bool) -> None:
    values = {"image": "web:1", "env": {"PASSWORD": CANARY, "PLAIN": "hello"}}
    ran = main(stack, values, "env", preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert at(ran["web-set"], "spec.template.spec.containers.0.env") == [
        {"name": "PASSWORD", "value": Secret(CANARY)},
        {"name": "PLAIN", "value": Secret("hello")},
    ]
    assert CANARY not in str(ran.outputs)


ENCRYPTED: Mapping[str, tuple[Any, str]] = {
    "appProtocol": (CANARY, ""),
    "ports": ([{"name": "a", "port": 1, "appProtocol": CANARY}], ""),
    "podLabels": ({"a": CANARY}, ""),
    "podAnnotations": ({"a": CANARY}, ""),
    "serviceAnnotations": ({"a": CANARY}, ""),
    "clientService": ({"annotations": {"a": CANARY}}, ""),
    "command": (["a", CANARY], ""),
    "args": ([CANARY], ""),
    "workingDir": (CANARY, ""),
    "imagePullSecrets": ([CANARY], ""),
    "env": ({"A": {"secretName": CANARY, "key": CANARY}}, ""),
    "probes": ({"readiness": {"headers": {"A": CANARY}}, "liveness": {"command": [CANARY]}}, ""),
    "nodeSelector": ({"a": CANARY}, ""),
    "priorityClassName": (CANARY, ""),
    "runAsUser": (101, ""),
    "autoscale": ({"maxReplicas": 5}, ""),
    "ipFamilyPolicy": ("SingleStack", "ipFamilyPolicy"),
    "imagePullPolicy": ("Always", "imagePullPolicy"),
    "topologyKeys": ([CANARY], "topologyKeys"),
    "tolerations": ([{"key": CANARY}], "tolerations"),
    "affinity": ({"nodeAffinity": {}}, "affinity"),
    "initContainers": ([{"name": "a", "image": CANARY}], "initContainers"),
    "sidecars": ([{"name": "a", "args": [CANARY]}], "sidecars"),
    "networkPolicy": ({"allowFrom": [{"podSelector": {"matchLabels": {"a": CANARY}}}]}, "networkPolicy"),
}
"""A value for each key, and the key that is refused as it decides the structure, if it is."""


@pytest.mark.parametrize("key", ENCRYPTED)
def test_what_is_encrypted_in_the_stack_file_stays_secret_or_is_refused(stack: Stack, key: str) -> None:
    value, refused = ENCRYPTED[key]
    ran = main(stack, {"image": "web:1", key: value}, key)
    structure = f"stateful-web:{refused} is encrypted, but it decides a name or the structure. Set it without --secret."
    assert ran.error == (structure if refused else "")
    assert in_clear(ran, CANARY) == []
    registered = str([found.inputs for found in ran.resources.values()])
    assert refused or "Secret(" in registered


def test_a_secret_in_a_file_of_the_stack_file_reaches_its_object_as_a_secret(stack: Stack, preview: bool) -> None:
    files = [{"mountPath": "/etc/web", "secret": True, "content": {"key.pem": CANARY}}]
    ran = main(stack, {"image": "web:1", "files": files}, "files", preview=preview)
    assert (ran.error, ran.said) == ("", ())
    assert at(ran["web-files-0"], "stringData") == Secret({"key.pem": CANARY})
    assert CANARY not in str(ran["web-set"]) + str(ran.outputs)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("port", 99999, "stateful-web:port is an output that can not be used: 1 to 65535 is expected."),
        ("namespace", "99999-", "stateful-web:namespace is an output that can not be used: lower-case letters,"),
        (
            "storage",
            {"size": "99999x"},
            "stateful-web:storage.size is an output that can not be used: a Kubernetes quantity is expected,",
        ),
        (
            "replicas",
            "99999x",
            "stateful-web:replicas is encrypted, so it is not shown; it is not of the kind that is expected.",
        ),
        (
            "env",
            [99999],
            "stateful-web:env is encrypted, so it is not shown; it is not of the kind that is expected.",
        ),
        (
            "portName",
            "99999",
            "stateful-web:portName is encrypted, but it decides a name or the structure. Set it without --secret.",
        ),
        (
            "podTemplate",
            {"spec": {"hostname": "99999"}},
            "stateful-web:podTemplate is encrypted, but it decides a name or the structure. Set it without --secret.",
        ),
    ],
)
def test_an_encrypted_value_that_can_not_be_used_is_named_by_its_config_key_and_not_shown(
    stack: Stack, preview: bool, key: str, value: Any, sentence: str
) -> None:
    ran = main(stack, {"image": "web:1", key: value}, key, preview=preview)
    assert ran.error.startswith(sentence)
    assert "99999" not in ran.error + str(ran.said)
    assert ran.of_type(":StatefulSet") == []


def test_keys_of_other_namespaces_are_left_alone(stack: Stack) -> None:
    stack.config["other:replcas"] = "5"
    assert main(stack, {"image": "web:1"}).error == ""


def test_a_program_that_was_made_from_the_template_takes_its_inputs_from_the_keys_of_its_project(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stateful_web", components.stateful_web)  # as the wheel calls it
    template = ROOT / "templates/python"
    declared = yaml.safe_load((template / "Pulumi.yaml").read_text().replace("${PROJECT}", PROJECT))["config"]
    defaults = {key: found["default"] for key, found in declared.items()}
    values = {f"{PROJECT}:{key}": value for key, value in {**defaults, "image": "web:1", "replicas": "2"}.items()}
    stack.config.update(values)
    ran = stack.program(file(template / "__main__.py"))
    assert ran.error == ""
    assert at(ran["web-set"], "metadata.name") == PROJECT
    assert at(ran["web-set"], "spec.template.spec.containers.0.volumeMounts.0.mountPath") == "/usr/share/nginx/html"
    stack.config[f"{PROJECT}:storage"] = '{"storage_class_name": "fast"}'
    refused = stack.program(file(template / "__main__.py")).error
    assert f'{PROJECT}:storage.storage_class_name is not a key that exists. Did you mean "storageClassName"?' in refused
