"""The network of a machine: a link to the host, a bridge for its pods, and no way out."""

import hashlib
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.node.machine import Machine
from sandbox.node.packages import Packages

LINKS = IPv4Network("198.18.0.0/15")
"""Where links' networks are taken from: set aside for tests of networks, and routed nowhere (RFC 2544)."""
BRIDGE = "cni0"
PODS = IPv4Network("10.88.0.0/16")
"""Of the machine alone, whatever the host's network is."""
GATEWAY = PODS[1]
"""The bridge's own address, at which the names are served, too."""
SERVICES = IPv4Network("10.0.0.0/24")
"""The API server's default."""


@dataclass(frozen=True)
class Network:
    """The link between the host and one machine, and what is behind it."""

    machine: Machine
    packages: Packages

    @property
    def _kept(self) -> Path:
        return self.machine.state / "network"

    def address(self) -> IPv4Address:
        """Return the machine's address for the host: the same one for the sandbox's life, as certificates name it.

        Raises ``SandboxError`` if the host has come to use that network for something else.
        """
        taken = self._taken()
        if not self._kept.exists():
            self._kept.write_text(str(free_link(self.machine.name, taken)))
        link = IPv4Network(self._kept.read_text())
        for other in taken:
            if other.overlaps(link):
                raise SandboxError(
                    f"The network {link}, which this sandbox's node was made with, is used by the host for {other}: "
                    "free it (`ip route` shows it) and run this again."
                )
        return link[2]

    def up(self) -> None:
        """Make the link and the bridge of a machine that has neither."""
        address = self.address()
        link = IPv4Network(self._kept.read_text())
        name, host = self.machine.name, link[1]
        inside = str(self.machine.path("/proc/1/ns/net"))
        self._host("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", inside)
        self._host("address", "add", f"{host}/{link.prefixlen}", "dev", name)
        self._host("link", "set", name, "up")
        batch = [
            "link set lo up",
            f"address add {address}/{link.prefixlen} dev eth0",
            "link set eth0 up",
            f"link add {BRIDGE} type bridge",
            f"address add {GATEWAY}/{PODS.prefixlen} dev {BRIDGE}",
            f"link set {BRIDGE} up",
            # So that the node's own programs may ask for a Service: kube-proxy then gives them a pod.
            f"route add {SERVICES} dev {BRIDGE}",
        ]
        self.machine.run(self.packages.bin / "ip", "-batch", "-", given="\n".join(batch))

    def _host(self, *words: str) -> str:
        command = [str(self.packages.bin / "ip"), *words]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SandboxError(f"The node's network can not be made: `ip {' '.join(words)}`: {ended.stderr.strip()}")
        return ended.stdout

    def _taken(self) -> list[IPv4Network]:
        routes = json.loads(self._host("-json", "-4", "route", "show", "table", "all"))
        others = [route for route in routes if route.get("dev") != self.machine.name]
        networks = [IPv4Network(route["dst"], strict=False) for route in others if route["dst"] != "default"]
        # Wider routes, as a VPN for everything has them, give way to a link's own.
        return [network for network in networks if not network.supernet_of(LINKS)]


def free_link(owner: str, taken: Iterable[IPv4Network]) -> IPv4Network:
    """Return a network of two addresses that overlaps none; the same owner gets the same one while it is free."""
    used = [other for other in taken if other.overlaps(LINKS)]
    links = list(LINKS.subnets(new_prefix=30))
    start = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:4], "big") % len(links)
    for link in (*links[start:], *links[:start]):
        if not any(link.overlaps(other) for other in used):
            return link
    raise SandboxError(f"No network is free in {LINKS} for the link to a node: free some (`ip route` shows them).")
