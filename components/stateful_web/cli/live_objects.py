"""Reading what the cluster has of a StatefulSet; every question to it that doctor and claims ask."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import manifests
from ..args import StatefulWebArgs
from ..kubeconfig import ClusterAccess, client
from .behind import behind
from .claims import Claim, Known, claims_of
from .doctor import Picture
from .errors import CliError
from .pulumi_cli import Deployed, State
from .targets import kubectl

if TYPE_CHECKING:
    from lightkube import Client

Object = dict[str, Any]


def pictures(state: State) -> list[Picture]:
    """Return what the cluster says of every StatefulSet of a stack."""
    return [picture(state.stack, deployed) for deployed in state.stateful_sets()]


def picture(stack: str, deployed: Deployed) -> Picture:
    """Return what the cluster says of one StatefulSet."""
    from lightkube.resources.core_v1 import Event, PersistentVolumeClaim, Pod
    from lightkube.resources.storage_v1 import StorageClass

    api, namespace = client(deployed.access), deployed.namespace
    found = stateful_set(api, namespace, deployed.name)
    uid = found["metadata"]["uid"] if found else None
    named = claim_pattern(found or deployed.inputs)
    return Picture(
        namespace=namespace,
        name=deployed.name,
        stateful_set=found,
        pods=[pod for pod in listed(api, Pod, namespace) if owner(pod) == uid],
        claims=[c for c in listed(api, PersistentVolumeClaim, namespace) if named.fullmatch(c["metadata"]["name"])],
        events=listed(api, Event, namespace),
        classes=listed_if_allowed(api, StorageClass),
        now=datetime.now(UTC),
        stack=stack,
        kubectl=kubectl(deployed.access),
        cluster_version=server_version(api),
        plugin_version=deployed.plugin_version,
    )


def server_version(api: "Client") -> str:
    """Return the version of the API server, e.g. v1.37.2; empty if it does not say."""
    answer = api._client._client.get("/version")  # lightkube has no call for it
    return str(answer.json()["gitVersion"]) if answer.is_success else ""


def stateful_set(api: "Client", namespace: str, name: str) -> Object | None:
    """Return a live StatefulSet, if there is one."""
    from lightkube.core.exceptions import ApiError
    from lightkube.resources.apps_v1 import StatefulSet

    try:
        found: Object = api.get(StatefulSet, name, namespace=namespace).to_dict()
    except ApiError as error:
        if error.status.code != 404:
            raise
        return None
    return found


def listed(api: "Client", kind: Any, namespace: str | None = None) -> list[Object]:
    """Return all objects of a kind; raises ``CliError`` where this user may not list them."""
    from lightkube.core.exceptions import ApiError

    try:
        where: Any = {} if namespace is None else {"namespace": namespace}
        return [item.to_dict() for item in api.list(kind, **where)]
    except ApiError as error:
        if error.status.code != 403:
            raise
        raise CliError(f"The cluster refused to list what this needs: {error.status.message}.") from error


def listed_if_allowed(api: "Client", kind: Any) -> list[Object] | None:
    """Return all objects of a kind that belongs to the whole cluster; ``None`` where this user may not list them."""
    try:
        return listed(api, kind)
    except CliError:
        return None


def claim_pattern(stateful_set: Mapping[str, Any]) -> "re.Pattern[str]":
    """Return what the names of a set's claims look like; those of its templates, of any ordinal."""
    templates = stateful_set["spec"].get("volumeClaimTemplates") or ()
    names: Iterable[str] = (t["metadata"]["name"] for t in templates if isinstance(templates, list))
    return re.compile(rf"({'|'.join(map(re.escape, names))})-{re.escape(stateful_set['metadata']['name'])}-(\d+)")


def owner(found: Object) -> str | None:
    """Return the uid of the object that controls another."""
    return next((o["uid"] for o in found["metadata"].get("ownerReferences") or () if o.get("controller")), None)


def claims(state: State, asked: StatefulWebArgs | None, planned_access: ClusterAccess) -> list[Claim]:
    """Return every claim of a stack's StatefulSets.

    ``asked`` is what the stack's config asks for: a destroyed stack knows its set by nothing else.
    """
    planned = manifests.stateful_set(asked) if asked else None
    by_namespace: dict[tuple[ClusterAccess, str], list[Object]] = {}
    for deployed in state.stateful_sets():
        by_namespace.setdefault((deployed.access, deployed.namespace), []).append(dict(deployed.inputs))
    if planned and not any(planned["metadata"]["namespace"] == namespace for _, namespace in by_namespace):
        by_namespace[planned_access, planned["metadata"]["namespace"]] = []
    found: list[Claim] = []
    for (access, namespace), inputs in by_namespace.items():
        own = [planned] if planned and planned["metadata"]["namespace"] == namespace else []
        found += _claims_in(client(access), namespace, [*inputs, *own], asked if own else None, kubectl(access))
    return found


def _claims_in(
    api: "Client", namespace: str, inputs: list[Object], asked: StatefulWebArgs | None, kubectl: str
) -> list[Claim]:
    from lightkube.resources.apps_v1 import StatefulSet
    from lightkube.resources.core_v1 import PersistentVolume, PersistentVolumeClaim, Pod

    live = {found["metadata"]["name"]: found for found in listed(api, StatefulSet, namespace)}
    own: dict[str, Object] = {}
    for given in inputs:
        own.setdefault(given["metadata"]["name"], given)
    volumes = listed_if_allowed(api, PersistentVolume) or ()
    there = listed(api, PersistentVolumeClaim, namespace)
    lacking: Mapping[str, tuple[str, ...]] = {}
    if asked and asked["name"] in live:
        lacking = behind(asked, live[asked["name"]], {claim["metadata"]["name"]: claim for claim in there})
    return claims_of(
        [_known(live.get(name, given), namespace, name in live, lacking) for name, given in own.items()],
        there,
        listed(api, Pod, namespace),
        [_known(found, namespace, True, {}) for name, found in live.items() if name not in own],
        {v["metadata"]["name"]: v["spec"].get("persistentVolumeReclaimPolicy", "Retain") for v in volumes},
        datetime.now(UTC),
        kubectl,
    )


def _known(found: Object, namespace: str, live: bool, behind: Mapping[str, tuple[str, ...]]) -> Known:
    spec = found["spec"]
    templates = spec.get("volumeClaimTemplates")
    start = (spec.get("ordinals") or {}).get("start", 0)
    return Known(
        namespace=namespace,
        name=found["metadata"]["name"],
        templates=frozenset(t["metadata"]["name"] for t in templates or () if isinstance(templates, list)),
        selector=(spec.get("selector") or {}).get("matchLabels") or {},
        live=live,
        ordinals=range(start, start + int(spec.get("replicas", 1))),
        behind=behind,
    )
