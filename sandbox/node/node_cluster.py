"""A cluster with a real node: kubelet, containerd, CoreDNS and kube-proxy, in a machine of namespaces of its own."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

import yaml

from sandbox import toolchain
from sandbox.errors import SandboxError
from sandbox.kwok_cluster import COMPONENTS, PORTS, RESIZER, Cluster, resizer_options
from sandbox.node import containerd, dns, images, kubelet, packages, proxy
from sandbox.node.machine import HOST, Machine
from sandbox.node.needs import refuse_where_lacking
from sandbox.node.network import Network
from sandbox.paths import private_dir

FAMILIES = ("kwok", "kubernetes", "kubelet", "node")
"""What has to be built for it."""
PROGRAMS = (containerd.NAME, kubelet.NAME, dns.NAME, proxy.NAME, "resizer")
"""What runs in the machine beside the control plane."""
READY_SECONDS = 120


@dataclass(frozen=True)
class NodeCluster(Cluster):
    """The cluster of one sandbox, whose only node is real.

    Its processes are a machine's, and so are the folders of its volumes, which lie in ``state``.
    """

    NODE_GRACE: ClassVar[str] = "50s"
    """Kubernetes' default: a real kubelet that comes back says what runs."""

    @classmethod
    def of(cls, state: Path, say: Callable[[str], None]) -> "NodeCluster":
        """Return the cluster, whose programs are built at first use.

        Raises ``SandboxError`` on a machine that can have no real node, before anything is made.
        """
        refuse_where_lacking()
        return cls(private_dir(state), cache(lambda: toolchain.ensure(*FAMILIES, say=say)), say)

    @property
    def machine(self) -> Machine:
        """Where it runs."""
        return Machine(self.state, self.say)

    @cached_property
    def network(self) -> Network:
        """Its network."""
        return Network(self.machine, packages.ensure(self.say))

    @property
    def _inside(self) -> Path:
        """The kubeconfig of programs in the machine."""
        return self._files / "kubeconfig.yaml"

    def _start(self) -> None:
        """Start what does not run: the machine and its control plane, and the node's programs."""
        address = self.network.address()
        if not self._control_plane_runs():
            self._stop()
            self.machine.start(self._program("pause"))
            self.network.up()
            self._start_control_plane()
        self._start_programs(address)
        self._await_node()

    def _stop(self) -> None:
        """End everything that runs for it; the folders of its volumes stay, too."""
        self.machine.stop()

    def is_running(self) -> bool:
        """Say whether the control plane answers and every program of the node runs."""
        return self._control_plane_runs() and all(self.machine.pid_of(name) for name in PROGRAMS)

    def delete_volume_folders(self) -> None:
        """Do nothing: the folders lie in ``state``, and no other cluster's lie beside them."""

    def _start_programs(self, address: Any) -> None:
        of_packages = self.network.packages
        self.say("Starting containerd, kubelet, CoreDNS and kube-proxy")
        archive = images.ensure(of_packages, self._program("pause"), self.say)
        containerd.start(self.machine, of_packages, archive)
        kubelet.start(self.machine, self._program("kubelet"), self._inside, self._files / "pki" / "ca.crt", address)
        proxy.start(self.machine, self._program("kube-proxy"), of_packages, self._inside)
        dns.start(self.machine, self._program("coredns"), self._inside)
        stage = self.state / RESIZER.name  # this checkout may not be seen in the machine
        shutil.copyfile(RESIZER, stage)
        self.machine.launch("resizer", [self._program("kwok"), *resizer_options(self._inside, stage)])

    def _await_node(self) -> None:
        """Wait for the node to be ready."""
        ready = ["wait", "--for=condition=Ready", f"node/{HOST}", "--timeout=1s"]
        deadline = time.monotonic() + READY_SECONDS
        while self._kubectl(*ready).returncode:
            silent = [name for name in PROGRAMS if self.machine.pid_of(name) is None]
            if silent or time.monotonic() > deadline:
                raise SandboxError(
                    f"The node does not get ready{': ' + ', '.join(silent) + ' has ended' if silent else ''}. "
                    f"Its programs' words are in {self.machine.logs}. Run this again; `make clean` starts afresh."
                )

    def _components(self) -> Mapping[str, tuple[str, str]]:
        return {name: option for name, option in COMPONENTS.items() if name != "kwok-controller"}

    def _patches(self) -> list[dict[str, Any]]:
        pki = self._files / "pki"
        address = str(self.network.address())
        added = {
            "advertise-address": address,
            "kubelet-preferred-address-types": "InternalIP",
            "kubelet-client-certificate": str(pki / "admin.crt"),
            "kubelet-client-key": str(pki / "admin.key"),
        }
        return [
            *super()._patches(),
            {
                "name": "kube-apiserver",
                "extraArgs": [
                    # In the machine's network, which is reached from its pods and its host, and from nowhere else.
                    {"key": "bind-address", "value": "0.0.0.0", "override": True},  # noqa: S104
                    *({"key": key, "value": value} for key, value in added.items()),
                ],
            },
        ]

    def _nodes(self) -> str:
        return "a real node"

    def _furnish(self) -> None:
        """Lead the host to the API server by the link, as the loopback that it listens on is the machine's."""
        port = yaml.safe_load(self._config.read_text())["options"][PORTS[0]]
        read = yaml.safe_load(self.kubeconfig.read_text())
        for cluster in read["clusters"]:
            cluster["cluster"]["server"] = f"https://{self.network.address()}:{port}"
        self.kubeconfig.write_text(yaml.safe_dump(read))
        self._see_it_run()

    def _busy_ports(self) -> list[int]:
        return []  # a new machine's ports are all free

    def _control_plane_runs(self) -> bool:
        return self.machine.is_up() and super()._control_plane_runs()

    def _where_it_runs(self, command: Sequence[str]) -> list[str]:
        return self.machine.entering(*command)
