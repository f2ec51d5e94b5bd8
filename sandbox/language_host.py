"""The Python language host of the engine that the sandbox builds: ``pulumi-language-python``, in one environment.

The official host is not published as a Go module. This one runs programs in its own process, by the server that the
SDK has for its Automation API, and plugins and policy packs as processes of their own. A pack runs in the environment
that it names, as with the official host; programs and plugins run in the one of this host, whatever they name.
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
from collections.abc import Iterator, Mapping
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
        """Install what a policy pack asks for into the environment that it names; that of all others is this one."""
        folder = Path(request.directory)
        if not (folder / "PulumiPolicy.yaml").exists():
            return
        python = _python_of(request.info)
        steps = {}
        if not python.exists():
            steps["making its environment"] = ["-m", "venv", "--without-pip", str(python.parent.parent)]
        if (folder / "requirements.txt").exists():
            pip = ["-m", "pip", "--python", str(python), "install", "--requirement", "requirements.txt"]
            steps["installing its requirements.txt"] = pip
        for what, step in steps.items():
            process = _started([sys.executable, *step], folder)
            context.add_callback(process.terminate)
            for kind, piece in _said(process):
                yield language_pb2.InstallDependenciesResponse(**{kind: piece})
            if process.wait():
                context.abort(grpc.StatusCode.UNKNOWN, f"{what} failed (exit code {process.returncode})")

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
        ended = super().Run(request, context)  # type: ignore[no-untyped-call]
        # It has logged its error: the engine would print it a second time.
        return language_pb2.RunResponse(bail=True) if ended.error else ended

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """Run a policy pack or a plugin as a process; stream what it says, then its exit code."""
        folder = request.info.program_directory
        env = dict(entry.split("=", 1) for entry in request.env)
        if request.kind == "analyzer":
            python = _python_of(request.info)
            if not python.exists():
                context.abort(
                    grpc.StatusCode.FAILED_PRECONDITION,
                    f"The policy pack names an environment that is not there: {python.parent.parent}. To make it: "
                    f"pulumi -C {folder} install",
                )
            process = _started([str(python), "-u", "-m", "pulumi.policy", *request.args[:1], folder], folder, env)
        else:
            process = _started([sys.executable, "-u", folder, *request.args], request.pwd or folder, env)
        context.add_callback(process.terminate)
        for kind, piece in _said(process):
            yield language_pb2.RunPluginResponse(**{kind: piece})
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _run(entry: Path) -> None:
    runpy.run_path(str(entry), run_name="__main__")


def _python_of(info: Any) -> Path:
    """Return the Python of the environment that a pack names in the options of its runtime; ours if it names none."""
    named = dict(info.options).get("virtualenv")
    return Path(info.root_directory, named, "bin", "python") if named else Path(sys.executable)


def _started(command: list[str], folder: str | Path, env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, cwd=folder, env=env or None, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _said(process: "subprocess.Popen[bytes]") -> Iterator[tuple[str, Any]]:
    """Return what a process says until it ends, each piece with the name of its stream."""
    said: SimpleQueue[tuple[str, Any] | None] = SimpleQueue()
    streams = [
        threading.Thread(target=_forward, args=(stream, kind, said), daemon=True)
        for stream, kind in ((process.stdout, "stdout"), (process.stderr, "stderr"))
    ]
    for stream in streams:
        stream.start()
    for _ in streams:  # each ends with None
        while (piece := said.get()) is not None:
            yield piece


def _forward(stream: IO[bytes], kind: str, to: "SimpleQueue[tuple[str, Any] | None]") -> None:
    while piece := stream.read1(65536):  # type: ignore[attr-defined]
        to.put((kind, piece))
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
