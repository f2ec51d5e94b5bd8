"""What the API server fills into objects, taken away again: what is left is what somebody asked for. Pure.

The defaults are those of ``SetDefaults_…`` in Kubernetes' pkg/apis/*/v1/defaults.go.
"""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]

_PROBE = {
    "initialDelaySeconds": 0,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_MODE = {"defaultMode": 420}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": {}}

IN_PODS: Mapping[str, Mapping[str, Any]] = {
    "spec": {
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "securityContext": {},
    },
    "containers": _CONTAINER,
    "initContainers": _CONTAINER,
    "ports": {"protocol": "TCP"},
    "startupProbe": _PROBE,
    "readinessProbe": _PROBE,
    "livenessProbe": _PROBE,
    "httpGet": {"scheme": "HTTP", "path": "/"},
    "grpc": {"service": ""},
    "fieldRef": {"apiVersion": "v1"},
    "configMap": _MODE,
    "secret": _MODE,
    "downwardAPI": _MODE,
    "projected": _MODE,
    "serviceAccountToken": {"expirationSeconds": 3600},
    "hostPath": {"type": ""},
}
"""Defaults by the field of the map that has them, or of the list whose entries have."""

OF_SPECS: Mapping[str, Mapping[str, Any]] = {
    "StatefulSet": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "minReadySeconds": 0,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "ordinals": {"start": 0},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}},
    },
    "Service": {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "externalTrafficPolicy": "Cluster",
        "allocateLoadBalancerNodePorts": True,
        "publishNotReadyAddresses": False,
    },
    "HorizontalPodAutoscaler": {"minReplicas": 1},
}


def without_defaults(found: Object) -> dict[str, Any]:
    """Return an object without what the API server fills in, and without its status."""
    kind, spec = found["kind"], dict(_without(found.get("spec") or {}, OF_SPECS.get(found["kind"], {})))
    if kind == "StatefulSet":
        spec["template"] = _in_pods(spec["template"], "")
        spec["volumeClaimTemplates"] = [_claim_template(each) for each in spec.get("volumeClaimTemplates") or ()]
    elif kind == "Service":
        spec = _service(spec)
    elif kind == "NetworkPolicy":
        spec = _in_pods(spec, "")  # only ports have a default
    rest = {key: value for key, value in found.items() if key not in ("spec", "status")}
    return {**rest, "spec": spec} if "spec" in found else rest


def _without(given: Object, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map without the values that are defaults, which may lie deep in it."""
    left: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping):
            if inner := _without(value, defaults[key]):
                left[key] = inner
        elif value is not None and not (key in defaults and value == defaults[key]):
            left[key] = value
    return left


def _in_pods(value: Any, field: str) -> Any:
    if isinstance(value, list):
        return [_in_pods(item, field) for item in value]
    if not isinstance(value, Mapping):
        return value
    left = {key: _in_pods(item, key) for key, item in _without(value, IN_PODS.get(field, {})).items()}
    if field in ("containers", "initContainers") and left.get("imagePullPolicy") == _pull_policy(left.get("image", "")):
        del left["imagePullPolicy"]
    if field == "spec" and left.get("serviceAccount") == left.get("serviceAccountName"):
        left.pop("serviceAccount", None)  # the old name of that field
    return left


def _pull_policy(image: str) -> str:
    name, _, digest = image.partition("@")
    _, _, tag = name.rpartition("/")[2].partition(":")
    return "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"


def _claim_template(template: Object) -> dict[str, Any]:
    metadata = {key: value for key, value in template["metadata"].items() if key != "creationTimestamp"}
    return {"metadata": metadata, "spec": _without(template["spec"], {"volumeMode": "Filesystem"})}


def _service(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a Service's spec without what the API server has assigned; an address is none that somebody chose."""
    assigned = ["clusterIPs", "healthCheckNodePort", "internalTrafficPolicy" if spec.get("clusterIP") == "None" else ""]
    if spec.get("clusterIP") != "None":
        assigned.append("clusterIP")
    if spec.get("ipFamilyPolicy", "SingleStack") == "SingleStack":
        assigned += ["ipFamilyPolicy", "ipFamilies"]
    left = {key: value for key, value in spec.items() if key not in assigned}
    left["ports"] = [_service_port(port) for port in spec.get("ports") or ()]
    return left


def _service_port(port: Object) -> dict[str, Any]:
    left = _without(port, {"protocol": "TCP", "targetPort": port.get("port")})
    left.pop("nodePort", None)
    return left
