"""From stack config to the component's inputs, without an engine."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi.runtime
import pytest
import yaml

import settings
from components.stateful_web import InvalidInput
from sandbox.paths import ROOT


@pytest.fixture(autouse=True)
def no_config_is_left() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def given(config: dict[str, Any], secret: tuple[str, ...] = ()) -> None:
    """Hand config over as the engine does: text as it is, all else as JSON."""
    as_text = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    pulumi.runtime.set_all_config(
        {f"stateful-web:{key}": value for key, value in as_text.items()}, [f"stateful-web:{key}" for key in secret]
    )


def finding_of(config: dict[str, Any], secret: tuple[str, ...] = ()) -> str:
    given(config, secret)
    with pytest.raises(InvalidInput) as raised:
        settings.load()
    return str(raised.value)


def test_the_committed_dev_stack_is_the_scenario() -> None:
    stack = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    given(
        {key.removeprefix("stateful-web:"): v for key, v in stack["config"].items() if key.startswith("stateful-web")}
    )
    assert settings.load() == {
        "image": "registry.k8s.io/nginx-slim:0.8",
        "replicas": 3,
        "service_name": "nginx",
        "container_name": "nginx",
        "storage": {"volume_name": "www", "size": "1Gi", "storage_class_name": "rook-ceph-block"},
        "mount_path": "/usr/share/nginx/html",
        "selector_labels": {"app": "nginx"},
        "recommended_labels": False,
        "termination_grace_period_seconds": 10,
    }


def test_the_dev_stack_can_reach_no_cluster_but_the_sandbox_of_its_checkout() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    assert config["kubernetes:kubeconfig"] == ".sandbox/kubeconfig"


def test_text_that_looks_like_a_number_stays_text() -> None:
    given({"image": "web:1", "labels": {"year": "2026"}, "name": "80"})
    assert settings.load() == {"image": "web:1", "labels": {"year": "2026"}, "name": "80"}


def test_a_misspelt_key_is_refused_with_the_key_that_was_meant() -> None:
    assert finding_of({"image": "web:1", "replica": 3}) == (
        'stateful-web:replica is not a key that exists. Did you mean "replicas"?'
    )


def test_a_key_in_pythons_spelling_is_refused_too() -> None:
    assert 'Did you mean "serviceName"?' in finding_of({"image": "web:1", "service_name": "nginx"})


def test_a_key_inside_a_key_is_looked_at_as_well() -> None:
    assert finding_of({"image": "web:1", "storage": {"siez": "1Gi"}}) == (
        'stateful-web:storage.siez is not a key that exists. Did you mean "size"?'
    )


def test_a_missing_image_is_asked_for() -> None:
    assert finding_of({}) == "stateful-web:image is missing: text is expected. Set it."


def test_all_findings_are_told_at_once() -> None:
    assert finding_of({"image": "web:1", "port": "http", "storage": "big"}).splitlines() == [
        'stateful-web:port is "http": a whole number is expected.',
        'stateful-web:storage is "big": a map of its keys is expected.',
    ]


def test_a_secret_stays_one() -> None:
    given({"image": "registry.example/web:1"}, secret=("image",))
    image = settings.load()["image"]
    assert isinstance(image, pulumi.Output)


@pytest.mark.parametrize(
    ("key", "value", "secret"),
    [
        ("env", {"PASSWORD": "hunter2"}, lambda inputs: inputs["env"]["PASSWORD"]),
        (
            "files",
            [{"mountPath": "/etc/site", "secret": True, "content": {"key": "hunter2"}}],
            lambda inputs: inputs["files"][0]["content"]["key"],
        ),
    ],
)
def test_a_secret_below_a_key_stays_one(key: str, value: Any, secret: Any) -> None:
    given({"image": "web:1", key: value}, secret=(key,))
    assert isinstance(secret(settings.load()), pulumi.Output)


def test_a_secret_of_the_wrong_kind_is_refused_without_being_shown() -> None:
    finding = finding_of({"image": "web:1", "replicas": "hunter2"}, secret=("replicas",))
    assert finding.startswith("stateful-web:replicas is encrypted, so it is not shown")
    assert "hunter2" not in finding


@pytest.mark.parametrize(("key", "value"), [("name", "hunter2"), ("podTemplate", {"spec": {"hostname": "hunter2"}})])
def test_a_secret_that_decides_the_structure_is_refused_without_being_shown(key: str, value: Any) -> None:
    finding = finding_of({"image": "web:1", key: value}, secret=(key,))
    assert finding == (
        f"stateful-web:{key} is encrypted, but it decides a name or the structure. Set it without --secret."
    )


def test_findings_of_the_component_name_config_keys() -> None:
    from components.stateful_web.validation import validate

    given({"image": "web:1", "mountPath": "html"})
    with pytest.raises(InvalidInput) as raised, settings.config_keys_in_errors():
        raise InvalidInput(validate("web", settings.load())[1])
    assert str(raised.value) == 'stateful-web:mountPath is "html": an absolute path without a colon is expected.'
