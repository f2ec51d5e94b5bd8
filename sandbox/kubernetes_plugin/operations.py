"""Create, update and delete: what is sent to the API server, as whom, and what its refusals mean."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes_plugin import objects, paths
from sandbox.kubernetes_plugin.api import Api
from sandbox.kubernetes_plugin.errors import ApiError, Object, PluginError, UnknownKind
from sandbox.kubernetes_plugin.wait_for import asked_for
from sandbox.kubernetes_plugin.waiting import Waiter

CREATOR = "pulumi-kubernetes"
"""Field manager of every create. An update's own manager takes its fields over."""
_TAKEN_OVER = (
    *((CREATOR, "Update"), ("pulumi-resource-kubernetes", "Update")),
    *(("kubectl", "Apply"), ("kubectl", "Update"), ("before-first-apply", "Update")),
)
"""How the names of managers begin whose fields an update takes, and what they did: ``kubectl-set`` is kubectl, too."""
RETRIES = 5
_CONFLICTS = (
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources"
)


class NamespaceMissing(PluginError):
    """A preview cannot ask the API server about an object whose namespace is yet to be created."""


@dataclass(frozen=True)
class Operations:
    """What can be done to the object of one resource."""

    api: Api
    waiter: Waiter
    manager: str
    """Field manager of what is applied on the server."""
    is_patch: bool
    enable_force: bool
    upsert: bool

    def create(self, inputs: Object, *, preview: bool) -> Object:
        """Create the object and wait until it is ready; or let the API server try it, for a preview.

        A namespace or kind that is not there yet is waited for, as it may be on its way.

        Raises ApiError for a refusal, Unfinished for an object that did not become ready, PluginError for an
        annotation waitFor that cannot be read.
        """
        if not preview:
            asked_for(inputs)  # What cannot be waited for is not created.
        send = self._apply_new if self.is_patch or self.upsert else self._post
        accepted = self._retried(lambda: send(inputs, preview), preview)
        return accepted if preview else self.waiter.ready(inputs, accepted, is_update=False)

    def _post(self, inputs: Object, preview: bool) -> Object:
        try:
            return self.api.create(inputs, CREATOR, dry_run=preview)
        except ApiError as error:
            if error.reason != "AlreadyExists" or preview:
                raise
            hint = (
                f"{error}\n\nIt is in the cluster, but not in this stack. If the program renamed it, give the new "
                "name an alias, or delete it before its replacement. To take it into the stack, use `pulumi import`; "
                "to manage some of its fields, a Patch resource; to overwrite it, upsertExistingObjects on the "
                "provider."
            )
            raise ApiError(error.code, {"message": hint, "reason": error.reason}) from error

    def _apply_new(self, inputs: Object, preview: bool) -> Object:
        return self._apply(inputs, dry_run=preview, force=self._force(inputs, None, preview))

    def _retried(self, send: Callable[[], Object], preview: bool) -> Object:
        attempt = 0
        while True:
            try:
                return send()
            except UnknownKind as error:
                failure: PluginError = error
            except ApiError as error:
                if error.code != 404:
                    raise
                if preview and error.details.get("kind") == "namespaces":
                    raise NamespaceMissing(str(error)) from error
                failure = error
            self.waiter.say(f"Retry #{attempt}; creation failed: {failure}")
            if attempt == RETRIES or self.waiter.cancelled.wait(2**attempt):
                raise failure
            attempt += 1

    def update(self, inputs: Object, live_name: str, ignore_changes: list[str], *, preview: bool) -> Object:
        """Apply the inputs on the server and wait until the object is ready; or have them tried, for a preview.

        Raises ApiError for a refusal, Unfinished for an object that did not become ready.
        """
        live = self.api.get(_named(inputs, live_name))
        if not self.is_patch and not preview:
            live = self._take_over(live)
        wanted = self._without_ignored(inputs, live, ignore_changes)
        accepted = self._apply(_named(wanted, live_name), dry_run=preview, force=self._force(inputs, live, preview))
        return accepted if preview else self.waiter.ready(inputs, accepted, is_update=True)

    def delete(self, inputs: Object, live: Object) -> None:
        """Delete the object and wait until it is gone; one that is not there is deleted.

        A patch is not deleted but given up: fields that no one else manages go back to their defaults.

        Raises PluginError when a patch manages a required field alone, Unfinished when the object stays.
        """
        try:
            if self.is_patch:
                self.relinquish(live)
                return
            self.api.delete(live, _propagation(inputs))
        except UnknownKind:
            return
        except ApiError as error:
            if error.code == 404:
                return
            if self.is_patch and error.code == 422 and "Required value" in str(error):
                fields = ", ".join(cause.get("field", "") for cause in error.details.get("causes", []))
                raise PluginError(
                    "this Patch resource is currently managing a required field, so it can't be deleted directly: "
                    f"{fields}. Set the `retainOnDelete` resource option, or give the field another manager first"
                ) from error
            raise
        self.waiter.gone(inputs, live)

    def relinquish(self, live: Object) -> None:
        """Give up every field of this manager."""
        self.api.apply(_identity(live), self.manager, dry_run=False, force=False)

    def _apply(self, obj: Object, *, dry_run: bool, force: bool) -> Object:
        try:
            return self.api.apply(obj, self.manager, dry_run=dry_run, force=force)
        except ApiError as error:
            if error.code != 409:
                raise
            message = (
                f"server-side apply field conflict detected, see {_CONFLICTS} for troubleshooting help\n"
                f'The resource managed by field manager "{self.manager}" had an apply conflict: {error}'
            )
            raise ApiError(error.code, {"message": message, "reason": error.reason}) from error

    def _force(self, inputs: Object, live: Object | None, preview: bool) -> bool:
        if objects.is_true(inputs, "patchForce") or self.enable_force:
            return True
        managed = _managed(live) if live is not None else []
        if preview:
            # What a create owns is taken over only by the real update.
            return live is None or any((m.get("manager"), m.get("operation")) == (CREATOR, "Update") for m in managed)
        return live is not None and not managed

    def _take_over(self, live: Object) -> Object:
        """Move the fields of a create, and of kubectl, to this manager; without this they could never be removed."""
        managed = _managed(live)
        taken = [entry for entry in managed if _is_taken_over(entry)]
        if not taken:
            return live
        own = [m for m in managed if (m.get("manager"), m.get("operation")) == (self.manager, "Apply")]
        fields: Object = {}
        for entry in [*own, *taken]:
            fields = _union(fields, entry.get("fieldsV1") or {})
        merged = {**[*own, *taken][0], "manager": self.manager, "operation": "Apply", "fieldsV1": fields}
        others = [m for m in managed if m not in taken and m not in own]
        patch = [{"op": "replace", "path": "/metadata/managedFields", "value": [*others, merged]}]
        return self.api.patch(live, patch)

    def _without_ignored(self, inputs: Object, live: Object, ignore_changes: list[str]) -> Object:
        """Leave ignored fields to whoever else manages them; send the live value of those that are ours."""
        wanted = copy.deepcopy(inputs)
        for text in ignore_changes:
            path = paths.parse(text)
            keys = [step for step in path if isinstance(step, str)]
            if len(keys) != len(path):
                continue  # Of items in lists the engine has already put in the old input.
            owners = {m.get("manager") == self.manager for m in _managed(live) if _owns(m, keys)}
            value = objects.at(live, *keys)
            parent = objects.at(wanted, *keys[:-1])
            if owners == {False} and isinstance(parent, dict):
                parent.pop(keys[-1], None)
            elif owners != {False} and value is not None:
                parent = wanted
                for key in keys[:-1]:
                    parent = parent.setdefault(key, {})
                parent[keys[-1]] = value
        return wanted


def _named(obj: Object, name: str) -> Object:
    return {**obj, "metadata": {**objects.metadata(obj), "name": name}}


def _is_taken_over(entry: Object) -> bool:
    return "subresource" not in entry and any(
        str(entry.get("manager")).startswith(name) and entry.get("operation") == operation
        for name, operation in _TAKEN_OVER
    )


def _identity(obj: Object) -> Object:
    kept = {key: value for key, value in objects.metadata(obj).items() if key in ("name", "namespace")}
    return {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": kept}


def _managed(live: Object) -> list[Object]:
    return objects.metadata(live).get("managedFields") or []


def _owns(entry: Object, keys: list[str]) -> bool:
    return objects.at(entry.get("fieldsV1"), *(f"f:{key}" for key in keys)) is not None


def _union(left: Any, right: Any) -> Any:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return left
    return {**right, **{key: _union(value, right.get(key, value)) for key, value in left.items()}}


def _propagation(inputs: Object) -> str:
    asked = objects.annotation(inputs, "deletionPropagationPolicy").capitalize()
    return asked if asked in ("Orphan", "Background") else "Foreground"
