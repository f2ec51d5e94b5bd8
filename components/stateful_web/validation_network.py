"""Contradictions between inputs about Services, ports and probes. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import ports
from .args import StatefulWebArgs
from .findings import Finding, Path
from .manifests import client_service_name
from .rules import dns_1035_label
from .values import shown, twice


def services_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find a client Service with the name of the headless one, or with a drain longer than the grace period."""
    if "client_service" not in args:
        return
    client = args["client_service"]
    name = client_service_name(args)
    if name == args["service_name"]:
        yield Finding(
            ("client_service", "name"),
            f"is {shown(name)}: another name than the headless Service's is expected. Choose one.",
        )
    elif problem := dns_1035_label(name):
        yield Finding(("client_service", "name"), f"is {shown(name)} by default: {problem} Set it.")
    grace = args["termination_grace_period_seconds"]
    if isinstance(grace, int) and client["drain_seconds"] >= grace:
        yield Finding(
            ("client_service", "drain_seconds"),
            f"is {client['drain_seconds']}: less than terminationGracePeriodSeconds, which is {grace}, is expected. "
            "Lower it, or raise that.",
        )


def client_options_of_another_type(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find options of the client Service that its type does not have."""
    client: Any = args.get("client_service", {})
    for key, types in (
        ("load_balancer_class", ("LoadBalancer",)),
        ("load_balancer_source_ranges", ("LoadBalancer",)),
        ("external_traffic_policy", ("LoadBalancer", "NodePort")),
    ):
        if key in client and client["type"] not in types:
            yield Finding(
                ("client_service", key),
                f"is only for type {' or '.join(types)}, and type is {client['type']}. Remove it, or change the type.",
            )


def families_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find two IP families for single-stack Services."""
    if len(args.get("ip_families", [])) > 1 and args.get("ip_family_policy", "SingleStack") == "SingleStack":
        yield Finding(
            ("ip_families",),
            "has two, and ipFamilyPolicy is SingleStack: one is expected. Remove one, or set ipFamilyPolicy to "
            "PreferDualStack.",
        )


def ports_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find ports whose name or number is taken, whose container does not run, or whose client Service is missing."""
    names: list[tuple[Path, Any]] = [(("port_name",), args["port_name"])]
    names += [(("ports", i, "name"), port["name"]) for i, port in enumerate(args["ports"])]
    yield from twice(names, "is the name of another port, too. Choose another.")
    taken: dict[Any, str] = {(args["port"], "TCP"): "the web server's port"}
    running = {container["name"] for _, container in ports.running_containers(args)} | {args["container_name"]}
    for i, port in enumerate(args["ports"]):
        number = (port["port"], port["protocol"])
        if number in taken:
            yield Finding(("ports", i, "port"), f"is {shown(number[0])}, which is {taken[number]}. Use another.")
        taken.setdefault(number, f"port {port['name']}")
        if (named := ports.container_of(args, port)) not in running:
            yield Finding(
                ("ports", i, "container_name"),
                f"is {shown(named)}: a container that runs is expected, one of {', '.join(sorted(running))}. Use one.",
            )
        if port["client"] and "client_service" not in args:
            yield Finding(("ports", i, "client"), "is true, and there is no clientService. Set that, or remove this.")
        elif port["client"] and number == (args["client_service"].get("port"), "TCP"):
            problem = f"is {shown(number[0])}, which is the web server's port in the client Service. Use another."
            yield Finding(("ports", i, "port"), problem)


def ports_that_containers_declare(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find ports of given containers that clash with the inputs' ports: the containers of a pod share one address."""
    own = _owners(args)
    for path, container in ports.running_containers(args):
        for j, port in enumerate(container.get("ports") or ()):
            yield from _declared_elsewhere((*path, "ports", j), container["name"], port, own)


Owners = Mapping[tuple[Any, str], tuple[str, str, str]]
"""Name, container and description of each port that inputs name, by its number and protocol."""


def _owners(args: StatefulWebArgs) -> Owners:
    own = {(args["port"], "TCP"): (args["port_name"], args["container_name"], "the web server's port")}
    for port in args["ports"]:
        of = (port["name"], ports.container_of(args, port), f"port {port['name']}")
        own.setdefault((port["port"], port["protocol"]), of)
    return own


def _declared_elsewhere(at: Path, container: str, port: Mapping[str, Any], own: Owners) -> Iterator[Finding]:
    """Find a port of a container that has the number or the name of an input's port, and differs from it."""
    number, named = (port["containerPort"], port.get("protocol") or "TCP"), port.get("name")
    if number in own:
        name, owner, words = own[number]
        if container != owner:
            yield Finding((*at, "containerPort"), f"is {shown(number[0])}, which is {words}. Use another.")
        elif "name" in port and named != name:
            yield Finding(
                (*at, "name"),
                f"is {shown(named)}: probes and Services use the name {name} for {words}. Use that name, or another "
                "port.",
            )
    else:
        for name, _, words in own.values():
            if name == named:
                yield Finding((*at, "name"), f"is {shown(named)}, which is the name of {words}. Use another.")


def probes_that_contradict(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find probes with two kinds of check, or with options that their kind does not have."""
    probes: Mapping[str, Any] = dict(args["probes"])
    for kind, probe in probes.items():
        ways = [key for key in ("path", "command", "grpc") if key in probe] + ["tcp"] * probe["tcp"]
        if len(ways) > 1:
            yield Finding(("probes", kind), f"has {' and '.join(ways)}: one of them is expected. Remove the others.")
            continue
        way = ways[0] if ways else "path"
        for key in ("scheme", "headers"):
            if key in probe and way != "path":
                yield Finding(("probes", kind, key), f"is only for GET requests, and {way} is given. Remove one.")
        if "port" in probe and way == "command":
            yield Finding(("probes", kind, "port"), "is given, and so is command, which uses no port. Remove one.")
        if isinstance(probe.get("port"), str) and ports.number_of(args, probe["port"]) is None:
            yield Finding(
                ("probes", kind, "port"),
                f"is {shown(probe['port'])}: the web server's container has no port of that name. Use one of ports, or "
                "a number.",
            )
        if kind != "readiness" and probe.get("success_threshold", 1) != 1:
            yield Finding(
                ("probes", kind, "success_threshold"),
                f"is {probe['success_threshold']}: it is only for readiness. Remove it.",
            )


OF_THE_NETWORK: Sequence[Callable[[StatefulWebArgs], Iterator[Finding]]] = (
    services_that_clash,
    client_options_of_another_type,
    families_that_contradict,
    ports_that_clash,
    ports_that_containers_declare,
    probes_that_contradict,
)
