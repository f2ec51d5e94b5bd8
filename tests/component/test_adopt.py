"""``adopt``: what is registered for objects that are there already, and what is told of the difference."""

import copy
from typing import Any

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.scenario import LABELS, SERVICE, STATEFUL_SET

from .harness import Stack, known, secret, unknown
from .refusals import refusal

APPLIED = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}


def live(manifest: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return an object as the API server has it after ``kubectl apply``."""
    metadata = {**manifest["metadata"], "annotations": APPLIED}
    return {**manifest, "metadata": metadata, "spec": {**manifest["spec"], **spec}}


LIVE_SERVICE = live(SERVICE)
LIVE_SET = live(STATEFUL_SET, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
SAME: dict[str, Any] = {
    "image": "registry.k8s.io/nginx-slim:0.8",
    "replicas": 3,
    "service_name": "nginx",
    "container_name": "nginx",
    "storage": {"volume_name": "www", "storage_class_name": "rook-ceph-block"},
    "mount_path": "/usr/share/nginx/html",
    "selector_labels": LABELS,
    "recommended_labels": False,
    "termination_grace_period_seconds": 10,
}
"""Inputs that ask for what is there, but for the label of the StatefulSet itself."""
OF_THE_OBJECT = "adopt: StatefulSet web differs from what is asked for in metadata.labels; up changes it."


@pytest.fixture
def adopting(stack: Stack) -> Stack:
    """A stack whose provider may take objects over."""
    stack.config["kubernetes:upsertExistingObjects"] = "true"
    return stack


@pytest.fixture
def there(api: FakeApiServer) -> FakeApiServer:
    """A cluster on which somebody has made the objects."""
    api.add(LIVE_SERVICE, LIVE_SET)
    return api


def test_an_adopted_set_omits_the_defaults_that_its_live_pods_lack(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.preview(adopt=True, **SAME)
    assert ran.error == ""
    assert ran["web-set"].inputs["spec"] == LIVE_SET["spec"], "so no pod is restarted"

    without = adopting.preview(**SAME)["web-set"].inputs["spec"]["template"]["spec"]
    assert without["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    assert without["automountServiceAccountToken"] is False
    assert without["containers"][0]["securityContext"] == {"allowPrivilegeEscalation": False}


def test_an_adopted_set_sets_a_default_where_its_live_pods_have_another_value(
    adopting: Stack, there: FakeApiServer
) -> None:
    other = copy.deepcopy(LIVE_SET)
    other["spec"]["template"]["spec"]["automountServiceAccountToken"] = True
    there.add(other)
    pod = adopting.preview(adopt=True, **SAME)["web-set"].inputs["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert "securityContext" not in pod


def test_adopted_objects_take_their_fields_from_other_managers(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.up(adopt=True, **SAME)
    assert ran.error == ""
    for name in ("web-headless", "web-set"):
        assert ran[name].inputs["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
    assert "annotations" not in adopting.up(**SAME)["web-set"].inputs["metadata"]


def test_a_preview_names_each_field_that_differs_and_no_other(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.preview(adopt=True, **SAME)
    assert ran.warnings == [OF_THE_OBJECT]

    ran = adopting.preview(adopt=True, **{**SAME, "replicas": 2, "termination_grace_period_seconds": 20})
    assert sorted(ran.warnings) == [
        OF_THE_OBJECT,
        "adopt: StatefulSet web differs from what is asked for in spec.replicas; up changes it.",
        "adopt: StatefulSet web differs from what is asked for in spec.template.spec.terminationGracePeriodSeconds; "
        "up changes it.",
    ]

    ran = adopting.preview(adopt=True, **SAME, labels={"team": "shop"})
    told = "adopt: Service nginx differs from what is asked for in metadata.labels.team; up changes it."
    assert told in ran.warnings


def test_an_object_of_which_a_preview_does_not_know_all_is_not_compared(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.preview(adopt=True, **SAME, env={"GREETING": unknown})
    assert ran.error == ""
    assert ran.warnings == [
        "adopt: what up would change in StatefulSet web was not looked up: not all of it is known before up."
    ]


def test_a_preview_does_not_show_the_values_that_differ(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.preview(adopt=True, **SAME, env={"GREETING": "canary-6f1b"})
    assert any("in spec.template.spec.containers; up changes it" in warning for warning in ran.warnings)
    assert "canary-6f1b" not in str(ran.said)


def test_a_preview_changes_nothing_on_the_cluster(adopting: Stack, there: FakeApiServer) -> None:
    before = copy.deepcopy(there.objects)
    ran = adopting.preview(adopt=True, **{**SAME, "replicas": 2})
    assert ran.error == ""
    assert "patch statefulsets web" in there.asked
    assert there.objects == before


def test_a_preview_asks_for_what_up_does_a_server_side_apply(adopting: Stack, there: FakeApiServer) -> None:
    assert adopting.preview(adopt=True, **SAME).error == ""
    types = {headers["Content-Type"] for headers in there.headers if headers["Content-Type"]}
    assert types == {"application/apply-patch+yaml"}, "other patches take two ports of one number for the same"


def test_up_looks_for_no_differences(adopting: Stack, there: FakeApiServer) -> None:
    ran = adopting.up(adopt=True, **{**SAME, "replicas": 2})
    assert (ran.error, ran.said) == ("", ())
    assert [request for request in there.asked if request.startswith("patch")] == []


def test_a_change_that_the_api_server_refuses_fails_the_preview_with_its_words(
    adopting: Stack, there: FakeApiServer
) -> None:
    there.invalid["statefulsets"] = 'StatefulSet.apps "web" is invalid: spec: Forbidden'
    said = refusal(adopting.preview(adopt=True, **SAME))
    assert said == (
        "adopt is true, but the live StatefulSet web can not become what is asked for: "
        'StatefulSet.apps "web" is invalid: spec: Forbidden. Set the inputs to what it has.'
    )


def test_a_field_that_the_kind_does_not_have_is_refused_at_once(
    adopting: Stack, there: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = there.answer
    message = "failed to create typed patch object (default/nginx; /v1, Kind=Service): .spec.x: field not declared"
    said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": 500}
    monkeypatch.setattr(there, "answer", lambda *asked: (500, said) if asked[0] == "PATCH" else answer(*asked))
    said_of_it = refusal(adopting.preview(adopt=True, **SAME))
    assert f"the live Service nginx can not become what is asked for: {message}. Set the inputs" in said_of_it


def test_an_account_that_may_not_try_the_change_is_told_so(adopting: Stack, there: FakeApiServer) -> None:
    there.forbid("patch statefulsets")
    ran = adopting.preview(adopt=True, **SAME)
    assert ran.error == ""
    (warning,) = ran.warnings
    assert warning.startswith("adopt: what up would change in StatefulSet web was not looked up: statefulsets.apps")


def test_adopt_creates_what_does_not_exist(adopting: Stack, api: FakeApiServer) -> None:
    api.add(LIVE_SET)
    ran = adopting.preview(adopt=True, **SAME)
    assert ran.error == ""
    assert ran.warnings == [OF_THE_OBJECT]
    assert ran["web-headless"].inputs["spec"]["clusterIP"] == "None"


def test_a_set_that_does_not_exist_gets_every_default(adopting: Stack, api: FakeApiServer) -> None:
    api.add(LIVE_SERVICE)
    ran = adopting.preview(adopt=True, **SAME)
    assert (ran.error, ran.warnings) == ("", [])
    assert ran["web-set"].inputs["spec"]["template"]["spec"]["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"}
    }


@pytest.mark.parametrize("command", ["preview", "up"])
@pytest.mark.parametrize("config", [{}, {"kubernetes:upsertExistingObjects": "false"}])
def test_without_upsert_adopt_fails_with_the_command_that_allows_it(
    stack: Stack, there: FakeApiServer, config: dict[str, str], command: str
) -> None:
    stack.config |= config
    said = refusal(getattr(stack, command)(adopt=True, **SAME))
    assert said.startswith("adopt is true, but the kubernetes provider may not take over objects that exist.")
    assert "pulumi config set kubernetes:upsertExistingObjects true" in said


@pytest.mark.parametrize("what", ["an explicit provider", "an output as the namespace"])
def test_adopt_works_with_any_provider_and_namespace(adopting: Stack, there: FakeApiServer, what: str) -> None:
    if what == "an explicit provider":
        opts = {"provider": adopting.provider(upsert_existing_objects=True)}
        ran = adopting.preview(adopt=True, **SAME, opts=opts)
    else:
        ran = adopting.preview(adopt=True, **SAME, namespace=known("default"))
    assert (ran.error, ran.warnings) == ("", [OF_THE_OBJECT])
    assert ran["web-set"].inputs["spec"] == LIVE_SET["spec"], "so no pod is restarted"


def test_a_claim_template_keeps_what_has_no_input_while_it_is_adopted_and_ever_after(
    adopting: Stack, there: FakeApiServer
) -> None:
    labelled = copy.deepcopy(LIVE_SET)
    (template,) = labelled["spec"]["volumeClaimTemplates"]
    template["metadata"] |= {"labels": {"release": "one"}, "annotations": {"of": "helm"}}
    template["spec"] |= {"selector": {"matchLabels": {"tier": "fast"}}, "volumeMode": "Filesystem"}
    there.add(labelled)
    wanted = {**template, "spec": {key: value for key, value in template["spec"].items() if key != "volumeMode"}}
    for inputs in ({"adopt": True, **SAME}, SAME, {**SAME, "namespace": known("default")}):
        assert adopting.preview(**inputs)["web-set"].inputs["spec"]["volumeClaimTemplates"] == [wanted]


def test_the_lists_of_an_adopted_pod_keep_their_order_as_another_one_would_restart_it(
    adopting: Stack, there: FakeApiServer
) -> None:
    other = copy.deepcopy(LIVE_SET)
    pod = other["spec"]["template"]["spec"]
    pod["containers"][0]["env"] = [{"name": name, "value": name} for name in "CAB"]
    pod["containers"][0]["volumeMounts"].insert(0, {"name": "conf", "mountPath": "/etc/conf"})
    pod["containers"].insert(0, {"name": "proxy", "image": "proxy:1"})
    pod["volumes"] = [{"name": "conf", "emptyDir": {}}]
    there.add(other)
    web = {"name": "nginx", "volumeMounts": [{"name": "conf", "mountPath": "/etc/conf"}]}
    of_pod = {"containers": [{"name": "proxy", "image": "proxy:1"}, web], "volumes": pod["volumes"]}
    inputs = {**SAME, "env": {"A": "A", "B": "B", "C": "C"}, "pod_template": {"spec": of_pod}}
    assert adopting.preview(adopt=True, **inputs)["web-set"].inputs["spec"]["template"]["spec"] == pod

    inputs["env"] = {"A": "A", "Z": "new", "B": "B", "C": "C"}
    env = adopting.preview(adopt=True, **inputs)["web-set"].inputs["spec"]["template"]["spec"]["containers"][1]["env"]
    assert [entry["name"] for entry in env] == ["C", "A", "B", "Z"]


def test_a_secret_goes_to_the_api_server_to_be_compared_and_into_no_message(
    adopting: Stack, there: FakeApiServer
) -> None:
    password = secret("canary-6f1b")
    ran = adopting.preview(adopt=True, **SAME, env={"PASSWORD": password})
    assert ran.error == ""
    assert any("in spec.template.spec.containers; up changes it" in warning for warning in ran.warnings)

    there.invalid["statefulsets"] = "spec.env: Invalid value: canary-6f1b"
    said = refusal(adopting.preview(adopt=True, **SAME, env={"PASSWORD": password}))
    assert "Invalid value: a secret that is not shown. Set the inputs to what it has." in said
    assert "canary-6f1b" not in str(ran.said) + said
