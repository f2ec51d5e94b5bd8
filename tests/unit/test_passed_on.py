"""Inputs that are passed on stand where Kubernetes has them, and nowhere else."""

from typing import Any

import pytest

from components.stateful_web import manifests
from components.stateful_web.args import StatefulWebArgs
from components.stateful_web.validation import validate

SET = ("set", "spec")
POD = (*SET, "template", "spec")
SERVER = (*POD, "containers", 0)
GRACE = "terminationGracePeriodSeconds"
CLIENT = ("client", "spec")


def objects(**inputs: Any) -> dict[str, Any]:
    given: StatefulWebArgs = {"image": "web:1", **inputs}  # type: ignore[typeddict-item]
    args, findings = validate("web", given)
    assert findings == []
    return manifests.objects(args)


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key] if isinstance(value, list) else value.get(key, {})
    return value


def balancer(**inputs: Any) -> dict[str, Any]:
    return {"client_service": {"type": "LoadBalancer", **inputs}}


def of_requests(resource: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


TOLERATION = {"key": "disk", "operator": "Exists", "effect": "NoSchedule"}
AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]
        }
    }
}
SLOWLY = {"scaleDown": {"stabilizationWindowSeconds": 600}}
WHERE: list[tuple[dict[str, Any], tuple[Any, ...], Any]] = [
    ({"pod_labels": {"tier": "front"}}, ("set", "spec", "template", "metadata", "labels", "tier"), "front"),
    ({"pod_annotations": {"scrape": True}}, ("set", "spec", "template", "metadata", "annotations", "scrape"), "true"),
    ({"service_annotations": {"a": "b"}}, ("headless", "metadata", "annotations", "a"), "b"),
    ({"app_protocol": "http"}, ("headless", "spec", "ports", 0, "appProtocol"), "http"),
    ({"ip_family_policy": "PreferDualStack"}, ("headless", "spec", "ipFamilyPolicy"), "PreferDualStack"),
    ({"ip_families": ["IPv6"], "client_service": {}}, (*CLIENT, "ipFamilies"), ["IPv6"]),
    (balancer(annotations={"dns": "shop"}), ("client", "metadata", "annotations", "dns"), "shop"),
    (balancer(load_balancer_class="a.b/c"), (*CLIENT, "loadBalancerClass"), "a.b/c"),
    (balancer(load_balancer_source_ranges=["10.0.0.0/8"]), (*CLIENT, "loadBalancerSourceRanges"), ["10.0.0.0/8"]),
    (balancer(external_traffic_policy="Local"), (*CLIENT, "externalTrafficPolicy"), "Local"),
    (balancer(internal_traffic_policy="Local"), (*CLIENT, "internalTrafficPolicy"), "Local"),
    (balancer(session_affinity="ClientIP"), (*CLIENT, "sessionAffinity"), "ClientIP"),
    (balancer(traffic_distribution="PreferClose"), (*CLIENT, "trafficDistribution"), "PreferClose"),
    ({"command": ["serve", 5]}, (*SERVER, "command"), ["serve", "5"]),
    ({"args": ["-v"]}, (*SERVER, "args"), ["-v"]),
    ({"working_dir": "/srv"}, (*SERVER, "workingDir"), "/srv"),
    ({"image_pull_policy": "Always"}, (*SERVER, "imagePullPolicy"), "Always"),
    ({"image_pull_secrets": ["registry"]}, (*POD, "imagePullSecrets"), [{"name": "registry"}]),
    ({"run_as_user": 0}, (*POD, "securityContext", "runAsUser"), 0),
    ({"run_as_group": 102}, (*POD, "securityContext", "runAsGroup"), 102),
    ({"node_selector": {"disk": True}}, (*POD, "nodeSelector"), {"disk": "true"}),
    ({"tolerations": [TOLERATION]}, (*POD, "tolerations"), [TOLERATION]),
    ({"affinity": AFFINITY}, (*POD, "affinity"), AFFINITY),
    ({"priority_class_name": "high"}, (*POD, "priorityClassName"), "high"),
    ({"storage": {"sub_path": "www"}}, (*SERVER, "volumeMounts", 0, "subPath"), "www"),
    ({"pod_management_policy": "Parallel"}, (*SET, "podManagementPolicy"), "Parallel"),
    ({"min_ready_seconds": 1}, (*SET, "minReadySeconds"), 1),
    ({"ordinals_start": 1}, (*SET, "ordinals"), {"start": 1}),
    ({"revision_history_limit": 0}, (*SET, "revisionHistoryLimit"), 0),
    ({"update": {"type": "OnDelete"}}, (*SET, "updateStrategy"), {"type": "OnDelete"}),
    (
        {"update": {"partition": 0, "max_unavailable": 2}},
        (*SET, "updateStrategy"),
        {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 2}},
    ),
    ({"disruption_budget": {"name": "drains"}}, ("budget", "metadata", "name"), "drains"),
    ({"network_policy": {"name": "doors"}}, ("policy", "metadata", "name"), "doors"),
    ({"autoscale": {"max_replicas": 5, "name": "count"}}, ("autoscaler", "metadata", "name"), "count"),
    ({"autoscale": {"max_replicas": 5, "min_replicas": 2}}, ("autoscaler", "spec", "minReplicas"), 2),
    (
        {"autoscale": {"max_replicas": 5, "cpu": 70, "memory": 80}, "resources": {"requests": {"cpu": 1, "memory": 1}}},
        ("autoscaler", "spec", "metrics"),
        [of_requests("cpu", 70), of_requests("memory", 80)],
    ),
    ({"autoscale": {"max_replicas": 5, "behavior": SLOWLY}}, ("autoscaler", "spec", "behavior"), SLOWLY),
]


@pytest.mark.parametrize(("inputs", "path", "value"), WHERE, ids=[".".join(map(str, path)) for _, path, _ in WHERE])
def test_an_input_stands_in_its_place(inputs: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    assert at(objects(**inputs), path) == value


def test_what_is_left_out_is_not_said() -> None:
    made = objects(client_service={}, network_policy={}, disruption_budget={}, autoscale={"max_replicas": 5})
    assert list(made["set"]["spec"]) == [
        *("replicas", "serviceName", "selector", "persistentVolumeClaimRetentionPolicy", "template"),
        "volumeClaimTemplates",
    ]
    assert list(at(made, POD)) == [*("automountServiceAccountToken", "securityContext", "containers"), GRACE]
    assert list(at(made, SERVER)) == [*("name", "securityContext", "image", "ports", "volumeMounts", "lifecycle")]
    assert list(made["headless"]["spec"]) == ["clusterIP", "selector", "ports"]
    assert list(made["client"]["spec"]) == ["type", "selector", "ports"]
    assert list(made["autoscaler"]["spec"]) == ["scaleTargetRef", "minReplicas", "maxReplicas"]
    assert list(made["set"]["metadata"]) == ["name", "labels", "annotations"]
    assert "annotations" not in made["headless"]["metadata"]


@pytest.mark.parametrize("input_", ["pod_labels", "pod_annotations", "service_annotations"])
def test_labels_and_annotations_of_one_object_stand_on_no_other(input_: str) -> None:
    made, plain = objects(client_service={}, **{input_: {"only": "here"}}), objects(client_service={})
    different = [suffix for suffix in made if made[suffix] != plain[suffix]]
    assert different == (["headless"] if input_ == "service_annotations" else ["set"])
    assert str(made).count("'only'") == 1


def test_annotations_of_the_client_service_stand_on_no_other_object() -> None:
    made = objects(client_service={"annotations": {"external-dns.alpha.kubernetes.io/hostname": "web.example.com"}})
    assert [suffix for suffix, found in made.items() if "external-dns" in str(found)] == ["client"]
