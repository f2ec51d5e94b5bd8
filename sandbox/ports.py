"""Ports on loopback for a checkout: derived from its path, so that two checkouts rarely ask for the same."""

import hashlib
import socket
from pathlib import Path

from sandbox.errors import SandboxError

# Below the kernel's range for outgoing connections, so that none of those takes a port of ours.
FIRST, LAST = 20000, 32000


def free_block(owner: Path, count: int) -> range:
    """Return ``count`` free ports in a row; the same owner gets the same ones while they are free.

    The caller holds the user's lock until it listens on them. Raises ``SandboxError`` if no block is free.
    """
    blocks = (LAST - FIRST) // count
    start = int.from_bytes(hashlib.sha256(str(owner).encode()).digest()[:4], "big") % blocks
    for block in (*range(start, blocks), *range(start)):
        ports = range(FIRST + block * count, FIRST + (block + 1) * count)
        if all(is_free(port) for port in ports):
            return ports
    raise SandboxError(f"No {count} free ports in a row were found between {FIRST} and {LAST} on 127.0.0.1. Free some.")


def is_free(port: int) -> bool:
    """Say whether nothing listens on a port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
