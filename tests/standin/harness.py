"""The engine's side of the protocol: what it sends to a plugin, and what it keeps of the answers."""

import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
NOWHERE = "127.0.0.1:1"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Json = dict[str, Any]


class Refused(Exception):
    """An error that the plugin answered, and what it told the engine to keep."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.kept: provider_pb2.ErrorResourceInitFailed | None = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self.kept = provider_pb2.ErrorResourceInitFailed()
                status_pb2.Status.FromString(value).details[0].Unpack(self.kept)

    @property
    def state(self) -> Json:
        """The state that the engine keeps."""
        assert self.kept is not None, "the engine keeps nothing"
        return plain(self.kept.properties)

    @property
    def reasons(self) -> list[str]:
        """Why the resource did not become ready."""
        return list(self.kept.reasons) if self.kept else []


def secret(value: Any) -> Json:
    """Mark a value as secret, as the engine does."""
    return {**SECRET, "value": value}


def struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(value), struct_pb2.Struct())


def plain(value: struct_pb2.Struct) -> Json:
    return dict(json_format.MessageToDict(value))


class Engine(engine_pb2_grpc.EngineServicer):
    """Listens to what the plugin says."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.on_log: Callable[[str], object] | None = None

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.said.append(request.message)
        if self.on_log:
            self.on_log(request.message)
        return empty_pb2.Empty()


@dataclass
class Plugin:
    """One running plugin."""

    process: "subprocess.Popen[str]"
    stub: provider_pb2_grpc.ResourceProviderStub
    engine: Engine

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=120)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def cancel(self) -> None:
        self.call("Cancel", empty_pb2.Empty())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def check_config(self, **settings: Any) -> list[str]:
        """Return what is wrong with the settings."""
        request = provider_pb2.CheckRequest(
            urn="urn:pulumi:s::p::pulumi:providers:kubernetes::k", news=struct(settings)
        )
        return [failure.reason for failure in self.call("CheckConfig", request).failures]

    def diff_config(self, old: Json, new: Json) -> list[str]:
        """Return the settings that replace the provider."""
        request = provider_pb2.DiffRequest(
            urn="urn:pulumi:s::p::pulumi:providers:kubernetes::k", olds=struct(old), news=struct(new)
        )
        return list(self.call("DiffConfig", request).replaces)

    def configure(self, **settings: str) -> "Plugin":
        variables = {f"kubernetes:config:{key}": value for key, value in settings.items()}
        self.call("Configure", provider_pb2.ConfigureRequest(variables=variables, acceptSecrets=True))
        return self

    def resource(self, kind: str, name: str = "thing") -> "Resource":
        return Resource(self, f"urn:pulumi:s::p::kubernetes:{kind}::{name}")


@dataclass
class Resource:
    """What the engine knows of one resource; each step of its life is a request to the plugin."""

    plugin: Plugin
    urn: str
    inputs: Json = field(default_factory=dict)
    state: Json = field(default_factory=dict)
    id: str = ""

    def check(self, inputs: Mapping[str, Any], seed: bytes = b"seed") -> Json:
        request = provider_pb2.CheckRequest(
            urn=self.urn, olds=struct(self.inputs), news=struct(inputs), randomSeed=seed
        )
        answer = self.plugin.call("Check", request)
        assert not answer.failures
        return plain(answer.inputs)

    def preview(self, inputs: Mapping[str, Any]) -> Json:
        """Preview the create."""
        request = provider_pb2.CreateRequest(urn=self.urn, properties=struct(self.check(inputs)), preview=True)
        answer = self.plugin.call("Create", request)
        assert answer.id == ""
        return plain(answer.properties)

    def create(self, inputs: Mapping[str, Any], timeout: float = 0) -> "Resource":
        self.inputs = self.check(inputs)
        request = provider_pb2.CreateRequest(urn=self.urn, properties=struct(self.inputs), timeout=timeout)
        try:
            answer = self.plugin.call("Create", request)
        except Refused as refused:
            if refused.kept:
                self.id, self.state = refused.kept.id, refused.state
            raise
        self.id, self.state = answer.id, plain(answer.properties)
        return self

    def diff(self, inputs: Mapping[str, Any], *ignored: str) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=self.urn,
            id=self.id,
            olds=struct(self.state),
            news=struct(self.check(inputs)),
            ignoreChanges=ignored,
        )
        answer: provider_pb2.DiffResponse = self.plugin.call("Diff", request)
        return answer

    def update(self, inputs: Mapping[str, Any], *ignored: str, preview: bool = False, timeout: float = 0) -> Json:
        news = self.check(inputs)
        request = provider_pb2.UpdateRequest(
            urn=self.urn,
            id=self.id,
            olds=struct(self.state),
            news=struct(news),
            ignoreChanges=ignored,
            preview=preview,
            timeout=timeout,
        )
        state = plain(self.plugin.call("Update", request).properties)
        if not preview:
            self.inputs, self.state = news, state
        return state

    def refresh(self) -> bool:
        """Read the live object; say whether it is there."""
        request = provider_pb2.ReadRequest(
            urn=self.urn, id=self.id, properties=struct(self.state), inputs=struct(self.inputs)
        )
        answer = self.plugin.call("Read", request)
        self.state, self.inputs = plain(answer.properties), plain(answer.inputs)
        return bool(answer.id)

    def get(self, identifier: str) -> "Resource":
        """Read an object that the engine knows nothing of."""
        self.id = identifier
        assert self.refresh(), f"{identifier} is not there"
        return self

    def delete(self, timeout: float = 0) -> None:
        request = provider_pb2.DeleteRequest(urn=self.urn, id=self.id, properties=struct(self.state), timeout=timeout)
        self.plugin.call("Delete", request)


StartPlugin = Callable[..., Plugin]
