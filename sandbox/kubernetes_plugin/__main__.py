"""Run as ``python -m sandbox.kubernetes_plugin ENGINE_ADDRESS``; the engine reads the port from the first line."""

import asyncio
import importlib.metadata
import os
import sys

from sandbox.kubernetes_plugin.engine import Engine
from sandbox.kubernetes_plugin.provider import KubernetesProvider
from sandbox.kubernetes_plugin.server import serve


def main() -> None:
    """Serve the engine whose address is the first argument that is no option."""
    address = next(argument for argument in sys.argv[1:] if not argument.startswith("-"))
    version = importlib.metadata.version("pulumi_kubernetes")
    asyncio.run(serve(KubernetesProvider(Engine(address)), version, address))
    sys.stdout.flush()
    os._exit(0)  # the engine waits for our end, and taking Python apart is 0.2 s of it


if __name__ == "__main__":
    main()
