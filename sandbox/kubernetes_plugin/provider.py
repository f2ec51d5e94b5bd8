"""The provider: each request of the engine's protocol, as operations on one cluster."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as protocol

from sandbox.kubernetes_plugin import diff, naming, objects, state, tokens, values
from sandbox.kubernetes_plugin.engine import Engine
from sandbox.kubernetes_plugin.errors import (
    ApiError,
    InitFailed,
    NeedsOfficialPlugin,
    Object,
    PluginError,
    Unfinished,
    UnknownKind,
)
from sandbox.kubernetes_plugin.link import Link
from sandbox.kubernetes_plugin.normalize import normalize
from sandbox.kubernetes_plugin.operations import NamespaceMissing, Operations
from sandbox.kubernetes_plugin.provider_diff import provider_diff
from sandbox.kubernetes_plugin.replace import replacing_fields
from sandbox.kubernetes_plugin.state import State
from sandbox.kubernetes_plugin.values import Properties
from sandbox.kubernetes_plugin.waiting import Waiter, unready

Request = TypeVar("Request")
Response = TypeVar("Response")

_CONFIG = "kubernetes:config:"
_ENVIRONMENT = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "enableServerSideApply": "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
_NOT_DELETED = (
    "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)


def _in_thread(
    method: Callable[["KubernetesProvider", Request], Response],
) -> Callable[["KubernetesProvider", Request], Coroutine[Any, Any, Response]]:
    """Run a method that blocks on the network aside, so that the engine's other requests go on."""

    async def call(self: "KubernetesProvider", request: Request) -> Response:
        return await asyncio.to_thread(method, self, request)

    return call


class KubernetesProvider(protocol.Provider):
    """Serves resources of the API server that the provider's settings name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._settings: dict[str, str] = {}
        self._link = Link({"kubeconfig": "{}"})
        self._cancelled = threading.Event()

    async def cancel(self) -> None:
        """End every wait; the engine gets the state as it is."""
        self._cancelled.set()

    async def get_schema(self, _request: protocol.GetSchemaRequest) -> protocol.GetSchemaResponse:
        """Refuse: the schema comes with the official plugin."""
        raise NeedsOfficialPlugin("The schema")

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """Refuse: the provider's functions read YAML, Helm charts and kustomizations."""
        raise NeedsOfficialPlugin(request.tok)

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Refuse the settings that the stand-in cannot honour."""
        settings = values.plain(request.new_inputs)
        apply = settings.get("enableServerSideApply", os.environ.get(_ENVIRONMENT["enableServerSideApply"]))
        asked = {
            "renderYamlToDirectory": bool(settings.get("renderYamlToDirectory")),
            "strictMode": settings.get("strictMode") in (True, "true"),
            "enableServerSideApply": apply in (False, "false"),
        }
        failures = [
            protocol.CheckFailure(key, str(NeedsOfficialPlugin(f"{key} = {settings.get(key, apply)}")))
            for key, is_asked in asked.items()
            if is_asked
        ]
        return protocol.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Replace the provider, and so all its resources, when it now points to another cluster."""
        changed, replaces = provider_diff(values.plain(request.old_state), values.plain(request.new_inputs))
        return protocol.DiffResponse(diffs=changed, replaces=replaces)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        """Take the settings, and start to connect."""
        self._settings = {key.removeprefix(_CONFIG): value for key, value in request.variables.items()}
        self._link = Link(self._settings)
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    @_in_thread
    def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Complete the inputs: normal form, name, namespace."""
        token = tokens.parse(request.urn)
        if self._flag("skipUpdateUnreachable") and (failure := self._link.failure()):
            self._engine.warn(request.urn, f"{failure}; skipUpdateUnreachable is set, so it stays as it is")
            return protocol.CheckResponse(inputs=request.old_inputs)
        inputs = normalize(values.plain(request.new_inputs))
        if token.is_patch and not objects.name(inputs):
            raise PluginError("patch resources require the `.metadata.name` field to be set")
        old = values.plain(request.old_inputs)
        naming.assign(inputs, old, tokens.resource_name(request.urn), bytes(request.random_seed or b""))
        if not objects.namespace(inputs) and self._link.is_namespaced(inputs):
            metadata = inputs.setdefault("metadata", {})
            if isinstance(metadata, dict):
                metadata["namespace"] = self._link.namespace
        return protocol.CheckResponse(inputs=values.secret_like(values.properties(inputs), request.new_inputs))

    @_in_thread
    def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Compare the last known state with the new inputs."""
        old = state.parse(request.old_state)
        new = normalize(values.plain(request.new_inputs))
        replacing = replacing_fields(
            new if not tokens.parse(request.urn).is_patch else {},
            mutable_secrets=self._flag("enableSecretMutable"),
            mutable_config_maps=self._flag("enableConfigMapMutable"),
        )
        return diff.diff(
            old.live,
            old.inputs,
            new,
            namespaced=self._link.is_namespaced(new),
            replacing=replacing,
            ignore_changes=request.ignore_changes,
        )

    @_in_thread
    def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Create the object, or have the API server try it."""
        inputs = values.plain(request.properties)
        as_asked = protocol.CreateResponse("", request.properties)
        if request.preview and (tokens.parse(request.urn).is_patch or self._cannot_try(inputs)):
            return as_asked
        operations = self._operations(request.urn, self._manager(inputs), request.timeout)
        try:
            live = operations.create(inputs, preview=request.preview)
        except NamespaceMissing:
            return as_asked
        except UnknownKind as error:
            raise PluginError(f"{error}: verify that any required CustomResourceDefinition has been created") from error
        except ApiError as error:
            # Of a replacement's preview: what it replaces is still there.
            if request.preview and error.reason in ("AlreadyExists", "Forbidden"):
                return as_asked
            raise PluginError(
                f'resource "{request.urn}" was not successfully created by the Kubernetes API server: {error}'
            ) from error
        except Unfinished as error:
            kept = State(inputs, error.live, inputs["apiVersion"], operations.manager)
            message = (
                f'resource "{request.urn}" was successfully created, but the Kubernetes API server '
                f"reported that it failed to fully initialize or become live: {error}"
            )
            raise _init_failed(message, error, kept.properties(request.properties)) from error
        if request.preview:
            live.pop("status", None)  # Not known before it runs.
        created = State(inputs, live, inputs["apiVersion"], operations.manager)
        resource_id = "" if request.preview else objects.resource_id(live)
        return protocol.CreateResponse(resource_id, created.properties(request.properties))

    @_in_thread
    def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Update the object in place, or have the API server try it."""
        inputs = normalize(values.plain(request.news))
        if request.preview and self._cannot_try(inputs):
            return protocol.UpdateResponse(request.news)
        old = state.parse(request.olds)
        operations = self._operations(request.urn, self._manager(inputs, old), request.timeout)
        try:
            live = operations.update(
                inputs, objects.name(old.live), list(request.ignore_changes), preview=request.preview
            )
        except UnknownKind as error:
            raise PluginError(f'update of resource "{request.urn}" failed: {error}') from error
        except (ApiError, Unfinished) as error:
            if request.preview and isinstance(error, ApiError) and error.reason == "Forbidden":
                return protocol.UpdateResponse(request.news)
            raise self._update_failed(request, inputs, old, error) from error
        if not request.preview and old.manager and operations.manager != old.manager:
            self._operations(request.urn, old.manager, 0).relinquish(live)
        updated = State(inputs, live, old.api_version, operations.manager)
        return protocol.UpdateResponse(updated.properties(request.news))

    def _update_failed(
        self, request: protocol.UpdateRequest, inputs: Object, old: State, error: ApiError | Unfinished
    ) -> PluginError:
        """Keep what the cluster has now, so that the next update begins there."""
        try:
            live = self._link.api().get(old.live)
        except PluginError as lost:
            return PluginError(
                f'update of resource "{request.urn}" failed: {error}\nunable to get cluster state: {lost}'
            )
        message = (
            f'the Kubernetes API server reported that "{objects.resource_id(live)}" failed to fully initialize '
            f"or become live: {error}"
        )
        kept = State(inputs, live, old.api_version, self._manager(inputs, old))
        return _init_failed(message, error, kept.properties(request.news), objects.resource_id(live))

    @_in_thread
    def delete(self, request: protocol.DeleteRequest) -> None:
        """Delete the object and wait until it is gone."""
        old = state.parse(request.properties)
        if failure := self._link.failure():
            self._engine.warn(request.urn, str(failure))
            if self._flag("deleteUnreachable"):
                return
            raise PluginError(f"configured Kubernetes cluster is unreachable. {_NOT_DELETED}")
        operations = self._operations(request.urn, self._manager(old.inputs, old), request.timeout)
        try:
            operations.delete(old.inputs, old.live)
        except Unfinished as error:
            kept = State(old.inputs, error.live, old.api_version, operations.manager)
            raise _init_failed(str(error), error, kept.properties(request.properties)) from error

    @_in_thread
    def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """Read the live object: for a refresh by the shape of its inputs, else whole."""
        gone = protocol.ReadResponse("")
        if failure := self._link.failure():
            self._engine.warn(request.urn, str(failure))
            if self._flag("deleteUnreachable"):
                return gone
            if self._flag("skipUpdateUnreachable"):
                return protocol.ReadResponse(request.resource_id, request.properties, request.inputs)
            raise PluginError(f"failed to read resource state due to unreachable cluster. {_NOT_DELETED}")
        token = tokens.parse(request.urn)
        old = state.parse(request.properties)
        old_inputs = normalize(values.plain(request.inputs))
        is_new = not old_inputs.get("kind") and not old.live.get("kind")
        namespace, _, name = request.resource_id.rpartition("/")
        if not old_inputs.get("kind"):
            old_inputs |= {
                "apiVersion": old.live.get("apiVersion") or token.api_version,
                "kind": old.live.get("kind") or token.kind,
                "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
            }
        wanted = {**old_inputs, "metadata": {**objects.metadata(old_inputs), "name": name}}
        api = self._link.api()
        try:
            live = api.find(wanted)
        except UnknownKind:
            live = None
        if live is None:
            return gone
        inputs = _inputs_of(live) if is_new else objects.prune(live, old_inputs)
        read = State(inputs, live, old.api_version or old_inputs["apiVersion"], self._manager(old_inputs, old))
        properties = read.properties(request.inputs)
        own = values.secret_like(values.properties(inputs), request.inputs)
        if not is_new and (problem := unready(api, old_inputs, live)):
            raise InitFailed(str(problem), request.resource_id, properties, [str(problem), *problem.missing], own)
        return protocol.ReadResponse(request.resource_id, properties, own)

    def _operations(self, urn: str, manager: str, timeout: float) -> Operations:
        api = self._link.api()
        return Operations(
            api=api,
            waiter=Waiter(api, self._cancelled, self._status_of(urn), timeout),
            manager=manager,
            is_patch=tokens.parse(urn).is_patch,
            enable_force=self._flag("enablePatchForce"),
            upsert=self._flag("upsertExistingObjects"),
        )

    def _status_of(self, urn: str) -> Callable[[str], None]:
        last = ""

        def say(message: str) -> None:
            nonlocal last
            if message != last:
                self._engine.status(urn, message)
            last = message

        return say

    def _flag(self, key: str) -> bool:
        return (self._settings.get(key) or os.environ.get(_ENVIRONMENT[key])) == "true"

    def _cannot_try(self, inputs: Object) -> bool:
        return values.has_unknown(inputs) or not self._link.serves(inputs)

    @staticmethod
    def _manager(inputs: Object, old: State | None = None) -> str:
        return (
            objects.annotation(inputs, "patchFieldManager")
            or (old.manager if old else "")
            or naming.unique("pulumi-kubernetes")
        )


def _init_failed(message: str, error: PluginError, kept: Properties, resource_id: str = "") -> InitFailed:
    missing = error.missing if isinstance(error, Unfinished) else []
    if isinstance(error, Unfinished):
        resource_id = resource_id or objects.resource_id(error.live)
    return InitFailed(message, resource_id, kept, [message, *missing])


def _inputs_of(live: Object) -> Object:
    """Return what of a live object could have been its inputs."""
    inputs = {key: value for key, value in live.items() if key != "status"}
    inputs["metadata"] = {key: value for key, value in objects.metadata(live).items() if key not in objects.READ_ONLY}
    return inputs
