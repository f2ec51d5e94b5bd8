"""The inputs of ``StatefulWeb``: the one list, from which stack config, schema, validation and reference follow.

No ``from __future__ import annotations`` here: the host for other Pulumi languages reads real annotations.
A key typed ``pulumi.Input[...]`` takes an output of another resource; a plain one decides names or structure and must
be known when the program runs. What a key defaults to and what its value must be like stands in ``KEYS``, below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import pulumi

from . import quantities, rules

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs

    PodTemplate = dict[str, Any] | PodTemplateSpecArgs
else:
    PodTemplate = dict[str, Any]


class CreateStorageClassArgs(TypedDict):
    """A StorageClass that the stack creates, and deletes with itself; volumes are not touched by that."""

    provisioner: pulumi.Input[str]
    """The driver that makes volumes, e.g. ``rook-ceph.rbd.csi.ceph.com``. It can not be changed later."""

    name: NotRequired[str]
    """Name of the class; it has no namespace. Default: ``<namespace>-<name>-<volume>``."""

    parameters: NotRequired[dict[str, pulumi.Input[str]]]
    """Parameters of the driver. They can not be changed later. Default: none."""

    reclaim_policy: NotRequired[str]
    """What becomes of a volume whose claim is deleted: ``Retain`` or ``Delete``. Default: ``Retain``, since volumes
    are data; Kubernetes' own default is ``Delete``."""

    volume_binding_mode: NotRequired[str]
    """When a volume is made: ``WaitForFirstConsumer`` (where the pod is scheduled) or ``Immediate``. Default:
    ``WaitForFirstConsumer``."""

    allow_volume_expansion: NotRequired[bool]
    """Whether claims of the class can grow. Default: true."""

    mount_options: NotRequired[list[str]]
    """Options with which volumes are mounted. Default: none."""


class DataSourceArgs(TypedDict):
    """What new volumes are filled from (https://kubernetes.io/docs/concepts/storage/persistent-volumes/)."""

    kind: str
    """``VolumeSnapshot`` (restores it) or ``PersistentVolumeClaim`` (clones it)."""

    name: pulumi.Input[str]
    """Name of the snapshot or claim, in the namespace of the web server."""


class StorageArgs(TypedDict):
    """A claim template: one claim and one volume for every pod."""

    volume_name: NotRequired[str]
    """Name of the claim template and of the pod's volume; a pod's claim is called ``<volume>-<pod>``. A DNS label.
    Default: ``data``."""

    size: NotRequired[pulumi.Input[str]]
    """What each claim requests, as a Kubernetes quantity, e.g. ``10Gi``. Default: ``1Gi``."""

    access_modes: NotRequired[list[str]]
    """How nodes may mount the volume: ``ReadWriteOnce``, ``ReadWriteMany``, ``ReadOnlyMany``, or ``ReadWriteOncePod``
    alone. Default: ``[ReadWriteOnce]``."""

    storage_class_name: NotRequired[pulumi.Input[str]]
    """StorageClass of the claims. Absent: the cluster's default class. ``""``: no class, only volumes that an
    administrator made (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1). Default: absent."""

    create_storage_class: NotRequired[CreateStorageClassArgs]
    """A class that the stack creates, instead of ``storage_class_name``. Default: none."""

    data_source: NotRequired[DataSourceArgs]
    """What new volumes are filled from; volumes that exist are left alone. Default: none, they are empty."""

    mount_path: NotRequired[str]
    """In ``volumes`` only, and required there: the absolute path at which the container sees the volume. That of
    ``storage`` is the input ``mount_path``. Default: none."""

    verify: NotRequired[bool]
    """Look the class up on the cluster before anything is planned, and fail the preview if it is not there. With false
    in ``storage``, a cluster that does not answer is no error: sets and claims keep their sizes then. Default: true."""


class RetentionArgs(TypedDict):
    """What becomes of claims (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/)."""

    when_deleted: NotRequired[str]
    """When the StatefulSet is deleted: ``Retain`` or ``Delete``. Default: ``Retain``."""

    when_scaled: NotRequired[str]
    """When the pod is scaled down: ``Retain`` or ``Delete``. Default: ``Retain``."""


class UpdateArgs(TypedDict):
    """How pods get to a new template."""

    type: NotRequired[str]
    """``RollingUpdate``, from the highest ordinal down, or ``OnDelete``, when somebody deletes them. Default:
    ``RollingUpdate``."""

    partition: NotRequired[pulumi.Input[int]]
    """So many pods, counted from the first, keep their template: a canary. With ``RollingUpdate`` only. Default: 0."""

    max_unavailable: NotRequired[Any]
    """How many pods may be replaced at once, a number or a share such as ``"25%"``. A cluster without
    MaxUnavailableStatefulSet drops it, so that every preview shows it again. With ``RollingUpdate`` only. Default: 1,
    as in Kubernetes."""


class EnvFromArgs(TypedDict):
    """Environment variables from an object of the namespace; exactly one of the two names."""

    config_map_name: NotRequired[pulumi.Input[str]]
    """A ConfigMap. Default: none."""

    secret_name: NotRequired[pulumi.Input[str]]
    """A Secret. Default: none."""

    prefix: NotRequired[str]
    """Put before every name. Default: none."""


class FilesArgs(TypedDict):
    """Files that the container sees in a folder, kept in a ConfigMap or a Secret of the component's own."""

    mount_path: str
    """The folder, an absolute path. Its other content is hidden."""

    content: pulumi.Input[dict[str, pulumi.Input[str]]]
    """File name to text. Its hash is part of the object's name, so that a change rolls the pods."""

    secret: NotRequired[bool]
    """Keep them in a Secret. Default: false, a ConfigMap."""


class ResourcesArgs(TypedDict):
    """What the container needs and may use, as quantities by resource."""

    requests: NotRequired[dict[str, pulumi.Input[str]]]
    """What the scheduler sets aside, e.g. ``{cpu: 100m, memory: 128Mi}``. Default: none."""

    limits: NotRequired[dict[str, pulumi.Input[str]]]
    """What the container can't exceed. Default: none."""


class ProbeArgs(TypedDict):
    """A GET request of the kubelet; every answer from 200 to 399 is a success."""

    path: NotRequired[pulumi.Input[str]]
    """Path of the request, at the input ``port``. Default: ``/``."""

    initial_delay_seconds: NotRequired[int]
    """Seconds after the container's start. Default: 0."""

    period_seconds: NotRequired[int]
    """Seconds between two requests. Default: 10."""

    timeout_seconds: NotRequired[int]
    """Seconds that an answer may take. Default: 1."""

    failure_threshold: NotRequired[int]
    """Failures in a row that count. Default: 3; for ``startup`` 30, so that a start may take five minutes."""


class ProbesArgs(TypedDict):
    """Probes that are switched on, each by its key; ``{}`` takes all defaults."""

    startup: NotRequired[ProbeArgs]
    """Holds the other probes back until it succeeds. Default: off."""

    readiness: NotRequired[ProbeArgs]
    """Decides whether the pod gets requests, and when the next pod is started. Default: off."""

    liveness: NotRequired[ProbeArgs]
    """Restarts the container when it fails. Default: off."""


class DisruptionBudgetArgs(TypedDict):
    """A PodDisruptionBudget; ``{}`` takes all defaults."""

    max_unavailable: NotRequired[Any]
    """How many pods a drain may take at once, a number or a share. Default: 1, unless ``min_available`` is given."""

    min_available: NotRequired[Any]
    """How many pods a drain must leave. Default: none."""


class NetworkPolicyArgs(TypedDict):
    """A NetworkPolicy for what comes in; ``{}`` takes all defaults."""

    allow_from: NotRequired[list[Any]]
    """NetworkPolicyPeers that may reach ``port``, as in Kubernetes; none of them with ``[]``. Default: the pods of the
    namespace."""


class ServiceAccountArgs(TypedDict):
    """The ServiceAccount that the pods run as; ``{}`` takes all defaults. No token is mounted either way."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""

    create: NotRequired[bool]
    """Create it. Default: true."""


class ClientServiceArgs(TypedDict):
    """A second Service, with an address of its own, for clients that take any ready pod; ``{}`` takes all defaults."""

    name: NotRequired[str]
    """Its name, a DNS-1035 label. Default: ``<name>-client``."""

    type: NotRequired[str]
    """``ClusterIP``, ``NodePort`` or ``LoadBalancer``. Default: ``ClusterIP``."""

    port: NotRequired[pulumi.Input[int]]
    """Port of the Service. Default: the input ``port``."""

    drain_seconds: NotRequired[int]
    """Seconds that a pod goes on serving after it is told to end, while clients learn to go elsewhere: a preStop
    pause. Less than ``termination_grace_period_seconds``; 0 for none. Default: 5."""


class StatefulWebArgs(TypedDict):
    """Inputs of a ``StatefulWeb``; only ``image`` is required."""

    image: pulumi.Input[str]
    """Container image with a tag or a digest, e.g. ``registry.k8s.io/nginx-slim:0.27``."""

    name: NotRequired[str]
    """Name of the StatefulSet; pods are called ``<name>-<ordinal>``. A DNS label of at most 52 characters, since the
    revision label of the pods adds 11 to it and has 63. Default: the component's name."""

    namespace: NotRequired[pulumi.Input[str]]
    """Namespace of every object. It must exist, or be created by ``create_namespace``. Default: that of the provider,
    else of its kubeconfig's context, else ``default``, as for any other resource."""

    create_namespace: NotRequired[bool]
    """Create the namespace. It stays when the stack is destroyed, since claims live in it. Default: false."""

    replicas: NotRequired[pulumi.Input[int]]
    """Number of pods, 0 or more. With ``autoscaled`` it is the number to start with. Default: 1."""

    autoscaled: NotRequired[bool]
    """An autoscaler owns the number of pods: a running set keeps the count that it has. Default: false."""

    service_name: NotRequired[str]
    """Name of the headless Service that gives the pods their DNS names: ``<pod>.<service>.<namespace>``. A DNS-1035
    label: lower-case letters, digits and dashes, starting with a letter. Default: ``name``."""

    publish_not_ready_addresses: NotRequired[bool]
    """Give pods their DNS names before they are ready, for peers that must find each other to get ready. Default:
    false."""

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

    volumes: NotRequired[list[StorageArgs]]
    """Further claim templates, each with a ``volume_name`` and a ``mount_path`` of its own. Default: none."""

    retention: NotRequired[RetentionArgs]
    """What becomes of claims when the set or a pod goes. Default: they stay."""

    selector_labels: NotRequired[dict[str, str]]
    """Labels that tie pods, StatefulSet and Service together. They can not be changed on a running set. Default:
    ``app.kubernetes.io/name`` (the StatefulSet's name) and ``app.kubernetes.io/instance`` (the component's name)."""

    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further labels of every object and of the pods; never part of a selector. Default: none."""

    annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of every object, not of the pods. Default: none."""

    recommended_labels: NotRequired[bool]
    """Add Kubernetes' recommended ``app.kubernetes.io`` labels (name, instance, managed-by) to every object and the
    pods (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). Default: true."""

    termination_grace_period_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a pod has to finish its requests before it is killed, 1 or more. Default: 30."""

    pod_management_policy: NotRequired[str]
    """``OrderedReady``, one pod after the other, or ``Parallel``. It can not be changed on a running set. Default:
    ``OrderedReady``."""

    update: NotRequired[UpdateArgs]
    """How pods get to a new template. Default: all, one by one from the highest ordinal down."""

    min_ready_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a new pod must be ready for before it counts as available. Default: 0."""

    ordinals_start: NotRequired[pulumi.Input[int]]
    """Ordinal of the first pod. Default: 0."""

    revision_history_limit: NotRequired[pulumi.Input[int]]
    """Old revisions that are kept for a rollback. Default: 10, as in Kubernetes."""

    env: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Environment variables of the container, name to value. They keep their order, sorted by name in stack config and
    other languages; one that refers to a later one (``$(NAME)``) moves behind it. They are readable by whoever can read
    the StatefulSet: for secrets use ``env_from``, or ``files`` with ``secret``. Default: none."""

    env_from: NotRequired[list[EnvFromArgs]]
    """Environment variables from ConfigMaps and Secrets. Default: none."""

    files: NotRequired[list[FilesArgs]]
    """Files that the container sees; a changed text rolls the pods, so it is refused while ``update`` keeps pods back.
    Default: none."""

    resources: NotRequired[ResourcesArgs]
    """What the container needs and may use. Default: none."""

    probes: NotRequired[ProbesArgs]
    """HTTP probes at ``port``. Default: none."""

    security: NotRequired[str]
    """``baseline``: no token mounted, seccomp RuntimeDefault, no privilege escalation. ``restricted``: also no root, no
    capabilities, as Pod Security "restricted" asks
    (https://kubernetes.io/docs/concepts/security/pod-security-standards/). Each setting can be removed by
    ``pod_template`` with a null. Default: ``baseline``."""

    topology_spread: NotRequired[bool]
    """Prefer to put pods on different nodes. Default: false."""

    disruption_budget: NotRequired[DisruptionBudgetArgs]
    """Limits how many pods a drain of nodes takes at once. Default: none."""

    network_policy: NotRequired[NetworkPolicyArgs]
    """Limits who can reach the pods. Default: none."""

    service_account: NotRequired[ServiceAccountArgs]
    """The ServiceAccount of the pods. Default: the namespace's ``default``."""

    client_service: NotRequired[ClientServiceArgs]
    """A second Service for clients that take any ready pod. Default: none."""

    pod_template: NotRequired[PodTemplate]
    """What else the pod has, as in Kubernetes, merged last: maps deep, lists by all their map keys
    (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy), other lists replaced; null
    removes. Takes what pulumi_kubernetes takes: snake_case and camelCase keys, ``PodTemplateSpecArgs``, outputs as
    values. Numbers become text where Kubernetes wants text. It can't take data volumes, the container or the selector's
    labels away. With ``spec.os.name: windows``, defaults that only Linux has are off. Default: none."""

    rollout_timeout_seconds: NotRequired[int]
    """Seconds that ``pulumi up`` waits for the pods. Default: what replicas, probes and ``min_ready_seconds`` add up
    to, and ten minutes at least."""

    adopt: NotRequired[bool]
    """Take over a Service and a StatefulSet that exist, without a restart: defaults that the live pod template lacks
    are off. Needs ``kubernetes:upsertExistingObjects``. Default: false."""


@dataclass(frozen=True)
class Key:
    """What a key defaults to, and what its value must be like."""

    rule: rules.Judge | None = None
    default: Any = None
    """``None``: absent means something of its own, or is derived from other inputs by ``derived``."""


RETAIN_OR_DELETE = rules.one_of("Retain", "Delete")

KEYS: Mapping[Any, Mapping[str, Key]] = {
    StatefulWebArgs: {
        "image": Key(rules.image_reference),
        "name": Key(rules.dns_label(52)),
        "namespace": Key(rules.dns_label()),
        "create_namespace": Key(None, False),
        "replicas": Key(rules.whole_number(0)),
        "autoscaled": Key(None, False),
        "service_name": Key(rules.dns_1035_label),
        "publish_not_ready_addresses": Key(None, False),
        "container_name": Key(rules.dns_label()),
        "port": Key(rules.whole_number(1, 65535), 80),
        "port_name": Key(rules.port_name, "web"),
        "storage": Key(None, {}),
        "mount_path": Key(rules.absolute_path, "/data"),
        "volumes": Key(None, []),
        "retention": Key(None, {}),
        "selector_labels": Key(rules.selector_labels),
        "labels": Key(rules.labels, {}),
        "annotations": Key(rules.annotations, {}),
        "recommended_labels": Key(None, True),
        "termination_grace_period_seconds": Key(rules.whole_number(1), 30),
        "pod_management_policy": Key(rules.one_of("OrderedReady", "Parallel"), "OrderedReady"),
        "update": Key(None, {}),
        "min_ready_seconds": Key(rules.whole_number(0), 0),
        "ordinals_start": Key(rules.whole_number(0), 0),
        "revision_history_limit": Key(rules.whole_number(0)),
        "env": Key(rules.env_names, {}),
        "env_from": Key(None, []),
        "files": Key(None, []),
        "resources": Key(),
        "probes": Key(None, {}),
        "security": Key(rules.one_of("baseline", "restricted"), "baseline"),
        "topology_spread": Key(None, False),
        "disruption_budget": Key(),
        "network_policy": Key(),
        "service_account": Key(),
        "client_service": Key(),
        "pod_template": Key(None, {}),
        "rollout_timeout_seconds": Key(rules.whole_number(1)),
        "adopt": Key(None, False),
    },
    StorageArgs: {
        "volume_name": Key(rules.dns_label(), "data"),
        "size": Key(rules.storage_size, "1Gi"),
        "access_modes": Key(rules.access_modes, ["ReadWriteOnce"]),
        "storage_class_name": Key(rules.empty_or(rules.dns_subdomain)),
        "create_storage_class": Key(),
        "data_source": Key(),
        "mount_path": Key(rules.absolute_path),
        "verify": Key(None, True),
    },
    CreateStorageClassArgs: {
        "provisioner": Key(rules.provisioner),
        "name": Key(rules.dns_subdomain),
        "parameters": Key(rules.parameters, {}),
        "reclaim_policy": Key(RETAIN_OR_DELETE, "Retain"),
        "volume_binding_mode": Key(rules.one_of("WaitForFirstConsumer", "Immediate"), "WaitForFirstConsumer"),
        "allow_volume_expansion": Key(None, True),
        "mount_options": Key(None, []),
    },
    DataSourceArgs: {
        "kind": Key(rules.one_of("VolumeSnapshot", "PersistentVolumeClaim")),
        "name": Key(rules.dns_subdomain),
    },
    RetentionArgs: {
        "when_deleted": Key(RETAIN_OR_DELETE, "Retain"),
        "when_scaled": Key(RETAIN_OR_DELETE, "Retain"),
    },
    UpdateArgs: {
        "type": Key(rules.one_of("RollingUpdate", "OnDelete"), "RollingUpdate"),
        "partition": Key(rules.whole_number(0)),
        "max_unavailable": Key(rules.number_or_percent),
    },
    EnvFromArgs: {
        "config_map_name": Key(rules.dns_subdomain),
        "secret_name": Key(rules.dns_subdomain),
        "prefix": Key(),
    },
    FilesArgs: {
        "mount_path": Key(rules.absolute_path),
        "content": Key(rules.file_names),
        "secret": Key(None, False),
    },
    ResourcesArgs: {
        "requests": Key(quantities.quantities),
        "limits": Key(quantities.quantities),
    },
    ProbesArgs: {
        "startup": Key(),
        "readiness": Key(),
        "liveness": Key(),
    },
    ProbeArgs: {
        "path": Key(rules.url_path, "/"),
        "initial_delay_seconds": Key(rules.whole_number(0), 0),
        "period_seconds": Key(rules.whole_number(1), 10),
        "timeout_seconds": Key(rules.whole_number(1), 1),
        "failure_threshold": Key(rules.whole_number(1)),
    },
    DisruptionBudgetArgs: {
        "max_unavailable": Key(rules.number_or_percent),
        "min_available": Key(rules.number_or_percent),
    },
    NetworkPolicyArgs: {
        "allow_from": Key(None, [{"podSelector": {}}]),
    },
    ServiceAccountArgs: {
        "name": Key(rules.dns_subdomain),
        "create": Key(None, True),
    },
    ClientServiceArgs: {
        "name": Key(rules.dns_1035_label),
        "type": Key(rules.one_of("ClusterIP", "NodePort", "LoadBalancer"), "ClusterIP"),
        "port": Key(rules.whole_number(1, 65535)),
        "drain_seconds": Key(rules.whole_number(0), 5),
    },
}


def derived(component_name: str, given: StatefulWebArgs) -> Mapping[str, Any]:
    """Return the defaults that follow from other inputs, by the inputs that they are for."""
    name = given.get("name", component_name)
    return {
        "name": name,
        # Not a plain default: left out, it may not follow the count of an autoscaler.
        "replicas": 1,
        "service_name": name,
        "container_name": name,
        "selector_labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": component_name},
    }
