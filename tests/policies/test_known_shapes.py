"""No false alarm: StatefulSets as public databases, queues and caches have them keep every mandatory rule."""

from typing import Any

import pytest

from .packs import PACKS, judge_all

LABELS = {"app.kubernetes.io/name": "app", "app.kubernetes.io/instance": "one"}


def claim(name: str, size: str = "10Gi", **spec: Any) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    return {"metadata": {"name": name, "labels": LABELS}, "spec": spec}


def mounts(**paths: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "mountPath": path} for name, path in paths.items()]


def app(claims: list[Any], pod: dict[str, Any], **spec: Any) -> list[dict[str, Any]]:
    """Return the governing Service, another for clients, and the StatefulSet."""
    metadata = {"name": "app", "namespace": "data", "labels": {**LABELS, "app.kubernetes.io/version": "3.1.4"}}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**metadata, "name": "app-headless"},
            "spec": {
                "clusterIP": "None",
                "publishNotReadyAddresses": True,
                "selector": LABELS,
                "ports": [{"port": 7000}],
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"type": "ClusterIP", "selector": LABELS, "ports": [{"port": 9042}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": metadata,
            "spec": {
                "replicas": 3,
                "serviceName": "app-headless",
                "selector": {"matchLabels": LABELS},
                "template": {"metadata": {"labels": {**LABELS, "app.kubernetes.io/version": "3.1.4"}}, "spec": pod},
                "volumeClaimTemplates": claims,
                **spec,
            },
        },
    ]


SHAPES = {
    "a replicated database whose init containers write its configuration": app(
        [claim("data")],
        {
            "initContainers": [
                {
                    "name": "configure",
                    "image": "db:8.4",
                    "volumeMounts": mounts(conf="/mnt/conf", config_map="/mnt/map"),
                },
                {"name": "clone", "image": "backup:2", "volumeMounts": mounts(data="/var/lib/db", conf="/etc/db")},
            ],
            "containers": [
                {"name": "db", "image": "db:8.4", "volumeMounts": mounts(data="/var/lib/db", conf="/etc/db/conf.d")},
                {"name": "backup", "image": "backup:2", "volumeMounts": mounts(data="/var/lib/db", conf="/etc/db")},
            ],
            "volumes": [{"name": "conf", "emptyDir": {}}, {"name": "config-map", "configMap": {"name": "db"}}],
        },
    ),
    "a wide-column store with a long goodbye and a heap on tmpfs": app(
        [claim("data", storageClassName="fast"), claim("commitlog", "2Gi", storageClassName="fast")],
        {
            "terminationGracePeriodSeconds": 1800,
            "containers": [
                {
                    "name": "store",
                    "image": "store@sha256:0a0b",
                    "lifecycle": {"preStop": {"exec": {"command": ["store", "drain"]}}},
                    "volumeMounts": mounts(data="/store/data", commitlog="/store/commitlog", tmp="/tmp"),
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}],
        },
        podManagementPolicy="Parallel",
    ),
    "a coordination service that is selected by an expression": app(
        [claim("datadir")],
        {"containers": [{"name": "c", "image": "c:3.9", "volumeMounts": mounts(datadir="/var/lib/c")}]},
        selector={
            "matchLabels": LABELS,
            "matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": ["app", "old-app"]}],
        },
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
    ),
    "a queue with its secrets and time zone mounted": app(
        [claim("data", accessModes=["ReadWriteOncePod"], storageClassName="")],
        {
            "terminationGracePeriodSeconds": 120,
            "containers": [
                {
                    "name": "queue",
                    "image": "registry.example:5000/queue:4.1",
                    "volumeMounts": [
                        *mounts(data="/var/lib/queue", tls="/etc/tls", plugins="/etc/queue/plugins"),
                        {"name": "zone", "mountPath": "/etc/localtime", "readOnly": True},
                    ],
                }
            ],
            "volumes": [
                {"name": "tls", "secret": {"secretName": "tls"}},
                {"name": "plugins", "projected": {"sources": [{"configMap": {"name": "plugins"}}]}},
                {"name": "zone", "hostPath": {"path": "/etc/localtime"}},
            ],
        },
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"},
    ),
    "a cache on a block device, with an exporter as a sidecar": app(
        [claim("block", volumeMode="Block")],
        {
            "initContainers": [{"name": "exporter", "image": "exporter:1.62", "restartPolicy": "Always"}],
            "containers": [
                {"name": "cache", "image": "c:8", "volumeDevices": [{"name": "block", "devicePath": "/dev/cache"}]}
            ],
        },
        minReadySeconds=10,
    ),
    "one whose count an autoscaler owns, with a shared claim": [
        *app(
            [claim("index")],
            {
                "containers": [
                    {"name": "s", "image": "s:9.1", "volumeMounts": mounts(index="/index", shared="/shared")}
                ],
                "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": "snapshots"}}],
            },
            replicas=None,
        ),
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "app", "namespace": "data"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "app"}},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "snapshots", "namespace": "data"},
            "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Ti"}}},
        },
    ],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_it_keeps_every_mandatory_rule(shape: list[Any]) -> None:
    assert judge_all(PACKS["stateful"], *shape) == {}
