"""From inputs and what is live to what is to be done and said: one pure decision.

An input that is not known before ``up`` is ``NOT_YET`` here, and a decision that needs it is left open, with a sentence
that names the input.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import attributes_class, claim_metadata, growth, manifests, replacement, storage
from .args import StatefulWebArgs
from .findings import Finding, Path
from .live import DEFAULT_NAMESPACE, NOT_YET, Live, Object, Unanswered, Why, claims_of_template, live_templates
from .patches import MetadataPatch, Patch
from .storage import claim_templates
from .values import Manifest

RETAINED = ("namespace",)
"""Suffixes of children that stay on the cluster: deleting a namespace deletes the claims in it."""


@dataclass(frozen=True)
class Decisions:
    """What depends on what is live; the component's wiring may hand them on as outputs."""

    sizes: Mapping[str, Any]
    """Size of each claim template, by its name."""
    adopted: Any
    """Pod template of the set to adopt, if there is one."""
    released: Any = False
    """Whether an autoscaler has owned the count until now."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What each live claim template has besides what inputs decide, by its name."""


@dataclass(frozen=True)
class Child:
    """A resource of the component."""

    suffix: str
    """Of its name, for life; a rename carries an alias."""
    manifest: Manifest
    needs: tuple[str, ...] = ()
    """Suffixes of the children that it comes after."""
    ignore_changes: tuple[str, ...] = ()
    is_protected: bool = True
    """Whether it takes ``protect`` on from the component."""
    is_retained: bool = False
    """Whether it stays on the cluster when the stack gives it up."""
    seconds: int | None = None
    """What creation and update may take; ``None``: the plugin's own time."""


@dataclass(frozen=True)
class Plan:
    """All that is to be registered, said or refused."""

    decisions: Decisions
    children: tuple[Child, ...]
    patches: tuple[Patch, ...]
    metadata_patches: tuple[MetadataPatch, ...]
    warnings: tuple[Finding | str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Circumstances:
    """What decides besides inputs and what is live."""

    count_given: bool = True
    """Whether ``replicas`` is the caller's, and not a default."""
    namespace_given: bool = True
    """Whether ``namespace`` is the caller's, and not that of the provider or the context."""
    classes_of_the_program: frozenset[Path] = frozenset()
    """Where a class is named by an output of a StorageClass of the program."""
    still_to_come: str = ""
    """Name of a resource that the component depends on and that is not there yet: it may make a class."""


def plan(inputs: StatefulWebArgs, live: Live, given: Circumstances = Circumstances()) -> Plan:
    """Return what is to be done about one web server, whose inputs are complete and right."""
    decisions = decide(inputs, live)
    made = children(inputs, decisions)
    before = _before(live)
    wanted = _with_its_count({child.suffix: child.manifest for child in made}["set"], inputs, before)
    grown = growth.growth(inputs, live)
    classes = [*_classes(inputs, live, given), *_attributes_classes(inputs, live, given)]
    return Plan(
        decisions,
        made,
        grown.patches,
        claim_metadata.metadata_patches(inputs, live),
        (
            *(found for found in classes if not isinstance(found, Finding)),
            *_not_looked_up(inputs, live),
            *_state_unread(live),
            *_left_open(inputs),
            *_count_released(inputs, live, given),
            *_left_behind(live, before, wanted),
            *grown.notes,
        ),
        (
            *(found for found in classes if isinstance(found, Finding)),
            *_adopted_unseen(inputs, live),
            *_count_taken_back(inputs, live, given),
            *_moved_out_of_default(inputs, live, given),
            *_of_another_mode(inputs, live),
            *_lost(live, before, wanted),
            *grown.findings,
        ),
    )


def decide(inputs: StatefulWebArgs, live: Live) -> Decisions:
    """Return what of the objects depends on what is live."""
    adopted = live.known_set if inputs["adopt"] else None
    return Decisions(
        growth.kept_sizes(inputs, live),
        None if adopted is None else adopted["spec"]["template"],
        not inputs["autoscaled"] and _mark(live) is not None,
        {template["metadata"]["name"]: storage.kept_parts(template) for template in live_templates(live.last_set)},
    )


def children(inputs: StatefulWebArgs, decisions: Decisions) -> tuple[Child, ...]:
    """Return every child, each after those that it needs: the same ones, whatever is live."""
    with_sizes = storage.with_sizes(inputs, decisions.sizes)
    made = manifests.objects(with_sizes, decisions.adopted, decisions.released, decisions.kept)
    namespace = tuple(suffix for suffix in made if suffix in RETAINED)
    # The plugin waits for pods behind the clients' Service, so pods don't wait for it.
    before_pods = tuple(suffix for suffix in made if suffix not in ("client", "set", "autoscaler"))
    of_their_own = {"namespace": (), "set": before_pods, "autoscaler": ("set",)}
    needs = {**dict.fromkeys(made, namespace), **of_their_own}
    # Dropping the field would set it back to Kubernetes' default, 1.
    ignored = {"set": ("spec.replicas",)} if inputs["autoscaled"] else {}
    seconds = {"set": manifests.rollout_seconds(inputs)}
    return tuple(
        Child(
            suffix,
            manifest,
            needs[suffix],
            ignored.get(suffix, ()),
            # A change of content is another object, and the old one goes.
            is_protected=not suffix.startswith("files-"),
            is_retained=suffix in RETAINED,
            seconds=seconds.get(suffix),
        )
        for suffix, manifest in made.items()
    )


def _mark(live: Live) -> str | None:
    """Return what the set says of an autoscaler."""
    annotations = ((live.last_set or {}).get("metadata") or {}).get("annotations") or {}
    mark: str | None = annotations.get(manifests.AUTOSCALED)
    return mark


def _classes(inputs: StatefulWebArgs, live: Live, given: Circumstances) -> Iterator[Finding | str]:
    """Yield what is wrong with the classes that templates name, or why it is not known."""
    for path, template in claim_templates(inputs):
        if not template["verify"] or "create_storage_class" in template:
            continue
        at, wanted = (*path, "storage_class_name"), template.get("storage_class_name")
        if wanted in (NOT_YET, "") or at in given.classes_of_the_program:
            continue
        if isinstance(live.classes, Unanswered) and wanted not in live.named_classes:
            if live.classes.why is Why.NOT_ALLOWED:
                what = "The default StorageClass" if wanted is None else f'StorageClass "{wanted}"'
                yield f"{what} was not looked up: {live.classes.words}."
        elif live.class_named(wanted) is None and wanted is not None:
            if given.still_to_come:
                yield (
                    f'StorageClass "{wanted}" is not there yet, and {given.still_to_come} may make it: up looks for it '
                    "once that is there."
                )
            else:
                yield storage.missing_class(wanted, None if isinstance(live.classes, Unanswered) else live.classes, at)
        elif wanted is None and not isinstance(live.classes, Unanswered):
            found = storage.default_class(live.classes, at)
            if not isinstance(found, Finding):
                yield from storage.other_defaults(found, live.classes)
            elif given.still_to_come:
                yield f"There is no default StorageClass yet, and {given.still_to_come} may make it: up looks for it."
            else:
                yield found


def _attributes_classes(inputs: StatefulWebArgs, live: Live, given: Circumstances) -> Iterator[Finding | str]:
    """Yield what is wrong with the classes of volume attributes that templates ask for, or why it is not known."""
    for path, template in claim_templates(inputs):
        if (*path, attributes_class.INPUT) not in given.classes_of_the_program:
            yield from attributes_class.problems(live, path, template, given.still_to_come)


def _not_looked_up(inputs: StatefulWebArgs, live: Live) -> Iterator[str]:
    """Say why set or claims are not known, and what follows."""
    name, namespace = inputs["name"], inputs["namespace"]
    unanswered, what, kinds = (
        live.stateful_set,
        f"StatefulSet {name} was",
        "statefulsets.apps and persistentvolumeclaims",
    )
    if not isinstance(unanswered, Unanswered):
        unanswered, what, kinds = live.claims, f"The claims of StatefulSet {name} were", "persistentvolumeclaims"
    if not isinstance(unanswered, Unanswered) or not unanswered.words:
        return
    if unanswered.why is Why.NOT_YET_KNOWN:
        yield f"{what} not looked up: {unanswered.words} is not known before up, which decides on claims."
        return
    until = {
        Why.NOT_ALLOWED: f" until this account may get {kinds} in namespace {namespace}",
        Why.UNREACHABLE: " until the cluster answers",
    }.get(unanswered.why, "")
    yield f"{what} not looked up: {unanswered.words}. Changed storage has no effect{until}: claims stay as they are."


def _state_unread(live: Live) -> Iterator[str]:
    """Say that the stack's own state could not be read."""
    if live.recorded.unread:
        yield f"The stack's own state was not read: {live.recorded.unread}. Claims that have grown may be left out."


def _left_open(inputs: StatefulWebArgs) -> Iterator[Finding]:
    """Name the inputs that decide something and are not known before ``up``."""
    deciding: list[tuple[Path, Any]] = [((key,), inputs.get(key)) for key in ("replicas", "ordinals_start")]
    deciding.append((("revision_history_limit",), inputs.get("revision_history_limit")))
    deciding.append((("update", "partition"), inputs["update"].get("partition")))
    for path, template in claim_templates(inputs):
        deciding += [
            ((*path, key), template.get(key)) for key in ("size", "storage_class_name", attributes_class.INPUT)
        ]
        deciding.append(((*path, "data_source", "name"), template.get("data_source", {}).get("name")))
    if replacement.keeps_pods(manifests.update_strategy(inputs)):
        for i, files in enumerate(inputs["files"]):
            content: Any = files["content"]
            texts = content.values() if isinstance(content, Mapping) else [content]
            deciding += [(("files", i, "content"), text) for text in texts]
    for path in dict.fromkeys(path for path, value in deciding if value is NOT_YET):
        yield Finding(path, "is not known before up: what depends on it was not checked.")


def _adopted_unseen(inputs: StatefulWebArgs, live: Live) -> Iterator[Finding]:
    """Refuse to adopt what can't be seen: the defaults that its pods lack would restart them."""
    unseen = live.stateful_set
    if inputs["adopt"] and isinstance(unseen, Unanswered) and unseen.words and unseen.why is not Why.NOT_YET_KNOWN:
        yield Finding(
            ("adopt",),
            f"is true, but what is to be adopted was not looked up: {unseen.words}. Use an account that may get "
            "statefulsets.apps.",
        )


def _count_taken_back(inputs: StatefulWebArgs, live: Live, given: Circumstances) -> Iterator[Finding]:
    """Refuse to let a count that is left out follow that of an autoscaler."""
    if _mark(live) == "true" and not inputs["autoscaled"] and not given.count_given:
        count = (live.last_set or {})["spec"]["replicas"]
        yield Finding(
            ("replicas",),
            f"is missing, and an autoscaler has owned the count until now, which is {count}: a whole number is "
            f"expected. Set it to {count} to keep the pods, or autoscaled to true.",
        )


def _count_released(inputs: StatefulWebArgs, live: Live, given: Circumstances) -> Iterator[Finding]:
    """Tell that an autoscaler of the stack, which the engine deletes last, may act once more."""
    if _mark(live) == "true" and not inputs["autoscaled"] and given.count_given:
        yield Finding(
            ("replicas",),
            "is the count again, and no longer an autoscaler's. An autoscaler that this up deletes may change it "
            "once more before it goes: run pulumi up --refresh after it.",
        )


def _moved_out_of_default(inputs: StatefulWebArgs, live: Live, given: Circumstances) -> Iterator[Finding]:
    """Refuse to follow a provider's namespace with a set that lives in ``default``, where it was put before 0.2."""
    namespace: Any = inputs["namespace"]
    recorded = (live.recorded.stateful_set or {"metadata": {}})["metadata"].get("namespace")
    follows = not given.namespace_given and namespace not in (None, NOT_YET, recorded)
    if follows and live.known_set is None and (live.in_default_namespace or recorded == DEFAULT_NAMESPACE):
        yield Finding(
            ("namespace",),
            f"is not given, so it is the provider's or the context's, {namespace}; but StatefulSet {inputs['name']} "
            f"lives in default. Set it to default to stay there, or to {namespace} for a new set with new, empty "
            "claims.",
        )


def _before(live: Live) -> Object | None:
    """Return the set that the plan changes: the live one, else the one of the stack's state, by whatever name."""
    return live.known_set or live.recorded.stateful_set


def _with_its_count(wanted: Object, inputs: StatefulWebArgs, before: Object | None) -> Object:
    """Return the set with the count that an autoscaler has given it, which a plan leaves alone."""
    if before is None or not inputs["autoscaled"]:
        return wanted
    return {**wanted, "spec": {**wanted["spec"], "replicas": before["spec"]["replicas"]}}


def _lost(live: Live, before: Object | None, wanted: Object) -> Iterator[Finding]:
    """Refuse what would make Kubernetes delete claims, or take files from pods that still need them."""
    if before is None or (live.stateful_set is None and not replacement.moves(before, wanted)):
        return  # nothing is deleted
    owned = [name for name, claim in live.known_claims.items() if _is_owned(claim, before)]
    if live.known_set is None or isinstance(live.claims, Unanswered):
        # Those that its pods need must be there, and a set that was scaled to none may have kept its first.
        owned = replacement.claims_of(before, or_of_first=True)
    yield from replacement.loss_of_claims(before, wanted, sorted(owned))
    yield from replacement.loss_of_files(before["spec"], wanted["spec"])


def _of_another_mode(inputs: StatefulWebArgs, live: Live) -> Iterator[Finding]:
    """Refuse devices where the pods' claims are folders, and folders where they are devices: no pod could start."""
    for path, template in claim_templates(inputs):
        wanted = template["volume_mode"]
        for name in claims_of_template(inputs, template["volume_name"], live):
            claim = live.known_claims.get(name)
            has = claim and (claim["spec"].get("volumeMode") or "Filesystem")
            if has and has != wanted:
                yield Finding(
                    (*path, "volume_mode"),
                    f'is "{wanted}", but claim {name}, which the pods get, is "{has}", and Kubernetes can not change '
                    f"that. Set it to {has}, or give the claim template another volumeName, for new, empty claims.",
                )
                break


def _left_behind(live: Live, before: Object | None, wanted: Object) -> Iterator[Finding]:
    """Tell of claims that pods leave for others."""
    if before is not None:
        yield from replacement.claims_left(before, wanted, live.known_claims)


def _is_owned(claim: Object, owner: Object) -> bool:
    return any(ref["uid"] == owner["metadata"].get("uid") for ref in claim["metadata"].get("ownerReferences") or ())
