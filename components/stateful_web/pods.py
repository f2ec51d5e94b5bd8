"""The pod of a StatefulSet: what the inputs ask for, the defaults, and ``pod_template`` merged into both. Pure."""

from collections.abc import Mapping
from typing import Any

import pulumi

from . import environment
from .args import StatefulWebArgs
from .files import files_volume
from .merge import merged
from .probes import probe
from .values import Manifest


def pod_template(args: StatefulWebArgs, defaults: Any = None) -> Any:
    """Return the pod: what the inputs ask for, the defaults, and ``pod_template`` merged into both.

    ``defaults``, if they are given, are taken in place of ``pod_defaults``; where they are an output, so is the pod.
    """
    if isinstance(defaults, pulumi.Output):
        return defaults.apply(lambda known: pod_template(args, known))
    made = merged(asked_of_pod(args), pod_defaults(args) if defaults is None else defaults)
    template = merged(made, args["pod_template"])
    for each in template["spec"]["containers"]:
        if each["name"] == args["container_name"] and "env" in each:
            each["env"] = environment.in_order(each["env"])
    return template


def pod_defaults(args: StatefulWebArgs) -> Manifest:
    """Return what every pod gets unless it is removed by name: no token, no privileges gained, Kubernetes' seccomp."""
    spec: Manifest = {"automountServiceAccountToken": False}
    if not is_windows(args):
        own = {"name": args["container_name"], "securityContext": {"allowPrivilegeEscalation": False}}
        spec |= {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [own]}
    return {"metadata": {"labels": recommended_labels(args)}, "spec": spec}


def is_windows(args: StatefulWebArgs) -> bool:
    """Say whether the pods are for Windows nodes, on which the API server refuses what only Linux has.

    See https://kubernetes.io/docs/concepts/workloads/pods/#pod-os.
    """
    return map_at(args["pod_template"], "spec", "os").get("name") == "windows"


def map_at(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the map that lies there, or an empty one."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def asked_of_pod(args: StatefulWebArgs) -> Manifest:
    """Return the pod that the inputs ask for, without defaults."""
    spec: Manifest = {
        "terminationGracePeriodSeconds": args["termination_grace_period_seconds"],
        "containers": [container(args)],
    }
    if args["security"] == "restricted":
        spec["securityContext"] = {"runAsNonRoot": True}
    if "service_account" in args:
        spec["serviceAccountName"] = args["service_account"].get("name", args["name"])
    if args["topology_spread"]:
        spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
        spec["topologySpreadConstraints"] = [{**spread, "labelSelector": {"matchLabels": args["selector_labels"]}}]
    if args["files"]:
        spec["volumes"] = [files_volume(args, i, files) for i, files in enumerate(args["files"])]
    return {"metadata": {"labels": merged(args["labels"], args["selector_labels"])}, "spec": spec}


def container(args: StatefulWebArgs) -> Manifest:
    """Return the web server's container, with its volumes mounted."""
    mounts = [{"name": args["storage"]["volume_name"], "mountPath": args["mount_path"]}]
    mounts += [{"name": volume["volume_name"], "mountPath": volume["mount_path"]} for volume in args["volumes"]]
    files = [
        {"name": f"files-{i}", "mountPath": mounted["mount_path"], "readOnly": True}
        for i, mounted in enumerate(args["files"])
    ]
    made: Manifest = {
        "name": args["container_name"],
        "image": args["image"],
        "ports": [{"name": args["port_name"], "containerPort": args["port"]}],
        "volumeMounts": [*mounts, *files],
    }
    if args["security"] == "restricted" and not is_windows(args):
        made["securityContext"] = {"capabilities": {"drop": ["ALL"]}}
    if args["env"]:
        made["env"] = environment.entries(args["env"])
    if args["env_from"]:
        made["envFrom"] = [environment_source(source) for source in args["env_from"]]
    if resources := {key: amounts for key, amounts in args.get("resources", {}).items() if amounts}:
        made["resources"] = resources
    probes: Mapping[str, Any] = dict(args["probes"])
    for kind in ("startup", "readiness", "liveness"):
        if kind in probes:
            made[f"{kind}Probe"] = probe(args, kind, probes[kind])
    if args.get("client_service", {}).get("drain_seconds"):
        made["lifecycle"] = {"preStop": {"sleep": {"seconds": args["client_service"]["drain_seconds"]}}}
    return made


def environment_source(source: Mapping[str, Any]) -> Manifest:
    """Return where environment variables come from."""
    if "secret_name" in source:
        of: Manifest = {"secretRef": {"name": source["secret_name"]}}
    else:
        of = {"configMapRef": {"name": source["config_map_name"]}}
    return {**({"prefix": source["prefix"]} if "prefix" in source else {}), **of}


def recommended_labels(args: StatefulWebArgs) -> Any:
    """Return Kubernetes' recommended labels that are not given in another way."""
    labels: Any = args["labels"]
    if isinstance(labels, pulumi.Output):
        return labels.apply(lambda known: recommended_labels({**args, "labels": known}))
    recommended = {
        "app.kubernetes.io/name": args["name"],
        "app.kubernetes.io/instance": args["name"],
        "app.kubernetes.io/managed-by": "pulumi",
    }
    given = merged(labels, args["selector_labels"])
    return {key: recommended[key] for key in recommended if args["recommended_labels"] and key not in given}
