"""The clusters that a plan's objects are on, and what they have of its StatefulSets."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi.runtime.rpc import UNKNOWN

from ..kubeconfig import KEYS, ClusterAccess, ClusterUnavailable, client
from .claim_changes import Claim
from .forecast import Live
from .pulumi_cli import State, is_secret
from .steps import Step, location, named
from .targets import kubectl

if TYPE_CHECKING:
    from lightkube import Client

Answer = TypeVar("Answer")
ClusterNamespace = tuple[ClusterAccess | str, str]
"""A cluster, or a provider whose cluster is not known, and a namespace there."""


class Clusters:
    """The clusters of a plan's objects, each as its provider reaches it."""

    def __init__(self, steps: Sequence[Step], state: State) -> None:
        self._steps = {step.urn: step for step in steps}
        self._state = state
        self._accesses: dict[str, ClusterAccess | None] = {}
        self._unreachable: dict[ClusterAccess, str] = {}

    def place(self, step: Step) -> ClusterNamespace:
        """Return where an object is; two providers may reach one cluster."""
        return self._access(step.provider) or step.provider, location(step)[0]

    def ask(self, step: Step) -> tuple[Live | None, tuple[str, ...]]:
        """Return what the cluster has of a StatefulSet, ``None`` if it can't be asked, and what was not looked at."""
        import httpx2

        access = self._access(step.provider)
        if access is None:
            return None, ("The cluster was not asked: how its provider reaches it is known only after up.",)
        if access not in self._unreachable:
            try:
                return read_live(access, step)
            except (httpx2.HTTPError, ClusterUnavailable) as error:
                self._unreachable[access] = str(error) or type(error).__name__
        return None, (f"The cluster was not asked: {self._unreachable[access].rstrip('.')}.",)

    def _access(self, provider: str) -> ClusterAccess | None:
        if provider not in self._accesses:
            self._accesses[provider] = self._read(provider)
        return self._accesses[provider]

    def _read(self, provider: str) -> ClusterAccess | None:
        """Return how a provider reaches the cluster, or did before this change; ``None`` if neither is known.

        Never that of another provider, not even the environment's: it may be another cluster.
        """
        step = self._steps.get(provider)
        for inputs in (step.new, step.old) if step else ():
            given = {key: (inputs or {}).get(key) for key in KEYS}
            if inputs is not None and not any(map(is_secret, given.values())) and UNKNOWN not in json.dumps(given):
                return ClusterAccess.of(given)
        # The events hide a secret kubeconfig, which the state knows.
        if any(resource["urn"] == provider for resource in self._state.resources):
            return self._state.access_of({"provider": f"{provider}::"})
        return None


def read_live(reached: ClusterAccess, step: Step) -> tuple[Live, tuple[str, ...]]:
    """Ask the cluster for a set, its pods, and the claims of the namespace it will be in.

    Also returns what this account may not read. Raises ``HTTPError`` or ``ClusterUnavailable`` if the cluster does not
    answer.
    """
    from lightkube.core.exceptions import ApiError

    namespace, _ = location(step)
    old_namespace, old_name = named(step.old or step.new or {}, step)
    api = client(reached)
    refused: list[str] = []

    def asked(what: str, question: Callable[[], Answer]) -> Answer | None:
        try:
            return question()
        except ApiError as error:
            if error.status.code != 403:
                raise
            refused.append(what)
            return None

    claims = asked(f"the claims in namespace {namespace}", lambda: _claims(api, namespace))
    found = asked(f"StatefulSet {old_namespace}/{old_name}", lambda: _stateful_set(api, old_namespace, old_name))
    outdated = asked("its pods", lambda: _outdated(api, found)) if found else None
    said = (f"This account may not read {', '.join(refused)}: the state is believed.",) if refused else ()
    return Live(found["spec"]["replicas"] if found else None, claims, outdated, kubectl(reached)), said


def _stateful_set(api: "Client", namespace: str, name: str) -> dict[str, Any] | None:
    from lightkube.core.exceptions import ApiError
    from lightkube.resources.apps_v1 import StatefulSet

    try:
        found: dict[str, Any] = api.get(StatefulSet, name, namespace=namespace).to_dict()
    except ApiError as error:
        if error.status.code != 404:
            raise
        return None
    return found


def _claims(api: "Client", namespace: str) -> dict[str, Claim]:
    from lightkube.resources.core_v1 import PersistentVolumeClaim

    listed = [item.to_dict() for item in api.list(PersistentVolumeClaim, namespace=namespace)]
    return {item["metadata"]["name"]: Claim.of(item) for item in listed}


def _outdated(api: "Client", stateful_set: Mapping[str, Any]) -> frozenset[int]:
    from lightkube.resources.core_v1 import Pod

    newest = stateful_set.get("status", {}).get("updateRevision")
    labels = stateful_set["spec"]["selector"].get("matchLabels") or {}
    pods = [
        item.to_dict()["metadata"]
        for item in api.list(Pod, namespace=stateful_set["metadata"]["namespace"], labels=labels)
    ]
    return frozenset(
        int(pod["name"].rpartition("-")[2])
        for pod in pods
        if any(owner["uid"] == stateful_set["metadata"]["uid"] for owner in pod.get("ownerReferences", ()))
        and pod.get("labels", {}).get("controller-revision-hash") != newest
    )
