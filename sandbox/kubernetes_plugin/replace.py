"""Which changed fields replace an object: the official plugin's list, field for field.

The API server may take more in place (1.35 does for a StatefulSet's revisionHistoryLimit); users of the official
plugin see a replacement all the same.
"""

from sandbox.kubernetes_plugin import objects
from sandbox.kubernetes_plugin.errors import Object

_SELECTOR = ["spec.selector"]
_ROLE_BINDING = ["roleRef"]
_CONTAINER = (
    *("args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports"),
    *("readinessProbe", "resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath"),
    *("terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts", "workingDir"),
)
_POD = (
    *("affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases"),
    *("hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector"),
    *("overhead", "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy"),
    *("runtimeClassName", "schedulerName", "securityContext", "serviceAccount", "serviceAccountName"),
    *("shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "volumes"),
)
_VOLUME_SOURCES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk"),
    *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
_FIELDS = {
    "apps/v1/DaemonSet": _SELECTOR,
    "apps/v1/Deployment": _SELECTOR,
    "apps/v1/StatefulSet": [
        *_SELECTOR,
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ],
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": _ROLE_BINDING,
    "rbac.authorization.k8s.io/v1/RoleBinding": _ROLE_BINDING,
    "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
    "v1/PersistentVolume": [f"spec.{source}" for source in _VOLUME_SOURCES],
    "v1/PersistentVolumeClaim": [
        *_SELECTOR,
        "spec.accessModes",
        "spec.storageClassName",
        "spec.volumeName",
    ],
    "v1/Pod": [f"spec.{field}" for field in _POD]
    + [f"spec.{kind}.*.{field}" for kind in ("containers", "initContainers") for field in _CONTAINER],
    "v1/ResourceQuota": ["spec.scopes"],
    "v1/Service": ["spec.clusterIP"],
}


def replacing_fields(obj: Object, *, mutable_secrets: bool, mutable_config_maps: bool) -> list[tuple[str, ...]]:
    """Return the paths whose change replaces the object; ``*`` stands for every item of a list."""
    kind = f"{obj.get('apiVersion')}/{obj.get('kind')}"
    immutable = objects.at(obj, "immutable") is True
    fields = ["metadata.name", "metadata.namespace", *_FIELDS.get(kind, [])]
    if kind == "v1/Secret":
        fields += ["type", *([] if mutable_secrets and not immutable else ["stringData", "data"])]
    if kind == "v1/ConfigMap" and (not mutable_config_maps or immutable):
        fields += ["binaryData", "data"]
    return [tuple(field.split(".")) for field in fields]
