"""Every input that shapes an object: one stack that uses them all, read back from the API server."""

from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.models.core_v1 import HostPathVolumeSource, ObjectReference, PersistentVolumeSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.core_v1 import (
    ConfigMap,
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Secret,
    Service,
    ServiceAccount,
)
from lightkube.resources.networking_v1 import NetworkPolicy
from lightkube.resources.policy_v1 import PodDisruptionBudget
from lightkube.resources.scheduling_v1 import PriorityClass
from lightkube.resources.storage_v1 import StorageClass
from lightkube.types import PatchType

from sandbox.instance import Sandbox
from tests.support.playing import set_ready
from tests.support.projects import Project
from tests.support.waiting import eventually

SELECTOR = {"app": "shop"}
RICH = {
    "name": "shop",
    "image": "web:1",
    "replicas": 2,
    "serviceName": "shop-pods",
    "containerName": "server",
    "port": 8080,
    "portName": "http",
    "appProtocol": "http",
    "ports": [
        {"name": "gossip", "port": 7946, "protocol": "UDP"},
        {"name": "metrics", "port": 9113, "appProtocol": "a.b/c", "containerName": "exporter", "client": True},
    ],
    "ipFamilyPolicy": "SingleStack",
    "ipFamilies": ["IPv4"],
    "storage": {
        "volumeName": "content",
        "size": "2Gi",
        "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
        "volumeMode": "Filesystem",
        "subPath": "pages",
        "createStorageClass": {
            "provisioner": "kubernetes.io/host-path",
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
            "allowVolumeExpansion": False,
        },
    },
    "mountPath": "/content",
    "volumes": [
        {"volumeName": "logs", "mountPath": "/logs", "storageClassName": "my-sc"},
        {"volumeName": "cache", "mountPath": "/cache", "size": "512Mi", "verify": False, "storageClassName": "my-sc"},
        {"volumeName": "raw", "volumeMode": "Block", "devicePath": "/dev/raw", "storageClassName": ""},
    ],
    "retention": {"whenDeleted": "Delete", "whenScaled": "Retain"},
    "selectorLabels": SELECTOR,
    "labels": {"team": "web"},
    "annotations": {"example.com/owner": "team web"},
    "podLabels": {"tier": "front"},
    "podAnnotations": {"example.com/port": 9113},
    "serviceAnnotations": {"example.com/names": "pods"},
    "recommendedLabels": True,
    "terminationGracePeriodSeconds": 20,
    "podManagementPolicy": "Parallel",
    "minReadySeconds": 1,
    "ordinalsStart": 3,
    "revisionHistoryLimit": 4,
    "command": ["/serve"],
    "args": ["--port", 8080],
    "workingDir": "/srv",
    "imagePullPolicy": "Never",
    "imagePullSecrets": ["registry"],
    "env": {
        "MODE": "fast",
        "EMPTY": "",
        "PASSWORD": {"secretName": "credentials", "key": "password"},
        "TIER": {"configMapName": "settings", "key": "tier"},
        "POD": {"fieldPath": "metadata.name"},
    },
    "envFrom": [{"configMapName": "settings", "prefix": "CM_"}, {"secretName": "credentials"}],
    "files": [
        {"mountPath": "/etc/web", "content": {"web.conf": "listen 8080;\n"}},
        {"mountPath": "/etc/keys", "content": {"token": "hunter2"}, "secret": True},
    ],
    "resources": {"requests": {"cpu": "0.1", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    "probes": {
        "startup": {"command": ["/started", "-q"]},
        "readiness": {
            "path": "/ready",
            "scheme": "HTTPS",
            "headers": {"Host": "shop"},
            "port": "http",
            "initialDelaySeconds": 1,
            "periodSeconds": 2,
            "successThreshold": 2,
        },
        "liveness": {"grpc": "", "timeoutSeconds": 3, "failureThreshold": 4},
    },
    "security": "restricted",
    "runAsUser": 101,
    "runAsGroup": 102,
    "fsGroup": 103,
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "web", "operator": "Exists"}],
    "affinity": {
        "podAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}}}
            ]
        }
    },
    "topologySpread": True,
    "topologyKeys": ["kubernetes.io/hostname"],
    "topologySpreadRequired": True,
    "disruptionBudget": {"minAvailable": "50%", "name": "shop-drains"},
    "networkPolicy": {"name": "shop-doors", "allowFrom": [{"podSelector": {"matchLabels": {"role": "front"}}}]},
    "serviceAccount": {"name": "shop-runner"},
    "clientService": {
        "name": "shop-front",
        "port": 80,
        "type": "NodePort",
        "drainSeconds": 3,
        "annotations": {"example.com/names": "shop"},
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Local",
        "sessionAffinity": "ClientIP",
        "trafficDistribution": "PreferClose",
    },
    "initContainers": [{"name": "first", "image": "first:1"}],
    "sidecars": [{"name": "exporter", "image": "exporter:1"}],
    "autoscale": {
        "minReplicas": 2,
        "maxReplicas": 4,
        "cpu": 80,
        "memory": 70,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
        "name": "shop-count",
    },
    "podTemplate": {
        "metadata": {"annotations": {"example.com/scrape": "true"}},
        "spec": {
            "priority": None,
            "securityContext": {"runAsUser": 1000},
            "containers": [{"name": "server", "imagePullPolicy": "Always"}],
        },
    },
    "rolloutTimeoutSeconds": 120,
}


@pytest.fixture(scope="module")
def rich(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The stack that uses every input, in a namespace that enforces Pod Security "restricted"."""
    with Project.in_new_namespace(sandbox, tmp_path_factory.mktemp("rich") / "project") as made:
        enforce = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
        made.api.patch(Namespace, made.namespace, enforce, patch_type=PatchType.MERGE)
        for ordinal in (3, 4):  # the sandbox's provisioner makes no devices
            made.api.create(device(f"{made.namespace}-{ordinal}", made.namespace, f"raw-shop-{ordinal}"))
        made.api.create(PriorityClass(metadata=ObjectMeta(name=made.namespace), value=7))
        try:
            made.configure({**RICH, "priorityClassName": made.namespace})
            made.up()
            yield made
        finally:
            made.api.delete(PriorityClass, made.namespace)
            for ordinal in (3, 4):
                made.api.delete(PersistentVolume, f"{made.namespace}-{ordinal}")


def device(name: str, namespace: str, claim: str) -> PersistentVolume:
    """Return a volume that an administrator makes for a claim, which the container sees as a device."""
    spec = PersistentVolumeSpec(
        capacity={"storage": "1Gi"},
        accessModes=["ReadWriteOnce"],
        volumeMode="Block",
        storageClassName="",
        claimRef=ObjectReference(namespace=namespace, name=claim),
        hostPath=HostPathVolumeSource("/dev/none"),
    )
    return PersistentVolume(metadata=ObjectMeta(name=name), spec=spec)


@pytest.fixture(scope="module")
def spec(rich: Project) -> dict[str, Any]:
    found: dict[str, Any] = rich.get(StatefulSet, "shop")["spec"]
    return found


@pytest.fixture(scope="module")
def pod(spec: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spec["template"]["spec"]
    return found


@pytest.fixture(scope="module")
def server(pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod["containers"]
    return dict(found)


def test_a_second_up_and_a_refresh_change_nothing(rich: Project) -> None:
    rich.preview("--expect-no-changes", "--diff")
    rich.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    rich.up("--expect-no-changes")


def test_pods_pass_pod_security_restricted_and_run(rich: Project) -> None:
    assert sorted(rich.list(Pod)) == ["shop-3", "shop-4"]


def test_names_ports_and_labels(rich: Project, spec: dict[str, Any], server: dict[str, Any]) -> None:
    assert spec["serviceName"] == "shop-pods"
    assert server["name"] == "server"
    assert server["ports"] == [
        {"name": "http", "containerPort": 8080, "protocol": "TCP"},
        {"name": "gossip", "containerPort": 7946, "protocol": "UDP"},
    ]
    assert spec["selector"] == {"matchLabels": SELECTOR}
    everywhere = {**SELECTOR, "team": "web", "app.kubernetes.io/managed-by": "pulumi"}
    for kind in (StatefulSet, Service, NetworkPolicy, PodDisruptionBudget, HorizontalPodAutoscaler):
        for found in rich.list(kind).values():
            assert everywhere.items() <= found["metadata"]["labels"].items()
            assert found["metadata"]["annotations"]["example.com/owner"] == "team web"
    of_pods = spec["template"]["metadata"]
    assert {**everywhere, "tier": "front"}.items() <= of_pods["labels"].items()
    assert of_pods["annotations"] == {"example.com/scrape": "true", "example.com/port": "9113"}, "their own alone"
    names = {
        name: found["metadata"]["annotations"].get("example.com/names") for name, found in rich.list(Service).items()
    }
    assert names == {"shop-pods": "pods", "shop-front": "shop"}


def test_the_way_pods_are_started_kept_and_counted(spec: dict[str, Any], pod: dict[str, Any]) -> None:
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["minReadySeconds"] == 1
    assert spec["ordinals"] == {"start": 3}
    assert spec["revisionHistoryLimit"] == 4
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Retain"}
    assert pod["terminationGracePeriodSeconds"] == 20


def test_every_pod_has_a_claim_of_every_template(rich: Project, server: dict[str, Any]) -> None:
    claims = rich.list(PersistentVolumeClaim)
    assert sorted(claims) == [f"{volume}-shop-{n}" for volume in ("cache", "content", "logs", "raw") for n in (3, 4)]
    assert {claim["status"]["phase"] for claim in claims.values()} == {"Bound"}
    content = claims["content-shop-3"]["spec"]
    assert content["resources"]["requests"]["storage"] == "2Gi"
    assert content["accessModes"] == ["ReadWriteOnce", "ReadOnlyMany"]
    assert content["storageClassName"] == f"{rich.namespace}-shop-content"
    assert claims["cache-shop-3"]["spec"]["resources"]["requests"]["storage"] == "512Mi"
    mounts = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    assert {"content": "/content", "logs": "/logs", "cache": "/cache"}.items() <= mounts.items()
    assert server["volumeMounts"][0]["subPath"] == "pages"


def test_a_volume_that_is_a_device_is_seen_as_one(rich: Project, server: dict[str, Any]) -> None:
    assert server["volumeDevices"] == [{"name": "raw", "devicePath": "/dev/raw"}]
    claim = rich.get(PersistentVolumeClaim, "raw-shop-3")["spec"]
    assert (claim["volumeMode"], claim["storageClassName"]) == ("Block", "")


def test_the_class_that_the_stack_makes(rich: Project) -> None:
    made = rich.api.get(StorageClass, f"{rich.namespace}-shop-content").to_dict()
    assert made["provisioner"] == "kubernetes.io/host-path"
    assert made["reclaimPolicy"] == "Delete"
    assert made["volumeBindingMode"] == "Immediate"
    assert made["allowVolumeExpansion"] is False


def test_the_environment(server: dict[str, Any]) -> None:
    assert {variable["name"]: variable.get("valueFrom", variable.get("value", "")) for variable in server["env"]} == {
        "MODE": "fast",
        "EMPTY": "",
        "PASSWORD": {"secretKeyRef": {"name": "credentials", "key": "password"}},
        "TIER": {"configMapKeyRef": {"name": "settings", "key": "tier"}},
        "POD": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}},
    }
    assert server["envFrom"] == [
        {"prefix": "CM_", "configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "credentials"}},
    ]


def test_resources_in_canonical_form(server: dict[str, Any]) -> None:
    assert server["resources"] == {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}


def test_the_way_the_container_is_started(pod: dict[str, Any], server: dict[str, Any]) -> None:
    assert server["command"] == ["/serve"]
    assert server["args"] == ["--port", "8080"]
    assert server["workingDir"] == "/srv"
    assert pod["imagePullSecrets"] == [{"name": "registry"}]


def test_probes_ask_in_their_way_and_have_their_defaults(server: dict[str, Any]) -> None:
    startup, readiness, liveness = (server[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness"))
    assert startup["exec"] == {"command": ["/started", "-q"]}
    assert liveness["grpc"] == {"port": 8080, "service": ""}
    assert readiness["httpGet"] == {
        "path": "/ready",
        "port": "http",
        "scheme": "HTTPS",
        "httpHeaders": [{"name": "Host", "value": "shop"}],
    }
    assert (startup["periodSeconds"], startup["failureThreshold"], startup["timeoutSeconds"]) == (10, 30, 1)
    assert (readiness["initialDelaySeconds"], readiness["periodSeconds"], readiness["failureThreshold"]) == (1, 2, 3)
    assert [probe["successThreshold"] for probe in (startup, readiness, liveness)] == [1, 2, 1]
    assert (liveness["timeoutSeconds"], liveness["failureThreshold"]) == (3, 4)


def test_the_security_context_is_restricted_and_what_the_pod_template_adds(
    pod: dict[str, Any], server: dict[str, Any]
) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 102,
        "fsGroup": 103,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert server["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_the_pod_template_is_merged_last(pod: dict[str, Any], server: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsUser"] == 1000
    assert server["imagePullPolicy"] == "Always"
    assert server["image"] == "web:1"


def test_where_pods_run_and_what_goes_first(rich: Project, pod: dict[str, Any]) -> None:
    assert pod["tolerations"] == [{"key": "web", "operator": "Exists"}]
    assert pod["nodeSelector"] == {"kubernetes.io/os": "linux"}
    assert pod["affinity"] == RICH["affinity"]
    assert {found["spec"]["priority"] for found in rich.list(Pod).values()} == {7}


def test_containers_beside_the_web_server_start_first_and_get_no_privileges(pod: dict[str, Any]) -> None:
    first, exporter = pod["initContainers"]
    assert (first["name"], first.get("restartPolicy")) == ("first", None)
    assert (exporter["name"], exporter["restartPolicy"]) == ("exporter", "Always")
    assert exporter["ports"] == [{"name": "metrics", "containerPort": 9113, "protocol": "TCP"}]
    nothing = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert first["securityContext"] == exporter["securityContext"] == nothing


def test_the_autoscaler_owns_the_count(rich: Project) -> None:
    aims = [
        {"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": share}}}
        for name, share in (("cpu", 80), ("memory", 70))
    ]
    found = rich.get(HorizontalPodAutoscaler, "shop-count")["spec"]
    assert found["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "shop"}
    assert (found["minReplicas"], found["maxReplicas"]) == (2, 4)
    assert sorted(found["metrics"], key=lambda metric: metric["resource"]["name"]) == aims
    assert found["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 600
    assert rich.get(StatefulSet, "shop")["metadata"]["annotations"]["stateful-web.dev/autoscaled"] == "true"


def test_pods_are_spread_over_nodes(rich: Project, pod: dict[str, Any]) -> None:
    (constraint,) = pod["topologySpreadConstraints"]
    assert constraint == {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": SELECTOR},
    }
    nodes = {found["spec"]["nodeName"] for found in rich.list(Pod).values()}
    assert len(nodes) == 2


def test_the_disruption_budget_counts_these_pods(rich: Project) -> None:
    budget = rich.get(PodDisruptionBudget, "shop-drains")
    assert budget["spec"] == {"minAvailable": "50%", "selector": {"matchLabels": SELECTOR}}

    def counted() -> bool:
        counted: bool = rich.get(PodDisruptionBudget, "shop-drains")["status"].get("expectedPods") == 2
        return counted

    eventually(counted, "the budget sees both pods")


def test_the_network_policy_lets_in_whom_it_names_and_the_pods_of_the_set(rich: Project) -> None:
    assert rich.get(NetworkPolicy, "shop-doors")["spec"] == {
        "podSelector": {"matchLabels": SELECTOR},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"role": "front"}}}],
                "ports": [{"protocol": "TCP", "port": 8080}, {"protocol": "TCP", "port": 9113}],
            },
            {
                "from": [{"podSelector": {"matchLabels": SELECTOR}}],
                "ports": [{"protocol": "UDP", "port": 7946}, {"protocol": "TCP", "port": 9113}],
            },
        ],
    }


def test_pods_run_as_an_account_without_a_token(rich: Project, pod: dict[str, Any]) -> None:
    assert pod["serviceAccountName"] == "shop-runner"
    assert rich.get(ServiceAccount, "shop-runner")["automountServiceAccountToken"] is False
    for found in rich.list(Pod).values():
        assert not any("serviceAccountToken" in str(volume) for volume in found["spec"]["volumes"])


def test_clients_have_a_service_of_their_own_and_pods_drain_before_they_end(
    rich: Project, server: dict[str, Any]
) -> None:
    headless, client = rich.get(Service, "shop-pods")["spec"], rich.get(Service, "shop-front")["spec"]
    assert headless["clusterIP"] == "None"
    assert client["clusterIP"] != "None"
    assert client["type"] == "NodePort"
    assert client["selector"] == headless["selector"] == SELECTOR
    port, metrics = client["ports"]
    assert (port["port"], port["targetPort"], port["appProtocol"]) == (80, "http", "http")
    assert (metrics["name"], metrics["port"], metrics["appProtocol"]) == ("metrics", 9113, "a.b/c")
    assert [(port["port"], port["protocol"]) for port in headless["ports"]] == [
        (8080, "TCP"),
        (7946, "UDP"),
        (9113, "TCP"),
    ]
    for service in (headless, client):
        assert (service["ipFamilyPolicy"], service["ipFamilies"]) == ("SingleStack", ["IPv4"])
    assert (client["externalTrafficPolicy"], client["internalTrafficPolicy"]) == ("Local", "Local")
    assert (client["sessionAffinity"], client["trafficDistribution"]) == ("ClientIP", "PreferClose")
    assert server["lifecycle"] == {"preStop": {"sleep": {"seconds": 3}}}


def test_files_are_mounted_read_only_from_objects_of_the_stack(
    rich: Project, pod: dict[str, Any], server: dict[str, Any]
) -> None:
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    config, keys = volumes["files-0"]["configMap"]["name"], volumes["files-1"]["secret"]["secretName"]
    assert rich.get(ConfigMap, config)["data"] == {"web.conf": "listen 8080;\n"}
    assert rich.get(Secret, keys)["data"] == {"token": "aHVudGVyMg=="}
    mounts = {mount["name"]: mount for mount in server["volumeMounts"]}
    assert mounts["files-0"] == {"name": "files-0", "mountPath": "/etc/web", "readOnly": True}
    assert mounts["files-1"] == {"name": "files-1", "mountPath": "/etc/keys", "readOnly": True}


def test_what_is_confidential_is_in_no_state_and_no_preview(rich: Project) -> None:
    state = rich.pulumi("stack", "export").output
    assert "hunter2" not in state
    assert "aHVudGVyMg" not in state


def test_the_outputs_follow_the_inputs(rich: Project) -> None:
    assert rich.outputs() == {
        "service_name": "shop-pods",
        "namespace": rich.namespace,
        "pod_hosts": [f"shop-{n}.shop-pods.{rich.namespace}.svc.cluster.local" for n in (3, 4)],
        "claim_names": [f"{volume}-shop-{n}" for n in (3, 4) for volume in ("content", "logs", "cache", "raw")],
        "storage_class_name": f"{rich.namespace}-shop-content",
        "replicas": 2,
        "client_service_name": "shop-front",
    }


def test_the_set_waits_as_long_as_it_was_told(rich: Project) -> None:
    (stateful_set,) = (r for r in rich.state() if r["type"] == "kubernetes:apps/v1:StatefulSet")
    assert stateful_set["customTimeouts"] == {"create": 120, "update": 120}


@pytest.mark.extended
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (
            {
                "storage.dataSource": {"kind": "VolumeSnapshot", "name": "before-friday"},
                "clientService": {
                    "type": "LoadBalancer",
                    "loadBalancerClass": "example.com/balancer",
                    "loadBalancerSourceRanges": ["10.0.0.0/8"],
                },
                "disruptionBudget": {},
                "networkPolicy": {},
                "serviceAccount": {},
                "update": {"type": "RollingUpdate", "maxUnavailable": "67%"},
            },
            [
                "snapshot.storage.k8s.io",
                "LoadBalancer",
                "example.com/balancer",
                "10.0.0.0/8",
                "PodDisruptionBudget",
                "67%",
            ],
        ),
        (
            {
                "storage.dataSource": {"kind": "PersistentVolumeClaim", "name": "www-old-0"},
                "storage.storageClassName": "",
                "disruptionBudget": {"maxUnavailable": 2},
                "networkPolicy": {"allowFrom": []},
                "serviceAccount": {"name": "theirs", "create": False},
            },
            ["www-old-0", 'storageClassName: ""', "policyTypes", "theirs"],
        ),
    ],
    ids=["a snapshot, and defaults", "a clone, and what else there is"],
)
def test_the_api_server_takes_it_at_preview(project: Project, values: dict[str, Any], shown: list[str]) -> None:
    project.configure(values)
    said = project.preview("--diff").output
    for text in shown:
        assert text in said


@pytest.mark.extended
def test_a_namespace_that_the_stack_makes_stays_with_its_claims_and_is_there_for_the_next_life(
    project: Project,
) -> None:
    name = f"{project.namespace}-own"
    project.configure({"namespace": name, "createNamespace": True, "replicas": 1, "labels": {"team": "web"}})
    project.preview()
    project.up()
    project.up("--expect-no-changes")
    labels = project.api.get(Namespace, name).to_dict()["metadata"]["labels"]
    assert labels["team"] == "web"
    claim = project.api.get(PersistentVolumeClaim, "www-web-0", namespace=name)
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.api.get(Namespace, name).to_dict()["status"]["phase"] == "Active"
    project.up()
    again = project.api.get(PersistentVolumeClaim, "www-web-0", namespace=name)
    assert again.metadata is not None
    assert claim.metadata is not None
    assert again.metadata.uid == claim.metadata.uid


def test_the_defaults_pass_pod_security_baseline(project: Project) -> None:
    enforce = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}
    project.api.patch(Namespace, project.namespace, enforce, patch_type=PatchType.MERGE)
    project.configure({"replicas": 1})
    project.up()
    assert sorted(project.list(Pod)) == ["web-0"]


def test_changed_files_roll_the_pods_which_never_lack_their_object_and_the_old_one_goes(project: Project) -> None:
    def files(text: str) -> dict[str, Any]:
        return {"files": [{"mountPath": "/etc/web", "content": {"web.conf": text}}], "replicas": 2}

    def ours() -> set[str]:
        return {name for name in project.list(ConfigMap) if name.startswith("web-files")}

    def mounted() -> set[str]:
        volumes = [volume for found in project.list(Pod).values() for volume in found["spec"]["volumes"]]
        return {volume["configMap"]["name"] for volume in volumes if volume["name"] == "files-0"}

    project.configure(files("a"))
    project.up()
    (old,) = ours()
    assert mounted() == {old}
    set_ready(project, "web-0", False)  # holds the rollout
    project.configure(files("b"))
    with project.up_in_the_background() as up:
        eventually(lambda: len(ours()) == 2, "the new object is there")
        template = project.get(StatefulSet, "web")["spec"]["template"]["spec"]["volumes"]
        eventually(lambda: mounted() <= ours(), "every pod has its object")
        assert old in ours(), f"pods that mount it are still there: {template}"
        set_ready(project, "web-0", True)
        up.result()
    (new,) = ours()
    assert new != old
    assert mounted() == {new}
    project.up("--expect-no-changes")
