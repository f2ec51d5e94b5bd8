"""Facts of the cluster that a component's provider talks to, asked once in a run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi

from .kubeconfig import ClusterAccess, ClusterUnavailable, client
from .storage import StorageClass

T = TypeVar("T")


class NotAllowed(Exception):
    """The user of the kubeconfig may not list what was asked for."""


# One list call for each cluster (and namespace) and run of a program, however many components ask.
_of_runs: "WeakKeyDictionary[Any, dict[Any, Any]]" = WeakKeyDictionary()


def _once_a_run(key: Any, ask: Callable[[], T]) -> T:
    of_this_run = _of_runs.setdefault(pulumi.runtime.settings.get_monitor(), {})
    if key not in of_this_run:
        of_this_run[key] = ask()
    found: T = of_this_run[key]
    return found


def storage_classes(access: ClusterAccess) -> Sequence[StorageClass]:
    """Return the cluster's StorageClasses.

    Raises ``NotAllowed`` if this user may not list them, ``ClusterUnavailable`` if the cluster can not be asked.
    """

    def ask() -> Sequence[StorageClass]:
        # Imported late: a program that does not look anything up does not pay for a client.
        from lightkube.resources.storage_v1 import StorageClass as Resource

        found = [item.to_dict() for item in _list(access, Resource, "StorageClasses")]
        return [
            StorageClass(
                name=item["metadata"]["name"],
                provisioner=item["provisioner"],
                is_default=_is_default(item["metadata"]),
                can_grow=bool(item.get("allowVolumeExpansion")),
                created=str(item["metadata"].get("creationTimestamp", "")),
            )
            for item in found
        ]

    return _once_a_run(access, ask)


def stateful_sets(access: ClusterAccess, namespace: str) -> Mapping[str, dict[str, Any]]:
    """Return the live StatefulSets of a namespace by name; raises as ``storage_classes`` does."""

    def ask() -> Mapping[str, dict[str, Any]]:
        from lightkube.resources.apps_v1 import StatefulSet

        found = _list(access, StatefulSet, "StatefulSets", namespace=namespace)
        return {item.metadata.name: item.to_dict() for item in found}

    return _once_a_run((access, namespace), ask)


def claims(access: ClusterAccess, namespace: str) -> Mapping[str, dict[str, Any]]:
    """Return the live claims of a namespace by name; raises as ``storage_classes`` does."""

    def ask() -> Mapping[str, dict[str, Any]]:
        from lightkube.resources.core_v1 import PersistentVolumeClaim

        found = _list(access, PersistentVolumeClaim, "PersistentVolumeClaims", namespace=namespace)
        return {item.metadata.name: item.to_dict() for item in found}

    return _once_a_run((access, namespace, "claims"), ask)


def _list(access: ClusterAccess, kind: Any, what: str, **where: Any) -> list[Any]:
    import httpx2
    from lightkube.core.exceptions import ApiError

    api: Any = _once_a_run((access, "client"), lambda: client(access))
    try:
        return list(api.list(kind, **where))
    except ApiError as error:
        if error.status.code == 403:
            raise NotAllowed(str(error.status.message)) from error
        raise ClusterUnavailable(f"{access.described} refused to list {what}: {error}.") from error
    except httpx2.TransportError as error:
        raise ClusterUnavailable(
            f"{access.described} does not answer at {api.config.cluster.server} ({error}). Start the cluster, or "
            "set storage.verify to false to plan without looking the StorageClass up."
        ) from error


def _is_default(metadata: Mapping[str, Any]) -> bool:
    annotations = metadata.get("annotations") or {}
    return bool(annotations.get("storageclass.kubernetes.io/is-default-class") == "true")
