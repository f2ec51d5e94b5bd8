"""What Kubernetes' schema says of a pod template, as lightkube's models have it."""

from collections.abc import Iterator
from typing import Any

import pulumi_kubernetes as k8s
import pytest
from pulumi import _types

from components.stateful_web.pod_schema import MAP, QUANTITY, SCALARS, TEXT, Field, fields, python_key, python_keys


def objects(kind: str = "core_v1.PodTemplateSpec", seen: set[str] | None = None) -> Iterator[str]:
    """Yield every kind of object in a pod template."""
    seen = set() if seen is None else seen
    if kind not in seen:
        seen.add(kind)
        yield kind
        for field in fields(kind).values():
            if field.is_object:
                yield from objects(field.kind, seen)


KINDS = sorted(objects())


@pytest.mark.parametrize(
    ("kind", "key", "field"),
    [
        ("core_v1.PodTemplateSpec", "metadata", Field("meta_v1.ObjectMeta")),
        ("core_v1.PodTemplateSpec", "spec", Field("core_v1.PodSpec")),
        ("meta_v1.ObjectMeta", "labels", Field(MAP, False, TEXT)),
        ("core_v1.PodSpec", "containers", Field("core_v1.Container", True)),
        ("core_v1.PodSpec", "hostIPC", Field("bool")),
        ("core_v1.PodSpec", "overhead", Field(MAP, False, QUANTITY)),
        ("core_v1.PodSpec", "terminationGracePeriodSeconds", Field("int")),
        ("core_v1.Container", "args", Field(TEXT, True)),
        ("core_v1.Container", "image", Field(TEXT)),
        ("core_v1.ResourceRequirements", "limits", Field(MAP, False, QUANTITY)),
        ("core_v1.ResourceRequirements", "requests", Field(MAP, False, QUANTITY)),
        ("core_v1.PodSecurityContext", "supplementalGroups", Field("int", True)),
        ("core_v1.EmptyDirVolumeSource", "sizeLimit", Field(QUANTITY)),
        ("core_v1.HTTPGetAction", "port", Field("IntOrString")),
        ("core_v1.PodAffinityTerm", "labelSelector", Field("meta_v1.LabelSelector")),
    ],
)
def test_a_key_has_its_kind(kind: str, key: str, field: Field) -> None:
    assert fields(kind)[key] == field


def test_every_kind_in_a_pod_template_is_known() -> None:
    assert len(KINDS) > 100
    found = [field for kind in KINDS for field in fields(kind).values()]
    assert {field.kind for field in found if not field.is_object} == (SCALARS - {"float"}) | {MAP}
    assert {field.values for field in found if field.kind == MAP} == {TEXT, QUANTITY}
    assert {field.values for field in found if field.kind != MAP} == {""}


def test_python_names_are_those_of_pulumi_kubernetes() -> None:
    def properties(kind: str) -> dict[str, str]:
        version, name = kind.split(".")
        module: Any = k8s.core.v1 if version == "core_v1" else k8s.meta.v1
        args = getattr(module, f"{name}Args", None)
        return {key: given.rstrip("_") for given, key, _ in _types._py_properties(args)} if args else {}

    compared = 0
    for kind in KINDS:
        theirs = properties(kind)
        for given, key in python_keys(kind).items():
            assert theirs.get(key, given) == given
            compared += key in theirs
    assert compared > 300


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("hostIP", "host_ip"),
        ("targetWWNs", "target_wwns"),
        ("name", "name"),
        ("setHostnameAsFQDN", "set_hostname_as_fqdn"),
    ],
)
def test_words_of_a_key_are_parted_by_underscores(key: str, name: str) -> None:
    assert python_key(key) == name
