"""What the plugin says to the engine while it works."""

import contextlib

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Engine:
    """Sends log lines and progress to the engine that started the plugin."""

    def __init__(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def info(self, urn: str, message: str) -> None:
        """Log a line about a resource."""
        self._send(urn, message, engine_pb2.INFO, ephemeral=False)

    def warn(self, urn: str, message: str) -> None:
        """Log a warning about a resource."""
        self._send(urn, message, engine_pb2.WARNING, ephemeral=False)

    def status(self, urn: str, message: str) -> None:
        """Show what a resource waits for, until the next line or an empty one."""
        self._send(urn, message, engine_pb2.INFO, ephemeral=True)

    def _send(self, urn: str, message: str, severity: engine_pb2.LogSeverity.ValueType, ephemeral: bool) -> None:
        # An engine that does not listen any more is no reason to fail.
        with contextlib.suppress(grpc.RpcError):
            self._stub.Log(
                engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral),
                timeout=5,
            )
