"""When a created, updated or read object counts as ready, and what is said when it does not get there."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod

from tests.standin.harness import NOWHERE, Json, Plugin, Refused, StartPlugin
from tests.standin.inputs import IMAGE, NO_NODE, changed, claim, metadata, pod_template, service, stateful_set
from tests.support.forwarding import forward_to
from tests.support.waiting import eventually

STATEFUL_SET, SERVICE, POD = "apps/v1:StatefulSet", "core/v1:Service", "core/v1:Pod"
OTHER_IMAGE = "registry.k8s.io/nginx-slim:0.9"


def ready_replicas(state: Json) -> int:
    return int(state["status"].get("readyReplicas", 0))


def test_a_stateful_set_is_ready_when_all_its_pods_are(plugin: Plugin, namespace: str) -> None:
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace, replicas=3))
    assert ready_replicas(resource.state) == 3


def test_an_update_of_the_template_waits_for_the_new_revision(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace))
    state = resource.update(stateful_set(namespace, image=OTHER_IMAGE))
    assert state["status"]["currentRevision"] == state["status"]["updateRevision"]
    pods = [pod.to_dict() for pod in api.list(Pod, namespace=namespace)]
    assert [pod["spec"]["containers"][0]["image"] for pod in pods] == [OTHER_IMAGE] * 2


def test_a_stateful_set_that_is_never_ready_stays_in_the_state_with_what_is_missing(
    plugin: Plugin, namespace: str
) -> None:
    resource = plugin.resource(STATEFUL_SET)
    with pytest.raises(Refused, match="failed to fully initialize or become live") as refused:
        resource.create(stateful_set(namespace, never_ready=True, podManagementPolicy="Parallel"), timeout=1)
    assert "'web' timed out waiting to be Ready" in str(refused.value)
    assert "0 out of 2 replicas succeeded readiness checks" in refused.value.reasons
    assert resource.id == f"{namespace}/web"
    assert resource.state["__inputs"] == resource.inputs
    repaired = stateful_set(namespace, podManagementPolicy="Parallel")
    assert resource.update(repaired, timeout=30)["status"]["readyReplicas"] == 2


def test_a_failed_update_stays_in_the_state_with_the_live_object(plugin: Plugin, namespace: str) -> None:
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace))
    stuck = stateful_set(namespace, never_ready=True)
    with pytest.raises(Refused, match=f'"{namespace}/web" failed to fully initialize') as refused:
        resource.update(stuck, timeout=1)
    assert refused.value.state["spec"]["template"]["spec"]["nodeSelector"] == NO_NODE
    assert any("failed to advance from revision" in reason for reason in refused.value.reasons)


def test_the_wait_never_looks_at_the_partition(plugin: Plugin, namespace: str, api: Client) -> None:
    staged = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace, updateStrategy=staged))
    other = stateful_set(namespace, image=OTHER_IMAGE, updateStrategy=staged)
    with pytest.raises(Refused):
        resource.update(other, timeout=1)

    def partition_is_rolled_out() -> bool:
        status = api.get(StatefulSet, "web", namespace=namespace).to_dict()["status"]
        return (status.get("updatedReplicas"), status.get("readyReplicas")) == (1, 2)

    eventually(partition_is_rolled_out, "the one pod has the new revision, and both are ready")
    with pytest.raises(Refused) as refused:
        resource.update(other, timeout=1)
    assert any("failed to advance from revision" in reason for reason in refused.value.reasons)
    assert ready_replicas(refused.value.state) == 2


def test_on_delete_is_ready_while_the_pods_still_run_the_old_revision(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    inputs = stateful_set(namespace, updateStrategy={"type": "OnDelete"})
    resource = plugin.resource(STATEFUL_SET).create(inputs)
    resource.update(stateful_set(namespace, image=OTHER_IMAGE, updateStrategy={"type": "OnDelete"}))
    pods = [pod.to_dict() for pod in api.list(Pod, namespace=namespace)]
    assert OTHER_IMAGE not in {pod["spec"]["containers"][0]["image"] for pod in pods}


def test_skip_await_does_not_wait(plugin: Plugin, namespace: str) -> None:
    inputs = stateful_set(namespace, never_ready=True, annotations={"skipAwait": "true"})
    resource = plugin.resource(STATEFUL_SET).create(inputs)
    assert ready_replicas(resource.state) == 0


def test_the_timeout_annotation_counts(plugin: Plugin, namespace: str) -> None:
    inputs = stateful_set(namespace, never_ready=True, annotations={"timeoutSeconds": "1"})
    with pytest.raises(Refused, match="timed out"):
        plugin.resource(STATEFUL_SET).create(inputs)


def test_the_resource_option_s_timeout_beats_the_annotation(plugin: Plugin, namespace: str) -> None:
    inputs = stateful_set(namespace, never_ready=True, annotations={"timeoutSeconds": "500"})
    with pytest.raises(Refused, match="timed out"):
        plugin.resource(STATEFUL_SET).create(inputs, timeout=1)


@pytest.mark.parametrize(
    "wait_for",
    [
        "jsonpath={.status.availableReplicas}=2",
        "jsonpath={.status.updateRevision}",
        '["jsonpath={.status.replicas}=2", "jsonpath={$.status[\'readyReplicas\']}=2"]',
        'jsonpath={.spec.template.spec.containers[?(@.name=="nginx")].terminationMessagePolicy}=File',
    ],
)
def test_wait_for_replaces_the_kind_s_own_wait(plugin: Plugin, namespace: str, wait_for: str) -> None:
    staged = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    annotations = {"waitFor": wait_for}
    resource = plugin.resource(STATEFUL_SET).create(
        stateful_set(namespace, updateStrategy=staged, annotations=annotations)
    )
    changed_set = stateful_set(namespace, image=OTHER_IMAGE, updateStrategy=staged, annotations=annotations)
    status = resource.update(changed_set, timeout=30)["status"]
    assert status.get("currentRevision", "none yet") != status.get("updateRevision")


def test_wait_for_a_condition(plugin: Plugin, namespace: str) -> None:
    template = pod_template()
    inputs = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata("one", namespace, waitFor="condition=Ready"),
        "spec": template["spec"],
    }
    state = plugin.resource(POD).create(inputs, timeout=30).state
    assert {"Ready"} <= {c["type"] for c in state["status"]["conditions"] if c["status"] == "True"}


def test_wait_for_filters_that_must_all_hold(plugin: Plugin, namespace: str, api: Client) -> None:
    filters = [
        "$.status.replicas == $.spec.replicas",
        "$.status.readyReplicas == $.spec.replicas || $.spec.replicas == 0",
        "$.status.updatedReplicas > 0",
    ]
    staged: Any = {
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
        "annotations": {"waitFor": json.dumps([f"jsonpath={{$[?{condition}]}}" for condition in filters])},
    }
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace, **staged))
    assert ready_replicas(resource.state) == 2
    resource.update(stateful_set(namespace, image=OTHER_IMAGE, **staged), timeout=30)
    pods = {pod["metadata"]["name"]: pod for pod in (found.to_dict() for found in api.list(Pod, namespace=namespace))}
    images = {name: pod["spec"]["containers"][0]["image"] for name, pod in pods.items()}
    assert images == {"web-0": IMAGE, "web-1": OTHER_IMAGE}


def test_wait_for_something_that_does_not_come_true_ends_as_with_the_official_plugin(
    plugin: Plugin, namespace: str
) -> None:
    plugin.engine.said.clear()
    inputs = stateful_set(namespace, annotations={"waitFor": "jsonpath={.status.readyReplicas}=9"})
    with pytest.raises(Refused, match=r"become live: timed out waiting for the condition$"):
        plugin.resource(STATEFUL_SET).create(inputs, timeout=1)
    assert any("jsonpath={.status.readyReplicas}=9" in line for line in plugin.engine.said), "told as it waits"


@pytest.mark.parametrize(
    ("wait_for", "sentence"),
    [
        ("Ready", 'expected a "jsonpath=" or "condition=" prefix'),
        ("jsonpath=.status", "expects {.path} or {.path}=value"),
        ("[]", "at least one condition"),
        ("jsonpath={..status}", "needs the official plugin"),
    ],
)
def test_a_wait_for_that_cannot_be_read_is_refused_before_anything_is_made(
    plugin: Plugin, namespace: str, api: Client, wait_for: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)):
        plugin.resource(STATEFUL_SET).create(stateful_set(namespace, annotations={"waitFor": wait_for}))
    assert list(api.list(StatefulSet, namespace=namespace)) == []


def test_a_headless_service_waits_for_no_pods(plugin: Plugin, namespace: str) -> None:
    assert plugin.resource(SERVICE).create(service(namespace), timeout=2).id == f"{namespace}/nginx"


@pytest.mark.extended
def test_a_service_with_an_address_waits_until_the_pods_behind_it_are_ready(
    plugin: Plugin, namespace: str, api: Client
) -> None:
    plugin.resource(STATEFUL_SET).create(stateful_set(namespace))
    resource = plugin.resource(SERVICE).create(service(namespace, clusterIP=None), timeout=30)
    assert re.fullmatch(r"[0-9.]+", resource.state["spec"]["clusterIP"])
    assert resource.refresh()


def test_a_service_whose_pods_are_yet_to_come_will_do_when_time_is_up(plugin: Plugin, namespace: str) -> None:
    resource = plugin.resource(SERVICE).create(service(namespace, clusterIP=None), timeout=1)
    assert resource.id == f"{namespace}/nginx"


@pytest.mark.extended
def test_a_service_with_an_unready_pod_behind_it_is_not_ready(plugin: Plugin, namespace: str, api: Client) -> None:
    plugin.resource(STATEFUL_SET).create(stateful_set(namespace, replicas=1))
    not_ready = {"conditions": [{"type": "Ready", "status": "False"}]}
    api.patch(Pod.Status, "web-0", {"status": not_ready}, namespace=namespace)
    with pytest.raises(Refused) as refused:
        plugin.resource(SERVICE).create(service(namespace, clusterIP=None), timeout=9)
    assert any("Service does not target any Pods" in reason for reason in refused.value.reasons)


def test_a_claim_is_ready_when_it_is_bound(plugin: Plugin, namespace: str) -> None:
    inputs = {**claim(), "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("a", namespace)}
    resource = plugin.resource("core/v1:PersistentVolumeClaim").create(inputs)
    assert resource.state["status"]["phase"] == "Bound"


def test_a_claim_of_a_class_that_waits_for_a_consumer_is_ready_while_pending(plugin: Plugin, namespace: str) -> None:
    waiting_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": f"waits-{namespace}"},
        "provisioner": "example.com/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    storage_class = plugin.resource("storage.k8s.io/v1:StorageClass").create(waiting_class)
    inputs = {**claim(), "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata("a", namespace)}
    inputs = changed(inputs, storageClassName=f"waits-{namespace}")
    resource = plugin.resource("core/v1:PersistentVolumeClaim").create(inputs)
    assert resource.state["status"]["phase"] == "Pending"
    storage_class.delete()


def test_a_deployment_is_ready_when_its_new_pods_are(plugin: Plugin, namespace: str) -> None:
    inputs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("web", namespace),
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "nginx"}}, "template": pod_template()},
    }
    resource = plugin.resource("apps/v1:Deployment").create(inputs)
    assert ready_replicas(resource.state) == 2
    state = resource.update(changed(inputs, template=pod_template(OTHER_IMAGE)))
    assert state["status"]["updatedReplicas"] == state["status"]["readyReplicas"] == 2
    with pytest.raises(Refused) as refused:
        resource.update(changed(inputs, template=pod_template(never_ready=True)), timeout=1)
    assert any("Minimum number of" in reason for reason in refused.value.reasons)


def test_a_refresh_tells_that_an_object_is_not_ready(plugin: Plugin, namespace: str, api: Client) -> None:
    inputs = stateful_set(namespace)
    resource = plugin.resource(STATEFUL_SET).create(inputs)
    api.patch(
        StatefulSet,
        "web",
        {"spec": {"template": {"spec": {"nodeSelector": NO_NODE}}}},
        namespace=namespace,
    )
    api.delete(Pod, "web-1", namespace=namespace)
    eventually(
        lambda: api.get(StatefulSet, "web", namespace=namespace).to_dict()["status"].get("readyReplicas", 0) < 2,
        "a pod is not ready",
    )
    with pytest.raises(Refused, match="Resource 'web' was created but failed to initialize") as refused:
        resource.refresh()
    assert any("out of 2 replicas succeeded readiness checks" in reason for reason in refused.value.reasons)
    assert refused.value.kept is not None
    assert refused.value.kept.inputs


def test_the_troubles_of_pods_are_listed(plugin: Plugin, namespace: str, api: Client) -> None:
    resource = plugin.resource(STATEFUL_SET).create(stateful_set(namespace))
    waiting = {"reason": "ImagePullBackOff", "message": "no such image"}
    broken = {
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "not ready: nginx."}
        ],
        "containerStatuses": [
            {
                "name": "nginx",
                "ready": False,
                "restartCount": 1,
                "image": "a",
                "imageID": "",
                "state": {"waiting": waiting},
            }
        ],
    }
    api.patch(Pod.Status, "web-1", {"status": broken}, namespace=namespace)
    eventually(
        lambda: api.get(StatefulSet, "web", namespace=namespace).to_dict()["status"].get("readyReplicas", 0) < 2,
        "a pod is not ready",
    )
    with pytest.raises(Refused) as refused:
        resource.refresh()
    assert "1 out of 2 replicas succeeded readiness checks" in refused.value.reasons
    assert f"[Pod {namespace}/web-1]: not ready: nginx.[ImagePullBackOff] no such image" in refused.value.reasons


def test_progress_is_told_to_the_engine(plugin: Plugin, namespace: str) -> None:
    plugin.engine.said.clear()
    plugin.resource(STATEFUL_SET).create(stateful_set(namespace, replicas=3))
    assert any(re.search(r"\(\d/3 Pods ready\)", line) for line in plugin.engine.said)


@pytest.mark.parametrize("how", ["cancel", "interrupt"])
def test_a_cancelled_wait_ends_at_once_and_keeps_the_object(
    start_plugin: StartPlugin, kubeconfig: object, namespace: str, how: str
) -> None:
    own = start_plugin(KUBECONFIG=str(kubeconfig)).configure()
    resource = own.resource(STATEFUL_SET)

    def cancel(line: str) -> None:
        if "Waiting for the StatefulSet" in line:
            own.engine.on_log = None
            threading.Thread(target=getattr(own, how)).start()

    own.engine.on_log = cancel
    with pytest.raises(Refused, match='Resource operation was cancelled for "web"'):
        resource.create(stateful_set(namespace, never_ready=True))
    assert resource.id == f"{namespace}/web"
    if how == "interrupt":
        assert own.process.wait(10) == 0


def test_a_plugin_whose_engine_was_killed_ends(start_plugin: StartPlugin, kubeconfig: object) -> None:
    orphan = start_plugin(engine_address=NOWHERE, KUBECONFIG=str(kubeconfig))
    assert orphan.process.wait(20) == 0


def test_an_api_server_that_goes_away_during_a_wait_leaves_the_object_in_the_state(
    start_plugin: StartPlugin, kubeconfig: Path, namespace: str
) -> None:
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    with forward_to(cluster["server"]) as way:
        cluster["server"] = way.url
        own = start_plugin().configure(kubeconfig=yaml.safe_dump(config))
        own.engine.on_log = lambda line: way.cut() if "Waiting for the StatefulSet" in line else None
        resource = own.resource(STATEFUL_SET)
        try:
            with pytest.raises(Refused, match="'web' timed out waiting to be Ready"):
                resource.create(stateful_set(namespace, never_ready=True), timeout=2)
        finally:
            own.engine.on_log = None
    assert resource.id == f"{namespace}/web"
    assert any("no answer from" in line for line in own.engine.said)
