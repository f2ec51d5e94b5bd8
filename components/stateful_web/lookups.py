"""Asks what is live of one web server: of its provider's cluster, and of the stack's state where that can't tell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from . import api_server, attributes_class, claim_metadata, growth
from .api_server import NotAllowed
from .args import StatefulWebArgs
from .kubeconfig import ClusterAccess, ClusterUnavailable
from .live import (
    DEFAULT_NAMESPACE,
    NOT_YET,
    Class,
    Live,
    Object,
    Recorded,
    Unanswered,
    Why,
    asked_ordinals,
    ordinals,
    template_sizes,
)
from .managers import is_applied_by_pulumi
from .names import claim_names
from .storage import StorageClass, attributes_class_of, claim_templates, storage_class_of


@dataclass(frozen=True)
class Whom:
    """Whom to ask."""

    access: ClusterAccess | Unanswered
    """The provider's cluster, or why it is not asked."""
    state: Callable[[], Recorded]
    """Reads the stack's state."""


def look_up(inputs: StatefulWebArgs, whom: Whom, namespace_given: bool = True) -> Live:
    """Return what is live of a web server.

    Raises ``ClusterUnavailable`` if the cluster can not be asked, unless the inputs say not to verify.
    """
    live = _asked(inputs, whom.access, namespace_given)
    unanswered = live.stateful_set if isinstance(live.stateful_set, Unanswered) else None
    if unanswered and unanswered.why is Why.NOT_ASKED and not unanswered.words:
        return live
    return replace(live, recorded=whom.state()) if _needs_state(inputs, live) else live


def _asked(inputs: StatefulWebArgs, access: ClusterAccess | Unanswered, namespace_given: bool) -> Live:
    if isinstance(access, Unanswered):
        return Live(access, access, access, attributes_classes=access)
    try:
        live = _objects(inputs, access)
        live = replace(live, classes=_classes(inputs, access, live))
        if isinstance(live.classes, Unanswered):
            live = replace(live, named_classes=_named_classes(inputs, access, live))
        live = _with_attributes_classes(inputs, access, live)
        if (
            live.stateful_set is None
            and not namespace_given
            and inputs["namespace"] not in (DEFAULT_NAMESPACE, NOT_YET)
        ):
            live = replace(live, in_default_namespace=_is_in_default(inputs["name"], access))
        return live
    except ClusterUnavailable as error:
        if inputs["storage"]["verify"]:
            raise
        unreachable = Unanswered(Why.UNREACHABLE, str(error).rstrip("."))
        return Live(unreachable, unreachable, unreachable, attributes_classes=unreachable)


def _objects(inputs: StatefulWebArgs, access: ClusterAccess) -> Live:
    """Ask for the set and its claims."""
    from lightkube.resources.apps_v1 import StatefulSet
    from lightkube.resources.core_v1 import PersistentVolumeClaim

    name, namespace = inputs["name"], cast(Any, inputs["namespace"])
    if namespace is NOT_YET:
        unknown = Unanswered(NOT_YET, "namespace")
        return Live(unknown, unknown)
    found = _answer(lambda: api_server.these(access, StatefulSet, [name], namespace))
    stateful_set = found if isinstance(found, Unanswered) else found.get(name)
    if isinstance(stateful_set, Unanswered):
        return Live(stateful_set, stateful_set)
    names = _claims_of(inputs, stateful_set)
    return Live(stateful_set, _answer(lambda: api_server.these(access, PersistentVolumeClaim, names, namespace)))


def _claims_of(inputs: StatefulWebArgs, stateful_set: Object | None) -> list[str]:
    """Return the names of the claims that the set's pods have, or get."""
    volumes = dict.fromkeys([*template_sizes(stateful_set), *(t["volume_name"] for _, t in claim_templates(inputs))])
    there, asked = ordinals(stateful_set), asked_ordinals(inputs) or range(0)
    # An autoscaler's count stays if the pods get other ordinals.
    moved = range(asked.start, asked.start + len(there)) if inputs["autoscaled"] else ()
    return claim_names(volumes, inputs["name"], sorted({*there, *asked, *moved}))


def _classes(inputs: StatefulWebArgs, access: ClusterAccess, live: Live) -> tuple[StorageClass, ...] | Unanswered:
    named = any(t["verify"] and "create_storage_class" not in t for _, t in claim_templates(inputs))
    if not named and not growth.has_outgrown(inputs, live):
        return Unanswered(Why.NOT_ASKED)
    from lightkube.resources.storage_v1 import StorageClass as Resource

    found = _answer(lambda: api_server.every(access, Resource))
    return found if isinstance(found, Unanswered) else tuple(map(storage_class_of, found.values()))


def _named_classes(inputs: StatefulWebArgs, access: ClusterAccess, live: Live) -> Mapping[str, StorageClass | None]:
    """Ask for the classes by name that inputs and claims have; those that may not be asked for are left out."""
    from lightkube.resources.storage_v1 import StorageClass as Resource

    wanted = {t.get("storage_class_name") for _, t in claim_templates(inputs) if t["verify"]}
    if growth.has_outgrown(inputs, live):
        wanted |= {claim["spec"].get("storageClassName") for claim in live.known_claims.values()}
    return _by_name(access, Resource, wanted, storage_class_of)


def _with_attributes_classes(inputs: StatefulWebArgs, access: ClusterAccess, live: Live) -> Live:
    """Ask for the classes of volume attributes, by name where they may not be listed, if one is to be looked up."""
    wanted = {t.get(attributes_class.INPUT) for _, t in claim_templates(inputs) if t["verify"]} - {None}
    if not wanted:
        return replace(live, attributes_classes=Unanswered(Why.NOT_ASKED))
    from lightkube.resources.storage_v1 import VolumeAttributesClass as Resource

    found = _answer(lambda: api_server.every(access, Resource))
    if not isinstance(found, Unanswered):
        return replace(live, attributes_classes=tuple(map(attributes_class_of, found.values())))
    named = _by_name(access, Resource, wanted, attributes_class_of)
    return replace(live, attributes_classes=found, named_attributes_classes=named)


def _by_name(
    access: ClusterAccess, kind: Any, names: Iterable[Any], read: Callable[[Object], Class]
) -> dict[str, Class | None]:
    """Ask for objects one by one; those that may not be asked for are left out."""
    found: dict[str, Class | None] = {}
    for name in {*names} - {None, "", NOT_YET}:
        answer = _answer(partial(api_server.one, access, kind, name))
        if not isinstance(answer, Unanswered):
            found[name] = None if answer is None else read(answer)
    return found


def _is_in_default(name: str, access: ClusterAccess) -> bool:
    from lightkube.resources.apps_v1 import StatefulSet

    found = _answer(lambda: api_server.one(access, StatefulSet, name, DEFAULT_NAMESPACE))
    return found is not None and not isinstance(found, Unanswered) and is_applied_by_pulumi(found)


def _needs_state(inputs: StatefulWebArgs, live: Live) -> bool:
    """Say whether the stack's state decides, too: what the cluster can't tell, and which patches it has."""
    templates = [template for _, template in claim_templates(inputs)]
    is_open = any(NOT_YET in (template["size"], template.get(attributes_class.INPUT)) for template in templates)
    is_unseen = live.known_set is None or isinstance(live.claims, Unanswered)
    is_kept = any(template["resized_by_others"] for template in templates)
    return is_unseen or is_open or is_kept or growth.is_behind(inputs, live) or claim_metadata.lacks_patch(inputs, live)


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except NotAllowed as refusal:
        return Unanswered(Why.NOT_ALLOWED, str(refusal).rstrip("."))
