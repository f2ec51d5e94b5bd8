"""The ports that containers, Services and NetworkPolicy have in common. Pure; numbers may be outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from .args import PortArgs, StatefulWebArgs
from .findings import Path
from .values import Manifest, map_at


def of_headless_service(args: StatefulWebArgs) -> list[Manifest]:
    """Return the ports of the headless Service: all that the inputs name."""
    return [_main_of_service(args, args["port"]), *map(_of_service, args["ports"])]


def of_client_service(args: StatefulWebArgs) -> list[Manifest]:
    """Return the ports of the client Service: the web server's own, which may have another number there."""
    own = _main_of_service(args, args["client_service"].get("port", args["port"]))
    return [own | {"targetPort": args["port_name"]}, *map(_of_service, for_clients(args))]


def of_container(args: StatefulWebArgs, name: str) -> list[Manifest]:
    """Return the ports that the inputs give to a container."""
    own = [{"name": args["port_name"], "containerPort": args["port"]}] if name == args["container_name"] else []
    return own + [
        {"name": port["name"], "containerPort": port["port"], **_protocol(port)}
        for port in args["ports"]
        if container_of(args, port) == name
    ]


def for_clients(args: StatefulWebArgs) -> list[PortArgs]:
    """Return the further ports that clients reach."""
    return [port for port in args["ports"] if port["client"]]


def for_the_set(args: StatefulWebArgs) -> list[tuple[Any, str]]:
    """Return number and protocol of what the set's own pods reach of each other: all but the web server's own port."""
    given = [(port["port"], str(port["protocol"])) for port in args["ports"]]
    given += [
        (port["containerPort"], port.get("protocol") or "TCP")
        for _, container in running_containers(args)
        for port in container.get("ports") or ()
    ]
    return [port for port in dict.fromkeys(given) if port != (args["port"], "TCP")]


def container_of(args: StatefulWebArgs, port: PortArgs) -> str:
    """Return the name of the container that listens on a further port."""
    return port.get("container_name", args["container_name"])


def number_of(args: StatefulWebArgs, name: str) -> Any:
    """Return the number of a port that the web server's container has under a name; ``None`` if it has none."""
    own = [*of_container(args, args["container_name"])]
    for path, container in running_containers(args):
        if container["name"] == args["container_name"] and path[0] == "pod_template":
            own += container.get("ports") or ()
    return next((port["containerPort"] for port in own if port.get("name") == name), None)


def running_containers(args: StatefulWebArgs) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the containers in Kubernetes' words that run beside the web server's, and what is said of that itself.

    Native sidecars do, too: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/.
    """
    spec = map_at(args["pod_template"], "spec")
    template: Path = ("pod_template", "spec")
    groups: list[tuple[Path, Any, bool]] = [
        (("init_containers",), args["init_containers"], False),
        (("sidecars",), args["sidecars"], True),
        ((*template, "initContainers"), spec.get("initContainers"), False),
        ((*template, "containers"), spec.get("containers"), True),
    ]
    for path, containers, all_run in groups:
        for i, container in enumerate(containers or ()):
            if all_run or container.get("restartPolicy") == "Always":
                yield (*path, i), container


def _main_of_service(args: StatefulWebArgs, number: Any) -> Manifest:
    return {"name": args["port_name"], "port": number, **_app_protocol(args)}


def _of_service(port: PortArgs) -> Manifest:
    return {"name": port["name"], "port": port["port"], **_protocol(port), **_app_protocol(port)}


def _protocol(port: PortArgs) -> Manifest:
    return {} if port["protocol"] == "TCP" else {"protocol": port["protocol"]}


def _app_protocol(of: Mapping[str, Any]) -> Manifest:
    return {"appProtocol": of["app_protocol"]} if "app_protocol" in of else {}
