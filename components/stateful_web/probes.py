"""Probes of the web server's container. Pure."""

from . import ports
from .args import ProbeArgs, StatefulWebArgs
from .values import Manifest


def probe(args: StatefulWebArgs, kind: str, given: ProbeArgs) -> Manifest:
    """Return a probe of the container: by a request, unless it says otherwise."""
    successes = {"successThreshold": given["success_threshold"]} if "success_threshold" in given else {}
    return {
        **check(args, given),
        "initialDelaySeconds": given["initial_delay_seconds"],
        "periodSeconds": given["period_seconds"],
        "timeoutSeconds": given["timeout_seconds"],
        "failureThreshold": failure_threshold(kind, given),
        **successes,
    }


def check(args: StatefulWebArgs, given: ProbeArgs) -> Manifest:
    """Return what the kubelet does to find out."""
    port = given.get("port", args["port_name"])
    if "command" in given:
        return {"exec": {"command": given["command"]}}
    if given["tcp"]:
        return {"tcpSocket": {"port": port}}
    if "grpc" in given:
        # Unlike the others, it takes numbers alone.
        number = ports.number_of(args, port) if isinstance(port, str) else port
        return {"grpc": {"port": number, **({"service": given["grpc"]} if given["grpc"] != "" else {})}}
    headers = [{"name": name, "value": value} for name, value in given.get("headers", {}).items()]
    return {
        "httpGet": {
            "path": given.get("path", "/"),
            "port": port,
            **({"scheme": given["scheme"]} if "scheme" in given else {}),
            **({"httpHeaders": headers} if headers else {}),
        }
    }


def failure_threshold(kind: str, given: ProbeArgs) -> int:
    """Return how many failures in a row count: a start may take long."""
    return given.get("failure_threshold", 30 if kind == "startup" else 3)
