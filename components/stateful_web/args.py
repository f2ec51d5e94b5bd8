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
    """A StorageClass that the stack creates, and deletes on destroy; volumes are kept."""

    provisioner: pulumi.Input[str]
    """The driver that provisions volumes, e.g. ``rook-ceph.rbd.csi.ceph.com``. It cannot be changed later."""

    name: NotRequired[str]
    """Name of the class; it has no namespace. Default: ``<namespace>-<name>-<volume>``."""

    parameters: NotRequired[dict[str, pulumi.Input[str]]]
    """Parameters of the driver. They cannot be changed later. Default: none."""

    reclaim_policy: NotRequired[RetainOrDelete]
    """What happens to a volume when its claim is deleted: ``Retain`` keeps it, ``Delete`` deletes it with its data.
    Default: ``Retain``; Kubernetes' own default is ``Delete``."""

    volume_binding_mode: NotRequired[VolumeBindingMode]
    """When a volume is provisioned: ``WaitForFirstConsumer``, once a pod that uses it is scheduled, or ``Immediate``.
    Default: ``WaitForFirstConsumer``."""

    allow_volume_expansion: NotRequired[bool]
    """Whether claims of the class can grow. Default: true."""

    mount_options: NotRequired[list[str]]
    """Mount options of the volumes. Default: none."""


class DataSourceArgs(TypedDict):
    """Source that new volumes are filled from (https://kubernetes.io/docs/concepts/storage/persistent-volumes/)."""

    kind: DataSourceKind
    """``VolumeSnapshot``, which is restored, or ``PersistentVolumeClaim``, which is cloned."""

    name: pulumi.Input[str]
    """Name of the snapshot or claim, in the namespace of the web server."""


class StorageArgs(TypedDict):
    """A claim template: one claim and one volume for every pod."""

    volume_name: NotRequired[str]
    """Name of the claim template and of the pod's volume; a pod's claim is called ``<volume>-<pod>``. A DNS label.
    Default: ``data``."""

    size: NotRequired[pulumi.Input[str]]
    """Storage that each claim requests, as a Kubernetes quantity, e.g. ``10Gi``. Default: ``1Gi``."""

    access_modes: NotRequired[list[AccessMode]]
    """How nodes may mount the volume: ``ReadWriteOnce``, ``ReadWriteMany``, ``ReadOnlyMany``, or ``ReadWriteOncePod``
    alone. Default: ``[ReadWriteOnce]``."""

    storage_class_name: NotRequired[pulumi.Input[str]]
    """StorageClass of the claims. Absent: the cluster's default class. ``""``: no class, so that claims bind only to
    volumes that an administrator created (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1).
    Default: absent."""

    create_storage_class: NotRequired[CreateStorageClassArgs]
    """A class that the stack creates, instead of ``storage_class_name``. Default: none."""

    data_source: NotRequired[DataSourceArgs]
    """Source that new volumes are filled from; existing volumes keep their content. Default: none, new volumes are
    empty."""

    volume_attributes_class_name: NotRequired[pulumi.Input[str]]
    """VolumeAttributesClass of the claims, for what a driver can change on a volume in use, e.g. its IOPS: live claims
    get it without a restart (https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/, Kubernetes 1.34).
    If it is removed later, claims keep the last one. Default: none."""

    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels of the claims, e.g. for backup tools, also updated on live claims; a key that is left out later is removed
    from them. They stay when the stack is destroyed. The keys of ``selector_labels`` are not allowed. Default: none."""

    annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of the claims, e.g. for autoresizers, updated as ``labels`` are. Default: none."""

    resized_by_others: NotRequired[bool]
    """Something else grows the claims, e.g. an autoresizer: ``size`` is the minimum, and no claim is made
    smaller. Default: false."""

    volume_mode: NotRequired[VolumeMode]
    """``Filesystem``: the volume is mounted in a folder. ``Block``: the container sees a raw device at ``device_path``.
    It cannot be changed on existing claims. Default: ``Filesystem``."""

    device_path: NotRequired[str]
    """Absolute path of the device, e.g. ``/dev/data``. Required with ``volume_mode`` Block, and only used there.
    Default: none."""

    sub_path: NotRequired[str]
    """Folder inside the volume that is mounted instead of its root, a relative path; e.g. for an image that needs an
    empty folder, as the root of a new disk contains ``lost+found``. Default: the root."""

    mount_path: NotRequired[str]
    """Absolute path at which the container sees the volume. Only in ``volumes``, and required there unless
    ``volume_mode`` is Block; for ``storage`` use the input ``mount_path``. Default: none."""

    verify: NotRequired[bool]
    """Check in each preview that the class exists on the cluster, and fail if it does not. With false in ``storage``, a
    cluster that does not answer is no error either: StatefulSet and claims keep their sizes then. Default: true."""


class RetentionArgs(TypedDict):
    """What happens to claims (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/)."""

    when_deleted: NotRequired[RetainOrDelete]
    """When the StatefulSet is deleted: ``Retain`` or ``Delete``. Default: ``Retain``."""

    when_scaled: NotRequired[RetainOrDelete]
    """When its pod is scaled down: ``Retain`` or ``Delete``. Default: ``Retain``."""


class UpdateArgs(TypedDict):
    """How a changed pod template is rolled out."""

    type: NotRequired[UpdateType]
    """``RollingUpdate``: pods are replaced from the highest ordinal down. ``OnDelete``: each pod is replaced when
    somebody deletes it. Default: ``RollingUpdate``."""

    partition: NotRequired[pulumi.Input[int]]
    """Number of pods, counted from the lowest ordinal, that keep the old template: for a canary. Only with
    ``RollingUpdate``. Default: 0."""

    max_unavailable: NotRequired[Any]
    """Number of pods that may be replaced at once, or a percentage such as ``"25%"``. Only with ``RollingUpdate``. A
    cluster without the feature gate MaxUnavailableStatefulSet drops it, so that every preview shows it again. Default:
    1, as in Kubernetes."""


class EnvSourceArgs(TypedDict):
    """Source of an environment variable: a key of a Secret or ConfigMap, or a field of the pod."""

    secret_name: NotRequired[pulumi.Input[str]]
    """Name of a Secret in the namespace; ``key`` is required with it. Default: none."""

    config_map_name: NotRequired[pulumi.Input[str]]
    """Name of a ConfigMap in the namespace; ``key`` is required with it. Default: none."""

    key: NotRequired[pulumi.Input[str]]
    """Key of the Secret or ConfigMap. Default: none."""

    field_path: NotRequired[pulumi.Input[str]]
    """A field of the pod, e.g. ``metadata.name``
    (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields). Default: none."""


Env = pulumi.Input[dict[str, pulumi.Input[str] | EnvSourceArgs]]
if TYPE_CHECKING:
    EnvInput = Env
else:
    EnvInput = pulumi.Input[dict[str, Any]]


class EnvFromArgs(TypedDict):
    """Environment variables from all keys of an object in the namespace; exactly one of the two names."""

    config_map_name: NotRequired[pulumi.Input[str]]
    """Name of a ConfigMap. Default: none."""

    secret_name: NotRequired[pulumi.Input[str]]
    """Name of a Secret. Default: none."""

    prefix: NotRequired[str]
    """Prefix of the name of every variable. Default: none."""


class FilesArgs(TypedDict):
    """Files that are mounted into the container as a folder, from a ConfigMap or a Secret that the component
    creates."""

    mount_path: str
    """Absolute path of the folder. It hides what the image has there."""

    content: pulumi.Input[dict[str, pulumi.Input[str]]]
    """File names, each with its text. A hash of them is part of the object's name, so that a change rolls the pods."""

    secret: NotRequired[bool]
    """Create a Secret instead of a ConfigMap. Default: false."""


class ResourcesArgs(TypedDict):
    """Resources that the container requests, and their limits, as Kubernetes quantities."""

    requests: NotRequired[dict[str, pulumi.Input[str]]]
    """Amounts that the scheduler reserves, e.g. ``{cpu: 100m, memory: 128Mi}``. Default: none."""

    limits: NotRequired[dict[str, pulumi.Input[str]]]
    """Amounts that the container can't exceed. Default: none."""


class PortArgs(TypedDict):
    """A further port, declared on its container and on the headless Service.

    With a NetworkPolicy, only the StatefulSet's own pods reach it, unless ``client`` is true.
    """

    name: str
    """Name of the port in the container and the Services, with the same rules as ``port_name``."""

    port: pulumi.Input[int]
    """Number of the port, 1 to 65535. A TCP and a UDP port may have the same number."""

    protocol: NotRequired[Protocol]
    """``TCP``, ``UDP`` or ``SCTP``. Default: ``TCP``."""

    app_protocol: NotRequired[pulumi.Input[str]]
    """Application protocol, a hint for service meshes and gateways, e.g. ``kubernetes.io/h2c``
    (https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol). Default: none."""

    container_name: NotRequired[str]
    """Name of the container that listens on the port: one of ``sidecars`` or of ``pod_template``. Default: the web
    server's."""

    client: NotRequired[bool]
    """Also add the port to the client Service, and open it to the peers of the NetworkPolicy. Default: false."""


class ProbeArgs(TypedDict):
    """A check by the kubelet: a GET request, unless ``tcp``, ``command`` or ``grpc`` is given."""

    path: NotRequired[pulumi.Input[str]]
    """Path of the GET request; a status from 200 to 399 is a success. Default: ``/``."""

    scheme: NotRequired[Scheme]
    """``HTTP``, or ``HTTPS`` without a check of the certificate. Default: ``HTTP``."""

    headers: NotRequired[dict[str, pulumi.Input[str]]]
    """Headers of the GET request, name to value. Default: none."""

    tcp: NotRequired[bool]
    """Open a TCP connection to the port instead of a GET request. Default: false."""

    command: NotRequired[list[pulumi.Input[str]]]
    """Run a command with its arguments in the container instead of a GET request; exit code 0 is a success. Default:
    none."""

    grpc: NotRequired[pulumi.Input[str]]
    """Ask the server's gRPC health service instead of a GET request: for the service of this name, or with ``""`` for
    the server as a whole (https://github.com/grpc/grpc/blob/master/doc/health-checking.md). Default: none."""

    port: NotRequired[Any]
    """Port to check: a number, or the name of one of the container's ports. Default: the input ``port``."""

    initial_delay_seconds: NotRequired[int]
    """Seconds from the container's start to the first check. Default: 0."""

    period_seconds: NotRequired[int]
    """Seconds between two checks. Default: 10."""

    timeout_seconds: NotRequired[int]
    """Seconds after which a check without an answer fails. Default: 1."""

    failure_threshold: NotRequired[int]
    """Number of consecutive failed checks after which the probe fails. Default: 3; for ``startup`` 30, so that a start
    may take five minutes."""

    success_threshold: NotRequired[int]
    """Number of consecutive successful checks after which a pod is ready again. Only for ``readiness``. Default: 1."""


class ProbesArgs(TypedDict):
    """Probes of the container; each is off unless its key is given, and ``{}`` takes all defaults."""

    startup: NotRequired[ProbeArgs]
    """Delays the other probes until it succeeds. Default: off."""

    readiness: NotRequired[ProbeArgs]
    """Decides whether the pod gets requests, and when the next pod is started. Default: off."""

    liveness: NotRequired[ProbeArgs]
    """Restarts the container when it fails. Default: off."""


class DisruptionBudgetArgs(TypedDict):
    """A PodDisruptionBudget; ``{}`` takes all defaults."""

    max_unavailable: NotRequired[Any]
    """Number of pods that may be down at once while nodes are drained, or a percentage such as ``"25%"``. Default: 1,
    unless ``min_available`` is given."""

    min_available: NotRequired[Any]
    """Number of pods that must stay up while nodes are drained, or a percentage; instead of ``max_unavailable``.
    Default: none."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


class AutoscaleArgs(TypedDict):
    """A HorizontalPodAutoscaler that the stack creates; it owns the number of pods."""

    max_replicas: pulumi.Input[int]
    """Largest number of pods, 1 or more."""

    min_replicas: NotRequired[pulumi.Input[int]]
    """Smallest number of pods, 1 or more. Default: 1."""

    cpu: NotRequired[pulumi.Input[int]]
    """Target for the average CPU usage, in percent of what the container requests; needs ``resources.requests.cpu``.
    Default: none; without ``memory``, Kubernetes' own, which is 80."""

    memory: NotRequired[pulumi.Input[int]]
    """Target for the average memory usage, in percent of what the container requests; needs
    ``resources.requests.memory``. Default: none."""

    behavior: NotRequired[Behavior]
    """How fast it scales up and down, as ``spec.behavior`` in Kubernetes. Default: Kubernetes' own."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


class NetworkPolicyArgs(TypedDict):
    """A NetworkPolicy for incoming traffic; ``{}`` takes all defaults.

    The StatefulSet's own pods always reach each other on the further ports that the pod declares.
    """

    allow_from: NotRequired[list[Peer]]
    """Peers that may reach ``port`` and those ``ports`` that have ``client``: NetworkPolicyPeers, as in Kubernetes;
    with ``[]`` nobody may. Default: the pods of the namespace."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""


class ServiceAccountArgs(TypedDict):
    """The ServiceAccount that the pods run as; ``{}`` takes all defaults. Its token is not mounted."""

    name: NotRequired[str]
    """Its name. Default: the StatefulSet's name."""

    create: NotRequired[bool]
    """Create it. With false, it must exist. Default: true."""


class ClientServiceArgs(TypedDict):
    """A second Service, with a cluster IP, that sends each request to any ready pod; ``{}`` takes all defaults."""

    name: NotRequired[str]
    """Its name, a DNS-1035 label. Default: ``<name>-client``."""

    type: NotRequired[ServiceType]
    """``ClusterIP``, ``NodePort`` or ``LoadBalancer``. Default: ``ClusterIP``."""

    port: NotRequired[pulumi.Input[int]]
    """Number of the Service's port, which leads to the web server's. Default: the input ``port``."""

    annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of this Service only, e.g. for a load balancer or external-dns. Default: none."""

    load_balancer_class: NotRequired[pulumi.Input[str]]
    """Implementation of the load balancer; only with type ``LoadBalancer``. It cannot be changed later. Default: the
    cluster's."""

    load_balancer_source_ranges: NotRequired[list[pulumi.Input[str]]]
    """Address ranges whose requests the load balancer accepts, e.g. ``[10.0.0.0/8]``, with zeros behind the prefix;
    only with type ``LoadBalancer``. Default: all."""

    external_traffic_policy: NotRequired[TrafficPolicy]
    """``Cluster`` sends a request from outside to any pod, ``Local`` only to pods on the node that received it, which
    keeps the client's source address; only with type ``LoadBalancer`` or ``NodePort``. Default: ``Cluster``, as in
    Kubernetes."""

    internal_traffic_policy: NotRequired[TrafficPolicy]
    """``Cluster`` or ``Local``, for requests from inside the cluster. Default: ``Cluster``, as in Kubernetes."""

    session_affinity: NotRequired[SessionAffinity]
    """``ClientIP`` sends all requests of a client's address to the same pod, ``None`` does not. Default: ``None``, as
    in Kubernetes."""

    traffic_distribution: NotRequired[TrafficDistribution]
    """Pods that are preferred for a request: ``PreferSameZone``, ``PreferSameNode``, or ``PreferClose``, the older name
    of ``PreferSameZone`` (https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution).
    Default: none."""

    drain_seconds: NotRequired[int]
    """Seconds that a pod goes on serving after its termination has begun, until clients use other pods: a preStop
    sleep. Less than ``termination_grace_period_seconds``; 0 switches it off. Default: 5."""


class StatefulWebArgs(TypedDict):
    """Inputs of a ``StatefulWeb``; only ``image`` is required."""

    image: pulumi.Input[str]
    """Container image with a tag or a digest, e.g. ``registry.k8s.io/nginx-slim:0.27``."""

    name: NotRequired[str]
    """Name of the StatefulSet; pods are called ``<name>-<ordinal>``. A DNS label of at most 52 characters: Kubernetes
    adds 11 for the pods' revision label, which has at most 63. Default: the component's name."""

    namespace: NotRequired[pulumi.Input[str]]
    """Namespace of every object. It must exist, or be created by ``create_namespace``. Default: that of the provider,
    else of its kubeconfig's context, else ``default``, as for any other resource."""

    create_namespace: NotRequired[bool]
    """Create the namespace. ``pulumi destroy`` keeps it, since it contains the claims. Default: false."""

    replicas: NotRequired[pulumi.Input[int]]
    """Number of pods, 0 or more. With ``autoscaled`` it is the number to start with. Default: 1, or
    ``autoscale.min_replicas``."""

    autoscaled: NotRequired[bool]
    """An autoscaler owns the number of pods: ``pulumi up`` keeps the count of a running StatefulSet. Default: false,
    unless ``autoscale`` is given."""

    autoscale: NotRequired[AutoscaleArgs]
    """A HorizontalPodAutoscaler that the stack creates; it implies ``autoscaled``. Default: none."""

    service_name: NotRequired[str]
    """Name of the headless Service that gives the pods their DNS names: ``<pod>.<service>.<namespace>``. A DNS-1035
    label: lower-case letters, digits and dashes, starting with a letter. Default: ``name``."""

    publish_not_ready_addresses: NotRequired[bool]
    """Publish the DNS names of pods before they are ready, for peers that must find each other to become ready.
    Default: false."""

    container_name: NotRequired[str]
    """Name of the web server's container, a DNS label. Default: ``name``."""

    port: NotRequired[pulumi.Input[int]]
    """Port on which the container and the Service listen, 1 to 65535. Default: 80."""

    port_name: NotRequired[str]
    """Name of that port in the container and the Service: at most 15 lower-case letters, digits and dashes with at
    least one letter. Default: ``web``."""

    app_protocol: NotRequired[pulumi.Input[str]]
    """Application protocol of that port, a hint for service meshes and gateways, e.g. ``http``
    (https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol). Default: none."""

    ports: NotRequired[list[PortArgs]]
    """Further ports, e.g. for cluster peers or for metrics. Default: none."""

    ip_family_policy: NotRequired[IpFamilyPolicy]
    """IP families of both Services: ``SingleStack``, ``PreferDualStack`` or ``RequireDualStack``
    (https://kubernetes.io/docs/concepts/services-networking/dual-stack/). Default: ``SingleStack``, as in
    Kubernetes."""

    ip_families: NotRequired[list[IpFamily]]
    """IP families of both Services, the primary one first: ``IPv4``, ``IPv6`` or, unless ``ip_family_policy`` is
    ``SingleStack``, both. Default: the cluster's."""

    storage: NotRequired[StorageArgs]
    """Claim template of the web server's data. Default: 1Gi, ReadWriteOnce, of the cluster's default class."""

    mount_path: NotRequired[str]
    """Absolute path at which the container sees the volume of ``storage``; not used if that is a raw device. Default:
    ``/data``."""

    volumes: NotRequired[list[StorageArgs]]
    """Further claim templates, each with its own ``volume_name`` and ``mount_path``. Default: none."""

    retention: NotRequired[RetentionArgs]
    """What happens to claims when the StatefulSet is deleted or scaled down. Default: they are kept."""

    selector_labels: NotRequired[dict[str, str]]
    """Labels by which the StatefulSet and the Services select the pods. They cannot be changed on a running
    StatefulSet. Default: ``app.kubernetes.io/name`` (the StatefulSet's name) and ``app.kubernetes.io/instance`` (the
    component's name)."""

    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further labels of every object and of the pods; never part of a selector. Default: none."""

    annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of every object, but not of the pods. Default: none."""

    pod_labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further labels of the pods only. Default: none."""

    pod_annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Annotations of the pods only. Default: none."""

    service_annotations: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Further annotations of the headless Service only; for the client Service use ``client_service.annotations``.
    Default: none."""

    recommended_labels: NotRequired[bool]
    """Add Kubernetes' recommended ``app.kubernetes.io`` labels (name, instance, managed-by) to every object and the
    pods (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). Default: true."""

    termination_grace_period_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a pod has to finish its requests before it is killed, 1 or more. Default: 30."""

    pod_management_policy: NotRequired[PodManagementPolicy]
    """``OrderedReady`` starts pods one after the other, each when the one before is ready; ``Parallel`` starts all at
    once. It cannot be changed on a running StatefulSet. Default: ``OrderedReady``."""

    update: NotRequired[UpdateArgs]
    """How a changed pod template is rolled out. Default: to all pods, one by one from the highest ordinal down."""

    min_ready_seconds: NotRequired[pulumi.Input[int]]
    """Seconds that a new pod must stay ready before it counts as available. Default: 0."""

    ordinals_start: NotRequired[pulumi.Input[int]]
    """Ordinal of the first pod. Default: 0."""

    revision_history_limit: NotRequired[pulumi.Input[int]]
    """Number of old revisions that are kept for rollbacks. Default: 10, as in Kubernetes."""

    command: NotRequired[list[pulumi.Input[str]]]
    """Command that the container runs instead of the image's entrypoint; the image's arguments are dropped with it
    (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/). Default: the
    image's."""

    args: NotRequired[list[pulumi.Input[str]]]
    """Arguments of the command, instead of the image's. Default: the image's."""

    working_dir: NotRequired[pulumi.Input[str]]
    """Working directory of the container's process. Default: the image's."""

    image_pull_policy: NotRequired[ImagePullPolicy]
    """``Always``, ``IfNotPresent`` or ``Never``. Default: ``Always`` for an image with the tag ``latest``, else
    ``IfNotPresent``, as in Kubernetes."""

    image_pull_secrets: NotRequired[list[pulumi.Input[str]]]
    """Names of the Secrets with the credentials for image registries, each once. Default: none."""

    env: NotRequired[EnvInput]
    """Environment variables of the container: name to value, or to a source, ``{secret_name, key}``,
    ``{config_map_name, key}`` or ``{field_path}``. They keep their order, which is by name in stack config and other
    languages; one that refers to a later one by ``$(NAME)`` moves behind it. Anyone who can read the StatefulSet can
    read the values: for secrets use ``secret_name``, ``env_from``, or ``files`` with ``secret``. Default: none."""

    env_from: NotRequired[list[EnvFromArgs]]
    """Environment variables from ConfigMaps and Secrets. Default: none."""

    files: NotRequired[list[FilesArgs]]
    """Files that are mounted into the container. Changed text rolls the pods, so it is refused while ``update`` keeps
    pods on an old template. Default: none."""

    resources: NotRequired[ResourcesArgs]
    """Resources that the container requests, and their limits. Default: none."""

    probes: NotRequired[ProbesArgs]
    """Probes of the container. Default: none."""

    security: NotRequired[Security]
    """``baseline``: no token mounted, seccomp RuntimeDefault, no privilege escalation. ``restricted``: also no root and
    no capabilities, as the Pod Security Standard "restricted" asks
    (https://kubernetes.io/docs/concepts/security/pod-security-standards/). ``pod_template`` can remove each setting
    with a null. Default: ``baseline``."""

    run_as_user: NotRequired[pulumi.Input[int]]
    """User ID that the pod's containers run as. Default: the image's user."""

    run_as_group: NotRequired[pulumi.Input[int]]
    """Primary group ID of the pod's containers. Default: the image's group."""

    fs_group: NotRequired[pulumi.Input[int]]
    """ID of a group that may write to the pod's volumes. A new disk belongs to root, so without this no other user can
    write to it. The kubelet changes the owner of a volume's files only if the root folder has another group
    (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). Default: ``run_as_user``, if it is
    given."""

    node_selector: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels that a node must have to run the pods. Default: none."""

    tolerations: NotRequired[list[Toleration]]
    """Taints of nodes that the pods tolerate, as in Kubernetes. Default: none."""

    affinity: NotRequired[Affinity]
    """Affinity and anti-affinity of the pods to nodes and to other pods, as in Kubernetes. Default: none."""

    priority_class_name: NotRequired[pulumi.Input[str]]
    """Name of the pods' PriorityClass, which must exist on the cluster. Default: the cluster's default."""

    topology_spread: NotRequired[bool]
    """Spread the pods over different nodes where possible. Default: false."""

    topology_keys: NotRequired[list[str]]
    """Node labels over whose values the pods are spread, for each label independently, e.g.
    ``[topology.kubernetes.io/zone, kubernetes.io/hostname]``; only with ``topology_spread``. Default:
    ``[kubernetes.io/hostname]``."""

    topology_spread_required: NotRequired[bool]
    """Keep a pod pending rather than place it where the spread would be uneven; only with ``topology_spread``. Default:
    false."""

    disruption_budget: NotRequired[DisruptionBudgetArgs]
    """Limits how many pods are down at once while nodes are drained. Default: none."""

    network_policy: NotRequired[NetworkPolicyArgs]
    """Limits who can reach the pods. Default: none."""

    service_account: NotRequired[ServiceAccountArgs]
    """The ServiceAccount of the pods. Default: the namespace's ``default``."""

    client_service: NotRequired[ClientServiceArgs]
    """A second Service, for clients that any ready pod can serve. Default: none."""

    init_containers: NotRequired[list[Container]]
    """Containers that run before the web server starts, one after the other, as in Kubernetes; they can mount data
    volumes by name. Default: none."""

    sidecars: NotRequired[list[Container]]
    """Containers that run next to the web server, as in Kubernetes: native sidecars, which start after
    ``init_containers`` and stop after the web server
    (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). Default: none."""

    pod_template: NotRequired[PodTemplate]
    """Further fields of the pod, as in Kubernetes, merged last: maps deeply, lists by all their map keys
    (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy); other lists are replaced, and
    null removes. It takes what pulumi_kubernetes takes: snake_case and camelCase keys, ``PodTemplateSpecArgs``, outputs
    as values. Numbers become text where Kubernetes wants text. It cannot remove data volumes, the container or the
    selector's labels. With ``spec.os.name: windows``, defaults that only exist on Linux are off. Default: none."""

    rollout_timeout_seconds: NotRequired[int]
    """Seconds that ``pulumi up`` waits for the pods. Default: computed from replicas, probes and ``min_ready_seconds``,
    and at least 600."""

    adopt: NotRequired[bool]
    """Take over an existing Service and StatefulSet without a restart: defaults that the live pod template lacks are
    not added. Needs ``kubernetes:upsertExistingObjects``. Default: false."""


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
        "volume_attributes_class_name": Key(rules.dns_subdomain),
        "labels": Key(rules.labels, {}),
        "annotations": Key(rules.annotations, {}),
        "resized_by_others": Key(None, False),
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
