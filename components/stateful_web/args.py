"""The inputs of ``StatefulWeb``: the one list, from which stack config, schema, validation and reference follow.

No ``from __future__ import annotations`` here: the host for other Pulumi languages reads real annotations.
A key typed ``pulumi.Input[...]`` takes an output of another resource; a plain one decides names or structure and must
be known when the program runs.
"""

from typing import NotRequired, TypedDict

import pulumi


class StorageArgs(TypedDict):
    """A claim template: one claim and one volume for every pod."""

    volume_name: NotRequired[str]
    """Name of the claim template and of the pod's volume; a pod's claim is called ``<volume>-<pod>``. A DNS label.
    Default: ``data``."""

    size: NotRequired[pulumi.Input[str]]
    """What each claim requests, as a Kubernetes quantity, e.g. ``10Gi``. Default: ``1Gi``."""

    access_modes: NotRequired[list[str]]
    """How nodes may mount the volume: ``ReadWriteOnce``, ``ReadWriteOncePod``, ``ReadWriteMany`` or ``ReadOnlyMany``.
    Default: ``[ReadWriteOnce]``."""

    storage_class_name: NotRequired[pulumi.Input[str]]
    """StorageClass of the claims. Absent: the cluster's default class. ``""``: no class, only volumes that an
    administrator made (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1)."""

    verify: NotRequired[bool]
    """Look the class up on the cluster before anything is planned, and fail the preview if it is not there. Default:
    true."""


class StatefulWebArgs(TypedDict):
    """Inputs of a ``StatefulWeb``; only ``image`` is required."""

    image: pulumi.Input[str]
    """Container image with a tag or a digest, e.g. ``registry.k8s.io/nginx-slim:0.27``."""

    name: NotRequired[str]
    """Name of the StatefulSet; pods are called ``<name>-<ordinal>``. A DNS label of at most 52 characters, since the
    revision label of the pods adds 11 to it and has 63. Default: the component's name."""

    namespace: NotRequired[pulumi.Input[str]]
    """Namespace of every object. It must exist. Default: ``default``."""

    replicas: NotRequired[pulumi.Input[int]]
    """Number of pods, 0 or more. Default: 1."""

    service_name: NotRequired[str]
    """Name of the headless Service that gives the pods their DNS names: ``<pod>.<service>.<namespace>``. A DNS-1035
    label: lower-case letters, digits and dashes, starting with a letter. Default: ``name``."""

    container_name: NotRequired[str]
    """Name of the web server's container, a DNS label. Default: ``name``."""

    port: NotRequired[pulumi.Input[int]]
    """Port on which the container and the Service listen, 1 to 65535. Default: 80."""

    port_name: NotRequired[str]
    """Name of that port in the container and the Service: at most 15 lower-case letters, digits and dashes with at
    least one letter. Default: ``web``."""

    storage: NotRequired[StorageArgs]
    """The claim template of the web server's data. Default: 1Gi, ReadWriteOnce, of the cluster's default class."""

    mount_path: NotRequired[str]
    """Absolute path at which the container sees that data. Default: ``/data``."""

    selector_labels: NotRequired[dict[str, str]]
    """Labels that tie pods, StatefulSet and Service together. They can not be changed on a running set. Default:
    ``app.kubernetes.io/name`` (the StatefulSet's name) and ``app.kubernetes.io/instance`` (the component's name)."""

    labels: NotRequired[dict[str, pulumi.Input[str]]]
    """Further labels of every object and of the pods; never part of a selector. Default: none."""

    annotations: NotRequired[dict[str, pulumi.Input[str]]]
    """Annotations of every object, not of the pods. Default: none."""

    recommended_labels: NotRequired[bool]
    """Add Kubernetes' recommended ``app.kubernetes.io`` labels (name, instance, managed-by) to every object and the
    pods (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). Default: true."""

    termination_grace_period_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a pod has to finish its requests before it is killed, 1 or more. Default: 30."""


STORAGE_DEFAULTS: StorageArgs = {
    "volume_name": "data",
    "size": "1Gi",
    "access_modes": ["ReadWriteOnce"],
    "verify": True,
}


def with_defaults(component_name: str, args: StatefulWebArgs) -> StatefulWebArgs:
    """Return ``args`` with every default filled in; keys whose absence means something stay absent."""
    name = args.get("name", component_name)
    defaults: StatefulWebArgs = {
        "image": args["image"],
        "name": name,
        "namespace": "default",
        "replicas": 1,
        "service_name": name,
        "container_name": name,
        "port": 80,
        "port_name": "web",
        "mount_path": "/data",
        "selector_labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": component_name},
        "labels": {},
        "annotations": {},
        "recommended_labels": True,
        "termination_grace_period_seconds": 30,
    }
    return {**defaults, **args, "storage": {**STORAGE_DEFAULTS, **args.get("storage", {})}}
