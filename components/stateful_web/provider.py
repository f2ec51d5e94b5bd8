"""What the component's kubernetes provider says: which cluster may be asked, and which namespace is its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from . import kubeconfig
from .api_server import once_a_run
from .kubeconfig import ClusterAccess, ClusterUnavailable, default_access, provider_access
from .live import DEFAULT_NAMESPACE, NOT_YET, Unanswered, Why

HANDED_OVER = "a provider that a program in another language hands over does not say which cluster is its own"


@dataclass(frozen=True)
class ProviderFacts:
    """Of a provider, once its inputs are known."""

    access: ClusterAccess | Unanswered
    """Way to its cluster, or why that is not asked."""
    namespace: Any
    """Of objects that name none; ``None`` if only the provider itself knows it, ``NOT_YET`` if only ``up`` will."""
    may_take_over: bool = True
    """Whether it takes over objects that exist (``upsertExistingObjects``)."""


def default_provider() -> ProviderFacts:
    """Return what the default provider says: the stack's ``kubernetes:*`` config."""
    config = pulumi.Config("kubernetes")
    given = {key: config.get(key) for key in ("renderYamlToDirectory", "namespace")}
    may_take_over = bool(config.get_bool("upsertExistingObjects"))
    return _facts(default_access(), given["renderYamlToDirectory"], given["namespace"], may_take_over)


def is_handed_over(provider: pulumi.ProviderResource | None) -> bool:
    """Say whether a provider is no more than a reference, whose inputs another program has."""
    return provider is not None and not hasattr(provider, "kubeconfig")


async def explicit_provider(provider: pulumi.ProviderResource) -> ProviderFacts:
    """Return what a provider of the program says."""
    if is_handed_over(provider):
        return ProviderFacts(Unanswered(Why.NOT_ASKED, HANDED_OVER), None)
    access, namespace = provider_access(provider), await _input(provider, "namespace")
    urn = str(await provider.urn.future())
    settings = once_a_run((urn, "settings"), lambda: _settings(urn))
    may_take_over = settings.get("upsertExistingObjects") in (True, "true")
    if not await access.is_known():
        unknown = Unanswered(NOT_YET, "the kubeconfig of the provider")
        return ProviderFacts(unknown, namespace or NOT_YET, may_take_over)
    known: Any = await access.future(with_unknowns=True)
    return _facts(known, settings.get("renderYamlToDirectory"), namespace, may_take_over)


def _settings(urn: str) -> Mapping[str, Any]:
    """Return the inputs of a provider as the engine has them: the SDK gives those of several words no attribute."""
    answer: Any = pulumi.runtime.invoke("pulumi:pulumi:getResource", {"urn": urn})
    return (answer.value or {}).get("state") or {}


def _facts(access: ClusterAccess, renders: Any, namespace: Any, may_take_over: bool) -> ProviderFacts:
    if renders:
        return ProviderFacts(Unanswered(Why.NOT_ASKED), namespace or DEFAULT_NAMESPACE, may_take_over)
    return ProviderFacts(access, namespace or _namespace_of(access), may_take_over)


def _namespace_of(access: ClusterAccess) -> str:
    def of_context() -> str:
        try:
            return kubeconfig.namespace(access) or DEFAULT_NAMESPACE
        except ClusterUnavailable:
            return DEFAULT_NAMESPACE  # whether that is an error is for the look-ups to say

    return once_a_run((access, "namespace"), of_context)


async def _input(provider: pulumi.ProviderResource, key: str) -> Any:
    given = getattr(provider, key, None)
    if not isinstance(given, pulumi.Output):
        return given
    # A preview takes what was left out for unknown; seen like this, it is None.
    value = await given.future(with_unknowns=True)
    return NOT_YET if value is not None and not await given.is_known() else value
