"""The plan over the whole product of what people bring: no change of a size replaces a set, and no claim is lost.

What must hold is written from Kubernetes' and the plugin's rules, and not from the plan: which fields replace a set,
which size a claim can get, which claim a pod has.
"""

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from components.stateful_web.live import NOT_YET, Live, Recorded, Unanswered, Why
from components.stateful_web.patches import FIELD_MANAGER, MANAGED_BY, REGROWN, REWRITTEN
from components.stateful_web.plan import Circumstances, Plan, plan
from components.stateful_web.storage import AttributesClass, StorageClass, claim_templates
from components.stateful_web.validation import validate

Inputs = dict[str, Any]

CLASS = StorageClass("standard", "driver.example", is_default=True, can_grow=True)
ATTRIBUTES = (AttributesClass("fast", "driver.example"), AttributesClass("slow", "driver.example"))
LOGS = {"volume_name": "logs", "mount_path": "/logs", "size": "3Gi"}
BASE: Inputs = {"image": "web:1", "namespace": "shop", "replicas": 2, "storage": {"size": "2Gi"}}
FILES = [{"mount_path": "/etc/site", "content": {"a.conf": "one"}}]

OPTIONS: Mapping[str, Inputs] = {
    "partition": {"update": {"partition": 1}},
    "adopt": {"adopt": True},
    "autoscaled": {"autoscaled": True},
    "several templates": {"volumes": [LOGS]},
    "claims go with the set": {"retention": {"when_deleted": "Delete"}},
    "claims go with a pod": {"retention": {"when_scaled": "Delete"}},
    "resized by others": {"storage": {"resized_by_others": True}},
    "class of attributes": {"storage": {"volume_attributes_class_name": "slow"}},
    "labels of claims": {"storage": {"labels": {"backup": "daily", "team": "shop"}}},
}
CHANGES: Mapping[str, Inputs] = {
    "nothing": {},
    "larger": {"storage": {"size": "4Gi"}},
    "smaller": {"storage": {"size": "1Gi"}},
    "more pods": {"replicas": 4},
    "fewer pods": {"replicas": 1},
    "no pods": {"replicas": 0},
    "image": {"image": "web:2"},
    "files": {"files": [{**FILES[0], "content": {"a.conf": "two"}}]},
    "class": {"storage": {"size": "2Gi", "storage_class_name": "standard"}},
    "service name": {"service_name": "other"},
    "start of ordinals": {"ordinals_start": 1},
    "volume name": {"storage": {"size": "2Gi", "volume_name": "www"}},
    "name": {"name": "shop", "selector_labels": {"app": "web"}},
    "namespace": {"namespace": "back"},
    "retention": {"retention": {"when_deleted": "Delete"}},
    "a device": {"storage": {"size": "2Gi", "volume_mode": "Block", "device_path": "/dev/data"}},
    "ports": {"ports": [{"name": "gossip", "port": 7946}]},
    "autoscale": {"autoscale": {"max_replicas": 5, "min_replicas": 2}},
    "template inserted": {"volumes": [{**LOGS, "volume_name": "first", "mount_path": "/first"}, LOGS]},
    "template removed": {"volumes": []},
    "template reordered": {
        "storage": {**LOGS, "mount_path": None},
        "volumes": [{"volume_name": "data", "mount_path": "/d"}],
    },
    "class of attributes": {"storage": {"size": "2Gi", "volume_attributes_class_name": "fast"}},
    "no class of attributes": {"storage": {"size": "2Gi", "volume_attributes_class_name": None}},
    "label": {"storage": {"size": "2Gi", "labels": {"team": "front"}}},
    "no labels": {"storage": {"size": "2Gi", "labels": {}}},
    "larger and more pods": {"storage": {"size": "4Gi"}, "replicas": 4},
    "larger and another service name": {"storage": {"size": "4Gi"}, "service_name": "other"},
}
OF_PODS_ALONE = ("image", "ports", "autoscale")
KEEPS_THE_SET = {
    *("nothing", "larger", "smaller", "more pods", "fewer pods", "no pods", "class of attributes", *OF_PODS_ALONE),
    *("no class of attributes", "label", "no labels"),
}
NAMES_A_CLAIM = {"start of ordinals", "volume name", "name", "namespace", "template removed", "template reordered"}
"""Changes by which pods may get other claims."""


@dataclass
class Claim:
    """A claim on the simulated cluster; sizes in GiB."""

    request: int
    capacity: int
    ours: bool = False
    uid: str = "1"
    regrown: str = ""
    mode: str = "Filesystem"
    of_class: str | None = None
    class_is_ours: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    """Those that a patch has set."""
    labelled: bool = False
    rewritten: str = ""

    def as_an_object(self, name: str, owner: str) -> dict[str, Any]:
        fields: Any = {"f:spec": {"f:resources": {"f:requests": {"f:storage": {}}}}}
        by = "pulumi-kubernetes-1a2b" if self.ours else "kube-controller-manager"
        managed = {"manager": by, "operation": "Apply" if self.ours else "Update", "fieldsV1": fields}
        metadata: dict[str, Any] = {
            "name": name,
            "uid": self.uid,
            "managedFields": [managed],
            "ownerReferences": [{"uid": owner}],
        }
        if self.class_is_ours:
            of_class: Any = {"f:spec": {"f:volumeAttributesClassName": {}}}
            managed = {"manager": "pulumi-kubernetes-1a2b", "operation": "Apply", "fieldsV1": of_class}
            metadata["managedFields"] += [managed]
        marks = {REGROWN: self.regrown, REWRITTEN: self.rewritten, MANAGED_BY: FIELD_MANAGER if self.labelled else ""}
        metadata["annotations"] = {key: value for key, value in marks.items() if value}
        metadata["labels"] = {"theirs": "1", **self.labels}
        spec: dict[str, Any] = {
            "storageClassName": "standard",
            "volumeMode": self.mode,
            "resources": {"requests": {"storage": f"{self.request}Gi"}},
        }
        if self.of_class:
            spec["volumeAttributesClassName"] = self.of_class
        return {"metadata": metadata, "spec": spec, "status": {"capacity": {"storage": f"{self.capacity}Gi"}}}


@dataclass
class World:
    """What is on a cluster, and in the stack's state."""

    sets: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By namespace and name."""
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    state: dict[str, Any] | None = None
    patches: dict[str, str | None] = field(default_factory=dict)
    metadata_patches: frozenset[str] = frozenset()

    def view(self, inputs: Inputs, rights: str) -> Live:
        """Return what an account sees of it."""
        at = (inputs["namespace"], inputs["name"])
        found = self.sets.get(at)
        owner = (found or self.state or {"metadata": {"uid": ""}})["metadata"]["uid"]
        claims = {
            name: claim.as_an_object(name, owner)
            for (namespace, name), claim in self.claims.items()
            if namespace == inputs["namespace"]
        }
        recorded = Recorded(self.state, self.patches, self.metadata_patches)
        live = Live(found, claims, (CLASS,), attributes_classes=ATTRIBUTES, recorded=recorded)
        no = Unanswered(RIGHTS[rights] or Why.NOT_ALLOWED, "no")
        if rights == "all":
            return live
        return replace(live, claims=no) if rights == "no claims" else Live(no, no, no, recorded=recorded)

    def after(self, made: Plan, inputs: Inputs) -> "World":
        """Return what it is once a plan is carried out."""
        new = copy.deepcopy(self)
        (wanted,) = (child.manifest for child in made.children if child.suffix == "set")
        wanted = copy.deepcopy(wanted)
        at = (inputs["namespace"], inputs["name"])
        before = self.sets.get(at)
        wanted["metadata"]["uid"] = before["metadata"]["uid"] if before else f"set {at}"
        if inputs["autoscaled"] and before:
            wanted["spec"]["replicas"] = before["spec"]["replicas"]
        if self.state is not None:
            new.sets.pop(identity(self.state), None)
        new.sets[at] = new.state = wanted
        for name in claims_of(wanted):
            new.claims.setdefault((at[0], name), born(wanted, name))
        new.patches = {patch.claim: patch.size for patch in made.patches}
        for patch in made.patches:
            if not patch.kept:
                was = replace(new.claims[at[0], patch.claim], regrown=patch.regrown)
                if patch.size is not None:
                    size = gib(patch.size)
                    was = replace(was, request=size, capacity=size, ours=True)
                if patch.attributes_class is not None:
                    was = replace(was, of_class=patch.attributes_class, class_is_ours=True)
                new.claims[at[0], patch.claim] = was
        new.metadata_patches = frozenset(patch.claim for patch in made.metadata_patches)
        for of_labels in made.metadata_patches:
            if not of_labels.kept:
                new.claims[at[0], of_labels.claim] = replace(
                    new.claims[at[0], of_labels.claim],
                    labels=dict(claim_templates(inputs))[of_labels.template]["labels"],  # type: ignore[arg-type]
                    labelled=True,
                    rewritten=of_labels.rewritten,
                )
        return new


RIGHTS: Mapping[str, Why | None] = {
    "all": None,
    "no claims": Why.NOT_ALLOWED,
    "none": Why.NOT_ALLOWED,
    "unreachable": Why.UNREACHABLE,
    "not known before up": Why.NOT_YET_KNOWN,
    "handed over": Why.NOT_ASKED,
}


def gib(size: str) -> int:
    return int(size.removesuffix("Gi"))


def identity(stateful_set: Mapping[str, Any]) -> tuple[str, str]:
    return stateful_set["metadata"]["namespace"], stateful_set["metadata"]["name"]


def claims_of(stateful_set: Mapping[str, Any]) -> dict[str, int]:
    """Return the claims of a set's pods, each with the size that it is born with, as Kubernetes names them."""
    spec, name = stateful_set["spec"], stateful_set["metadata"]["name"]
    start = spec.get("ordinals", {}).get("start", 0)
    return {
        f"{template['metadata']['name']}-{name}-{ordinal}": gib(template["spec"]["resources"]["requests"]["storage"])
        for template in spec["volumeClaimTemplates"]
        for ordinal in range(start, start + spec["replicas"])
    }


def born(stateful_set: Mapping[str, Any], name: str, uid: str = "1") -> Claim:
    """Return a claim as the controller makes it."""
    size = claims_of(stateful_set)[name]
    templates = stateful_set["spec"]["volumeClaimTemplates"]
    (spec,) = (t["spec"] for t in templates if t["metadata"]["name"] == name.rsplit("-", 2)[0])
    mode = spec.get("volumeMode", "Filesystem")
    return Claim(size, size, uid=uid, mode=mode, of_class=spec.get("volumeAttributesClassName"))


def is_replaced(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether the plugin replaces a set for a change: by its name, or by a field that can't be changed."""
    fixed = ("serviceName", "selector", "podManagementPolicy", "revisionHistoryLimit", "volumeClaimTemplates")
    one, other = before["spec"], after["spec"]
    return identity(before) != identity(after) or any(one.get(key) != other.get(key) for key in fixed)


def complete(*given: Inputs) -> Inputs:
    merged: Inputs = {}
    for inputs in given:
        storage = {**merged.get("storage", {}), **inputs.get("storage", {})}
        merged |= {**inputs, "storage": {key: value for key, value in storage.items() if value is not None}}
    made, findings = validate("web", merged)  # type: ignore[arg-type]
    assert findings == [], findings
    return made  # type: ignore[return-value]


def options(most: int) -> Iterator[tuple[str, ...]]:
    """Yield every set of options that can be had together, of so many at the most."""
    for count in range(most + 1):
        for names in itertools.combinations(OPTIONS, count):
            both = {"claims go with the set", "claims go with a pod"} <= set(names)
            if not both and not {"autoscaled", "claims go with a pod"} <= set(names):
                yield names


def disturbed(world: World, how: str) -> World:
    """Return what others, or a driver, have made of a world in which claims have grown from 2Gi to 3Gi."""
    new = copy.deepcopy(world)
    name = next(iter(claims_of(new.sets["shop", "web"])))
    if how == "larger":
        new.claims["shop", name] = replace(new.claims["shop", name], request=9, capacity=9, ours=False)
    elif how == "failed expansion":
        new.claims["shop", name] = replace(new.claims["shop", name], request=9000, capacity=2, ours=True)
    elif how == "recreated":
        new.claims["shop", name] = born(new.sets["shop", "web"], name, uid="2")
    elif how == "scaled by others":
        new.sets["shop", "web"]["spec"]["replicas"] += 2
        for added in claims_of(new.sets["shop", "web"]):
            new.claims.setdefault(("shop", added), born(new.sets["shop", "web"], added))
    elif how == "set deleted":
        del new.sets["shop", "web"]
    return new


def worlds(chosen: tuple[str, ...]) -> Iterator[tuple[str, Inputs, World]]:
    """Yield what may be there before a change, with the inputs that led to it."""
    asked = complete(BASE, {"files": FILES}, *(OPTIONS[name] for name in chosen))
    yield "nothing", asked, World()
    first = World()
    first = first.after(plan(asked, first.view(asked, "all")), asked)  # type: ignore[arg-type]
    yield "same", asked, first
    grown = {**asked, "storage": {**asked["storage"], "size": "3Gi"}}
    larger = first.after(plan(grown, first.view(grown, "all")), grown)  # type: ignore[arg-type]
    yield "grown", grown, larger
    for how in ("larger", "failed expansion", "recreated", "scaled by others", "set deleted"):
        yield how, grown, disturbed(larger, how)


CASES = [(change, rights) for change in CHANGES for rights in RIGHTS]


@pytest.mark.parametrize("most", [1, pytest.param(2, marks=pytest.mark.extended)])
@pytest.mark.parametrize(("change", "rights"), CASES, ids=[f"{change}, {rights}" for change, rights in CASES])
def test_no_combination_loses_data_or_stops_pods_for_a_size(change: str, rights: str, most: int) -> None:
    for chosen in options(most):
        if change == "autoscale" and "claims go with a pod" in chosen:
            continue  # which is refused before
        for there, was, world in worlds(chosen):
            asked: Inputs = {key: value for key, value in was.items() if key in given_keys(chosen, was)}
            wanted = complete(asked, CHANGES[change])
            live = world.view(wanted, rights)
            made = plan(wanted, live, Circumstances())  # type: ignore[arg-type]
            case = f"{', '.join(chosen) or 'no option'}; {there} is there"
            hold(case, change, rights, world, wanted, made)


def given_keys(chosen: tuple[str, ...], was: Inputs) -> set[str]:
    return {"image", "namespace", "replicas", "storage", "files"} | {k for name in chosen for k in OPTIONS[name]}


def hold(case: str, change: str, rights: str, world: World, wanted: Inputs, made: Plan) -> None:
    (after,) = (child.manifest for child in made.children if child.suffix == "set")
    before = world.sets.get(identity(world.state)) if world.state else None
    told = " ".join(line if isinstance(line, str) else line.problem for line in made.warnings)
    names = {child.suffix for child in made.children}
    assert {"headless", "set"} <= names, case
    for child in made.children:
        assert child.is_protected == (not child.suffix.startswith("files-")), case

    if before is not None and change in KEEPS_THE_SET:
        assert not is_replaced(before, after), f"{case}: the set is replaced, and all pods stop"
    if before is not None and not made.findings:
        lost_by_replacing(case, world, before, after)
        if change not in NAMES_A_CLAIM:
            assert set(claims_of(before)) >= set(claims_of(after)) - new_pods(before, after, wanted), case
    if rights == "all" and change == "a device" and before is not None and claims_of(before):
        modes = [finding for finding in made.findings if finding.path == ("storage", "volume_mode")]
        assert modes, f"{case}: pods would wait for a device of volumes that are folders"
    for patch in made.patches:
        claim = world.claims.get((wanted["namespace"], patch.claim))
        if claim is not None and not patch.kept:
            size = claim.request if patch.size is None else gib(patch.size)
            assert size >= claim.request or size > claim.capacity, f"{case}: the API server refuses {patch}"
            by_others = wanted["storage"]["resized_by_others"] and patch.claim.startswith("data-")
            assert size >= claim.request or not by_others, f"{case}: {patch} takes from others what they have given"
            assert claim.of_class is None or patch.attributes_class or not claim.class_is_ours, f"{case}: a class goes"
    if before is not None and change in NAMES_A_CLAIM and not made.findings:
        for left in set(claims_of(before)) - set(claims_of(after)):
            if not is_scaled_down(left, after):
                assert left in told, f"{case}: nobody is told that {left} stays behind"
    if rights != "all":
        kept = {patch.claim: patch.size for patch in made.patches if patch.kept}
        volumes = {template["metadata"]["name"] for template in after["spec"]["volumeClaimTemplates"]}
        if identity(world.state or after) == identity(after):
            ours = {c: s for c, s in world.patches.items() if c.rsplit("-", 2)[0] in volumes}
            assert kept == ours, f"{case}: rights change what the stack has"
            labelled = {patch.claim for patch in made.metadata_patches}
            assert labelled == {c for c in world.metadata_patches if c.rsplit("-", 2)[0] in volumes}, case
        assert all(patch.kept for patch in made.metadata_patches), f"{case}: labels are set unseen"
        assert all(patch.kept for patch in made.patches), f"{case}: a patch is made unseen"
        assert "no" in told.split() or "no." in told or "no is" in told, f"{case}: nobody is told"
    if rights == "all" and not made.findings:
        once = world.after(made, wanted)
        if wanted["autoscaled"]:  # claims of pods that are new grow once they are there
            made = plan(wanted, once.view(wanted, rights), Circumstances())  # type: ignore[arg-type]
            once = once.after(made, wanted)
        again = plan(wanted, once.view(wanted, rights), Circumstances())  # type: ignore[arg-type]
        assert again.findings == (), f"{case}: {again.findings}"
        assert again.children == made.children, f"{case}: a second up changes an object"
        assert [patch.claim for patch in again.patches] == [patch.claim for patch in made.patches], case
        changing = {patch for patch in again.patches if not patch.kept}
        assert changing <= {*made.patches}, f"{case}: a second up changes a claim"
        assert again.metadata_patches == made.metadata_patches, f"{case}: a second up changes labels"
        have_what_is_asked_for(case, once, wanted)
        assert once.after(again, wanted).claims == once.claims, case


def have_what_is_asked_for(case: str, world: World, wanted: Inputs) -> None:
    """Expect claims to have the class and the labels that are asked for, and no others of ours."""
    asked = {template["volume_name"]: template for _, template in claim_templates(wanted)}  # type: ignore[arg-type]
    for name in claims_of(world.sets[wanted["namespace"], wanted["name"]]):
        template, claim = asked[name.rsplit("-", 2)[0]], world.claims[wanted["namespace"], name]
        assert claim.of_class == template.get("volume_attributes_class_name", claim.of_class), case
        assert claim.labels == template["labels"], f"{case}: {name}"


def lost_by_replacing(case: str, world: World, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Expect no claim to go that the API server's garbage collector, or the controller, would take."""
    policy = before["spec"]["persistentVolumeClaimRetentionPolicy"]
    has_claims = any(namespace == identity(before)[0] for namespace, _ in world.claims)
    if policy["whenDeleted"] == "Delete" and has_claims:
        assert not is_replaced(before, after), f"{case}: Kubernetes deletes the claims with the set"
    if policy["whenScaled"] == "Delete":
        start = [spec.get("ordinals", {}).get("start", 0) for spec in (before["spec"], after["spec"])]
        assert start[0] == start[1], f"{case}: Kubernetes deletes the claims of pods that go"


def new_pods(before: Mapping[str, Any], after: Mapping[str, Any], wanted: Inputs) -> set[str]:
    """Return claims of pods, and of templates, that are new."""
    templates = {t["metadata"]["name"] for t in before["spec"]["volumeClaimTemplates"]}
    count = before["spec"]["replicas"]
    return {c for c in claims_of(after) if c.rsplit("-", 2)[0] not in templates or int(c.rsplit("-", 1)[1]) >= count}


def is_scaled_down(claim: str, after: Mapping[str, Any]) -> bool:
    """Say whether a claim is of a pod that a smaller count takes away, and that comes back to it."""
    name = after["metadata"]["name"]
    volume, of_set, ordinal = claim.rsplit("-", 2)
    start = after["spec"].get("ordinals", {}).get("start", 0)
    volumes = {template["metadata"]["name"] for template in after["spec"]["volumeClaimTemplates"]}
    return of_set == name and volume in volumes and int(ordinal) >= start


@pytest.mark.parametrize("key", ["replicas", "ordinals_start"])
def test_an_input_that_is_not_known_yet_is_named_and_leaves_the_rest_decided(key: str) -> None:
    inputs: Any = {**complete(BASE), key: NOT_YET}
    world = World()
    made = plan(inputs, world.view(inputs, "all"))
    (line,) = made.warnings
    assert not isinstance(line, str)
    assert (line.path, line.problem) == ((key,), "is not known before up: what depends on it was not checked.")
    assert made.findings == ()


def test_with_an_autoscaler_the_claims_left_and_the_new_ones_follow_from_the_count_that_it_gave() -> None:
    born = complete(BASE, OPTIONS["autoscaled"])
    world = World()
    world = world.after(plan(born, world.view(born, "all")), born)  # type: ignore[arg-type]
    world = disturbed(world, "scaled by others")
    wanted = complete(BASE, OPTIONS["autoscaled"], CHANGES["start of ordinals"])
    (told,) = plan(wanted, world.view(wanted, "all")).warnings  # type: ignore[arg-type]
    assert not isinstance(told, str)
    assert told.path == ("ordinals_start",)
    assert "the pods leave data-web-0 behind, which nobody deletes, and data-web-4 will be new" in told.problem
