"""Runs Pulumi programs against a resource monitor that records what they register, in place of the engine.

The program runs in this process and speaks the engine's own protocol: milliseconds for a case. Only what is registered
is looked at, so a test says nothing of how it came about. Transforms are called as the engine calls them; every
resource gets its inputs back as outputs.
"""

import asyncio
import contextvars
import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.output import Output
from pulumi.provider.server import ProviderServicer
from pulumi.runtime import reset_options, rpc, run_in_stack, set_all_config
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    callback_pb2,
    callback_pb2_grpc,
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

PROJECT, STACK = "stateful-web", "test"
UNKNOWN = rpc.UNKNOWN
"""Stands in inputs for what a preview does not know."""


@dataclass(frozen=True)
class Secret:
    """An input that was registered as a secret, or a secret output that is handed to a provider of components."""

    value: Any


@dataclass(frozen=True)
class Known:
    """An output that is handed to a provider of components, and known."""

    value: Any


@dataclass(frozen=True)
class Registration:
    """What one resource was registered with, after transforms."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    """As the provider gets them; secrets are ``Secret``, what is not known is ``UNKNOWN``."""
    provider: str
    """Name of its explicit provider; empty for the default one."""
    depends_on: frozenset[str]
    """Names of the resources that come before it."""
    protect: bool | None
    retain_on_delete: bool | None
    ignore_changes: tuple[str, ...]
    aliases: tuple[str, ...]
    """Names that it had before."""
    timeouts: dict[str, str]
    version: str
    """Of the plugin that is asked for."""


@dataclass(frozen=True)
class Ran:
    """What a program did."""

    registrations: Sequence[Registration]
    """In order."""
    outputs: Mapping[str, Any]
    """Of the stack."""
    component_outputs: Mapping[str, Mapping[str, Any]]
    """What components registered as their outputs, by the component's name."""
    said: tuple[tuple[str, str], ...]
    """Severity and text of what it logged for people."""
    error: str
    """What it ended with; empty if it ended well."""

    def __getitem__(self, name: str) -> Registration:
        return self.resources[name]

    @property
    def resources(self) -> dict[str, Registration]:
        """The resources by name, in the order in which they were registered."""
        return {found.name: found for found in self.registrations}

    @property
    def state(self) -> dict[str, Any]:
        """What is left in the stack's state, of what is no secret."""
        return {
            found.urn: {"type": found.type, "outputs": json.loads(json.dumps(found.inputs, default=lambda _: None))}
            for found in self.registrations
        }

    @property
    def warnings(self) -> list[str]:
        """What it warned of."""
        return [text for severity, text in self.said if severity == "WARNING"]

    def of_type(self, kind: str) -> list[Registration]:
        """Return the resources whose type ends so, e.g. ``:StatefulSet``."""
        return [found for found in self.registrations if found.type.endswith(kind)]


def unknown() -> "Output[Any]":
    """Return an output that no preview knows."""
    known: asyncio.Future[bool] = asyncio.Future()
    known.set_result(False)
    value: asyncio.Future[Any] = asyncio.Future()
    value.set_result(None)
    return Output(set(), value, known)


def run(
    program: Callable[[], Any],
    *,
    preview: bool = True,
    config: Mapping[str, str] | None = None,
    secret_config: frozenset[str] = frozenset(),
    state: Mapping[str, Any] | None = None,
) -> Ran:
    """Run a program as the engine does, with these config keys; return what it registered.

    ``state`` is what an earlier run has left, as ``Ran.state`` gives it.

    What it returns, if it is a map, are the stack's outputs.
    """
    monitor = _Monitor(preview, state=dict(state or {}))
    engine = _Engine(monitor)

    def run_it() -> str:
        # In place of their addresses: to go through a server takes most of the time.
        here: Any = {"monitor_address": _Direct(monitor), "engine_address": engine}
        reset_options(project=PROJECT, stack=STACK, preview=preview, parallel=16, **here)
        set_all_config(dict(config or {}), sorted(secret_config))
        return _error_of(run_in_stack(lambda: _export(program())))

    with ThreadPoolExecutor(1) as thread:
        return monitor.ran(thread.submit(contextvars.copy_context().run, run_it).result())


def _error_of(running: Any) -> str:
    """Run to the end in a loop of its own; return what it ended with."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # a refusal comes up again in all that waits for it
    try:
        loop.run_until_complete(running)
        return ""
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return str(error)
    except Exception:
        return traceback.format_exc()
    finally:
        waiting = asyncio.all_tasks(loop)
        for task in waiting:
            task.cancel()
        if waiting:
            loop.run_until_complete(asyncio.wait(waiting))
        loop.close()


def construct(
    provider: Any,
    kind: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    preview: bool = True,
    config: Mapping[str, str] | None = None,
    providers: Mapping[str, Mapping[str, Any]] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Ran:
    """Have a provider of components make one, as the engine asks it to for a program in another language.

    ``inputs`` are as that language gives them; ``Known``, ``Secret`` and ``UNKNOWN`` may stand anywhere. ``providers``
    are the inputs of the providers that the program hands over, by package.
    """
    with _serving(preview) as (monitor, address), ThreadPoolExecutor(1) as thread:
        urns = {package: f"{_prefix('pulumi:providers:' + package)}::handed-over" for package in providers or {}}
        monitor.state = dict(state or {})
        monitor.known = {urns[package]: dict(state) for package, state in (providers or {}).items()}
        request = provider_pb2.ConstructRequest(
            project=PROJECT,
            stack=STACK,
            monitorEndpoint=address,
            config=dict(config or {}),
            dryRun=preview,
            parallel=16,
            type=kind,
            name=name,
            inputs=_struct(inputs),
            providers={package: f"{urn}::id" for package, urn in urns.items()},
        )
        refused = _Refused()
        servicer = ProviderServicer(provider, [], address)

        async def make() -> None:
            made = await servicer.Construct(request, refused)
            monitor.outputs[name] = _plain(made.state)

        error = thread.submit(contextvars.copy_context().run, lambda: _error_of(make())).result()
        return monitor.ran(refused.details or error)


class _Refused:
    """Stands for the call, of which a provider says how it ended."""

    details = ""

    async def abort_with_status(self, status: Any) -> None:
        self.details = status.details
        raise RuntimeError(status.details)


def _export(outputs: Any) -> None:
    for name, value in (outputs if isinstance(outputs, Mapping) else {}).items():
        pulumi.export(name, value)


@contextmanager
def _serving(preview: bool) -> Iterator[tuple["_Monitor", str]]:
    server = grpc.server(ThreadPoolExecutor(16))
    monitor = _Monitor(preview)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(monitor), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield monitor, f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@dataclass(eq=False)  # the SDK keeps them in sets
class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    preview: bool
    registered: dict[str, Registration] = field(default_factory=dict)
    """By URN."""
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The state of resources that another program has, by URN."""
    state: dict[str, Any] = field(default_factory=dict)
    """What the stack's state has of each resource: its type and outputs, by URN."""
    outputs: dict[str, Any] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    stack_transforms: list[Any] = field(default_factory=list)
    transforms: dict[str, list[Any]] = field(default_factory=dict)
    """By URN, of the resource and of those above it."""

    def ran(self, error: str) -> Ran:
        outputs = dict(self.outputs)
        stack = outputs.pop(f"{PROJECT}-{STACK}", {})
        return Ran(tuple(self.registered.values()), stack, outputs, tuple(self.said), error)

    def GetDeploymentInfo(self, request: Any, context: Any = None) -> Any:
        return resource_pb2.DeploymentInfo(supportedFeatures=resource_pb2.ResourceMonitorFeature.values())

    def SignalAndWaitForShutdown(self, request: Any, context: Any = None) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any = None) -> Any:
        answer = resource_pb2.ResourceInvokeResponse()
        if request.tok == "pulumi:pulumi:readStackResourceOutputs":
            getattr(answer, "return").update({"name": request.args["stackName"], "outputs": self.state})
            return answer
        assert request.tok == "pulumi:pulumi:getResource", request.tok
        urn = request.args["urn"]
        state = self.known[urn] if urn in self.known else self.registered[urn].inputs
        plain = {key: value.value if isinstance(value, Secret) else value for key, value in state.items()}
        getattr(answer, "return").update({"urn": urn, "id": "id", "state": plain})
        return answer

    def RegisterStackTransform(self, request: Any, context: Any = None) -> Any:
        self.stack_transforms.append(request)
        return empty_pb2.Empty()

    def RegisterResource(self, request: Any, context: Any = None) -> Any:
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=_urn(request))
        # A resource's own transforms come first, then those of what it lies in, then the stack's.
        self.transforms[_urn(request)] = [*request.transforms, *self.transforms.get(request.parent, ())]
        for callback in [*self.transforms[_urn(request)], *self.stack_transforms]:
            _transform(request, callback)
        if request.type.startswith("kubernetes:"):
            _check(request)
        made = self._record(request)
        state = struct_pb2.Struct()
        state.CopyFrom(request.object)
        if isinstance(made.inputs.get("metadata"), dict) and "generation" not in made.inputs["metadata"]:
            state["metadata"]["generation"] = 1  # as every object has
        # A preview knows the ID of what is there already.
        identity = made.name if request.custom and (not self.preview or made.urn in self.state) else ""
        return resource_pb2.RegisterResourceResponse(urn=made.urn, id=identity, object=state)

    def RegisterResourceOutputs(self, request: Any, context: Any = None) -> Any:
        self.outputs[_name(request.urn)] = _plain(request.outputs)
        return empty_pb2.Empty()

    def _record(self, request: Any) -> Registration:
        timeouts = request.customTimeouts
        made = Registration(
            type=request.type,
            name=request.name,
            urn=_urn(request),
            parent=_name(request.parent),
            inputs=_plain(request.object),
            provider=_name(request.provider.rpartition("::")[0]),
            depends_on=frozenset(map(_name, request.dependencies)),
            protect=request.protect if request.HasField("protect") else None,
            retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
            ignore_changes=tuple(request.ignoreChanges),
            aliases=tuple(alias.spec.name or alias.urn for alias in request.aliases if alias.spec.name or alias.urn),
            timeouts={name.name: value for name, value in timeouts.ListFields()},
            version=request.version,
        )
        assert made.urn not in self.registered, f"two resources have the URN {made.urn}"
        self.registered[made.urn] = made
        return made


class _Direct(resource_pb2_grpc.ResourceMonitorStub):
    """Calls a monitor of this process; the SDK wants this class where it serves transforms."""

    def __init__(self, monitor: _Monitor) -> None:
        for name in vars(resource_pb2_grpc.ResourceMonitorServicer):
            if not name.startswith("_"):
                setattr(self, name, getattr(monitor, name))


@dataclass(eq=False)
class _Engine(engine_pb2_grpc.EngineServicer):
    monitor: _Monitor
    root: str = ""

    def Log(self, request: Any, context: Any = None) -> Any:
        severity = engine_pb2.LogSeverity.Name(request.severity)
        if severity != "DEBUG":
            self.monitor.said.append((severity, request.message))
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any = None) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    def SetRootResource(self, request: Any, context: Any = None) -> Any:
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()


def _check(request: Any) -> None:
    """Give an object that the program leaves unnamed a name, as the kubernetes plugin does."""
    metadata = _plain(request.object).get("metadata", {})
    if isinstance(metadata, dict) and "name" not in metadata:
        metadata = request.object.get_or_create_struct("metadata")
        metadata["name"] = f"{request.name}-1a2b3c4d"
        metadata.get_or_create_struct("annotations")["pulumi.com/autonamed"] = "true"


OPTIONS_OF_A_TRANSFORM = {
    "depends_on": "dependencies",
    "protect": "protect",
    "ignore_changes": "ignoreChanges",
    "custom_timeouts": "customTimeouts",
    "retain_on_delete": "retainOnDelete",
    "provider": "provider",
    "version": "version",
}
"""Options that a transform sees and may change, and where they stand in a registration."""


def _transform(request: Any, callback: Any) -> None:
    """Let a transform of the program change a registration."""
    options = resource_pb2.TransformResourceOptions()
    for theirs, ours in OPTIONS_OF_A_TRANSFORM.items():
        _copy(request, ours, options, theirs)
    asked = resource_pb2.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=request.object,
        options=options,
    )
    with grpc.insecure_channel(callback.target, options=_GRPC_CHANNEL_OPTIONS) as channel:
        answer = callback_pb2_grpc.CallbacksStub(channel).Invoke(
            callback_pb2.CallbackInvokeRequest(token=callback.token, request=asked.SerializeToString())
        )
    changed = resource_pb2.TransformResponse.FromString(answer.response)
    request.object.CopyFrom(changed.properties)
    if changed.HasField("options"):
        for theirs, ours in OPTIONS_OF_A_TRANSFORM.items():
            _copy(changed.options, theirs, request, ours)


def _copy(source: Any, name: str, target: Any, as_name: str) -> None:
    target.ClearField(as_name)
    for found, value in source.ListFields():
        if found.name == name:
            if hasattr(value, "extend"):
                getattr(target, as_name).extend(value)
            elif found.message_type:
                getattr(target, as_name).CopyFrom(value)
            else:
                setattr(target, as_name, value)


def _urn(request: Any) -> str:
    inherits = "" if "pulumi:pulumi:Stack" in request.parent or not request.parent else request.parent.split("::")[2]
    return f"{_prefix(f'{inherits}${request.type}' if inherits else request.type)}::{request.name}"


def _prefix(kind: str) -> str:
    return f"urn:pulumi:{STACK}::{PROJECT}::{kind}"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


SIGNATURE = rpc._special_sig_key


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Return properties as plain values."""
    made: dict[str, Any] = _revealed(json_format.MessageToDict(struct))
    return made


def _revealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_revealed(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the protocol has no other numbers
    if not isinstance(value, dict):
        return value
    signature = value.get(SIGNATURE)
    if signature == rpc._special_secret_sig:
        return Secret(_revealed(value["value"]))
    if signature == rpc._special_output_value_sig:
        found = _revealed(value["value"]) if "value" in value else UNKNOWN
        return Secret(found) if value.get("secret") else found
    if signature == rpc._special_resource_sig:
        return value["urn"]
    return {key: _revealed(item) for key, item in value.items()}


def _struct(inputs: Mapping[str, Any]) -> struct_pb2.Struct:
    def as_output(secret: bool, **value: Any) -> dict[str, Any]:
        return {SIGNATURE: rpc._special_output_value_sig, "secret": secret, **value}

    def on_the_wire(value: Any) -> Any:
        if isinstance(value, Known | Secret):
            return as_output(isinstance(value, Secret), value=on_the_wire(value.value))
        if value == UNKNOWN:
            return as_output(False)
        if isinstance(value, Mapping):
            return {key: on_the_wire(item) for key, item in value.items()}
        return [on_the_wire(item) for item in value] if isinstance(value, list) else value

    made = struct_pb2.Struct()
    made.update(on_the_wire(inputs))
    return made
