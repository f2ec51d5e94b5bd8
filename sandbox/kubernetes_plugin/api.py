"""The API server: requests, discovery, and the few verbs that the plugin uses."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from lightkube.core.exceptions import ConfigError

from sandbox.kubernetes_plugin import objects
from sandbox.kubernetes_plugin.connection import Connection
from sandbox.kubernetes_plugin.errors import ApiError, Object, UnknownKind, Unreachable

BUSY_RETRIES = 10
JSON, JSON_PATCH, APPLY = "application/json", "application/json-patch+json", "application/apply-patch+yaml"


@dataclass(frozen=True)
class Resource:
    """How the API server serves a kind."""

    base: str
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "") -> str:
        """Return the path of an object, or of all of them; one without a namespace is in ``default``."""
        parts = [self.base]
        if self.namespaced:
            parts += ["namespaces", quote(namespace or "default", safe="")]
        return "/".join([*parts, self.plural, *([quote(name, safe="")] if name else [])])


class Api:
    """Talks to one cluster. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        """Connect and ask for the core kinds.

        Raises Unreachable with the reason when there is no answer, or one that refuses us.
        """
        self._client = connection.client()
        self._lock = threading.Lock()
        self._served: dict[str, dict[str, Resource]] = {}
        try:
            self._kinds("v1")
        except (ApiError, Unreachable) as error:
            raise Unreachable(f"unable to load schema information from the API server: {error}") from error

    def call(
        self, method: str, path: str, query: Object | None = None, body: Any = None, content: str = JSON
    ) -> Object:
        """Send one request and return the answer.

        Raises ApiError for a refusal, Unreachable when no answer came.
        """
        headers = {"Accept": JSON, "Content-Type": content}
        sent = None if body is None else json.dumps(body)
        try:
            for _ in range(BUSY_RETRIES):
                response = self._client.request(method, path, params=query, headers=headers, content=sent)
                if response.status_code != 429:
                    break
                time.sleep(float(response.headers.get("Retry-After", 1)))
        except (httpx2.HTTPError, ConfigError, OSError) as error:
            raise Unreachable(f"no answer from {str(self._client.base_url).rstrip('/')}: {error}") from error
        try:
            answer = json.loads(response.content or b"{}")
        except ValueError:
            answer = {}
        if response.status_code >= 400:
            raise ApiError(response.status_code, answer)
        return dict(answer)

    def resource(self, api_version: str, kind: str) -> Resource:
        """Look up a kind.

        Raises UnknownKind when the API server does not serve it.
        """
        try:
            return self._kinds(api_version)[kind]
        except ApiError as error:
            if error.code != 404:
                raise
        except KeyError:
            with self._lock:  # It may be served from now on.
                self._served.pop(api_version, None)
        raise UnknownKind(f'no matches for kind "{kind}" in version "{api_version}"')

    def _kinds(self, api_version: str) -> dict[str, Resource]:
        with self._lock:
            if api_version not in self._served:
                base = f"/{'apis' if '/' in api_version else 'api'}/{api_version}"
                self._served[api_version] = {
                    entry["kind"]: Resource(base, entry["name"], entry["namespaced"])
                    for entry in self.call("GET", base).get("resources", [])
                    if "/" not in entry["name"]
                }
            return self._served[api_version]

    def _path(self, obj: Object, *, collection: bool = False) -> str:
        resource = self.resource(obj.get("apiVersion", ""), obj.get("kind", ""))
        return resource.path(objects.namespace(obj), "" if collection else objects.name(obj))

    def get(self, obj: Object) -> Object:
        """Return the live object of the same kind, namespace and name; ApiError 404 when there is none."""
        return self.call("GET", self._path(obj))

    def find(self, obj: Object) -> Object | None:
        """Return the live object, or None when there is none."""
        try:
            return self.get(obj)
        except ApiError as error:
            if error.code != 404:
                raise
            return None

    def all_of(self, api_version: str, kind: str, namespace: str) -> list[Object]:
        """Return the objects of a kind in a namespace."""
        return list(self.call("GET", self.resource(api_version, kind).path(namespace)).get("items", []))

    def create(self, obj: Object, manager: str, *, dry_run: bool) -> Object:
        """Create an object that is not there yet."""
        return self.call("POST", self._path(obj, collection=True), _options(manager, dry_run), obj)

    def apply(self, obj: Object, manager: str, *, dry_run: bool, force: bool) -> Object:
        """Apply an object's fields on the server, as theirs of this manager."""
        query = _options(manager, dry_run) | {"force": str(force).lower()}
        return self.call("PATCH", self._path(obj), query, obj, APPLY)

    def patch(self, obj: Object, patch: list[Object]) -> Object:
        """Change an object by a JSON patch."""
        return self.call("PATCH", self._path(obj), None, patch, JSON_PATCH)

    def delete(self, obj: Object, propagation: str) -> None:
        """Ask for an object's deletion."""
        self.call("DELETE", self._path(obj), None, {"propagationPolicy": propagation})


def _options(manager: str, dry_run: bool) -> Object:
    return {"fieldManager": manager} | ({"dryRun": "All"} if dry_run else {})
