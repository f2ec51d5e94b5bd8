"""The inputs of ``StatefulWeb``: the one list, from which stack config, schema, validation and reference follow.

No ``from __future__ import annotations`` here: the host for other Pulumi languages reads real annotations.
A key typed ``pulumi.Input[...]`` takes an output of another resource; a plain one decides names or structure and must
be known when the program runs. What a key defaults to and what its value must be like stands in ``KEYS``, below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import pulumi

from . import choices, quantities, rules
from .pod_schema import Field

if TYPE_CHECKING:
    from pulumi_kubernetes.autoscaling.v2 import HorizontalPodAutoscalerBehaviorArgs
    from pulumi_kubernetes.core.v1 import AffinityArgs, ContainerArgs, PodTemplateSpecArgs, TolerationArgs
    from pulumi_kubernetes.networking.v1 import NetworkPolicyPeerArgs

    from .choices import (
        AccessMode,
        DataSourceKind,
        ImagePullPolicy,
        IpFamily,
        IpFamilyPolicy,
        PodManagementPolicy,
        Protocol,
        RetainOrDelete,
        Scheme,
        Security,
        ServiceType,
        SessionAffinity,
        TrafficDistribution,
        TrafficPolicy,
        UpdateType,
        VolumeBindingMode,
        VolumeMode,
    )

    PodTemplate = dict[str, Any] | PodTemplateSpecArgs
    Container = dict[str, Any] | ContainerArgs
    Toleration = dict[str, Any] | TolerationArgs
    Affinity = dict[str, Any] | AffinityArgs
    Peer = dict[str, Any] | NetworkPolicyPeerArgs
    Behavior = dict[str, Any] | HorizontalPodAutoscalerBehaviorArgs
else:
    # The host for other languages knows no choices and no unions.
    AccessMode = DataSourceKind = ImagePullPolicy = IpFamily = IpFamilyPolicy = PodManagementPolicy = Protocol = str
    RetainOrDelete = Scheme = Security = ServiceType = SessionAffinity = TrafficDistribution = TrafficPolicy = str
    UpdateType = VolumeBindingMode = VolumeMode = str
    PodTemplate = Affinity = Behavior = dict[str, Any]
    Container = Toleration = Peer = Any


class CreateStorageClassArgs(TypedDict):
    """A StorageClass that the stack creates, and deletes with itself; volumes are not touched by that."""

    provisioner: pulumi.Input[str]
    """The driver that makes volumes, e.g. ``rook-ceph.rbd.csi.ceph.com``. It can not be changed later."""

    name: NotRequired[str]
    """Name of the class; it has no namespace. Default: ``<namespace>-<name>-<volume>``."""

    parameters: NotRequired[dict[str, pulumi.Input[str]]]
    """Parameters of the driver. They can not be changed later. Default: none."""

    reclaim_policy: NotRequired[RetainOrDelete]
    """What becomes of a volume whose claim is deleted: ``Retain`` or ``Delete``. Default: ``Retain``, since volumes
    are data; Kubernetes' own default is ``Delete``."""

    volume_binding_mode: NotRequired[VolumeBindingMode]
    """When a volume is made: ``WaitForFirstConsumer`` (where the pod is scheduled) or ``Immediate``. Default:
    ``WaitForFirstConsumer``."""

    allow_volume_expansion: NotRequired[bool]
    """Whether claims of the class can grow. Default: true."""

    mount_options: NotRequired[list[str]]
    """Options with which volumes are mounted. Default: none."""


class DataSourceArgs(TypedDict):
    """What new volumes are filled from (https://kubernetes.io/docs/concepts/storage/persistent-volumes/)."""

    kind: DataSourceKind
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

    access_modes: NotRequired[list[AccessMode]]
    """How nodes may mount the volume: ``ReadWriteOnce``, ``ReadWriteMany``, ``ReadOnlyMany``, or ``ReadWriteOncePod``
    alone. Default: ``[ReadWriteOnce]``."""

    storage_class_name: NotRequired[pulumi.Input[str]]
    """StorageClass of the claims. Absent: the cluster's default class. ``""``: no class, only volumes that an
    administrator made (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1). Default: absent."""

    create_storage_class: NotRequired[CreateStorageClassArgs]
    """A class that the stack creates, instead of ``storage_class_name``. Default: none."""

    data_source: NotRequired[DataSourceArgs]
    """What new volumes are filled from; volumes that exist are left alone. Default: none, they are empty."""

    volume_mode: NotRequired[VolumeMode]
    """``Filesystem``, which is mounted, or ``Block``, a device that the container sees at ``device_path``. It can not
    be changed on claims that exist. Default: ``Filesystem``."""

    device_path: NotRequired[str]
    """With ``volume_mode`` Block, and required there: the absolute path of the device, e.g. ``/dev/data``. Default:
    none."""

    sub_path: NotRequired[str]
    """Folder of the volume that is mounted in place of its root, e.g. for an image that wants an empty folder where a
    disk has ``lost+found``; a relative path. Default: the root."""

    mount_path: NotRequired[str]
    """In ``volumes`` only, and required there but for devices: the absolute path at which the container sees the
    volume. That of ``storage`` is the input ``mount_path``. Default: none."""

    verify: NotRequired[bool]
    """Look the class up on the cluster before anything is planned, and fail the preview if it is not there. With false
    in ``storage``, a cluster that does not answer is no error: sets and claims keep their sizes then. Default: true."""


class RetentionArgs(TypedDict):
    """What becomes of claims (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/)."""

    when_deleted: NotRequired[RetainOrDelete]
    """When the StatefulSet is deleted: ``Retain`` or ``Delete``. Default: ``Retain``."""

    when_scaled: NotRequired[RetainOrDelete]
    """When the pod is scaled down: ``Retain`` or ``Delete``. Default: ``Retain``."""


class UpdateArgs(TypedDict):
    """How pods get to a new template."""

    type: NotRequired[UpdateType]
    """``RollingUpdate``, from the highest ordinal down, or ``OnDelete``, when somebody deletes them. Default:
    ``RollingUpdate``."""

    partition: NotRequired[pulumi.Input[int]]
    """So many pods, counted from the first, keep their template: a canary. With ``RollingUpdate`` only. Default: 0."""

    max_unavailable: NotRequired[Any]
    """How many pods may be replaced at once, a number or a share such as ``"25%"``. A cluster without
    MaxUnavailableStatefulSet drops it, so that every preview shows it again. With ``RollingUpdate`` only. Default: 1,
    as in Kubernetes."""


class EnvSourceArgs(TypedDict):
    """Where the value of an environment variable comes from: a key of a Secret or ConfigMap, or a field of the pod."""

    secret_name: NotRequired[pulumi.Input[str]]
    """A Secret of the namespace. Default: none."""

    config_map_name: NotRequired[pulumi.Input[str]]
    """A ConfigMap of the namespace. Default: none."""

    key: NotRequired[pulumi.Input[str]]
    """Key of the Secret or ConfigMap, and required for these. Default: none."""

    field_path: NotRequired[pulumi.Input[str]]
    """A field of the pod, e.g. ``metadata.name``
    (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields). Default: none."""


Env = pulumi.Input[dict[str, pulumi.Input[str] | EnvSourceArgs]]
if TYPE_CHECKING:
    EnvInput = Env
else:
    EnvInput = pulumi.Input[dict[str, Any]]


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


class PortArgs(TypedDict):
    """A port beside the web server's own: of the container, of the headless Service, and open to the pods of the set.

    With a NetworkPolicy, the set's own pods reach it, and nobody else unless ``client`` is true.
    """

    name: str
    """Its name in container and Service, made as ``port_name`` is."""

    port: pulumi.Input[int]
    """Number of the port, 1 to 65535; TCP and UDP may share one."""

    protocol: NotRequired[Protocol]
    """``TCP``, ``UDP`` or ``SCTP``. Default: ``TCP``."""

    app_protocol: NotRequired[pulumi.Input[str]]
    """What is spoken there, a hint for meshes and gateways, e.g. ``kubernetes.io/h2c``
    (https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol). Default: none."""

    container_name: NotRequired[str]
    """Container that listens there: of ``sidecars``, or of ``pod_template``. Default: the web server's."""

    client: NotRequired[bool]
    """Put the port into the client Service, too, and open it to those whom the NetworkPolicy lets in. Default:
    false."""


class ProbeArgs(TypedDict):
    """A check by the kubelet: a GET request unless ``tcp``, ``command`` or ``grpc`` says otherwise."""

    path: NotRequired[pulumi.Input[str]]
    """Path of a GET request; every answer from 200 to 399 is a success. Default: ``/``."""

    scheme: NotRequired[Scheme]
    """``HTTP``, or ``HTTPS`` with any certificate. Default: ``HTTP``."""

    headers: NotRequired[dict[str, pulumi.Input[str]]]
    """Headers of the request, name to value. Default: none."""

    tcp: NotRequired[bool]
    """Instead of a request: that the port takes a connection is a success. Default: false."""

    command: NotRequired[list[pulumi.Input[str]]]
    """Instead of a request: a command in the container, with its arguments, whose exit with 0 is a success. Default:
    none."""

    grpc: NotRequired[pulumi.Input[str]]
    """Instead of a request: the name of a service that the server's gRPC health check is asked for; ``""`` asks for
    the server as a whole (https://github.com/grpc/grpc/blob/master/doc/health-checking.md). Default: none."""

    port: NotRequired[Any]
    """Port that is asked, a number or the name of one of ``ports``. Default: the input ``port``."""

    initial_delay_seconds: NotRequired[int]
    """Seconds after the container's start. Default: 0."""

    period_seconds: NotRequired[int]
    """Seconds between two requests. Default: 10."""

    timeout_seconds: NotRequired[int]
    """Seconds that an answer may take. Default: 1."""

    failure_threshold: NotRequired[int]
    """Failures in a row that count. Default: 3; for ``startup`` 30, so that a start may take five minutes."""

    success_threshold: NotRequired[int]
    """For ``readiness`` only: successes in a row after which a pod is ready again. Default: 1."""


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

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


class AutoscaleArgs(TypedDict):
    """A HorizontalPodAutoscaler of the stack, which owns the number of pods."""

    max_replicas: pulumi.Input[int]
    """The most pods, 1 or more."""

    min_replicas: NotRequired[pulumi.Input[int]]
    """The fewest pods, 1 or more. Default: 1."""

    cpu: NotRequired[pulumi.Input[int]]
    """Average use of CPU to aim at, in percent of what the container requests. Default: none; without ``memory``, what
    Kubernetes takes, which is 80."""

    memory: NotRequired[pulumi.Input[int]]
    """Average use of memory to aim at, in percent of what the container requests. Default: none."""

    behavior: NotRequired[Behavior]
    """How fast it scales up and down, as in Kubernetes. Default: Kubernetes' own."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


class NetworkPolicyArgs(TypedDict):
    """A NetworkPolicy for what comes in; ``{}`` takes all defaults.

    The set's own pods reach each other on the further ports that the pod declares.
    """

    allow_from: NotRequired[list[Peer]]
    """NetworkPolicyPeers that may reach ``port`` and what of ``ports`` is for clients, as in Kubernetes; none of them
    with ``[]``. Default: the pods of the namespace."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


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

    type: NotRequired[ServiceType]
    """``ClusterIP``, ``NodePort`` or ``LoadBalancer``. Default: ``ClusterIP``."""

    port: NotRequired[pulumi.Input[int]]
    """Port of the Service. Default: the input ``port``."""

    annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of this Service alone, e.g. for a load balancer or external-dns. Default: none."""

    load_balancer_class: NotRequired[pulumi.Input[str]]
    """With type ``LoadBalancer``: which implementation makes it. It can not be changed later. Default: the
    cluster's."""

    load_balancer_source_ranges: NotRequired[list[pulumi.Input[str]]]
    """With type ``LoadBalancer``: the ranges of addresses that it lets in, e.g. ``[10.0.0.0/8]``, with zeros behind the
    prefix. Default: all."""

    external_traffic_policy: NotRequired[TrafficPolicy]
    """With type ``LoadBalancer`` or ``NodePort``: ``Cluster``, or ``Local``, only to pods of the node that a request
    reaches, which keeps the client's address. Default: ``Cluster``, as in Kubernetes."""

    internal_traffic_policy: NotRequired[TrafficPolicy]
    """The same for requests from inside of the cluster. Default: ``Cluster``, as in Kubernetes."""

    session_affinity: NotRequired[SessionAffinity]
    """``ClientIP`` sends a client to the same pod each time, ``None`` does not. Default: ``None``, as in
    Kubernetes."""

    traffic_distribution: NotRequired[TrafficDistribution]
    """Which pods are preferred: ``PreferSameZone``, ``PreferSameNode``, or ``PreferClose``, the first one's older name
    (https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution). Default: none."""

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
    """Number of pods, 0 or more. With ``autoscaled`` it is the number to start with. Default: 1, or
    ``autoscale.min_replicas``."""

    autoscaled: NotRequired[bool]
    """An autoscaler owns the number of pods: a running set keeps the count that it has. Default: false, unless
    ``autoscale`` is given."""

    autoscale: NotRequired[AutoscaleArgs]
    """A HorizontalPodAutoscaler that the stack creates; ``autoscaled`` is true with it. Default: none."""

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

    app_protocol: NotRequired[pulumi.Input[str]]
    """What is spoken at that port, a hint for meshes and gateways, e.g. ``http``
    (https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol). Default: none."""

    ports: NotRequired[list[PortArgs]]
    """Further ports, e.g. for peers of a cluster or for metrics. Default: none."""

    ip_family_policy: NotRequired[IpFamilyPolicy]
    """Of both Services: ``SingleStack``, ``PreferDualStack`` or ``RequireDualStack``
    (https://kubernetes.io/docs/concepts/services-networking/dual-stack/). Default: ``SingleStack``, as in
    Kubernetes."""

    ip_families: NotRequired[list[IpFamily]]
    """Of both Services: ``IPv4``, ``IPv6`` or, with another ``ip_family_policy`` than ``SingleStack``, both, the one to
    use first of all first. Default: the cluster's."""

    storage: NotRequired[StorageArgs]
    """The claim template of the web server's data. Default: 1Gi, ReadWriteOnce, of the cluster's default class."""

    mount_path: NotRequired[str]
    """Absolute path at which the container sees that data; of no use where it is a device. Default: ``/data``."""

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

    pod_labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further labels of the pods alone. Default: none."""

    pod_annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of the pods alone. Default: none."""

    service_annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further annotations of the headless Service alone; those of the client Service are
    ``client_service.annotations``. Default: none."""

    recommended_labels: NotRequired[bool]
    """Add Kubernetes' recommended ``app.kubernetes.io`` labels (name, instance, managed-by) to every object and the
    pods (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). Default: true."""

    termination_grace_period_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a pod has to finish its requests before it is killed, 1 or more. Default: 30."""

    pod_management_policy: NotRequired[PodManagementPolicy]
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

    command: NotRequired[list[pulumi.Input[str]]]
    """What the container runs in place of the image's entrypoint. Default: the image's."""

    args: NotRequired[list[pulumi.Input[str]]]
    """Arguments in place of the image's. Default: the image's."""

    working_dir: NotRequired[pulumi.Input[str]]
    """Folder in which the container's process starts. Default: the image's."""

    image_pull_policy: NotRequired[ImagePullPolicy]
    """``Always``, ``IfNotPresent`` or ``Never``. Default: ``Always`` for an image with the tag ``latest``, else
    ``IfNotPresent``, as in Kubernetes."""

    image_pull_secrets: NotRequired[list[pulumi.Input[str]]]
    """Names of the Secrets with which images are pulled, each once. Default: none."""

    env: NotRequired[EnvInput]
    """Environment variables of the container, name to value, or to where it comes from: ``{secret_name, key}``,
    ``{config_map_name, key}`` or ``{field_path}``. They keep their order, sorted by name in stack config and
    other languages; one that refers to a later one (``$(NAME)``) moves behind it. They are readable by whoever can read
    the StatefulSet: for secrets use ``secret_name``, ``env_from``, or ``files`` with ``secret``. Default: none."""

    env_from: NotRequired[list[EnvFromArgs]]
    """Environment variables from ConfigMaps and Secrets. Default: none."""

    files: NotRequired[list[FilesArgs]]
    """Files that the container sees; a changed text rolls the pods, so it is refused while ``update`` keeps pods back.
    Default: none."""

    resources: NotRequired[ResourcesArgs]
    """What the container needs and may use. Default: none."""

    probes: NotRequired[ProbesArgs]
    """Probes of the container. Default: none."""

    security: NotRequired[Security]
    """``baseline``: no token mounted, seccomp RuntimeDefault, no privilege escalation. ``restricted``: also no root, no
    capabilities, as Pod Security "restricted" asks
    (https://kubernetes.io/docs/concepts/security/pod-security-standards/). Each setting can be removed by
    ``pod_template`` with a null. Default: ``baseline``."""

    run_as_user: NotRequired[pulumi.Input[int]]
    """Number of the user that the pod's containers run as. Default: the image's user."""

    run_as_group: NotRequired[pulumi.Input[int]]
    """Number of their primary group. Default: the image's group."""

    fs_group: NotRequired[pulumi.Input[int]]
    """Number of a group that may write to the pod's volumes: a new disk belongs to root, so that another user can't
    write to it. Changed once, when a volume's root belongs to another group
    (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). Default: ``run_as_user``, if it is
    given."""

    node_selector: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels that a node must have to get the pods. Default: none."""

    tolerations: NotRequired[list[Toleration]]
    """Taints of nodes that the pods bear, as in Kubernetes. Default: none."""

    affinity: NotRequired[Affinity]
    """Which nodes and other pods attract and repel the pods, as in Kubernetes. Default: none."""

    priority_class_name: NotRequired[pulumi.Input[str]]
    """PriorityClass of the pods, which must exist on the cluster. Default: the cluster's own default."""

    topology_spread: NotRequired[bool]
    """Prefer to put pods on different nodes. Default: false."""

    topology_keys: NotRequired[list[str]]
    """With ``topology_spread``: the labels of nodes over whose values pods are spread, each on its own, e.g.
    ``[topology.kubernetes.io/zone, kubernetes.io/hostname]``. Default: ``[kubernetes.io/hostname]``."""

    topology_spread_required: NotRequired[bool]
    """With ``topology_spread``: let a pod wait until there is a place for it, and never put it where it would make the
    spread uneven. Default: false."""

    disruption_budget: NotRequired[DisruptionBudgetArgs]
    """Limits how many pods a drain of nodes takes at once. Default: none."""

    network_policy: NotRequired[NetworkPolicyArgs]
    """Limits who can reach the pods. Default: none."""

    service_account: NotRequired[ServiceAccountArgs]
    """The ServiceAccount of the pods. Default: the namespace's ``default``."""

    client_service: NotRequired[ClientServiceArgs]
    """A second Service for clients that take any ready pod. Default: none."""

    init_containers: NotRequired[list[Container]]
    """Containers that run one after the other before the web server's, as in Kubernetes; data volumes are mounted by
    their names. Default: none."""

    sidecars: NotRequired[list[Container]]
    """Containers that run beside the web server's, as in Kubernetes: native sidecars, started after
    ``init_containers`` and ended after the web server
    (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). Default: none."""

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

    of: Any = None
    """What it holds, where the annotation can't say it to other languages: an object in Kubernetes' own words (a
    ``Field``), or one of two kinds. ``None``: what the annotation says."""


RETAIN_OR_DELETE = rules.one_of(choices.RetainOrDelete)
CONTAINERS = Field("core_v1.Container", is_list=True)

KEYS: Mapping[Any, Mapping[str, Key]] = {
    StatefulWebArgs: {
        "image": Key(rules.image_reference),
        "name": Key(rules.dns_label(52)),
        "namespace": Key(rules.dns_label()),
        "create_namespace": Key(None, False),
        "replicas": Key(rules.whole_number(0)),
        "autoscaled": Key(None, False),
        "autoscale": Key(),
        "service_name": Key(rules.dns_1035_label),
        "publish_not_ready_addresses": Key(None, False),
        "container_name": Key(rules.dns_label()),
        "port": Key(rules.whole_number(1, 65535), 80),
        "port_name": Key(rules.port_name, "web"),
        "app_protocol": Key(rules.qualified_name),
        "ports": Key(None, []),
        "ip_family_policy": Key(rules.one_of(choices.IpFamilyPolicy)),
        "ip_families": Key(rules.some_of(choices.IpFamily)),
        "storage": Key(None, {}),
        "mount_path": Key(rules.absolute_path, "/data"),
        "volumes": Key(None, []),
        "retention": Key(None, {}),
        "selector_labels": Key(rules.selector_labels),
        "labels": Key(rules.labels, {}),
        "annotations": Key(rules.annotations, {}),
        "pod_labels": Key(rules.labels, {}),
        "pod_annotations": Key(rules.annotations, {}),
        "service_annotations": Key(rules.annotations, {}),
        "recommended_labels": Key(None, True),
        "termination_grace_period_seconds": Key(rules.whole_number(1), 30),
        "pod_management_policy": Key(rules.one_of(choices.PodManagementPolicy), "OrderedReady"),
        "update": Key(None, {}),
        "min_ready_seconds": Key(rules.whole_number(0), 0),
        "ordinals_start": Key(rules.whole_number(0), 0),
        "revision_history_limit": Key(rules.whole_number(0)),
        "command": Key(),
        "args": Key(),
        "working_dir": Key(),
        "image_pull_policy": Key(rules.one_of(choices.ImagePullPolicy)),
        "image_pull_secrets": Key(rules.object_names, []),
        "env": Key(rules.env_names, {}, of=Env),
        "env_from": Key(None, []),
        "files": Key(None, []),
        "resources": Key(),
        "probes": Key(None, {}),
        "security": Key(rules.one_of(choices.Security), "baseline"),
        "run_as_user": Key(rules.whole_number(0)),
        "run_as_group": Key(rules.whole_number(0)),
        "fs_group": Key(rules.whole_number(0)),
        "node_selector": Key(rules.labels, {}),
        "tolerations": Key(None, [], of=Field("core_v1.Toleration", is_list=True)),
        "affinity": Key(of=Field("core_v1.Affinity")),
        "priority_class_name": Key(rules.dns_subdomain),
        "topology_spread": Key(None, False),
        "topology_keys": Key(rules.topology_keys, ["kubernetes.io/hostname"]),
        "topology_spread_required": Key(None, False),
        "disruption_budget": Key(),
        "network_policy": Key(),
        "service_account": Key(),
        "client_service": Key(),
        "init_containers": Key(None, [], of=CONTAINERS),
        "sidecars": Key(None, [], of=CONTAINERS),
        "pod_template": Key(None, {}, of=Field("core_v1.PodTemplateSpec")),
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
        "volume_mode": Key(rules.one_of(choices.VolumeMode), "Filesystem"),
        "device_path": Key(rules.device_path),
        "sub_path": Key(rules.relative_path),
        "mount_path": Key(rules.absolute_path),
        "verify": Key(None, True),
    },
    CreateStorageClassArgs: {
        "provisioner": Key(rules.provisioner),
        "name": Key(rules.dns_subdomain),
        "parameters": Key(rules.parameters, {}),
        "reclaim_policy": Key(RETAIN_OR_DELETE, "Retain"),
        "volume_binding_mode": Key(rules.one_of(choices.VolumeBindingMode), "WaitForFirstConsumer"),
        "allow_volume_expansion": Key(None, True),
        "mount_options": Key(None, []),
    },
    DataSourceArgs: {
        "kind": Key(rules.one_of(choices.DataSourceKind)),
        "name": Key(rules.dns_subdomain),
    },
    RetentionArgs: {
        "when_deleted": Key(RETAIN_OR_DELETE, "Retain"),
        "when_scaled": Key(RETAIN_OR_DELETE, "Retain"),
    },
    UpdateArgs: {
        "type": Key(rules.one_of(choices.UpdateType), "RollingUpdate"),
        "partition": Key(rules.whole_number(0)),
        "max_unavailable": Key(rules.number_or_percent),
    },
    PortArgs: {
        "name": Key(rules.port_name),
        "port": Key(rules.whole_number(1, 65535)),
        "protocol": Key(rules.one_of(choices.Protocol), "TCP"),
        "app_protocol": Key(rules.qualified_name),
        "container_name": Key(rules.dns_label()),
        "client": Key(None, False),
    },
    EnvSourceArgs: {
        "secret_name": Key(rules.dns_subdomain),
        "config_map_name": Key(rules.dns_subdomain),
        "key": Key(rules.config_key),
        "field_path": Key(rules.pod_field),
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
        "path": Key(rules.url_path),
        "scheme": Key(rules.one_of(choices.Scheme)),
        "headers": Key(rules.header_names),
        "tcp": Key(None, False),
        "command": Key(rules.not_empty),
        "grpc": Key(),
        "port": Key(rules.port_or_name),
        "initial_delay_seconds": Key(rules.whole_number(0), 0),
        "period_seconds": Key(rules.whole_number(1), 10),
        "timeout_seconds": Key(rules.whole_number(1), 1),
        "failure_threshold": Key(rules.whole_number(1)),
        "success_threshold": Key(rules.whole_number(1)),
    },
    DisruptionBudgetArgs: {
        "max_unavailable": Key(rules.number_or_percent),
        "min_available": Key(rules.number_or_percent),
        "name": Key(rules.dns_subdomain),
    },
    AutoscaleArgs: {
        "max_replicas": Key(rules.whole_number(1)),
        "min_replicas": Key(rules.whole_number(1), 1),
        "cpu": Key(rules.whole_number(1)),
        "memory": Key(rules.whole_number(1)),
        "behavior": Key(of=Field("autoscaling_v2.HorizontalPodAutoscalerBehavior")),
        "name": Key(rules.dns_subdomain),
    },
    NetworkPolicyArgs: {
        "allow_from": Key(None, [{"podSelector": {}}], of=Field("networking_v1.NetworkPolicyPeer", is_list=True)),
        "name": Key(rules.dns_subdomain),
    },
    ServiceAccountArgs: {
        "name": Key(rules.dns_subdomain),
        "create": Key(None, True),
    },
    ClientServiceArgs: {
        "name": Key(rules.dns_1035_label),
        "type": Key(rules.one_of(choices.ServiceType), "ClusterIP"),
        "port": Key(rules.whole_number(1, 65535)),
        "annotations": Key(rules.annotations, {}),
        "load_balancer_class": Key(rules.qualified_name),
        "load_balancer_source_ranges": Key(rules.each(rules.address_range)),
        "external_traffic_policy": Key(rules.one_of(choices.TrafficPolicy)),
        "internal_traffic_policy": Key(rules.one_of(choices.TrafficPolicy)),
        "session_affinity": Key(rules.one_of(choices.SessionAffinity)),
        "traffic_distribution": Key(rules.one_of(choices.TrafficDistribution)),
        "drain_seconds": Key(rules.whole_number(0), 5),
    },
}


def derived(component_name: str, given: StatefulWebArgs) -> Mapping[str, Any]:
    """Return the defaults that follow from other inputs, by the inputs that they are for."""
    name = given.get("name", component_name)
    return {
        "name": name,
        # Not a plain default: left out, it may not follow the count of an autoscaler.
        "replicas": given["autoscale"]["min_replicas"] if "autoscale" in given else 1,
        "service_name": name,
        "container_name": name,
        "selector_labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": component_name},
    }
