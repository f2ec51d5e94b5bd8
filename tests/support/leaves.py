"""What objects say, leaf by leaf: for comparing objects of which one may say more, in another order or in other words.

A leaf has a path: entries of a list stand by their map keys, others as a whole. A port of a Service or a probe that is
given by name is given by number, and quantities as text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.stateful_web.merge import DEFAULTS as DEFAULT_KEYS
from components.stateful_web.merge import MAP_KEYS
from components.stateful_web.quantity import parse_quantity

Object = Mapping[str, Any]
Leaves = dict[str, Any]

KEYS_OF_SERVICES: Mapping[str, Sequence[str]] = {"ports": ("port", "protocol")}

DEFAULTS: Mapping[str, Sequence[Any]] = {
    "accessModes": [["ReadWriteOnce"]],
    "allocateLoadBalancerNodePorts": [True],
    "apiVersion": ["v1"],
    "automountServiceAccountToken": [True],
    "defaultMode": [420],
    "divisor": ["0"],
    "dnsPolicy": ["ClusterFirst"],
    "enableServiceLinks": [True],
    "externalTrafficPolicy": ["Cluster"],
    "failureThreshold": [3],
    "fsGroupChangePolicy": ["Always"],
    "hostNetwork": [False],
    "hostPID": [False],
    "imagePullPolicy": ["IfNotPresent"],
    "initialDelaySeconds": [0],
    "internalTrafficPolicy": ["Cluster"],
    "ipFamilyPolicy": ["SingleStack"],
    "kind": ["PersistentVolumeClaim"],
    "minReadySeconds": [0],
    "optional": [False],
    "partition": [0],
    "periodSeconds": [10],
    "podManagementPolicy": ["OrderedReady"],
    "policyTypes": [["Ingress"]],
    "preemptionPolicy": ["PreemptLowerPriority"],
    "privileged": [False],
    "protocol": ["TCP"],
    "readOnly": [False],
    "replicas": [1],
    "restartPolicy": ["Always"],
    "revisionHistoryLimit": [10],
    "schedulerName": ["default-scheduler"],
    "scheme": ["HTTP"],
    "service": [""],
    "sessionAffinity": ["None"],
    "setHostnameAsFQDN": [False],
    "successThreshold": [1],
    "supplementalGroupsPolicy": ["Merge"],
    "terminationGracePeriodSeconds": [30],
    "terminationMessagePolicy": ["File"],
    "timeoutSeconds": [1],
    "type": ["ClusterIP", "RollingUpdate"],
    "volumeMode": ["Filesystem"],
    "whenDeleted": ["Retain"],
    "whenScaled": ["Retain"],
}
"""What the API server, or the kubelet, takes a key for that is not there."""


def leaves(objects: Sequence[Object]) -> Leaves:
    """Return every leaf of objects by its path, which begins with kind and name."""
    (stateful_set,) = (of for of in objects if of["kind"] == "StatefulSet")
    ports = _ports_by_name(stateful_set["spec"]["template"]["spec"])
    return {
        f"{of['kind']}.{of['metadata']['name']}.{path}": value
        for of in objects
        for path, value in _leaves(_in_numbers(of, ports), "", of["kind"], "")
    }


def is_default(path: str, value: Any) -> bool:
    """Say whether a leaf says what holds without it."""
    return value in DEFAULTS.get(path.rpartition(".")[2], ())


def _leaves(value: Any, path: str, kind: str, field: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and (value or field == "emptyDir"):
        if not value:
            yield path, {}
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".lstrip("."), kind, key)
    elif isinstance(value, list):
        for key, item in _entries(value, kind, field):
            if key is None:
                yield path, value
                return
            yield from _leaves(item, f"{path}.{key}", kind, "")
    elif value is not None and not isinstance(value, Mapping):
        yield path, value


def _entries(value: list[Any], kind: str, field: str) -> Iterator[tuple[str | None, Any]]:
    """Yield entries with what they are known by, or ``None`` if only the list as a whole says something."""
    keys = (KEYS_OF_SERVICES if kind == "Service" else MAP_KEYS).get(field)
    if field == "volumeClaimTemplates":
        yield from ((item["metadata"]["name"], item) for item in value)
    elif field == "ingress":  # one rule does not change what another allows
        for rule in value:
            for port in rule.get("ports", [{"port": "every"}]):
                one = {"from": rule.get("from", "everybody"), "port": {"protocol": "TCP", **port}}
                yield json.dumps(one, sort_keys=True), True
    elif field == "metrics":
        yield from ((item["resource"]["name"], item) for item in value)
    elif keys and kind != "NetworkPolicy":
        if field == "initContainers":
            yield "order", " ".join(item["name"] for item in value)
        for item in value:
            yield "/".join(str(item.get(key, DEFAULT_KEYS.get(key, ""))) for key in keys), item
    elif value:
        yield None, value


def _ports_by_name(pod: Mapping[str, Any]) -> Mapping[str, int]:
    containers = (*pod["containers"], *pod.get("initContainers", ()))
    return {
        port["name"]: port["containerPort"] for of in containers for port in of.get("ports", ()) if port.get("name")
    }


def _in_numbers(value: Any, ports: Mapping[str, int]) -> Any:
    """Return a value with ports as numbers, those of Services at the pods included, and quantities as they count."""
    if isinstance(value, list):
        return [_in_numbers(item, ports) for item in value]
    if not isinstance(value, Mapping):
        return value
    made = {key: _in_numbers(item, ports) for key, item in value.items()}
    if "port" in value and not {"service", "targetPort"} & value.keys() and "name" not in value:
        made["port"] = ports.get(value["port"], value["port"]) if isinstance(value["port"], str) else value["port"]
    if "port" in value and "name" in value:  # of a Service
        target = value.get("targetPort", value["port"])
        made["targetPort"] = ports.get(target, target)
    for key in ("requests", "limits"):
        if isinstance(value.get(key), Mapping):
            made[key] = {name: str(parse_quantity(str(amount))) for name, amount in value[key].items()}
    return made
