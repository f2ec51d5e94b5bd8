"""Whatever ``pod_template`` says: data stays mounted, pods stay in their set, defaults go only if removed by name."""

import posixpath
from typing import Any

import pytest
from hypothesis import assume, given

from components.stateful_web import StatefulWebArgs, manifests
from components.stateful_web.findings import python_key
from components.stateful_web.validation import validate
from tests.support.inputs import POD_TEMPLATE

LOGS = {"volume_name": "logs", "mount_path": "/logs/"}


def read(template: Any, **inputs: Any) -> tuple[StatefulWebArgs, list[str]]:
    args: Any = {"image": "web:1", "volumes": [LOGS], "pod_template": template, **inputs}
    complete, findings = validate("web", args)
    return complete, [finding.sentence(python_key) for finding in findings]


def made(template: Any, **inputs: Any) -> Any:
    complete, said = read(template, **inputs)
    assert said == []
    return manifests.stateful_set(complete)["spec"]["template"]


def web(**keys: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "web", **keys}]}}


NO_MOUNT = "removes the mounts of data volumes. Remove it here."
PLACE = ": another mountPath is expected. Choose one, or move the data volume with the inputs mountPath and volumes."


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ({"spec": None}, "spec is null, which removes the web server's container. Remove by name what is meant."),
        ({"spec": {"containers": None}}, "spec.containers is null, which removes the web server's container."),
        ({"metadata": None}, "metadata is null, which removes the selector's labels. Remove by name what is meant."),
        ({"metadata": {"labels": None}}, "metadata.labels is null, which removes the selector's labels."),
        (
            {"metadata": {"labels": {"app.kubernetes.io/instance": None}}},
            'metadata.labels.app.kubernetes.io/instance is null, but selectorLabels has "web"',
        ),
        (web(volumeMounts=None), f"spec.containers[0].volumeMounts is null, which {NO_MOUNT}"),
        (
            web(volumeMounts=[{"name": "a", "mountPath": "/tmp"}, {"name": "a", "mountPath": "/data"}]),
            f'spec.containers[0].volumeMounts[1] takes the place of the data volume "data" at /data{PLACE}',
        ),
        (web(volumeMounts=[{"name": "a", "mountPath": "//data/./"}]), 'the data volume "data" at /data: '),
        (web(volumeMounts=[{"name": "data", "mountPath": "/data/"}]), 'the data volume "data" at /data: '),
        (web(volumeMounts=[{"name": None, "mountPath": "/data"}]), 'the data volume "data" at /data: '),
        (web(volume_mounts=[{"name": "data", "mount_path": "/logs"}]), 'the data volume "logs" at /logs/: '),
        (
            {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "logs", "emptyDir": {}}]}},
            'spec.volumes[1].name is "logs": it is the name of a claim template, whose volume the pods get. Choose',
        ),
        (
            {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shared"}}]}},
            'spec.volumes[0].name is "data": it is the name of a claim template, whose volume the pods get. Choose',
        ),
    ],
)
def test_what_pods_can_not_be_without_is_not_removed(template: Any, sentence: str) -> None:
    (said,) = read(template)[1]
    assert said.startswith("pod_template.")
    assert sentence in said


@pytest.mark.parametrize(
    "template",
    [
        {"metadata": {}, "spec": {"containers": [], "volumes": None}},
        web(volumeMounts=[]),
        web(volumeMounts=[{"mountPath": "/data", "subPath": "pgdata"}]),
        web(volumeMounts=[{"name": "data", "mountPath": "/data", "readOnly": True}]),
        web(volumeMounts=[{"name": "data", "mountPath": "/data2"}, {"name": "tmp", "mountPath": "/data/tmp"}]),
        {"spec": {"containers": [{"name": "side", "volumeMounts": [{"name": "tmp", "mountPath": "/data"}]}]}},
        {"spec": {"containers": [{"name": "side", "volumeMounts": None}]}},
        {"metadata": {"labels": {"app.kubernetes.io/instance": "web", "other": None}}},
        {"spec": {"os": None}},
        {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}},
        {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}},
        {"spec": {"volumes": [{"name": "data", "persistent_volume_claim": {"claim_name": "data"}}]}},
    ],
)
def test_what_leaves_data_and_labels_where_they_are_is_taken(template: Any) -> None:
    assert read(template)[1] == []


def test_a_data_mount_may_be_changed_but_not_moved() -> None:
    (container,) = made(web(volumeMounts=[{"mountPath": "/data", "subPath": "pgdata"}]))["spec"]["containers"]
    assert container["volumeMounts"] == [
        {"name": "data", "mountPath": "/data", "subPath": "pgdata"},
        {"name": "logs", "mountPath": "/logs/"},
    ]


def test_a_volume_without_a_place_is_another_mistake() -> None:
    assert read(web(volumeMounts=[]), volumes=[{"volume_name": "logs"}])[1] == [
        "volumes[0].mount_path is missing: an absolute path is expected. Set it."
    ]


def places(container: Any) -> dict[str, str]:
    """Return the volumes of a container's places."""
    mounts = [(posixpath.normpath(mount["mountPath"]), mount["name"]) for mount in container["volumeMounts"]]
    assert len(dict(mounts)) == len(mounts), "one place, one volume"
    return dict(mounts)


SELECTOR = {"app": "web", "tier": "a"}


@given(POD_TEMPLATE)
def test_data_volumes_stay_mounted_and_labels_stay_on_the_pod_whatever_is_merged(template: Any) -> None:
    complete, said = read(template, selector_labels=SELECTOR)
    assume(not said)
    found = manifests.stateful_set(complete)["spec"]["template"]
    (container,) = (each for each in found["spec"]["containers"] if each["name"] == "web")
    assert {"/data": "data", "/logs": "logs"}.items() <= places(container).items()
    assert not {"data", "logs"} & {volume["name"] for volume in found["spec"].get("volumes", ())}
    assert SELECTOR.items() <= found["metadata"]["labels"].items()


def paths(value: Any, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Return what a template names, in Kubernetes' spelling; containers by their name."""
    if isinstance(value, dict):
        return {at} | {path for key, item in value.items() for path in paths(item, (*at, key))}
    if isinstance(value, list) and at == ("spec", "containers"):
        return {path for item in value for path in paths(item, (*at, item["name"]))}
    return {at}


@given(POD_TEMPLATE)
def test_security_defaults_go_only_if_they_are_named(template: Any) -> None:
    complete, said = read(template, selector_labels=SELECTOR, security="restricted")
    assume(not said)
    spec = manifests.stateful_set(complete)["spec"]["template"]["spec"]
    (container,) = (each for each in spec["containers"] if each["name"] == "web")
    named = paths(complete["pod_template"])
    defaults: list[tuple[tuple[str, ...], Any, Any]] = [
        (("spec", "automountServiceAccountToken"), spec, False),
        (("spec", "securityContext", "runAsNonRoot"), spec.get("securityContext", {}), True),
    ]
    if ("spec", "os", "name") not in named:
        own, of_pod = container.get("securityContext", {}), spec.get("securityContext", {})
        at = ("spec", "containers", "web", "securityContext")
        defaults += [
            (("spec", "securityContext", "seccompProfile", "type"), of_pod.get("seccompProfile", {}), "RuntimeDefault"),
            ((*at, "allowPrivilegeEscalation"), own, False),
            ((*at, "capabilities", "drop"), own.get("capabilities", {}), ["ALL"]),
        ]
    for path, at_its_place, default in defaults:
        is_removed = any(
            path[:length] in named and not _has_more(named, path[:length]) for length in range(1, len(path))
        )
        assert is_removed or path in named or at_its_place[path[-1]] == default


def _has_more(named: set[tuple[str, ...]], path: tuple[str, ...]) -> bool:
    return any(other[: len(path)] == path and len(other) > len(path) for other in named)
