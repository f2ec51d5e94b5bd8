"""Probes of the web server's container. Pure."""

from .args import ProbeArgs, StatefulWebArgs
from .values import Manifest


def probe(args: StatefulWebArgs, kind: str, given: ProbeArgs) -> Manifest:
    """Return an HTTP probe of the port."""
    return {
        "httpGet": {"path": given["path"], "port": args["port_name"]},
        "initialDelaySeconds": given["initial_delay_seconds"],
        "periodSeconds": given["period_seconds"],
        "timeoutSeconds": given["timeout_seconds"],
        "failureThreshold": failure_threshold(kind, given),
    }


def failure_threshold(kind: str, given: ProbeArgs) -> int:
    """Return how many failures in a row count: a start may take long."""
    return given.get("failure_threshold", 30 if kind == "startup" else 3)
