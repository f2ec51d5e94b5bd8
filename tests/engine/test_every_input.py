"""Every input that shapes an object: one stack that uses them all, read back from the API server."""

from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import (
    ConfigMap,
    Namespace,
    PersistentVolumeClaim,
    Pod,
    Secret,
    Service,
    ServiceAccount,
)
from lightkube.resources.networking_v1 import NetworkPolicy
from lightkube.resources.policy_v1 import PodDisruptionBudget
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
    "storage": {
        "volumeName": "content",
        "size": "2Gi",
        "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
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
    ],
    "retention": {"whenDeleted": "Retain", "whenScaled": "Delete"},
    "selectorLabels": SELECTOR,
    "labels": {"team": "web"},
    "annotations": {"example.com/owner": "team web"},
    "recommendedLabels": True,
    "terminationGracePeriodSeconds": 20,
    "podManagementPolicy": "Parallel",
    "minReadySeconds": 1,
    "ordinalsStart": 3,
    "revisionHistoryLimit": 4,
    "env": {"MODE": "fast", "EMPTY": ""},
    "envFrom": [{"configMapName": "settings", "prefix": "CM_"}, {"secretName": "credentials"}],
    "files": [
        {"mountPath": "/etc/web", "content": {"web.conf": "listen 8080;\n"}},
        {"mountPath": "/etc/keys", "content": {"token": "hunter2"}, "secret": True},
    ],
    "resources": {"requests": {"cpu": "0.1", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    "probes": {
        "startup": {},
        "readiness": {"path": "/ready", "initialDelaySeconds": 1, "periodSeconds": 2},
        "liveness": {"timeoutSeconds": 3, "failureThreshold": 4},
    },
    "security": "restricted",
    "topologySpread": True,
    "disruptionBudget": {"minAvailable": "50%"},
    "networkPolicy": {"allowFrom": [{"podSelector": {"matchLabels": {"role": "front"}}}]},
    "serviceAccount": {"name": "shop-runner"},
    "clientService": {"name": "shop-front", "port": 80, "type": "NodePort", "drainSeconds": 3},
    "podTemplate": {
        "metadata": {"annotations": {"example.com/scrape": "true"}},
        "spec": {
            "priority": None,
            "securityContext": {"runAsUser": 1000},
            "tolerations": [{"key": "web", "operator": "Exists"}],
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
        made.configure(RICH)
        made.up()
        yield made


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
    assert server["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    assert spec["selector"] == {"matchLabels": SELECTOR}
    everywhere = {**SELECTOR, "team": "web", "app.kubernetes.io/managed-by": "pulumi"}
    for kind in (StatefulSet, Service, NetworkPolicy, PodDisruptionBudget):
        for found in rich.list(kind).values():
            assert everywhere.items() <= found["metadata"]["labels"].items()
            assert found["metadata"]["annotations"]["example.com/owner"] == "team web"
    assert everywhere.items() <= spec["template"]["metadata"]["labels"].items()
    assert spec["template"]["metadata"]["annotations"] == {"example.com/scrape": "true"}, "its own alone"


def test_the_way_pods_are_started_kept_and_counted(spec: dict[str, Any], pod: dict[str, Any]) -> None:
    assert spec["podManagementPolicy"] == "Parallel"
    assert spec["minReadySeconds"] == 1
    assert spec["ordinals"] == {"start": 3}
    assert spec["revisionHistoryLimit"] == 4
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Delete"}
    assert pod["terminationGracePeriodSeconds"] == 20


def test_every_pod_has_a_claim_of_every_template(rich: Project, server: dict[str, Any]) -> None:
    claims = rich.list(PersistentVolumeClaim)
    assert sorted(claims) == [f"{volume}-shop-{n}" for volume in ("cache", "content", "logs") for n in (3, 4)]
    assert {claim["status"]["phase"] for claim in claims.values()} == {"Bound"}
    content = claims["content-shop-3"]["spec"]
    assert content["resources"]["requests"]["storage"] == "2Gi"
    assert content["accessModes"] == ["ReadWriteOnce", "ReadOnlyMany"]
    assert content["storageClassName"] == f"{rich.namespace}-shop-content"
    assert claims["cache-shop-3"]["spec"]["resources"]["requests"]["storage"] == "512Mi"
    mounts = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    assert {"content": "/content", "logs": "/logs", "cache": "/cache"}.items() <= mounts.items()


def test_the_class_that_the_stack_makes(rich: Project) -> None:
    made = rich.api.get(StorageClass, f"{rich.namespace}-shop-content").to_dict()
    assert made["provisioner"] == "kubernetes.io/host-path"
    assert made["reclaimPolicy"] == "Delete"
    assert made["volumeBindingMode"] == "Immediate"
    assert made["allowVolumeExpansion"] is False


def test_the_environment(server: dict[str, Any]) -> None:
    assert {variable["name"]: variable.get("value", "") for variable in server["env"]} == {"MODE": "fast", "EMPTY": ""}
    assert server["envFrom"] == [
        {"prefix": "CM_", "configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "credentials"}},
    ]


def test_resources_in_canonical_form(server: dict[str, Any]) -> None:
    assert server["resources"] == {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}


def test_probes_ask_the_port_and_have_their_defaults(server: dict[str, Any]) -> None:
    ask = {"path": "/", "port": "http", "scheme": "HTTP"}
    startup, readiness, liveness = (server[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness"))
    assert startup["httpGet"] == liveness["httpGet"] == ask
    assert (startup["periodSeconds"], startup["failureThreshold"], startup["timeoutSeconds"]) == (10, 30, 1)
    assert readiness["httpGet"]["path"] == "/ready"
    assert (readiness["initialDelaySeconds"], readiness["periodSeconds"], readiness["failureThreshold"]) == (1, 2, 3)
    assert (liveness["timeoutSeconds"], liveness["failureThreshold"]) == (3, 4)


def test_the_security_context_is_restricted_and_what_the_pod_template_adds(
    pod: dict[str, Any], server: dict[str, Any]
) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert server["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_the_pod_template_is_merged_last(pod: dict[str, Any], server: dict[str, Any]) -> None:
    assert {"key": "web", "operator": "Exists"} in pod["tolerations"]
    assert server["imagePullPolicy"] == "Always"
    assert server["image"] == "web:1"


def test_pods_are_spread_over_nodes_if_that_can_be(rich: Project, pod: dict[str, Any]) -> None:
    (constraint,) = pod["topologySpreadConstraints"]
    assert constraint == {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": SELECTOR},
    }
    nodes = {found["spec"]["nodeName"] for found in rich.list(Pod).values()}
    assert len(nodes) == 2


def test_the_disruption_budget_counts_these_pods(rich: Project) -> None:
    budget = rich.get(PodDisruptionBudget, "shop")
    assert budget["spec"] == {"minAvailable": "50%", "selector": {"matchLabels": SELECTOR}}

    def counted() -> bool:
        counted: bool = rich.get(PodDisruptionBudget, "shop")["status"].get("expectedPods") == 2
        return counted

    eventually(counted, "the budget sees both pods")


def test_the_network_policy_lets_in_whom_it_names_and_to_the_port_alone(rich: Project) -> None:
    assert rich.get(NetworkPolicy, "shop")["spec"] == {
        "podSelector": {"matchLabels": SELECTOR},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": {"role": "front"}}}],
                "ports": [{"protocol": "TCP", "port": 8080}],
            }
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
    (port,) = client["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")
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
        "claim_names": [f"{volume}-shop-{n}" for n in (3, 4) for volume in ("content", "logs", "cache")],
        "storage_class_name": f"{rich.namespace}-shop-content",
        "replicas": 2,
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
                "clientService": {"type": "LoadBalancer"},
                "disruptionBudget": {},
                "networkPolicy": {},
                "serviceAccount": {},
                "update": {"type": "RollingUpdate", "maxUnavailable": "67%"},
            },
            ["snapshot.storage.k8s.io", "LoadBalancer", "PodDisruptionBudget", "67%"],
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
