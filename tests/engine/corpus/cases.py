"""The form of a case, and an application that keeps every rule, of which cases change one thing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from policies.kit.examples import Manifest, merged

Declaration = Callable[[str, str], None]
"""Declares the objects of a case, given its name and a namespace."""

Wrap = Callable[[Manifest], Any]


@dataclass(frozen=True)
class Case:
    """A program, or rather its part that matters."""

    name: str
    """That of its function; its resources are called so too, or start with it and a dot."""

    declare: Declaration
    rules: frozenset[str]
    """The rules that it breaks: these, and no others."""


@dataclass
class Cases:
    """Collects functions."""

    found: list[Case] = field(default_factory=list)

    def breaking(self, *rules: str) -> Callable[[Declaration], Declaration]:
        """Register a function as the case that breaks these rules."""

        def register(declaration: Declaration) -> Declaration:
            name = declaration.__name__.strip("_").replace("_", "-")
            self.found.append(Case(name, declaration, frozenset(rules)))
            return declaration

        return register


def dashed(name: str) -> str:
    """Return the name of an object, for that of a resource."""
    return name.replace(".", "-")


def labels(name: str) -> Manifest:
    return {"app": dashed(name)}


def service(name: str, namespace: str, spec: Manifest | None = None) -> Manifest:
    """Return the inputs of a headless Service, with its spec changed by a merge patch."""
    base: Manifest = {"clusterIP": "None", "selector": labels(name), "ports": [{"name": "web", "port": 80}]}
    return {"metadata": {"name": dashed(name), "namespace": namespace}, "spec": merged(base, spec or {})}


def claim(name: str = "data", size: Any = "10Gi", **spec: Any) -> Manifest:
    """Return a claim template."""
    base: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "standard",
        "resources": {"requests": {"storage": size}},
    }
    return {"metadata": {"name": name}, "spec": merged(base, spec)}


def container(name: str, **changes: Any) -> Manifest:
    """Return a container that mounts the claim."""
    base: Manifest = {
        "name": name,
        "image": "registry.example/app:1.4.2",
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    return merged(base, changes)


def stateful_set(name: str, namespace: str, pod: Manifest | None = None, **spec: Any) -> Manifest:
    """Return the inputs of a StatefulSet of that Service, with the pod's and its own spec changed by merge patches."""
    base: Manifest = {
        "replicas": 3,
        "serviceName": dashed(name),
        "selector": {"matchLabels": labels(name)},
        "template": {
            "metadata": {"labels": labels(name)},
            "spec": merged({"terminationGracePeriodSeconds": 30, "containers": [container("app")]}, pod or {}),
        },
        "volumeClaimTemplates": [claim()],
    }
    return {"metadata": {"name": dashed(name), "namespace": namespace}, "spec": merged(base, spec)}


def headless(
    name: str, namespace: str, spec: Manifest | None = None, opts: pulumi.ResourceOptions | None = None
) -> k8s.core.v1.Service:
    """Declare that Service, with its spec changed by a merge patch."""
    return k8s.core.v1.Service(name, opts=opts, **service(name, namespace, spec))


def app(
    name: str,
    namespace: str,
    pod: Manifest | None = None,
    governing: Manifest | None = None,
    opts: pulumi.ResourceOptions | None = None,
    wrap: Wrap = lambda inputs: inputs,
    metadata: Manifest | None = None,
    **spec: Any,
) -> k8s.apps.v1.StatefulSet:
    """Declare both: the set with these changes, its spec handed through ``wrap``; the Service with ``governing``."""
    headless(name, namespace, governing, opts)
    inputs = stateful_set(name, namespace, pod, **spec)
    return k8s.apps.v1.StatefulSet(
        name, opts=opts, metadata=merged(inputs["metadata"], metadata or {}), spec=wrap(inputs["spec"])
    )
