"""The kubelet: its configuration, for both versions of control groups, and its start."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import yaml

from sandbox.node import cgroups, containerd
from sandbox.node.machine import HOST, Machine
from sandbox.node.network import GATEWAY

NAME = "kubelet"
DOMAIN = "cluster.local"


def config(cgroup: str, cgroup_version: int, client_ca: Path) -> Mapping[str, Any]:
    """Return the configuration of a kubelet whose pods' groups are below ``cgroup``.

    ``client_ca`` signs the certificates of those who may ask the kubelet, that is, of the API server.
    """
    made: dict[str, Any] = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": str(client_ca)},
        },
        "authorization": {"mode": "AlwaysAllow"},  # of those who are known
        "containerRuntimeEndpoint": f"unix://{containerd.SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "clusterDNS": [str(GATEWAY)],
        "clusterDomain": DOMAIN,
        "resolvConf": "",  # names of the cluster alone
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        # A full disk of this machine is no reason to evict the pods of a sandbox.
        "evictionHard": {"memory.available": "1Mi", "nodefs.available": "0%", "imagefs.available": "0%"},
        "imageGCHighThresholdPercent": 100,  # an image that is gone can't be pulled again
        "makeIPTablesUtilChains": False,
        "volumePluginDir": "/var/lib/kubelet/plugins",
        "healthzBindAddress": "127.0.0.1",
        "syncFrequency": "10s",
        "registerWithTaints": [],
    }
    if cgroup_version == 1:
        made["failCgroupV1"] = False
    return made


def start(machine: Machine, program: Path, kubeconfig: Path, client_ca: Path, address: IPv4Address) -> None:
    """Start it if it does not run."""
    configuration = machine.state / "kubelet.yaml"
    configuration.write_text(yaml.safe_dump(config(machine.name, cgroups.version(), client_ca)))
    machine.launch(
        NAME,
        [
            program,
            f"--config={configuration}",
            f"--kubeconfig={kubeconfig}",
            f"--hostname-override={HOST}",
            f"--node-ip={address}",
        ],
    )
