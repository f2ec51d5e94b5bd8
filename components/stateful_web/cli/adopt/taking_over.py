"""``make adopt``: reads a live set and what is about it, and writes the stack file; the cluster stays as it is."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...kubeconfig import ClusterAccess, client
from ...storage import storage_class_of
from ..errors import CliError
from ..live_objects import listed, listed_if_allowed
from ..project import Project
from ..render import as_yaml
from ..targets import kubectl
from .adoption import Adoption, adoption
from .guesses import Found
from .hidden import Hidden
from .owners import letting_go

if TYPE_CHECKING:
    from lightkube import Client

Object = dict[str, Any]

BESIDE = (
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("", "v1", "ServiceAccount", "serviceaccounts"),
)
"""Group, version, kind and plural of what may be about a set's pods, beside its Services."""


def adopt(which: str, stack: str, folder: Path) -> Iterator[str]:
    """Write the file of a new stack that has a live set; yield what there is to say.

    Raises ``CliError`` for a set that is not there or can't be adopted as it is, and for a stack file that is.
    """
    namespace, _, name = which.rpartition("/")
    if not (namespace and name):
        raise CliError(f'"{which}" is no StatefulSet: its namespace and name are expected, as in shop/web.')
    project = Project.at(folder)
    path = project.stack_file(stack)
    if path.exists():
        raise CliError(f"{path.name} is there already, and is not overwritten. Name a new stack with --stack.")
    api = client(ClusterAccess())
    context = api.config.context_name
    start = kubectl(ClusterAccess(context=context))
    get = f"{start} get statefulset {name} --namespace {namespace}"
    found = read(api, namespace, name)
    made = adoption(found, project.name, project.own(project.defaults))
    if made.obstacles:
        raise CliError("\n".join([f"StatefulSet {which} can't be adopted as it is:", *map(_item, made.obstacles)]))
    path.write_text(stack_file(project.name, made.config, context))
    yield f"{path.name} has StatefulSet {which}: its preview restarts no pod, replaces nothing and touches no claim."
    yield from _listed("up changes, beside the pods:", made.changes)
    yield from _listed("The stack does not have, and why:", made.left)
    told = [_what_becomes_of(one, made.config) for one in made.secrets]
    yield from _listed("Looks like a secret, and is left out:", told)
    yield from _listed("The old owner lets go, before up:", letting_go(made.objects, start))
    others = "Ports of others stand before the stack's, and each up would show a change. To leave the stack's alone:"
    yield from _listed(others, _ports(made, start))
    yield from _listed(
        "Then:",
        [
            f"pulumi stack init {stack}",
            *(_encrypting(one, get, project.name, stack) for one in made.secrets if _is_input(one, made.config)),
            f"stateful-web preview --stack {stack}",
            f"pulumi up --stack {stack}",
        ],
    )


def read(api: "Client", namespace: str, name: str) -> Found:
    """Return a live set and what of its namespace may be about it, all fields as the API server has them."""
    sets = _named(api, namespace, "apps", "v1", "StatefulSet", "statefulsets")
    if name not in sets:
        others = ", ".join(sorted(sets)) or "none"
        raise CliError(
            f"There is no StatefulSet {name} in namespace {namespace} (it has: {others}). Name one of these."
        )
    from lightkube.resources.core_v1 import PersistentVolumeClaim
    from lightkube.resources.storage_v1 import StorageClass

    classes = listed_if_allowed(api, StorageClass)
    return Found(
        stateful_set=sets[name],
        services=list(_named(api, namespace, "", "v1", "Service", "services").values()),
        others=[one for kind in BESIDE for one in _named(api, namespace, *kind).values()],
        claims={one["metadata"]["name"]: one for one in listed(api, PersistentVolumeClaim, namespace)},
        classes=None if classes is None else [storage_class_of(one) for one in classes],
    )


def stack_file(project: str, config: Mapping[str, Any], context: str | None) -> str:
    """Return the text of a stack file, pinned to a context: elsewhere, up would make all this anew."""
    pinned = {"kubernetes:context": context} if context else {}
    keys = {f"{project}:{key}": value for key, value in config.items()}
    upsert = {"kubernetes:upsertExistingObjects": "true"}
    return as_yaml([{"config": {**pinned, **upsert, **keys}}]).removeprefix("---\n")


def _named(api: "Client", namespace: str, group: str, version: str, kind: str, plural: str) -> dict[str, Object]:
    """Return objects of a kind by name, also fields that the client's own models do not know."""
    from lightkube.generic_resource import create_namespaced_resource

    resource = create_namespaced_resource(group, version, kind, plural)
    api_version = f"{group}/{version}".lstrip("/")
    objects = ({**one, "apiVersion": api_version, "kind": kind} for one in listed(api, resource, namespace))
    return {one["metadata"]["name"]: one for one in objects}


def _is_input(one: Hidden, config: Mapping[str, Any]) -> bool:
    """Say whether the input ``env`` takes it, encrypted."""
    return bool(one.variable) and one.container == config["containerName"]


def _encrypting(one: Hidden, kubectl_get: str, project: str, stack: str) -> str:
    """Return the command that encrypts a secret; its value goes from the cluster to the CLI, and nowhere else."""
    value = f"{kubectl_get} --output {shlex.quote(f'jsonpath={one.jsonpath}')}"
    key = shlex.quote(f'{project}:env["{one.variable}"]')
    return f"{value} | pulumi config set --secret --path {key} --stack {stack}"


def _what_becomes_of(one: Hidden, config: Mapping[str, Any]) -> str:
    what = f"{one.what} of {f'container {one.container}' if one.container else 'the pod'}"
    if _is_input(one, config):
        return f"{what}: a command below encrypts it. Run it before up."
    return f"{what}: no input takes it encrypted. It stays until an update of the set: put it into a Secret before."


def _ports(made: Adoption, kubectl: str) -> Iterator[str]:
    """Yield the commands that leave a Service those ports alone that the stack has."""
    for name, ports in made.ports.items():
        patch = shlex.quote(json.dumps({"spec": {"ports": ports}}))
        yield f"{kubectl} patch service {name} --namespace {made.config['namespace']} --type merge --patch {patch}"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    entries = list(lines)
    if entries:
        yield title
        yield from map(_item, entries)


def _item(line: str) -> str:
    return f"  {line}"
