"""Contradictions between inputs about the pods: containers, users, counts, resources and variables. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import environment, quantities
from .args import KEYS, StatefulWebArgs
from .findings import Finding, Name, Path
from .pods import is_windows, pod_template
from .values import map_at, shown, twice


def containers_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find two containers with the same name."""
    named: list[tuple[Path, Any]] = [(("container_name",), args["container_name"])]
    given: list[tuple[str, Any]] = [("init_containers", args["init_containers"]), ("sidecars", args["sidecars"])]
    named += [((key, i, "name"), container["name"]) for key, all_ in given for i, container in enumerate(all_)]
    yield from twice(named, "is the name of another container, too. Choose another.")
    beside = {name for _, name in named[1:]}
    for i, container in enumerate(map_at(args["pod_template"], "spec").get("containers") or ()):
        if container["name"] in beside:
            yield Finding(
                ("pod_template", "spec", "containers", i, "name"),
                f"is {shown(container['name'])}: it is one of initContainers or sidecars. Change it there.",
            )


def sidecars_that_end(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find sidecars that would hold the web server's start up until they end."""
    sidecars: list[Any] = [*args["sidecars"]]
    for i, sidecar in enumerate(sidecars):
        if sidecar.get("restartPolicy", "Always") != "Always":
            yield Finding(
                ("sidecars", i, "restartPolicy"),
                f"is {shown(sidecar['restartPolicy'])}: a sidecar runs as long as its pod, which is Always. Remove it, "
                "or use initContainers.",
            )


def users_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find users that ``security`` does not allow, or that Windows does not support."""
    if args["security"] == "restricted" and args.get("run_as_user") == 0:
        problem = "is 0, which is root, and security is restricted. Use another, or security baseline."
        yield Finding(("run_as_user",), problem)
    for key in ("run_as_user", "run_as_group", "fs_group"):
        if key in args and is_windows(args):
            yield Finding((key,), "is only for Linux, and podTemplate.spec.os.name is windows. Remove it.")


def spread_options_without_a_spread(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find options of ``topology_spread`` while it is off."""
    for key in ("topology_keys", "topology_spread_required"):
        if not args["topology_spread"] and args.get(key) != KEYS[StatefulWebArgs][key].default:
            yield Finding((key,), "is only for topologySpread, which is false. Set that to true, or remove this key.")


def counts_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find options that exclude each other, and counts out of range."""
    update, budget = args["update"], args.get("disruption_budget", {})
    for key in ("partition", "max_unavailable"):
        if update["type"] == "OnDelete" and key in update:
            yield Finding(("update", key), "is only for type RollingUpdate, and type is OnDelete. Remove one.")
    if "max_unavailable" in budget and "min_available" in budget:
        yield Finding(
            ("disruption_budget", "min_available"), "is given, and so is maxUnavailable: one is expected. Remove one."
        )
    if args["autoscaled"] and args["retention"]["when_scaled"] == "Delete":
        yield Finding(
            ("retention", "when_scaled"),
            "is Delete, and autoscaled is true: each time the autoscaler scales down, Kubernetes would delete the data "
            "of a pod. Set it to Retain, or use no autoscaler.",
        )
    if update.get("max_unavailable") in (0, "0%"):
        yield Finding(("update", "max_unavailable"), "is 0: no pod could ever be updated. Use 1 or more.")
    least, most = (args.get("autoscale", {}).get(key) for key in ("min_replicas", "max_replicas"))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Finding(
            ("autoscale", "max_replicas"), f"is {most}: {least} or more is expected, as minReplicas is. Raise it."
        )


def resources_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find requests above their limits."""
    given = args.get("resources", {})
    for name, problem in quantities.contradictions(given.get("requests", {}), given.get("limits", {})):
        yield Finding(("resources", "requests" if name in given.get("requests", {}) else "limits", Name(name)), problem)


def environment_sources(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find sources of variables with no object, or with two."""
    for i, source in enumerate(args["env_from"]):
        if ("config_map_name" in source) == ("secret_name" in source):
            yield Finding(("env_from", i), "needs exactly one of configMapName and secretName. Give one.")
    env: Any = args["env"]
    for name, value in env.items() if isinstance(env, Mapping) else ():
        if problem := environment.problem(value):
            yield Finding(("env", Name(name)), problem)


def disks_that_can_not_be_written(args: StatefulWebArgs) -> Iterator[Finding]:
    """Warn of pods that can't write to a new disk, which belongs to root."""
    if args["security"] != "restricted" or is_windows(args):
        return
    if not {"fsGroup", "runAsUser"} & map_at(pod_template(args), "spec", "securityContext").keys():
        yield Finding(
            ("security",),
            "is restricted, so no container runs as root, but a new disk belongs to root: the pods can't write to it. "
            "Set runAsUser to the number of the image's user, or fsGroup.",
        )


def targets_without_requests(args: StatefulWebArgs) -> Iterator[Finding]:
    """Warn of an autoscaler that aims at a percentage of what neither its container nor the pod requests."""
    spec = map_at(args["pod_template"], "spec")
    own = [each for each in spec.get("containers") or () if each["name"] == args["container_name"]]
    asked: list[Any] = [args.get("resources", {}), *(map_at(each, "resources") for each in (spec, *own))]
    requested = {name for given in asked for key in ("requests", "limits") for name in map_at(given, key)}
    for resource in ("cpu", "memory"):
        if resource in args.get("autoscale", {}) and resource not in requested:
            yield Finding(
                ("autoscale", resource),
                "is a percentage of what the container requests, and it requests none: the autoscaler can't work. Set "
                f"resources.requests.{resource}.",
            )


OF_PODS: Sequence[Callable[[StatefulWebArgs], Iterator[Finding]]] = (
    containers_that_clash,
    sidecars_that_end,
    users_that_contradict,
    spread_options_without_a_spread,
    counts_that_contradict,
    resources_that_contradict,
    environment_sources,
)
