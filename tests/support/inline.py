"""Runs a project's program in the process of the tests, for an engine that was started as its own.

The engine connects to a language host that is there already, as in the SDK's Automation API; the Python and the SDK
that each host would load for every run are loaded once. What is run is the project's ``__main__.py``, in its folder.
"""

import os
import runpy
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2_grpc

_ONE_AT_A_TIME = threading.RLock()
"""A process has one working directory."""

# Else a new engine on the port of one that is gone is taken for that one, which refuses connections.
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))


@contextmanager
def serving(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Serve the program of a project for the time of the block; return the address for ``pulumi --client``."""
    server = grpc.server(ThreadPoolExecutor(4), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(_Host(folder, env), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


class _Host(LanguageServer):
    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        super().__init__(lambda: _run(folder))
        self._folder, self._env = folder, env

    def Run(self, request: Any, context: Any) -> Any:
        """Run it where the project is, to the end of what it waits for."""
        with _ONE_AT_A_TIME, _as_if_started_in(self._folder, self._env):
            return super().Run(request, context)  # type: ignore[no-untyped-call]


def _run(folder: Path) -> None:
    runpy.run_path(str(folder / "__main__.py"), run_name="__main__")


@contextmanager
def _as_if_started_in(folder: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Have the folder, its modules and this environment, and put all back."""
    where, variables, modules = Path.cwd(), dict(os.environ), set(sys.modules)
    os.chdir(folder)
    os.environ.update(env)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(where)
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None)).startswith(f"{folder}/"):
                del sys.modules[name]
