"""The component as the engine asks for it on behalf of a program in another language, with inputs in its spelling."""

import json
from typing import Any

import pytest

from sandbox.paths import ROOT
from tests.support.fake_api_server import FakeApiServer, fake_api_server
from tests.support.monitor import UNKNOWN, Known, Ran, Secret

from .harness import Stack, _host, storage_class
from .refusals import refusal


def container(ran: Ran) -> dict[str, Any]:
    assert ran.error == ""
    (found,) = ran["web-set"].inputs["spec"]["template"]["spec"]["containers"]
    return dict(found)


def environment(ran: Ran) -> dict[str, Any]:
    return {variable["name"]: variable["value"] for variable in container(ran)["env"]}


def without_descriptions_of_items(schema: Any) -> Any:
    """Return what the engine's own reading of a schema leaves of it."""
    if isinstance(schema, dict):
        read = {key: without_descriptions_of_items(value) for key, value in schema.items()}
        for key in ("items", "additionalProperties"):
            read.get(key, {}).pop("description", None)
        return read
    return [without_descriptions_of_items(item) for item in schema] if isinstance(schema, list) else schema


def test_the_host_gives_the_recorded_schema() -> None:
    recorded = json.loads((ROOT / "tests/engine/schema.json").read_text())
    given = without_descriptions_of_items(json.loads(_host()().schema))
    assert {**given, "config": {}} == {**recorded, "dependencies": []}, (
        "the public surface has changed; if so meant: pulumi package get-schema ./components > tests/engine/schema.json"
    )


def test_the_host_registers_the_same_as_a_program_in_python(stack: Stack) -> None:
    ran = stack.hosted(
        replicas=2.0,
        serviceName="nginx",
        storage={"volumeName": "www", "storageClassName": "my-sc", "size": "2Gi"},
        probes={"readiness": {"path": "/ready", "periodSeconds": 7.0}},
        clientService={"drainSeconds": 3.0},
        selectorLabels={"app": "nginx"},
    )
    python = stack.preview(
        replicas=2,
        service_name="nginx",
        storage={"volume_name": "www", "storage_class_name": "my-sc", "size": "2Gi"},
        probes={"readiness": {"path": "/ready", "period_seconds": 7}},
        client_service={"drain_seconds": 3},
        selector_labels={"app": "nginx"},
    )
    assert ran.error == python.error == ""
    assert set(ran.resources) == {"web", "web-headless", "web-client", "web-set"}
    for name in ("web-headless", "web-client", "web-set"):
        made, expected = ran[name], python[name]
        assert (made.type, made.inputs, made.parent) == (expected.type, expected.inputs, expected.parent)
        assert (made.depends_on, made.timeouts) == (expected.depends_on, expected.timeouts)
    assert ran.component_outputs == python.component_outputs


def test_the_inputs_for_what_peers_have_are_the_same_from_another_language(stack: Stack) -> None:
    ran = stack.hosted(
        appProtocol="http",
        ports=[
            {"name": "gossip", "port": 7946.0, "protocol": "UDP"},
            {"name": "metrics", "port": 9113.0, "containerName": "exporter", "client": True},
        ],
        podLabels={"tierName": "front"},
        podAnnotations={"scrapePort": 9113.0},
        serviceAnnotations={"a_b": "c"},
        ipFamilyPolicy="PreferDualStack",
        ipFamilies=["IPv4", "IPv6"],
        command=["/serve"],
        args=["--port", 8080.0],
        workingDir="/srv",
        imagePullSecrets=["registry"],
        env={"PASSWORD": {"secretName": "creds", "key": "pass_word"}, "NODE": {"fieldPath": "spec.nodeName"}, "A": 5.0},
        probes={
            "startup": {"grpc": "", "port": 9000.0},
            "readiness": {"path": "/ready", "headers": {"X-Try": 1.0}, "port": "web", "successThreshold": 2.0},
            "liveness": {"tcp": True, "port": 8443.0},
        },
        runAsUser=101.0,
        fsGroup=102.0,
        nodeSelector={"diskType": "ssd"},
        tolerations=[{"key": "disk", "operator": "Exists", "tolerationSeconds": 60.0}],
        affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}},
        topologySpread=True,
        topologyKeys=["zone"],
        initContainers=[{"name": "first", "image": "first:1", "env": [{"name": "N", "value": 5.0}]}],
        sidecars=[{"name": "exporter", "image": "exporter:1", "resources": {"requests": {"cpu": 1.0}}}],
        clientService={"sessionAffinity": "ClientIP", "annotations": {"some_key": "d"}},
        autoscale={"maxReplicas": 5.0, "cpu": 80.0, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60.0}}},
        networkPolicy={"name": "doors"},
    )
    python = stack.preview(
        app_protocol="http",
        ports=[
            {"name": "gossip", "port": 7946, "protocol": "UDP"},
            {"name": "metrics", "port": 9113, "container_name": "exporter", "client": True},
        ],
        pod_labels={"tierName": "front"},
        pod_annotations={"scrapePort": "9113"},
        service_annotations={"a_b": "c"},
        ip_family_policy="PreferDualStack",
        ip_families=["IPv4", "IPv6"],
        command=["/serve"],
        args=["--port", "8080"],
        working_dir="/srv",
        image_pull_secrets=["registry"],
        env={
            "A": "5",
            "NODE": {"field_path": "spec.nodeName"},
            "PASSWORD": {"secret_name": "creds", "key": "pass_word"},
        },
        probes={
            "startup": {"grpc": "", "port": 9000},
            "readiness": {"path": "/ready", "headers": {"X-Try": "1"}, "port": "web", "success_threshold": 2},
            "liveness": {"tcp": True, "port": 8443},
        },
        run_as_user=101,
        fs_group=102,
        node_selector={"diskType": "ssd"},
        tolerations=[{"key": "disk", "operator": "Exists", "toleration_seconds": 60}],
        affinity={
            "pod_anti_affinity": {"required_during_scheduling_ignored_during_execution": [{"topology_key": "zone"}]}
        },
        topology_spread=True,
        topology_keys=["zone"],
        init_containers=[{"name": "first", "image": "first:1", "env": [{"name": "N", "value": "5"}]}],
        sidecars=[{"name": "exporter", "image": "exporter:1", "resources": {"requests": {"cpu": "1"}}}],
        client_service={"session_affinity": "ClientIP", "annotations": {"some_key": "d"}},
        autoscale={"max_replicas": 5, "cpu": 80, "behavior": {"scale_down": {"stabilization_window_seconds": 60}}},
        network_policy={"name": "doors"},
    )
    assert ran.error == python.error == ""
    assert set(ran.resources) == {"web", "web-headless", "web-client", "web-policy", "web-set", "web-autoscaler"}
    assert {name: found.inputs for name, found in ran.resources.items() if name != "web"} == {
        name: found.inputs for name, found in python.resources.items() if name != "web"
    }


def test_pods_for_windows_have_nothing_that_only_linux_has(stack: Stack) -> None:
    windows = {"spec": {"os": {"name": "windows"}}}
    ran = stack.hosted(security="restricted", sidecars=[{"name": "side", "image": "a:1"}], podTemplate=windows)
    assert "securityContext" not in str(ran["web-set"].inputs["spec"]["template"]["spec"]["initContainers"])
    assert "securityContext" not in container(ran)
    said = refusal(stack.hosted(runAsUser=101.0, podTemplate=windows))
    assert said == "runAsUser is only for Linux, and podTemplate.spec.os.name is windows. Remove it."


def test_outputs_have_camel_case_names(stack: Stack) -> None:
    ran = stack.hosted(replicas=2.0, storage={"storageClassName": "my-sc"}, namespace="shop")
    assert ran.component_outputs["web"] == {
        "serviceName": "web",
        "namespace": "shop",
        "podHosts": ["web-0.web.shop.svc.cluster.local", "web-1.web.shop.svc.cluster.local"],
        "claimNames": ["data-web-0", "data-web-1"],
        "storageClassName": "my-sc",
        "replicas": 2,
    }


def test_whole_numbers_stay_whole_where_they_become_text(stack: Stack) -> None:
    ran = stack.hosted(replicas=2.0, rolloutTimeoutSeconds=7.0, ordinalsStart=3.0)
    assert ran.error == ""
    assert ran["web-set"].timeouts == {"create": "7s", "update": "7s"}
    assert ran.component_outputs["web"]["claimNames"] == ["data-web-3", "data-web-4"]
    assert "port is 70000: " in refusal(stack.hosted(port=70000.0))


def test_the_host_reads_nested_keys_and_keeps_keys_that_the_caller_chose(stack: Stack) -> None:
    ran = stack.hosted(
        port=8080.0,
        update={"partition": 1.0},
        probes={"readiness": {"periodSeconds": 7.0}},
        env={"fooBar": "1", "foo_bar": "2"},
        labels={"appTier": "front"},
        podTemplate={"spec": {"hostNetwork": True, "nodeSelector": {"diskType": "ssd"}}},
    )
    web = container(ran)
    assert web["ports"] == [{"name": "web", "containerPort": 8080}]
    assert web["readinessProbe"]["periodSeconds"] == 7
    assert environment(ran) == {"fooBar": "1", "foo_bar": "2"}
    spec = ran["web-set"].inputs["spec"]
    assert spec["updateStrategy"]["rollingUpdate"] == {"partition": 1}
    assert spec["template"]["metadata"]["labels"]["appTier"] == "front"
    assert spec["template"]["spec"]["hostNetwork"] is True
    assert spec["template"]["spec"]["nodeSelector"] == {"diskType": "ssd"}


def test_a_secret_stays_secret_in_every_object(stack: Stack) -> None:
    ran = stack.hosted(
        env={"GREETING": Secret("canary-6f1b"), "PLAIN": "seen"},
        files=[{"mountPath": "/etc/site", "secret": True, "content": {"key": Secret("canary-6f1b")}}],
    )
    assert environment(ran) == {"GREETING": Secret("canary-6f1b"), "PLAIN": "seen"}
    (made,) = ran.of_type(":Secret")
    assert made.inputs["stringData"] == Secret({"key": "canary-6f1b"})
    assert made.inputs["metadata"]["name"].startswith("web-files-0-"), "people may see the name"
    assert "canary-6f1b" not in str(ran.component_outputs) + str(ran.said)


def test_the_host_accepts_outputs_of_other_resources(stack: Stack) -> None:
    ran = stack.hosted(
        replicas=Known(2.0),
        namespace=Known("shop"),
        storage={"storageClassName": Known("my-sc")},
        env={"ORIGIN": Known("web-0.nginx")},
    )
    assert environment(ran) == {"ORIGIN": "web-0.nginx"}
    assert ran["web-set"].inputs["spec"]["replicas"] == 2
    assert ran["web-set"].inputs["metadata"]["namespace"] == "shop"
    assert ran.component_outputs["web"]["podHosts"] == [f"web-{n}.web.shop.svc.cluster.local" for n in range(2)]


def test_a_preview_goes_on_with_unknown_inputs(stack: Stack) -> None:
    ran = stack.hosted(replicas=UNKNOWN, env={"ORIGIN": UNKNOWN})
    assert environment(ran) == {"ORIGIN": UNKNOWN}
    assert ran["web-set"].inputs["spec"]["replicas"] == UNKNOWN
    assert ran.component_outputs["web"]["podHosts"] == UNKNOWN
    assert ran.component_outputs["web"]["serviceName"] == "web"


@pytest.mark.parametrize(
    ("inputs", "sentences"),
    [
        (
            {"storage": {"size": "big"}, "port": 70000.0},
            [
                'storage.size is "big": a Kubernetes quantity is expected, e.g. 10Gi.',
                "port is 70000: 1 to 65535 is expected.",
            ],
        ),
        ({"serviceNam": "x"}, ['serviceNam is not a key that exists. Did you mean "serviceName"?']),
        (
            {"storage": {"storage_class_name": "my-sc"}},
            ['storage.storage_class_name is not a key that exists. Did you mean "storageClassName"?'],
        ),
        ({"volumes": [{"volumeName": "logs"}]}, ["volumes[0].mountPath is missing: an absolute path is expected."]),
        ({"replicas": "three"}, ['replicas is "three": a whole number is expected.']),
        ({"replicas": 1.5}, ["replicas is 1.5: a whole number is expected."]),
        ({"serviceName": Known("nginx")}, ["serviceName is an output, but it decides names or structure."]),
        ({"replicas": Known("three")}, ["replicas is an output that can not be used: a whole number is expected."]),
        (
            {"terminationGracePeriodSeconds": Known(0.0)},
            ["terminationGracePeriodSeconds is an output that can not be used: "],
        ),
        ({"env": {"GREETING": 7.5}}, ["env.GREETING is a value that is not shown: text is expected, and a number"]),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence_with_its_camel_case_key(
    stack: Stack, inputs: dict[str, Any], sentences: list[str]
) -> None:
    said = refusal(stack.hosted(**inputs))
    assert len(said.splitlines()) == len(sentences)
    for sentence in sentences:
        assert sentence in said


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("name", ["fast", Known("fast")])
def test_a_missing_class_fails_with_the_classes_that_exist(stack: Stack, name: Any, preview: bool) -> None:
    said = refusal(stack.hosted(preview=preview, storage={"storageClassName": name}))
    assert said.startswith(
        'storage.storageClassName is "fast": this cluster has no StorageClass "fast" (it has: my-sc,'
    )


def test_the_host_looks_up_live_objects(stack: Stack) -> None:
    stack.grown_up(replicas=2, storage={"size": "2Gi"})
    for count in (2.0, Known(2.0)):
        grown = stack.hosted(replicas=count, storage={"size": "3Gi"})
        assert grown.error == ""
        assert {"web-claim-data-web-0", "web-claim-data-web-1"} <= grown.resources.keys()
        said = refusal(stack.hosted(replicas=count, storage={"size": "1Gi"}))
        assert said.startswith('storage.size is "1Gi", but the claims of data were made with 2Gi')


@pytest.mark.parametrize("preview", [True, False])
def test_the_host_uses_the_given_provider_and_asks_no_other_cluster(
    stack: Stack, api: FakeApiServer, preview: bool
) -> None:
    with fake_api_server() as elsewhere:
        elsewhere.add(storage_class("only-there"))
        handed_over = {"kubeconfig": elsewhere.kubeconfig}
        ran = stack.hosted(preview=preview, provider=handed_over, storage={"storageClassName": "only-there"})
        assert (ran.error, ran.said) == ("", ())
        assert ran["web-headless"].provider == ran["web-set"].provider == "handed-over"
        assert "list storageclasses" in elsewhere.asked
        refused = stack.hosted(preview=preview, provider=handed_over, storage={"storageClassName": "my-sc"})
        assert 'storage.storageClassName is "my-sc": this cluster has no StorageClass "my-sc" (it has: only-there)' in (
            refusal(refused)
        )
    assert api.asked == []


def test_a_provider_of_an_unknown_cluster_causes_a_warning_and_the_preview_goes_on(
    stack: Stack, api: FakeApiServer
) -> None:
    ran = stack.hosted(provider={"kubeconfig": UNKNOWN}, storage={"storageClassName": "fast"})
    assert ran.error == ""
    assert ran["web-set"].provider == "handed-over"
    assert ran.warnings == [
        "StatefulSet web was not looked up: the kubeconfig of the provider is not known before up, which decides on "
        "claims."
    ]
    assert api.asked == []
