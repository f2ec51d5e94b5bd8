"""kube-proxy, which gives Services their addresses: by nftables in the machine's own network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sandbox.node.machine import HOST, Machine
from sandbox.node.network import PODS
from sandbox.node.packages import Packages

NAME = "kube-proxy"


def config(kubeconfig: Path) -> Mapping[str, Any]:
    """Return the configuration."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "hostnameOverride": HOST,
        "clusterCIDR": str(PODS),
        # Else answers between pods of one bridge go past the rules, unless the host's kernel has a module loaded.
        "nftables": {"masqueradeAll": True},
        # These are of the whole kernel, not of a network.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }


def start(machine: Machine, program: Path, packages: Packages, kubeconfig: Path) -> None:
    """Start it if it does not run; its configuration is not touched then, as it ends when that is written."""
    if machine.pid_of(NAME):
        return
    configuration = machine.state / "kube-proxy.yaml"
    configuration.write_text(yaml.safe_dump(config(kubeconfig)))
    machine.launch(NAME, [program, f"--config={configuration}"], [packages.bin])
