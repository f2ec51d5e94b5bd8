"""The pod of a StatefulSet: what the inputs ask for, the defaults, and ``pod_template`` merged into both. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import containers, environment, ports
from .args import StatefulWebArgs
from .files import files_volume
from .merge import common, in_order_of, merged
from .values import Manifest, map_at


def pod_template(args: StatefulWebArgs, adopted: Any = None) -> Any:
    """Return the pod: the defaults, what the inputs ask for, and ``pod_template``, each merged into what is before.

    ``adopted`` is the pod template of the set to adopt: its pods get only defaults that they have a place for, and
    keep the order of their lists. Where it is an output, so is the pod.
    """
    if isinstance(adopted, pulumi.Output):
        return adopted.apply(lambda known: pod_template(args, known))
    defaults = pod_defaults(args) if adopted is None else common(pod_defaults(args), adopted)
    template = merged(merged(defaults, asked_of_pod(args)), args["pod_template"])
    for each in (*template["spec"]["containers"], *(template["spec"].get("initContainers") or ())):
        own = each["name"] == args["container_name"]
        if not own and (declared := ports.of_container(args, each["name"])):
            each["ports"] = merged(each.get("ports") or [], declared, "ports")
    template = in_order_of(adopted, template)
    for each in template["spec"]["containers"]:
        if each["name"] == args["container_name"] and "env" in each and not _are_there(adopted, each):
            each["env"] = environment.in_order(each["env"])
    return template


def _are_there(adopted: Any, container: Manifest) -> bool:
    """Say whether a live container has all variables of a container, so that their order is right as it is."""
    containers = (adopted or {}).get("spec", {}).get("containers") or ()
    live = {v["name"] for each in containers if each["name"] == container["name"] for v in each.get("env") or ()}
    env = container["env"]
    return isinstance(env, list) and bool(live) and all(variable["name"] in live for variable in env)


def pod_defaults(args: StatefulWebArgs) -> Manifest:
    """Return what every pod gets unless it is removed by name: no token, no privileges gained, Kubernetes' seccomp."""
    spec: Manifest = {"automountServiceAccountToken": False}
    if not is_windows(args):
        spec["securityContext"] = {"seccompProfile": {"type": "RuntimeDefault"}}
        template = map_at(args["pod_template"], "spec")
        spec["containers"] = [_unprivileged(args["container_name"], template.get("containers"))]
        if beside := containers.beside(args):
            further = [*beside, *(template.get("initContainers") or ())]
            spec["initContainers"] = [_unprivileged(each["name"], further) for each in beside]
    return {"metadata": {"labels": recommended_labels(args)}, "spec": spec}


def _unprivileged(name: str, given: Sequence[Manifest] | None) -> Manifest:
    """Return a container that gains no privileges, unless it is given all of them: the API server refuses both.

    See https://kubernetes.io/docs/tasks/configure-pod-container/security-context/.
    """
    asked = [map_at(each, "securityContext") for each in given or () if each["name"] == name]
    if any(_has_all_privileges(each) for each in asked):
        return {"name": name}
    return {"name": name, "securityContext": {"allowPrivilegeEscalation": False}}


def _has_all_privileges(security: Mapping[str, Any]) -> bool:
    added = map_at(security, "capabilities").get("add")
    return security.get("privileged") is True or (isinstance(added, list) and "CAP_SYS_ADMIN" in added)


def is_windows(args: StatefulWebArgs) -> bool:
    """Say whether the pods are for Windows nodes, on which the API server refuses what only Linux has.

    See https://kubernetes.io/docs/concepts/workloads/pods/#pod-os.
    """
    return map_at(args["pod_template"], "spec", "os").get("name") == "windows"


def asked_of_pod(args: StatefulWebArgs) -> Manifest:
    """Return the pod that the inputs ask for, without defaults."""
    labels = merged(merged(args["labels"], args["pod_labels"]), args["selector_labels"])
    annotations = {"annotations": args["pod_annotations"]} if args["pod_annotations"] else {}
    linux_only = not is_windows(args)
    spec: Manifest = {
        "terminationGracePeriodSeconds": args["termination_grace_period_seconds"],
        **scheduling(args),
        "containers": [containers.web_server(args, linux_only)],
    }
    if beside := containers.beside(args):
        spec["initContainers"] = [containers.restricted(args, each) if linux_only else each for each in beside]
    if users := pod_security(args):
        spec["securityContext"] = users
    if args["image_pull_secrets"]:
        spec["imagePullSecrets"] = [{"name": name} for name in args["image_pull_secrets"]]
    if "service_account" in args:
        spec["serviceAccountName"] = args["service_account"].get("name", args["name"])
    if args["files"]:
        spec["volumes"] = [files_volume(args, i, files) for i, files in enumerate(args["files"])]
    return {"metadata": {"labels": labels, **annotations}, "spec": spec}


def pod_security(args: StatefulWebArgs) -> Manifest:
    """Return as whom the pod's containers run, and who may write to its volumes."""
    users = {"runAsUser": args.get("run_as_user"), "runAsGroup": args.get("run_as_group"), "fsGroup": fs_group(args)}
    return {
        **({"runAsNonRoot": True} if args["security"] == "restricted" else {}),
        **{key: number for key, number in users.items() if number is not None},
        # Else the kubelet walks through every file at each start.
        **({"fsGroupChangePolicy": "OnRootMismatch"} if users["fsGroup"] is not None else {}),
    }


def fs_group(args: StatefulWebArgs) -> Any:
    """Return the group that may write to the pod's volumes: the user's own number, unless another is given."""
    return args.get("fs_group", args.get("run_as_user"))


def scheduling(args: StatefulWebArgs) -> Manifest:
    """Return where pods may run, and which go first."""
    given = {
        "nodeSelector": args["node_selector"],
        "tolerations": args["tolerations"],
        "affinity": args.get("affinity"),
        "priorityClassName": args.get("priority_class_name"),
        "topologySpreadConstraints": topology_spread(args) if args["topology_spread"] else None,
    }
    return {key: value for key, value in given.items() if value}


def topology_spread(args: StatefulWebArgs) -> list[Manifest]:
    """Return over what pods are spread."""
    unsatisfiable = "DoNotSchedule" if args["topology_spread_required"] else "ScheduleAnyway"
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": unsatisfiable,
            "labelSelector": {"matchLabels": args["selector_labels"]},
        }
        for key in args["topology_keys"]
    ]


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
