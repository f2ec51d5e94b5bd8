"""The gRPC server: the SDK's, with answers instead of tracebacks."""

import asyncio
import inspect
import signal
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.kubernetes_plugin.errors import InitFailed, NeedsOfficialPlugin, PluginError
from sandbox.kubernetes_plugin.provider import KubernetesProvider

# A wait holds a thread: as many resources as the engine works on at once, and more.
THREADS = 256
STOP_SECONDS = 10
ENGINE_CHECK_SECONDS = 1


class Servicer(ProviderServicer):
    """Leaves out what only components need."""

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        """Leave it to the engine to show the settings that differ."""
        answer = await super().DiffConfig(request, context)
        answer.hasDetailedDiff = False
        return answer

    async def Construct(self, request: Any, _context: Any) -> Any:
        """Refuse remote components: YAML files, Helm charts, kustomizations."""
        raise NeedsOfficialPlugin(request.type)

    async def Call(self, request: Any, _context: Any) -> Any:
        """Refuse methods of remote components."""
        raise NeedsOfficialPlugin(request.tok)

    async def Parameterize(self, _request: Any, _context: Any) -> Any:
        """Refuse packages that are made of custom resource definitions."""
        raise NeedsOfficialPlugin("A parameterized package")


class Answers(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc has no types here
    """Turns the plugin's errors into answers that the engine understands."""

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        """Wrap a method that returns one message."""
        handler = await continuation(details)
        if handler is None or not inspect.iscoroutinefunction(handler.unary_unary):
            return handler

        async def answer(request: Any, context: Any) -> Any:
            try:
                return await handler.unary_unary(request, context)
            except Exception as raised:
                # The SDK hides what a provider raises in an exception whose text ends with a traceback.
                error = raised if isinstance(raised, PluginError) else raised.__context__
                if isinstance(error, PluginError):
                    details = _details(error) if isinstance(error, InitFailed) else ()
                    await context.abort(grpc.StatusCode.UNKNOWN, str(error), details)
                raise

        return grpc.unary_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


def _details(error: InitFailed) -> tuple[tuple[str, bytes], ...]:
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=PropertyValue.marshal_map(error.state),
        reasons=error.reasons,
        inputs=PropertyValue.marshal_map(error.inputs) if error.inputs else None,
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(failed)
    return (("grpc-status-details-bin", status.SerializeToString()),)


async def serve(provider: KubernetesProvider, version: str, engine_address: str) -> None:
    """Serve until the engine ends the process; say the port on stdout first."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS))
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS, interceptors=[Answers()])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer([], version, provider, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    async def stop() -> None:
        # What waits now answers with the state as it is, which the engine then keeps.
        await provider.cancel()
        await server.stop(STOP_SECONDS)

    tasks = [loop.create_task(_stop_without(engine_address, stop))]
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: tasks.append(loop.create_task(stop())))
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


async def _stop_without(engine_address: str, stop: Callable[[], Awaitable[None]]) -> None:
    """Stop when the engine is gone: one that was killed ends nobody."""
    host, _, port = engine_address.rpartition(":")
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
        except OSError:
            await stop()
            return
        await asyncio.sleep(ENGINE_CHECK_SECONDS)
