"""Reads objects from a cluster, each once in a run of a program, with one way to be patient."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi

from .kubeconfig import ClusterAccess, ClusterUnavailable, client

T = TypeVar("T")
Object = dict[str, Any]

PAUSES = (0.2, 0.8, 2.0)
"""Seconds between attempts, where the API server is busy or a connection breaks."""
LONGEST_PAUSE = 5.0
"""Seconds; the API server may ask for less than that."""
BUSY = (429, 500, 502, 503, 504)
"""Codes that an API server, or a proxy before it, gives for a time
(https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#http-status-codes)."""
INVALID = (400, 409, 422)
"""Codes for an object that the API server does not take."""
UNTYPED = "failed to create typed patch object"
"""How the API server begins to say the same of a field that no object of the kind has, with code 500."""


class NotAllowed(Exception):
    """The user of the kubeconfig may not read what was asked for; the message is the API server's."""


# One question for each cluster and run of a program, however many components ask it.
_of_runs: "WeakKeyDictionary[Any, dict[Any, Any]]" = WeakKeyDictionary()


def once_a_run(key: Any, ask: Callable[[], T]) -> T:
    """Return the answer of ``ask``, which is called once in a run of a program for each key; so is a refusal."""
    of_this_run = _of_runs.setdefault(pulumi.runtime.settings.get_monitor(), {})
    if key not in of_this_run:
        try:
            of_this_run[key] = ask()
        except NotAllowed as refusal:
            of_this_run[key] = refusal
    if isinstance(of_this_run[key], NotAllowed):
        raise of_this_run[key]
    found: T = of_this_run[key]
    return found


def every(access: ClusterAccess, kind: Any, namespace: str | None = None) -> Mapping[str, Object]:
    """Return all objects of a kind (in a namespace) by name.

    Raises ``NotAllowed`` if this user may not list them, ``ClusterUnavailable`` if the cluster can not be asked.
    """

    def ask() -> Mapping[str, Object]:
        where = {} if namespace is None else {"namespace": namespace}
        found = _patiently(access, lambda api: list(api.list(kind, **where)), f"list {kind.__name__}s")
        return {item.metadata.name: item.to_dict() for item in found or ()}

    return once_a_run((access, kind.__name__, namespace), ask)


def one(access: ClusterAccess, kind: Any, name: str, namespace: str | None = None) -> Object | None:
    """Return an object, or ``None`` if it is not there; raises as ``every`` does."""

    def ask() -> Object | None:
        where = {} if namespace is None else {"namespace": namespace}
        found = _patiently(access, lambda api: api.get(kind, name, **where), f"get {kind.__name__} {name}")
        return None if found is None else dict(found.to_dict())

    return once_a_run((access, kind.__name__, namespace, name), ask)


def these(access: ClusterAccess, kind: Any, names: Sequence[str], namespace: str | None = None) -> Mapping[str, Object]:
    """Return those of the named objects that are there, and others of the kind where they may be listed.

    A list is one question, however many components there are. Who may not list may still get; raises as ``every`` does.
    """
    try:
        return every(access, kind, namespace)
    except NotAllowed:
        found = {name: one(access, kind, name, namespace) for name in names}
        return {name: item for name, item in found.items() if item is not None}


def dry_run(
    access: ClusterAccess, kind: Any, name: str, namespace: str, manifest: Mapping[str, Any], manager: str
) -> Object:
    """Return what an object would become if a manifest were applied to it, server-side as by the plugin.

    Raises ``ApiError`` if the API server refuses that; else as ``every`` does.
    """
    from lightkube.types import PatchType

    how: Any = {"field_manager": manager, "force": True, "dry_run": True, "namespace": namespace}
    how["patch_type"] = PatchType.APPLY
    answer = _patiently(access, lambda api: api.patch(kind, name, manifest, **how), f"patch {kind.__name__} {name}")
    return {} if answer is None else dict(answer.to_dict())


def _patiently(access: ClusterAccess, ask: Callable[[Any], T], what: str) -> T | None:
    """Ask again where the answer may come the next time; ``None`` if there is no such object."""
    # Imported late: a program that looks nothing up does not pay for a client.
    import httpx2
    from lightkube.core.exceptions import ApiError

    api: Any = once_a_run((access, "client"), lambda: client(access))
    for pause in (*PAUSES, None):
        try:
            return ask(api)
        except ApiError as error:
            code = error.status.code
            if code == 404:
                return None
            if code == 403:
                raise NotAllowed(str(error.status.message)) from error
            if code in INVALID or str(error.status.message).startswith(UNTYPED):
                raise
            if pause is None or code not in BUSY:
                raise ClusterUnavailable(f"{access.described} refused to {what}: {error}.") from error
            pause = _asked_for(error, pause)
        except httpx2.TransportError as error:
            # One that can't be connected to, or is silent, has had its time.
            if pause is None or isinstance(error, httpx2.ConnectError | httpx2.TimeoutException):
                server = shown(api.config.cluster.server)
                raise ClusterUnavailable(
                    f"{access.described} does not answer at {server} ({error}). Start the cluster, or set "
                    "storage.verify to false to go on without it: claims keep their sizes then."
                ) from error
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _asked_for(error: Any, pause: float) -> float:
    """Return the pause that an API server asks for with ``Retry-After``, within reason."""
    asked = getattr(error, "response", None) and error.response.headers.get("Retry-After", "")
    return min(max(pause, float(asked)), LONGEST_PAUSE) if asked and asked.isdigit() else pause


def shown(server: str) -> str:
    """Return the address of a server without a password."""
    return re.sub("//[^/]*@", "//", server)
