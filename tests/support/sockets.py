"""Who listens where: the sockets of a process, as Linux tells them in /proc."""

import ipaddress
import re
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LISTENING, UNCONNECTED = "0A", "07"
"""States of a TCP socket that takes connections, and of a UDP socket that takes packets from anywhere."""
TABLES = {"tcp": LISTENING, "tcp6": LISTENING, "udp": UNCONNECTED, "udp6": UNCONNECTED}


def listening(pids: Iterable[int]) -> dict[str, int]:
    """Return the addresses at which any of these processes takes connections or packets, with its pid."""
    owners = {inode: pid for pid in pids for inode in _inodes(pid)}
    found = {}
    for table, state in TABLES.items():
        path = Path("/proc/net", table)
        for line in path.read_text().splitlines()[1:] if path.exists() else ():  # a kernel may have no IPv6
            _, local, _, its_state, *rest = line.split()
            inode = rest[5]
            if its_state == state and inode in owners:
                address, port = local.split(":")
                found[f"{_address(address)} {table}/{int(port, 16)}"] = owners[inode]
    return found


def off_loopback(addresses: Iterable[str]) -> list[str]:
    """Return the addresses that others on the network can reach."""
    return [found for found in addresses if not _is_loopback(ipaddress.ip_address(found.split()[0]))]


def _is_loopback(address: "ipaddress.IPv4Address | ipaddress.IPv6Address") -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _inodes(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if match := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())):
                    found.add(match[1])
    return found


def _address(text: str) -> str:
    """Read an address as the kernel writes it: words in the machine's byte order."""
    raw = bytes.fromhex(text)
    if sys.byteorder == "little":
        raw = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)
