"""How a provider reaches its cluster: a kubeconfig, found with the kubernetes plugin's own precedence."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.output import contains_unknowns

if TYPE_CHECKING:
    from lightkube import Client

    from .loading import Chosen

KEYS = ("kubeconfig", "context", "cluster")
"""Inputs of a provider, and keys of ``kubernetes:*`` config, that say which cluster it is."""
PATH_MAX = 255
"""Length up to which a kubeconfig that is no text by its looks is shown as a path: one in base64 is longer."""


class ClusterUnavailable(pulumi.RunError):
    """The cluster could not be asked; the message says which, why, and what to do."""


@dataclass(frozen=True)
class ClusterAccess:
    """How a provider reaches its cluster; ``None`` where the environment decides."""

    kubeconfig: str | None = None
    """Path of a kubeconfig, or its text."""
    context: str | None = None
    cluster: str | None = None

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "ClusterAccess":
        """Return the access of a provider with these inputs; its kubeconfig may be a map, as some clusters give it."""
        kubeconfig, context, cluster = (inputs.get(key) for key in KEYS)
        return cls(json.dumps(kubeconfig) if isinstance(kubeconfig, Mapping) else kubeconfig, context, cluster)

    @property
    def path(self) -> str | None:
        """Of the kubeconfig, for people to read; ``None`` for a text, which holds credentials."""
        given = self.kubeconfig
        is_text = given and ("\n" in given or ": " in given or given.lstrip().startswith("{") or len(given) > PATH_MAX)
        return None if is_text else given

    @property
    def described(self) -> str:
        """As the subject of a sentence, by where it was found."""
        if not self.kubeconfig:
            source = "KUBECONFIG or ~/.kube/config"
        else:
            source = f"kubernetes:kubeconfig ({self.path or 'a kubeconfig given as text'})"
        return f"The cluster of {source}" + (f', context "{self.context}",' if self.context else "")


def default_access() -> ClusterAccess:
    """Return the access of the default provider: the stack's ``kubernetes:*`` config."""
    config = pulumi.Config("kubernetes")
    return ClusterAccess.of({key: config.get(key) for key in KEYS})


def provider_access(provider: pulumi.ProviderResource) -> "pulumi.Output[ClusterAccess]":
    """Return the access of an explicit provider; unknown where its inputs are."""
    inputs: dict[str, Any] = {key: getattr(provider, key, None) for key in KEYS}

    async def read() -> dict[str, Any]:
        # A preview takes what was left out for unknown; seen like this, it is None, and only the rest unknown.
        return {
            key: await given.future(with_unknowns=True) if given is not None else None for key, given in inputs.items()
        }

    values = asyncio.ensure_future(read())

    async def access() -> ClusterAccess:
        return ClusterAccess.of(await values)

    async def is_known() -> bool:
        # To a component that is hosted for another language, a provider is no more than a reference.
        return hasattr(provider, "kubeconfig") and not contains_unknowns(await values)

    return pulumi.Output(set(), asyncio.ensure_future(access()), asyncio.ensure_future(is_known()))


def client(access: ClusterAccess) -> "Client":
    """Return a client of the cluster, logged in.

    Raises ``ClusterUnavailable`` if the kubeconfig leads nowhere, or its login command fails.
    """
    import httpx2

    from .connection import connect
    from .loading import Unusable

    chosen = _chosen(access)
    try:
        return connect(chosen)
    except (Unusable, OSError, ValueError, httpx2.InvalidURL) as error:
        raise ClusterUnavailable(
            f"{access.described} can not be used ({error}). See to it that kubectl works with this kubeconfig."
        ) from error


def namespace(access: ClusterAccess) -> str | None:
    """Return the namespace in which the plugin makes objects that name none, by the kubeconfig alone; asks no cluster.

    It is that of the context in use. Without a kubeconfig of the provider's own, and where the context has none, it is
    that of the pod this runs in (POD_NAMESPACE, then its service account's). ``None`` where nothing names one: the
    plugin takes ``default`` then. What the provider's ``namespace`` or ``kubernetes:namespace`` says goes before all
    this, and is up to the caller. Raises ``ClusterUnavailable`` if the kubeconfig can't be read or lacks the context.
    """
    from .loading import NothingChosen

    try:
        return _chosen(access).namespace
    except ClusterUnavailable as error:
        if isinstance(error.__cause__, NothingChosen):
            return None
        raise


def _chosen(access: ClusterAccess) -> "Chosen":
    # Imported late: a program that does not look anything up does not pay for it.
    from .loading import Unusable, choose

    try:
        return choose(access.kubeconfig, access.context, access.cluster)
    except Unusable as error:
        raise ClusterUnavailable(
            f"{access.described} can not be used ({error}). Set kubernetes:kubeconfig to the path of a kubeconfig, "
            "and kubernetes:context to one of its contexts."
        ) from error
