"""Secret inputs stay secret: marked as such in every object, and in no line that is logged, no error and no output."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.monitor import Ran, Secret

from .harness import Stack, at, in_clear, known, secret

CANARY = "canary-5f3a9c71"
SECRETS: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "image": ({"image": secret(f"{CANARY}:1")}, "web-set", "spec.template.spec.containers.0.image"),
    "env": ({"env": {"PASSWORD": secret(CANARY)}}, "web-set", "spec.template.spec.containers.0.env.0.value"),
    "a file": (
        {"files": [{"mount_path": "/etc/web", "content": {"page": secret(CANARY)}}]},
        "web-files-0",
        "data.page",
    ),
    "a file of a Secret": (
        {"files": [{"mount_path": "/etc/web", "content": {"key": secret(CANARY)}, "secret": True}]},
        "web-files-0",
        "stringData.key",
    ),
    "a plain file of a Secret": (
        {"files": [{"mount_path": "/etc/web", "content": {"key": CANARY}, "secret": True}]},
        "web-files-0",
        "stringData.key",
    ),
    "a label": ({"labels": {"team": secret(CANARY)}}, "web-headless", "metadata.labels.team"),
    "an annotation": ({"annotations": {"owner": secret(CANARY)}}, "web-headless", "metadata.annotations.owner"),
    "an argument": ({"args": [secret(CANARY)]}, "web-set", "spec.template.spec.containers.0.args.0"),
    "a header": (
        {"probes": {"liveness": {"headers": {"Authorization": secret(CANARY)}}}},
        "web-set",
        "spec.template.spec.containers.0.livenessProbe.httpGet.httpHeaders.0.value",
    ),
    "env of a sidecar": (
        {"sidecars": [{"name": "side", "image": "a:1", "env": [{"name": "PASSWORD", "value": secret(CANARY)}]}]},
        "web-set",
        "spec.template.spec.initContainers.0.env.0.value",
    ),
    "the pod template": (
        {"pod_template": {"spec": {"hostname": secret(CANARY)}}},
        "web-set",
        "spec.template.spec.hostname",
    ),
    "a container of the pod template": (
        {"pod_template": {"spec": {"containers": [{"name": "web", "workingDir": secret(CANARY)}]}}},
        "web-set",
        "spec.template.spec.containers.0.workingDir",
    ),
}
"""For each input: where its secret is registered."""


def shown(ran: Ran) -> list[str]:
    """Return where a run has the canary in clear."""
    return in_clear(ran, CANARY)


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_stays_one_in_its_object_and_is_nowhere_else(
    run: Callable[..., Ran], opts: Callable[..., Any], case: str
) -> None:
    inputs, child, place = SECRETS[case]
    ran = run(opts=opts(), **inputs)
    assert (ran.error, ran.said) == ("", ())
    registered = at(ran[child], place)
    assert isinstance(registered, Secret)
    assert CANARY in registered.value
    assert shown(ran) == []


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_in_the_change_of_a_live_set_stays_one(stack: Stack, opts: Callable[..., Any], case: str) -> None:
    inputs, child, place = SECRETS[case]
    stack.grown_up(replicas=2)
    ran = stack.up(opts=opts(), replicas=2, storage={"size": "2Gi"}, **inputs)
    assert ran.error == ""
    assert "web-claim-data-web-0" in ran.resources
    assert isinstance(at(ran[child], place), Secret)
    assert shown(ran) == []


def test_the_name_of_files_changes_with_a_secret_and_can_be_read(run: Callable[..., Ran]) -> None:
    def name(content: Any) -> Any:
        files = [{"mount_path": "/etc/web", "content": {"key": content}, "secret": True}]
        ran = run(files=files)
        assert at(ran["web-set"], "spec.template.spec.volumes.0.secret.secretName") == at(
            ran["web-files-0"], "metadata.name"
        )
        return at(ran["web-files-0"], "metadata.name")

    assert name(secret(CANARY)) == name(CANARY) == name(known(CANARY)) != name(secret("another"))


FILES = [{"mount_path": "/etc/web", "content": {"key": secret(CANARY)}, "secret": True}]
REFUSED: Mapping[str, tuple[dict[str, Any], str]] = {
    "a class": ({"storage": {"storage_class_name": "none-such"}}, 'no StorageClass "none-such"'),
    "a size": ({"storage": {"size": "500Mi"}}, "Kubernetes can not shrink a volume."),
    "files that pods need": ({"update": {"type": "OnDelete"}}, "would lose the files that they mount"),
    "a claim": ({"pod_management_policy": "Parallel"}, "Kubernetes would delete its claims"),
    "a name": ({"port_name": "-"}, "port_name is"),
    "a merge": ({"pod_template": {"spec": {"containers": [{"image": "x:1"}]}}}, "has no name"),
    "an image": ({"image": secret(f" {CANARY}")}, "image is an output that can not be used"),
    "an amount": ({"replicas": secret(f"{CANARY}")}, "replicas is an output that can not be used"),
    "a file": (
        {"files": [{"mount_path": "/a", "content": {"key": secret([CANARY])}}]},
        "files[0].content.key is an output that can not be used: text is expected.",
    ),
    "text of env": ({"env": {"PASSWORD": [CANARY]}}, "env.PASSWORD is a value that is not shown: text is expected."),
    "a header": (
        {"probes": {"readiness": {"headers": {"Authorization": [CANARY]}}}},
        "probes.readiness.headers.Authorization is a value that is not shown: text is expected.",
    ),
    "headers": (
        {"probes": {"readiness": {"headers": {"A_b": CANARY}}}},
        "probes.readiness.headers is a value that is not shown: names of letters,",
    ),
    "a probe": (
        {"probes": {"readiness": [{"headers": {"Authorization": CANARY}}]}},
        "probes.readiness is a value that is not shown: a map of its keys is expected.",
    ),
    "a probe's command": (
        {"probes": {"readiness": {"command": [[CANARY]]}}},
        "probes.readiness.command[0] is a value that is not shown: text is expected.",
    ),
    "a command": ({"command": CANARY}, "command is a value that is not shown: a list is expected."),
    "an argument": ({"args": [{"a": CANARY}]}, "args[0] is a value that is not shown: text is expected."),
    "a source": (
        {"env": {"PASSWORD": {"secret_name": "a", "key": f"{CANARY}/"}}},
        "env.PASSWORD.key is a value that is not shown: at most 253",
    ),
    "env of a sidecar": (
        {"sidecars": [{"name": "side", "env": [{"name": "PASSWORD", "value": [CANARY]}]}]},
        "sidecars[0].env[0].value is a value that is not shown: text is expected.",
    ),
    "headers of a sidecar": (
        {"sidecars": [{"livenessProbe": {"httpGet": {"httpHeaders": [{"name": "A", "value": [CANARY]}]}}}]},
        "httpHeaders[0].value is a value that is not shown: text is expected.",
    ),
    "a sidecar in place of a list": (
        {"sidecars": {"name": "side", "args": [CANARY]}},
        "sidecars is a value that is not shown: a list is expected.",
    ),
    "a user": ({"run_as_user": secret(CANARY)}, "run_as_user is an output that can not be used: a whole number"),
    "a range": (
        {"client_service": {"type": "LoadBalancer", "load_balancer_source_ranges": secret([CANARY])}},
        "client_service.load_balancer_source_ranges is an output, but it decides names or structure.",
    ),
    "variables in an output": (
        {"env": secret({"PASSWORD": {"secret_name": CANARY}})},
        "env.PASSWORD needs exactly one of secretName with key, configMapName with key, and fieldPath. Give one.",
    ),
    "the name of a Secret in an output": (
        {"env": secret({"PASSWORD": {"secret_name": f"{CANARY}/", "key": "a"}})},
        "env.PASSWORD.secret_name is an output that can not be used: lower-case letters, digits, dashes and dots",
    ),
    "text of a file": (
        {"files": [{"mount_path": "/a", "content": {"key": [CANARY]}}]},
        "files[0].content.key is a value that is not shown: text is expected.",
    ),
    "a file in place of a list": (
        {"files": {"content": {"key": CANARY}}},
        "files is a value that is not shown: a list is expected.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_refusal_shows_a_secret(stack: Stack, opts: Callable[..., Any], case: str) -> None:
    stack.grown_up(retention={"when_deleted": "Delete"}, files=[{"mount_path": "/etc/web", "content": {"key": "old"}}])
    live = stack.api.objects["statefulsets", "default", "web"]
    claim = stack.api.objects["persistentvolumeclaims", "default", "data-web-0"]
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": live["metadata"]["uid"]}
    claim["metadata"]["ownerReferences"] = [owner]
    inputs, sentence = REFUSED[case]
    ran = stack.preview(opts=opts(), **{"env": {"PASSWORD": secret(CANARY)}, "files": FILES, **inputs})
    assert sentence in ran.error
    assert shown(ran) == []


def test_no_refusal_shows_a_secret_image_that_lacks_a_tag(run: Callable[..., Ran]) -> None:
    ran = run(image=secret(CANARY))
    assert "image is an output that can not be used" in ran.error
    assert shown(ran) == []


def test_a_secret_size_is_one_in_the_patch_of_a_claim_and_in_no_sentence(
    run: Callable[..., Ran], opts: Callable[..., Any], stack: Stack
) -> None:
    stack.grown_up()
    patch = run(opts=opts(), storage={"size": secret("2Gi")})["web-claim-data-web-0"]
    assert at(patch, "spec.resources.requests.storage") == Secret("2Gi")
    refused = run(opts=opts(), storage={"size": secret("512Mi")})
    assert "512Mi" not in refused.error
    assert 'storage.size is "a secret that is not shown", but the claims of data were made with 1Gi' in refused.error


def test_a_secret_class_is_not_named_by_what_refuses_it(run: Callable[..., Ran], opts: Callable[..., Any]) -> None:
    refused = run(opts=opts(), storage={"storage_class_name": secret("hidden-class")})
    assert "hidden-class" not in refused.error
    assert "this cluster has no StorageClass" in refused.error
