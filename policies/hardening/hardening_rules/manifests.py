"""Objects that keep every rule, from which examples and tests are made by changing one thing."""

from typing import Any

from policies.kit.examples import Manifest, merged

_SELECTOR: Manifest = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}
_LABELS: Manifest = {**_SELECTOR, "app.kubernetes.io/managed-by": "pulumi"}
_PROBE: Manifest = {"httpGet": {"path": "/", "port": "web"}}

_CONTAINER: Manifest = {
    "name": "web",
    "image": "registry.k8s.io/nginx-slim:0.27",
    "ports": [{"name": "web", "containerPort": 8080}],
    "env": [
        {"name": "WORKERS", "value": "2"},
        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ],
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
    "readinessProbe": _PROBE,
    "livenessProbe": _PROBE,
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
}

_POD_SPEC: Manifest = {
    "automountServiceAccountToken": False,
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": _SELECTOR},
        }
    ],
    "containers": [_CONTAINER],
}

_STATEFUL_SET: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web", "namespace": "default", "labels": _LABELS},
    "spec": {
        "replicas": 3,
        "serviceName": "web",
        "selector": {"matchLabels": _SELECTOR},
        "template": {"metadata": {"labels": _LABELS}, "spec": _POD_SPEC},
    },
}

_SERVICE: Manifest = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "default", "labels": _LABELS},
    "spec": {"clusterIP": "None", "selector": _SELECTOR, "ports": [{"name": "web", "port": 80}]},
}

_BUDGET: Manifest = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": _SELECTOR}},
}

_NETWORK_POLICY: Manifest = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {"podSelector": {"matchLabels": _SELECTOR}, "ingress": [{"ports": [{"port": "web"}]}]},
}

_PROVIDER: Manifest = {"type": "pulumi:providers:kubernetes", "name": "shop", "clusterIdentifier": "shop-eu-1"}


def stateful_set(**changes: Any) -> Manifest:
    """Return a StatefulSet, changed by a merge patch."""
    return merged(_STATEFUL_SET, changes)


def with_pod(metadata: Manifest | None = None, **spec: Any) -> Manifest:
    """Return that StatefulSet with its pod template changed in the same way."""
    return stateful_set(spec={"template": {"metadata": metadata or {}, "spec": spec}})


def with_container(**changes: Any) -> Manifest:
    """Return that StatefulSet with its container changed in the same way."""
    return with_pod(containers=[merged(_CONTAINER, changes)])


def workload(kind: str, version: str = "apps/v1", **changes: Any) -> Manifest:
    """Return a workload of another kind with the same pods."""
    template = _STATEFUL_SET["spec"]["template"]
    spec = {
        "Pod": _POD_SPEC,
        "CronJob": {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}},
    }.get(kind, {"replicas": 3, "template": template})
    base = {"apiVersion": version, "kind": kind, "metadata": _STATEFUL_SET["metadata"], "spec": spec}
    return merged(base, changes)


def service(**changes: Any) -> Manifest:
    """Return its Service, changed in the same way."""
    return merged(_SERVICE, changes)


def provider(**changes: Any) -> Manifest:
    """Return a provider of the program with its inputs, changed in the same way."""
    return merged(_PROVIDER, changes)


def budget(**changes: Any) -> Manifest:
    """Return its disruption budget, changed in the same way."""
    return merged(_BUDGET, changes)


def network_policy(**changes: Any) -> Manifest:
    """Return its network policy, changed in the same way."""
    return merged(_NETWORK_POLICY, changes)
