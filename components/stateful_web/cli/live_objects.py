"""What there is of StatefulSets in the namespaces that a command is asked about, read from the API servers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..api_server import shown
from ..kubeconfig import ClusterAccess, ClusterUnavailable, client
from .errors import CliError
from .pulumi_cli import Deployed, State

if TYPE_CHECKING:
    from httpx2 import HTTPError
    from lightkube import Client

Object = Mapping[str, Any]

NEEDED = ("StatefulSet", "Pod", "PersistentVolumeClaim")
"""Kinds without which nothing can be said of a set; of the others, it is said that they were not looked at."""
CLUSTER_WIDE = ("StorageClass", "PersistentVolume")
"""Kinds that belong to no namespace: an account of a namespace mostly may not list them."""

PLURALS = {"StorageClass": "StorageClasses"}


@dataclass(frozen=True)
class Place:
    """A namespace of a cluster, and the StatefulSets there that a command is asked about."""

    access: ClusterAccess
    namespace: str
    deployed: tuple[Deployed, ...] | None = None
    """As a stack's state has them; ``None``: all that are there."""


@dataclass(frozen=True)
class Seen:
    """What a place has, at one moment."""

    place: Place
    cluster: str
    """Address of the API server."""
    objects: Mapping[str, Sequence[Object] | None]
    """By kind; ``None`` for a kind that this account may not list."""
    cluster_version: str = ""
    """E.g. v1.37.2; empty if it was not asked for, or the API server does not say."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def all(self, kind: str) -> Sequence[Object]:
        """Return every object of a kind that could be seen."""
        return self.objects.get(kind) or ()

    @property
    def live(self) -> dict[str, Object]:
        """The namespace's StatefulSets, by name."""
        return {found["metadata"]["name"]: found for found in self.all("StatefulSet")}

    @property
    def names(self) -> list[str]:
        """Of the StatefulSets that are asked about, there or not."""
        deployed = self.place.deployed
        return sorted(self.live) if deployed is None else list(dict.fromkeys(found.name for found in deployed))

    @property
    def not_looked_at(self) -> list[str]:
        """Kinds that this account may not list, in words."""
        return [
            PLURALS.get(kind, f"{kind}s") + ("" if kind in CLUSTER_WIDE else f" of namespace {self.place.namespace}")
            for kind, found in self.objects.items()
            if found is None
        ]

    def pods_of(self, stateful_set: Object | None) -> list[Object]:
        """Return the pods that a set owns, in order."""
        if stateful_set is None:
            return []
        uid = stateful_set["metadata"]["uid"]
        return sorted((pod for pod in self.all("Pod") if owner(pod) == uid), key=ordinal)

    def claims_of(self, stateful_set: Object) -> list[Object]:
        """Return the claims that are named after a set's templates and pods, in order."""
        named = claim_pattern(stateful_set)
        found = (claim for claim in self.all("PersistentVolumeClaim") if named.fullmatch(claim["metadata"]["name"]))
        return sorted(found, key=ordinal)


def places_of(state: State) -> list[Place]:
    """Return where a stack's StatefulSets are, in the order of the state."""
    found: dict[tuple[ClusterAccess, str], list[Deployed]] = {}
    for deployed in state.stateful_sets():
        found.setdefault((deployed.access, deployed.namespace), []).append(deployed)
    return [Place(access, namespace, tuple(sets)) for (access, namespace), sets in found.items()]


def see(
    places: Iterable[Place], *kinds: str, version: bool = False, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[Seen], list[str]]:
    """Read kinds of objects in each place; return what could be read, and a sentence on each place that could not."""
    import httpx2

    seen, problems = [], []
    for place in places:
        progress(f"Reading namespace {place.namespace}")
        try:
            api = connected(place)
        except (CliError, ClusterUnavailable) as error:
            problems.append(str(error))
            continue
        try:
            objects = {kind: _listed(api, kind, place.namespace) for kind in (*NEEDED, *kinds)}
            said = server_version(api) if version else ""
            seen.append(Seen(place, shown(api.config.cluster.server), objects, said))
        except httpx2.HTTPError as error:
            problems.append(refusal(place, api, error))
    return seen, problems


def connected(place: Place) -> "Client":
    """Return a client of a place's cluster.

    Raises ``CliError`` if the kubeconfig that a state names is not on this machine, and else as ``client`` does.
    """
    path = place.access.path
    if path and place.deployed and not Path(path).expanduser().exists():
        raise CliError(
            f"The stack's state names the kubeconfig {path}, which is not on this machine: {hidden(place)}. Put one "
            f"there, or look at the namespace by itself: --namespace {place.namespace} --context NAME"
        )
    return client(place.access)


def refusal(place: Place, api: "Client", error: "HTTPError") -> str:
    """Return in a sentence what an API server, or the way to it, says no with."""
    from lightkube.core.exceptions import ApiError

    server = shown(api.config.cluster.server)
    if isinstance(error, ApiError):
        return f"The API server at {server} refused ({error.status.message}): {hidden(place)}."
    return (
        f"{place.access.described} does not answer at {server} ({error}): {hidden(place)}. See that kubectl reaches it."
    )


def hidden(place: Place) -> str:
    """Say what can't be shown of a place."""
    names = ", ".join(f"{place.namespace}/{found.name}" for found in place.deployed or ())
    return f"StatefulSet {names} is not shown" if names else f"namespace {place.namespace} is not shown"


def _listed(api: "Client", kind: str, namespace: str) -> Sequence[Object] | None:
    from lightkube.core.exceptions import ApiError

    where: Any = {} if kind in CLUSTER_WIDE else {"namespace": namespace}
    try:
        return [item.to_dict() for item in api.list(resource(kind), **where)]
    except ApiError as error:
        if error.status.code != 403 or kind in NEEDED:
            raise
        return None


def resource(kind: str) -> Any:
    """Return the client's class for a kind."""
    from lightkube.resources import apps_v1, core_v1, storage_v1

    module: Any = {"StatefulSet": apps_v1, "StorageClass": storage_v1}.get(kind, core_v1)
    return getattr(module, kind)


def listed(api: "Client", kind: Any, namespace: str | None = None) -> list[dict[str, Any]]:
    """Return all objects of a kind; raises ``CliError`` where this user may not list them."""
    from lightkube.core.exceptions import ApiError

    try:
        where: Any = {} if namespace is None else {"namespace": namespace}
        return [item.to_dict() for item in api.list(kind, **where)]
    except ApiError as error:
        if error.status.code != 403:
            raise
        raise CliError(f"The cluster refused to list what this needs: {error.status.message}.") from error


def listed_if_allowed(api: "Client", kind: Any) -> list[dict[str, Any]] | None:
    """Return all objects of a kind that belongs to the whole cluster; ``None`` where this user may not list them."""
    try:
        return listed(api, kind)
    except CliError:
        return None


def server_version(api: "Client") -> str:
    """Return the version of the API server, e.g. v1.37.2; empty if it does not say."""
    answer = api._client._client.get("/version")  # lightkube has no call for it
    return str(answer.json()["gitVersion"]) if answer.is_success else ""


def claim_pattern(stateful_set: Object) -> "re.Pattern[str]":
    """Return what the names of a set's claims look like; those of its templates, of any ordinal."""
    templates = stateful_set["spec"].get("volumeClaimTemplates") or ()
    names: Iterator[str] = (t["metadata"]["name"] for t in templates if isinstance(templates, list))
    return re.compile(rf"({'|'.join(map(re.escape, names))})-{re.escape(stateful_set['metadata']['name'])}-(\d+)")


def owner(found: Object) -> str | None:
    """Return the uid of the object that controls another."""
    return next((o["uid"] for o in found["metadata"].get("ownerReferences") or () if o.get("controller")), None)


def ordinal(named: Object) -> tuple[str, int]:
    """Return what a set's pods and claims are sorted by: their name without the ordinal, and that."""
    base, _, number = named["metadata"]["name"].rpartition("-")
    return base, int(number) if number.isdigit() else 0
