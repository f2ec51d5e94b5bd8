"""The cluster's names, served by CoreDNS at the pods' gateway."""

from pathlib import Path

from sandbox.node.kubelet import DOMAIN
from sandbox.node.machine import Machine
from sandbox.node.network import GATEWAY

NAME = "coredns"


def corefile(kubeconfig: Path) -> str:
    """Return the configuration; it knows the cluster's names alone, and forwards nothing."""
    return f"""\
.:53 {{
    bind {GATEWAY}
    ready 127.0.0.1:8181
    errors
    kubernetes {DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        pods insecure
    }}
}}
"""


def start(machine: Machine, program: Path, kubeconfig: Path) -> None:
    """Start it if it does not run."""
    configuration = machine.state / "Corefile"
    configuration.write_text(corefile(kubeconfig))
    machine.launch(NAME, [program, "-conf", configuration])
