"""The web server's container, and those that the inputs put beside it. Pure; values may be outputs."""

from collections.abc import Mapping
from typing import Any

from . import environment, ports, storage
from .args import StatefulWebArgs
from .merge import merged
from .probes import probe
from .values import Manifest

NO_CAPABILITIES = {"securityContext": {"capabilities": {"drop": ["ALL"]}}}


def web_server(args: StatefulWebArgs, linux_only: bool = True) -> Manifest:
    """Return the web server's container, with its volumes; without ``linux_only``, with nothing that only Linux has."""
    made: Manifest = {
        "name": args["container_name"],
        "image": args["image"],
        "ports": ports.of_container(args, args["container_name"]),
        **volumes(args),
        **started(args),
    }
    if args["env"]:
        made["env"] = environment.entries(args["env"])
    if args["env_from"]:
        made["envFrom"] = [environment.source(source) for source in args["env_from"]]
    if resources := {key: amounts for key, amounts in args.get("resources", {}).items() if amounts}:
        made["resources"] = resources
    probes: Mapping[str, Any] = dict(args["probes"])
    for kind in ("startup", "readiness", "liveness"):
        if kind in probes:
            made[f"{kind}Probe"] = probe(args, kind, probes[kind])
    if args.get("client_service", {}).get("drain_seconds"):
        made["lifecycle"] = {"preStop": {"sleep": {"seconds": args["client_service"]["drain_seconds"]}}}
    return restricted(args, made) if linux_only else made


def beside(args: StatefulWebArgs) -> list[Manifest]:
    """Return the containers that start before the web server's: those that end first, then native sidecars."""
    first: list[Any] = [*args["init_containers"]]
    sidecars: list[Any] = [*args["sidecars"]]
    return first + [{"restartPolicy": "Always", **sidecar} for sidecar in sidecars]


def restricted(args: StatefulWebArgs, container: Manifest) -> Manifest:
    """Return a container that has no capabilities if ``security`` says so, unless it asks for some itself."""
    made: Manifest = merged(NO_CAPABILITIES, container) if args["security"] == "restricted" else container
    return made


def volumes(args: StatefulWebArgs) -> Manifest:
    """Return how the container sees its volumes: mounted in folders, or as devices."""
    in_a_folder = {} if storage.is_device(args["storage"]) else {"mount_path": args["mount_path"]}
    data: list[Mapping[str, Any]] = [{**args["storage"], **in_a_folder}, *args["volumes"]]
    mounts = [
        {"name": volume["volume_name"], "mountPath": volume["mount_path"], **_sub_path(volume)}
        for volume in data
        if "mount_path" in volume
    ]
    mounts += [
        {"name": f"files-{i}", "mountPath": mounted["mount_path"], "readOnly": True}
        for i, mounted in enumerate(args["files"])
    ]
    devices = [
        {"name": volume["volume_name"], "devicePath": volume["device_path"]}
        for volume in data
        if "device_path" in volume
    ]
    return {**({"volumeMounts": mounts} if mounts else {}), **({"volumeDevices": devices} if devices else {})}


def started(args: StatefulWebArgs) -> Manifest:
    """Return how the container's process is started, where it is not as the image says."""
    given = {
        "command": args.get("command"),
        "args": args.get("args"),
        "workingDir": args.get("working_dir"),
        "imagePullPolicy": args.get("image_pull_policy"),
    }
    return {key: value for key, value in given.items() if value is not None}


def _sub_path(volume: Mapping[str, Any]) -> Manifest:
    return {"subPath": volume["sub_path"]} if "sub_path" in volume else {}
