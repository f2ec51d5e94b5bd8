"""Inputs that can not be used: one sentence that names the key, the value, what is expected and the fix."""

from typing import Any

import pytest

from components.stateful_web.findings import python_key
from components.stateful_web.validation import validate


def finding_of(given: dict[str, Any]) -> str:
    args: Any = {"image": "web:1", **given}
    _, findings = validate("web", args)
    return "\n".join(finding.sentence(python_key) for finding in findings)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"image": ""}, 'image is "": an image is expected, e.g. registry.k8s.io/nginx-slim:0.27.'),
        ({"image": "nginx"}, 'image is "nginx": a tag or a digest is expected. Add one, e.g. nginx:1.27.'),
        ({"image": "host:5000/nginx"}, 'image is "host:5000/nginx": a tag or a digest is expected.'),
        ({"image": 3}, "image is 3: text is expected."),
        ({"name": "Web"}, 'name is "Web": lower-case letters, digits and dashes are expected, at most 52 characters'),
        ({"name": "a" * 53}, "at most 52 characters"),
        ({"namespace": "a.b"}, 'namespace is "a.b": lower-case letters, digits and dashes'),
        ({"replicas": -1}, "replicas is -1: 0 or more is expected."),
        ({"replicas": 1.5}, "replicas is 1.5: a whole number is expected."),
        ({"replicas": True}, "replicas is true: a whole number is expected."),
        ({"service_name": "1web"}, 'service_name is "1web": lower-case letters, digits and dashes'),
        ({"container_name": "a_b"}, 'container_name is "a_b": lower-case letters'),
        ({"port": 0}, "port is 0: 1 to 65535 is expected."),
        ({"port": "80"}, 'port is "80": a whole number is expected.'),
        ({"port_name": "a" * 16}, "at most 15 lower-case letters, digits and single dashes"),
        ({"port_name": "80"}, 'port_name is "80": at most 15 lower-case letters'),
        ({"storage": {"size": "0"}}, 'storage.size is "0": more than zero is expected, e.g. 10Gi.'),
        ({"storage": {"size": "1GB"}}, 'storage.size is "1GB": a Kubernetes quantity is expected, e.g. 10Gi.'),
        ({"storage": {"access_modes": ["RWO"]}}, 'storage.access_modes is ["RWO"]: one or more of ReadWriteOnce,'),
        ({"storage": {"access_modes": []}}, "storage.access_modes is []: one or more of ReadWriteOnce,"),
        ({"storage": {"access_modes": "RWO"}}, 'storage.access_modes is "RWO": a list is expected.'),
        ({"storage": {"volume_name": "W"}}, 'storage.volume_name is "W": lower-case letters'),
        ({"storage": {"storage_class_name": "A B"}}, 'storage.storage_class_name is "A B": lower-case letters'),
        ({"storage": {"clas": "x"}}, "storage.clas is not a key that exists. Known keys: volume_name, size,"),
        ({"mount_path": "html"}, 'mount_path is "html": an absolute path without a colon is expected.'),
        ({"selector_labels": {}}, "selector_labels is {}: at least one label is expected."),
        ({"selector_labels": {"a b": "c"}}, 'and "a b" is none.'),
        ({"labels": {"a": "x" * 64}}, "at most 63 letters, digits, '-', '_' and '.' are expected"),
        ({"labels": {"a": 1}}, "labels.a is 1: text is expected."),
        ({"labels": ["a"]}, 'labels is ["a"]: a map is expected.'),
        ({"termination_grace_period_seconds": 0}, "termination_grace_period_seconds is 0: 1 or more is expected."),
        ({"replica": 3}, 'replica is not a key that exists. Did you mean "replicas"?'),
    ],
)
def test_a_wrong_input_is_told_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    finding = finding_of(given)
    assert sentence in finding
    assert len(finding.splitlines()) == 1


def test_a_whole_number_from_another_language_is_a_whole_number() -> None:
    args: Any = {"image": "web:1", "replicas": 3.0}
    replicas = validate("web", args)[0]["replicas"]
    assert type(replicas) is int


def test_none_means_absent() -> None:
    args: Any = {"image": "web:1", "replicas": None}
    assert validate("web", args)[0]["replicas"] == 1
