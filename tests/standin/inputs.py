"""Inputs of the kinds that the tests use most."""

from typing import Any

Json = dict[str, Any]
IMAGE = "registry.k8s.io/nginx-slim:0.8"
NO_NODE = {"kubernetes.io/hostname": "no-such-node"}
"""A node selector that keeps a pod from ever being ready."""


def metadata(name: str, namespace: str, **annotations: str) -> Json:
    pulumi = {f"pulumi.com/{key}": value for key, value in annotations.items()}
    return {"name": name, "namespace": namespace, **({"annotations": pulumi} if pulumi else {})}


def config_map(namespace: str, name: str = "settings", **data: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, namespace), "data": data}


def service(namespace: str, name: str = "nginx", **spec: Any) -> Json:
    ports = [{"name": "web", "port": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, namespace),
        "spec": {"clusterIP": "None", "selector": {"app": "nginx"}, "ports": ports, **spec},
    }


def pod_template(image: str = IMAGE, *, never_ready: bool = False) -> Json:
    spec: Json = {"terminationGracePeriodSeconds": 1, "containers": [{"name": "nginx", "image": image}]}
    if never_ready:
        spec["nodeSelector"] = NO_NODE
    return {"metadata": {"labels": {"app": "nginx"}}, "spec": spec}


def claim(name: str = "www", size: str = "1Gi") -> Json:
    return {
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "rook-ceph-block",
            "resources": {"requests": {"storage": size}},
        },
    }


def stateful_set(
    namespace: str,
    *,
    image: str = IMAGE,
    never_ready: bool = False,
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> Json:
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata("web", namespace, **(annotations or {})),
        "spec": {
            "serviceName": "nginx",
            "replicas": 2,
            "selector": {"matchLabels": {"app": "nginx"}},
            "template": pod_template(image, never_ready=never_ready),
            **spec,
        },
    }


def changed(inputs: Json, **spec: Any) -> Json:
    """Return the inputs with fields of their spec changed."""
    return {**inputs, "spec": {**inputs["spec"], **spec}}
