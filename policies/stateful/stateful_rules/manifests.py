"""Objects that keep every rule, from which examples and tests are made by changing one thing."""

from typing import Any

from policies.kit.examples import Manifest, merged

_SERVICE: Manifest = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "nginx", "namespace": "default"},
    "spec": {"clusterIP": "None", "selector": {"app": "nginx"}, "ports": [{"name": "web", "port": 80}]},
}

_CONTAINER: Manifest = {
    "name": "nginx",
    "image": "registry.k8s.io/nginx-slim:0.27",
    "ports": [{"name": "web", "containerPort": 80}],
    "volumeMounts": [{"name": "www", "mountPath": "/usr/share/nginx/html"}],
}

_CLAIM_TEMPLATE: Manifest = {
    "metadata": {"name": "www"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "rook-ceph-block",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}

_STATEFUL_SET: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 3,
        "serviceName": "nginx",
        "selector": {"matchLabels": {"app": "nginx"}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "template": {
            "metadata": {"labels": {"app": "nginx"}},
            "spec": {
                "terminationGracePeriodSeconds": 10,
                "containers": [_CONTAINER],
            },
        },
        "volumeClaimTemplates": [_CLAIM_TEMPLATE],
    },
}

_AUTOSCALER: Manifest = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"}, "maxReplicas": 5},
}


def service(**changes: Any) -> Manifest:
    """Return a headless Service, changed by a merge patch."""
    return merged(_SERVICE, changes)


def stateful_set(**changes: Any) -> Manifest:
    """Return a StatefulSet of that Service, changed in the same way."""
    return merged(_STATEFUL_SET, changes)


def container(**changes: Any) -> Manifest:
    """Return its container, changed in the same way."""
    return merged(_CONTAINER, changes)


def claim_template(metadata: Manifest | None = None, **spec: Any) -> Manifest:
    """Return its claim template, with metadata and spec changed in the same way."""
    return merged(_CLAIM_TEMPLATE, {"metadata": metadata or {}, "spec": spec})


def autoscaler(**changes: Any) -> Manifest:
    """Return an autoscaler of that StatefulSet, changed in the same way."""
    return merged(_AUTOSCALER, changes)
