"""The Python language host of the engine that the sandbox builds: ``pulumi-language-python``, in one environment.

The official host is not published as a Go module. This one runs programs in its own process, by the server that the
SDK has for its Automation API, and plugins and policy packs as processes of their own. Every one of them uses the
environment that this host runs in; a program's or plugin's own virtual environment is not looked at.
"""

import importlib.metadata
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

CONCURRENT_REQUESTS = 8
ENGINE_CHECK_SECONDS = 1


class PythonHost(LanguageServer):
    """Serves the engine's ``LanguageRuntime``."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(lambda: None)
        self._engine_address = engine_address

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Accept the engine; nothing of its offer is needed."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Say the SDK's version as ours: they are released together."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Leave it to the program to name its plugins, as it registers resources."""
        return language_pb2.GetRequiredPackagesResponse()

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """Install nothing: the environment is there."""
        return iter(())

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Return what is installed."""
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=package.name, version=package.version)
                for package in importlib.metadata.distributions()
            ]
        )

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Run a program in this process; the engine starts a host for every run."""
        os.chdir(request.info.program_directory)
        program = Path(request.info.program_directory, request.info.entry_point)
        entry = program / "__main__.py" if program.is_dir() else program
        sys.path.insert(0, str(entry.parent))
        self.program = lambda: _run(entry)
        if not request.args:
            request.args.append(self._engine_address)
        return super().Run(request, context)  # type: ignore[no-untyped-call]

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """Run a policy pack or a plugin as a process; stream what it says, then its exit code."""
        folder = request.info.program_directory
        if request.kind == "analyzer":
            command = ["-m", "pulumi.policy", *request.args[:1], folder]
        else:
            command = [folder, *request.args]
        process = subprocess.Popen(
            [sys.executable, "-u", *command],
            cwd=request.pwd or folder,
            env=dict(entry.split("=", 1) for entry in request.env) or None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(process.terminate)
        said: SimpleQueue[Any] = SimpleQueue()
        streams = [
            threading.Thread(target=_forward, args=(stream, kind, said), daemon=True)
            for stream, kind in ((process.stdout, "stdout"), (process.stderr, "stderr"))
        ]
        for stream in streams:
            stream.start()
        for _ in streams:  # each ends with None
            while (piece := said.get()) is not None:
                yield piece
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _run(entry: Path) -> None:
    runpy.run_path(str(entry), run_name="__main__")


def _forward(stream: IO[bytes], kind: str, to: "SimpleQueue[Any]") -> None:
    while piece := stream.read1(65536):  # type: ignore[attr-defined]
        to.put(language_pb2.RunPluginResponse(**{kind: piece}))
    to.put(None)


def _end_without(engine_address: str) -> None:
    """End this process when the engine is gone: one that was killed ends nobody."""
    host, _, port = engine_address.rpartition(":")
    try:
        while True:
            socket.create_connection((host, int(port))).close()
            time.sleep(ENGINE_CHECK_SECONDS)
    except OSError:
        os._exit(0)


def main() -> None:
    """Serve until the engine ends this process; it reads the port from the first line."""
    # The engine ends hosts with SIGINT; that is no error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = grpc.server(ThreadPoolExecutor(CONCURRENT_REQUESTS), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(PythonHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    threading.Thread(target=_end_without, args=(sys.argv[-1],), daemon=True).start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
