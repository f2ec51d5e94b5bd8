"""From inputs with their defaults to the objects that Kubernetes gets. Pure; values of inputs may be outputs."""

from typing import Any

from . import storage
from .args import StatefulWebArgs

Manifest = dict[str, Any]


def object_labels(args: StatefulWebArgs) -> dict[str, Any]:
    """Return the labels of every object and of the pods: the selector's own always win."""
    recommended = {
        "app.kubernetes.io/name": args["name"],
        "app.kubernetes.io/instance": args["name"],
        "app.kubernetes.io/managed-by": "pulumi",
    }
    return {
        **(recommended if args["recommended_labels"] else {}),
        **args["labels"],
        **args["selector_labels"],
    }


def metadata(args: StatefulWebArgs, name: str) -> Manifest:
    """Return the metadata of an object of this component."""
    return {
        "name": name,
        "namespace": args["namespace"],
        "labels": object_labels(args),
        **({"annotations": args["annotations"]} if args["annotations"] else {}),
    }


def headless_service(args: StatefulWebArgs) -> Manifest:
    """Return the Service that gives every pod a DNS name of its own; it has no address, so no load is balanced."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(args, args["service_name"]),
        "spec": {
            "clusterIP": "None",
            "selector": args["selector_labels"],
            "ports": [{"name": args["port_name"], "port": args["port"]}],
        },
    }


def stateful_set(args: StatefulWebArgs) -> Manifest:
    """Return the StatefulSet of the web server, with one claim template for its data."""
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(args, args["name"]),
        "spec": {
            "replicas": args["replicas"],
            "serviceName": args["service_name"],
            "selector": {"matchLabels": args["selector_labels"]},
            "template": pod_template(args),
            "volumeClaimTemplates": [storage.claim_template(args["storage"])],
            # Claims are data: they stay when the set is deleted or scaled down.
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        },
    }


def pod_template(args: StatefulWebArgs) -> Manifest:
    """Return the pod: one container that runs without a token and can gain no privileges."""
    return {
        "metadata": {"labels": object_labels(args)},
        "spec": {
            "terminationGracePeriodSeconds": args["termination_grace_period_seconds"],
            "automountServiceAccountToken": False,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container(args)],
        },
    }


def container(args: StatefulWebArgs) -> Manifest:
    """Return the web server's container, with its data mounted."""
    return {
        "name": args["container_name"],
        "image": args["image"],
        "ports": [{"name": args["port_name"], "containerPort": args["port"]}],
        "volumeMounts": [{"name": args["storage"]["volume_name"], "mountPath": args["mount_path"]}],
        "securityContext": {"allowPrivilegeEscalation": False},
    }
