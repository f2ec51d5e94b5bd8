"""From complete inputs to the objects that Kubernetes gets. Pure; values of inputs may be outputs."""

from collections.abc import Mapping
from typing import Any

import pulumi

from . import partition, ports, storage
from .args import FilesArgs, StatefulWebArgs
from .files import files_name
from .merge import merged
from .pods import pod_template, recommended_labels
from .probes import failure_threshold
from .values import Manifest

AUTOSCALED = "stateful-web.dev/autoscaled"
"""Annotation of a StatefulSet whose count an autoscaler owns, or has owned."""
FORCED = {"pulumi.com/patchForce": "true"}
"""Tells the kubernetes plugin to take fields from other managers, instead of ending with a conflict."""
RELEASED = {AUTOSCALED: "false", **FORCED}
"""An autoscaler that is gone stays the manager of the count."""
START_SECONDS = 60
"""For pulling the image and attaching the volume of one pod."""
UNKNOWN_PODS = 10
"""How many pods a rollout is taken to have if their number is not known."""
LEAST_SECONDS = 600
"""What the kubernetes plugin waits on its own."""
NOTHING: Mapping[str, Any] = {}


def objects(
    args: StatefulWebArgs, adopted: Any = None, released: Any = False, kept: Mapping[str, Any] = NOTHING
) -> dict[str, Manifest]:
    """Return every object by the suffix of its child's name, each after those that it needs.

    The suffixes are the children's names for life; a rename carries an alias. ``adopted`` is the pod template of the
    set to adopt; ``released`` says that an autoscaler has owned the count until now; ``kept`` is what the live claim
    templates have besides what inputs decide, by their names. All may be outputs.
    """
    made: dict[str, Manifest | None] = {
        "namespace": namespace_object(args) if args["create_namespace"] else None,
        **{f"class-{s['volume_name']}": storage.storage_class(args, s) for s in storage.templates(args)},
        "account": service_account(args) if args.get("service_account", {}).get("create") else None,
        **{f"files-{i}": files_object(args, i, files) for i, files in enumerate(args["files"])},
        "headless": headless_service(args),
        "client": client_service(args) if "client_service" in args else None,
        "policy": network_policy(args) if "network_policy" in args else None,
        "budget": disruption_budget(args) if "disruption_budget" in args else None,
        "set": stateful_set(args, adopted, released, kept),
        "autoscaler": autoscaler(args) if "autoscale" in args else None,
    }
    return {suffix: manifest for suffix, manifest in made.items() if manifest is not None}


def object_labels(args: StatefulWebArgs) -> Any:
    """Return the labels of every object: the selector's own always win."""
    return merged(merged(recommended_labels(args), args["labels"]), args["selector_labels"])


def object_annotations(args: StatefulWebArgs, own: Any = None) -> Any:
    """Return the annotations of an object; one that is adopted has fields that other managers hold on to."""
    return merged(merged(args["annotations"], own or {}), FORCED if args["adopt"] else {})


def manifest(
    args: StatefulWebArgs, api_version: str, kind: str, name: Any, annotations: Any = None, **body: Any
) -> Manifest:
    """Return an object in the component's namespace, with its labels and annotations, and those that it alone has."""
    namespace = args.get("namespace")
    # Where only the provider knows it, it is the provider's.
    named = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    metadata: Manifest = {**named, "labels": object_labels(args)}
    if all_annotations := object_annotations(args, annotations):
        metadata["annotations"] = all_annotations
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def namespace_object(args: StatefulWebArgs) -> Manifest:
    """Return the namespace, which may be there from an earlier life of the stack: it stays at destroy."""
    made = manifest(args, "v1", "Namespace", args.get("namespace"))
    made["metadata"].pop("namespace", None)
    return made


def service_account(args: StatefulWebArgs) -> Manifest:
    """Return the pods' account, which mounts no token anywhere."""
    name = args["service_account"].get("name", args["name"])
    return manifest(args, "v1", "ServiceAccount", name, automountServiceAccountToken=False)


def files_object(args: StatefulWebArgs, index: int, files: FilesArgs) -> Manifest:
    """Return the ConfigMap or Secret that holds files."""
    name = files_name(args, index, files)
    if files["secret"]:
        return manifest(args, "v1", "Secret", name, stringData=files["content"], type="Opaque")
    return manifest(args, "v1", "ConfigMap", name, data=files["content"])


def headless_service(args: StatefulWebArgs) -> Manifest:
    """Return the Service that gives every pod a DNS name of its own; it has no address, so no load is balanced."""
    spec = {
        "clusterIP": "None",
        **({"publishNotReadyAddresses": True} if args["publish_not_ready_addresses"] else {}),
        **ip_families(args),
        "selector": args["selector_labels"],
        "ports": ports.of_headless_service(args),
    }
    return manifest(args, "v1", "Service", args["service_name"], args["service_annotations"], spec=spec)


def client_service(args: StatefulWebArgs) -> Manifest:
    """Return the Service for clients that take any ready pod."""
    client = args["client_service"]
    given = {
        "loadBalancerClass": client.get("load_balancer_class"),
        "loadBalancerSourceRanges": client.get("load_balancer_source_ranges"),
        "externalTrafficPolicy": client.get("external_traffic_policy"),
        "internalTrafficPolicy": client.get("internal_traffic_policy"),
        "sessionAffinity": client.get("session_affinity"),
        "trafficDistribution": client.get("traffic_distribution"),
    }
    spec = {
        "type": client["type"],
        **ip_families(args),
        **{key: value for key, value in given.items() if value is not None},
        "selector": args["selector_labels"],
        "ports": ports.of_client_service(args),
    }
    return manifest(args, "v1", "Service", client_service_name(args), client["annotations"], spec=spec)


def ip_families(args: StatefulWebArgs) -> Manifest:
    """Return by which families of addresses a Service is reached, where it is not the cluster's choice."""
    policy = {"ipFamilyPolicy": args["ip_family_policy"]} if "ip_family_policy" in args else {}
    return policy | ({"ipFamilies": args["ip_families"]} if "ip_families" in args else {})


def client_service_name(args: StatefulWebArgs) -> str:
    """Return the name of the Service for clients."""
    return args["client_service"].get("name", f"{args['name']}-client")


def network_policy(args: StatefulWebArgs) -> Manifest:
    """Return the policy that lets in clients to the ports for them, and the set's own pods to the others."""
    given = args["network_policy"]
    to_clients = [(args["port"], "TCP"), *((port["port"], port["protocol"]) for port in ports.for_clients(args))]
    own_pods = [{"podSelector": {"matchLabels": args["selector_labels"]}}]
    # A rule whose "from" is empty lets everybody in, one without ports to all of them; no rule lets nobody in.
    rules = [
        {"from": peers, "ports": [{"protocol": protocol, "port": number} for number, protocol in open_ports]}
        for peers, open_ports in ((given["allow_from"], to_clients), (own_pods, ports.for_the_set(args)))
        if peers and open_ports
    ]
    spec = {"podSelector": {"matchLabels": args["selector_labels"]}, "policyTypes": ["Ingress"], "ingress": rules}
    return manifest(args, "networking.k8s.io/v1", "NetworkPolicy", given.get("name", args["name"]), spec=spec)


def disruption_budget(args: StatefulWebArgs) -> Manifest:
    """Return the budget of pods that a drain may take."""
    budget = args["disruption_budget"]
    if "min_available" in budget:
        limit = {"minAvailable": budget["min_available"]}
    else:
        limit = {"maxUnavailable": budget.get("max_unavailable", 1)}
    spec = {**limit, "selector": {"matchLabels": args["selector_labels"]}}
    return manifest(args, "policy/v1", "PodDisruptionBudget", budget.get("name", args["name"]), spec=spec)


def autoscaler(args: StatefulWebArgs) -> Manifest:
    """Return the autoscaler that owns the number of pods."""
    given = args["autoscale"]
    aims = {"cpu": given.get("cpu"), "memory": given.get("memory")}
    metrics = [
        {
            "type": "Resource",
            "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": percent}},
        }
        for name, percent in aims.items()
        if percent is not None
    ]
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": args["name"]},
        "minReplicas": given["min_replicas"],
        "maxReplicas": given["max_replicas"],
        **({"metrics": metrics} if metrics else {}),
        **({"behavior": given["behavior"]} if "behavior" in given else {}),
    }
    name = given.get("name", args["name"])
    return manifest(args, "autoscaling/v2", "HorizontalPodAutoscaler", name, spec=spec)


def stateful_set(
    args: StatefulWebArgs, adopted: Any = None, released: Any = False, kept: Mapping[str, Any] = NOTHING
) -> Manifest:
    """Return the StatefulSet of the web server; what is live is handed in as in ``objects``."""
    retention = args["retention"]
    spec = {
        "replicas": args["replicas"],
        "serviceName": args["service_name"],
        "selector": {"matchLabels": args["selector_labels"]},
        # Said only where it is not Kubernetes' default: naming it later would replace a set that never named it.
        **({"podManagementPolicy": "Parallel"} if args["pod_management_policy"] == "Parallel" else {}),
        "persistentVolumeClaimRetentionPolicy": {
            "whenDeleted": retention["when_deleted"],
            "whenScaled": retention["when_scaled"],
        },
        **({"updateStrategy": strategy} if (strategy := update_strategy(args)) else {}),
        **({"minReadySeconds": args["min_ready_seconds"]} if args["min_ready_seconds"] != 0 else {}),
        **({"ordinals": {"start": args["ordinals_start"]}} if args["ordinals_start"] != 0 else {}),
        **({"revisionHistoryLimit": args["revision_history_limit"]} if "revision_history_limit" in args else {}),
        "template": pod_template(args, adopted),
        "volumeClaimTemplates": [
            storage.claim_template(args, template, kept.get(template["volume_name"]))
            for template in storage.templates(args)
        ],
    }
    made = manifest(args, "apps/v1", "StatefulSet", args["name"], spec=spec)
    annotations = merged(partition.wait_for(args), object_annotations(args))
    annotations = merged(annotations, {AUTOSCALED: "true"} if args["autoscaled"] else {})
    if isinstance(released, pulumi.Output):
        # Empty, too: a map of which only the values are to come is what states have had since 0.1.0.
        made["metadata"]["annotations"] = released.apply(lambda was: merged(annotations, RELEASED if was else {}))
    elif annotations or released:
        made["metadata"]["annotations"] = merged(annotations, RELEASED if released else {})
    return made


def update_strategy(args: StatefulWebArgs) -> Manifest | None:
    """Return how pods get to a new template, if it is not Kubernetes' own default."""
    update = args["update"]
    rolling = {
        **({"partition": update["partition"]} if "partition" in update else {}),
        **({"maxUnavailable": update["max_unavailable"]} if "max_unavailable" in update else {}),
    }
    if update["type"] == "RollingUpdate" and not rolling:
        return None
    return {"type": update["type"], **({"rollingUpdate": rolling} if rolling else {})}


def rollout_seconds(args: StatefulWebArgs) -> int:
    """Return how long a rollout may take: every pod its end, its start and its probes, one after the other."""
    if "rollout_timeout_seconds" in args:
        return args["rollout_timeout_seconds"]
    probes: Mapping[str, Any] = dict(args["probes"])
    probing = sum(
        given["initial_delay_seconds"] + given["period_seconds"] * failure_threshold(kind, given)
        for kind, given in probes.items()
        if kind != "liveness"
    )
    replicas, ready, grace = args["replicas"], args["min_ready_seconds"], args["termination_grace_period_seconds"]
    one_pod = START_SECONDS + probing + sum(seconds for seconds in (ready, grace) if isinstance(seconds, int))
    pods = replicas if isinstance(replicas, int) and not args["autoscaled"] else UNKNOWN_PODS
    seconds: int = max(LEAST_SECONDS, pods * one_pod)
    return seconds
