"""Rules on the claims of a StatefulSet: each pod has disks of its own, of the right kind, and keeps them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies.kit.model import STATEFUL_SET, UNKNOWN, Object, entries, get, is_complete, listed, one_line, quote, text
from policies.kit.rule import Config, Finding, Rule, each

from .manifests import claim_template, stateful_set
from .quantity import parse

CLAIM = "PersistentVolumeClaim"


def _claim_templates_required(web: Object, _: Config) -> Iterator[Finding]:
    claims = web.get("spec", "volumeClaimTemplates")
    if any(templates(web)) or not is_complete(claims) or (claims is None and web.patch):
        return
    yield Finding(
        web,
        "has no spec.volumeClaimTemplates: without one, what its pods write is lost with the pod",
        "add a claim template and mount it; for a set without data use a Deployment",
    )


VOLUME_CLAIM_TEMPLATES_REQUIRED = Rule(
    name="volume-claim-templates-required",
    display_name="Every pod has a disk of its own",
    description="A StatefulSet must have volumeClaimTemplates, so that each pod keeps a volume of its own.",
    remediation="Add an entry to spec.volumeClaimTemplates and a volumeMount of the same name. This replaces a "
    "running StatefulSet, as claim templates cannot be changed.",
    severity="critical",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_claim_templates_required),
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"volumeClaimTemplates": []}),),
)


def _class_allowed(web: Object, config: Config) -> Iterator[Finding]:
    yield from _attributes_allowed(web, config["allowedAttributes"])
    allowed = config["allowed"]
    if not allowed:
        return
    for name, claim in templates(web):
        # The annotation of old still comes before the field:
        # https://kubernetes.io/docs/concepts/storage/persistent-volumes/#class-1
        field, annotation = get(claim, "spec", "storageClassName"), get(claim, "metadata", "annotations", _CLASS)
        chosen = annotation if isinstance(annotation, str) else field
        if chosen is UNKNOWN or chosen in allowed or (chosen is None and config["allowClusterDefault"]):
            continue
        has = "no StorageClass, so the cluster's default" if chosen is None else f"StorageClass {quote(chosen)}"
        yield Finding(
            web,
            f"has claim template {quote(name)} with {has}; allowed here: {listed(map(quote, allowed))}",
            "set spec.storageClassName of the claim template to an allowed class",
        )


def _attributes_allowed(web: Object, allowed: Sequence[str]) -> Iterator[Finding]:
    """Judge volumeAttributesClassName, which says how fast a volume is, and what it costs.

    https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/
    """
    for name, claim in templates(web):
        chosen = get(claim, "spec", "volumeAttributesClassName")
        if allowed and chosen and chosen is not UNKNOWN and chosen not in allowed:
            yield Finding(
                web,
                f"has claim template {quote(name)} with VolumeAttributesClass {quote(chosen)}; allowed here: "
                f"{listed(map(quote, allowed))}",
                "set spec.volumeAttributesClassName of the claim template to an allowed class, or leave it out",
            )


_CLASS = "volume.beta.kubernetes.io/storage-class"

STORAGE_CLASS_ALLOWED = Rule(
    name="storage-class-allowed",
    display_name="Claims have an allowed StorageClass",
    description="If allowed StorageClasses are configured, the claim templates of a StatefulSet must name one of them.",
    remediation="Set spec.storageClassName of the claim template to a class of this rule's property allowed. The class "
    "of a running StatefulSet cannot be changed: its data must be moved to a new class.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_class_allowed),
    properties={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": 'The allowed classes; "" allows claims without a class. Empty list: any class is allowed.',
        },
        "allowClusterDefault": {
            "type": "boolean",
            "default": False,
            "description": "Whether a claim may leave the class to the cluster's default, if classes are listed.",
        },
        "allowedAttributes": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "The allowed VolumeAttributesClasses of claims that name one. Empty list: any is allowed.",
        },
    },
    example_config={"allowed": ["rook-ceph-block"]},
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"volumeClaimTemplates": [claim_template(storageClassName="fast")]}),),
)


def _size_within_bounds(obj: Object, config: Config) -> Iterator[Finding]:
    bounds = {key: parse(config[key]) for key in ("minimum", "maximum")}
    for key, bound in bounds.items():
        if bound is None and config[key]:
            raise ValueError(f"property {key} of rule storage-size-bounds is {quote(config[key])}: not a quantity")
    between = f"at least {config['minimum']}" + (f" and at most {config['maximum']}" if config["maximum"] else "")
    for name, claim in [("", obj.data)] if obj.kind == CLAIM else templates(obj):
        size = get(claim, "spec", "resources", "requests", "storage")
        if size is UNKNOWN or (size is None and obj.patch):
            continue
        number = parse(size)
        low, high = bounds["minimum"], bounds["maximum"]
        if number is not None and (low is None or number >= low) and (high is None or number <= high):
            continue
        has = "no storage request" if size is None else f"storage request {quote(size)}"
        where = f"claim template {quote(name)} with " if name else ""
        yield Finding(
            obj,
            f"has {where}{has}; expected is a quantity of {between}",
            "set spec.resources.requests.storage of the claim, with its unit, as in 10Gi",
        )


STORAGE_SIZE_BOUNDS = Rule(
    name="storage-size-bounds",
    display_name="Claims have an allowed size",
    description="A claim must request a size within the bounds; a size without a unit is a number of bytes.",
    remediation="Set spec.resources.requests.storage of the claim to a quantity within the bounds. A claim can grow, "
    "if its class allows it, but never shrink.",
    severity="medium",
    level="mandatory",
    kinds=(STATEFUL_SET, CLAIM),
    check=each(_size_within_bounds),
    properties={
        "minimum": {"type": "string", "default": "1Mi", "description": "The smallest size, as a quantity."},
        "maximum": {"type": "string", "default": "", "description": "The largest size, as a quantity. Empty: any."},
    },
    passing=(stateful_set(),),
    failing=(
        stateful_set(
            spec={"volumeClaimTemplates": [claim_template(resources={"requests": {"storage": "10"}})]},
        ),
    ),
)


def _access_modes_allowed(web: Object, config: Config) -> Iterator[Finding]:
    allowed = config["allowed"]
    for name, claim in templates(web):
        modes = get(claim, "spec", "accessModes")
        refused = [mode for mode in entries(modes) if mode not in allowed]
        if refused or (not modes and not web.patch):
            yield Finding(
                web,
                f"has claim template {quote(name)} with access modes {listed(entries(modes)) or 'none'}; a disk of "
                f"one pod needs one of {listed(allowed)}",
                f"set spec.accessModes of the claim template to [{one_line(allowed[0])}]",
            )


ACCESS_MODES_ALLOWED = Rule(
    name="access-modes-allowed",
    display_name="Claims have allowed access modes",
    description="The claim templates of a StatefulSet must have allowed access modes: by default, of one writer.",
    remediation="Set spec.accessModes of the claim template to [ReadWriteOnce], or to [ReadWriteOncePod] if the driver "
    "supports it. Data that all pods share belongs on a separate claim, named in the pod template's volumes.",
    severity="medium",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_access_modes_allowed),
    properties={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "default": ["ReadWriteOnce", "ReadWriteOncePod"],
            "description": "The allowed access modes.",
        }
    },
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"volumeClaimTemplates": [claim_template(accessModes=["ReadWriteMany"])]}),),
)


def _claims_retained(web: Object, config: Config) -> Iterator[Finding]:
    claims = web.get("spec", "volumeClaimTemplates")
    for when in ("whenDeleted", "whenScaled"):
        policy = web.get("spec", "persistentVolumeClaimRetentionPolicy", when)
        if policy is None and (web.patch or not config["explicit"] or not claims):  # the API server's default is Retain
            continue
        if policy is not UNKNOWN and policy not in config[when]:
            has, loss = (
                (f"no {when}", "as here it is not left to the API server's default")
                if policy is None
                else (f"{when} {quote(policy)}", f"or {_LOSSES[when]}")
            )
            yield Finding(
                web,
                f"has {has} in spec.persistentVolumeClaimRetentionPolicy; expected is {listed(config[when])}, {loss}",
                f"set {when} to {one_line(config[when][0])}",
            )


_LOSSES = {
    "whenDeleted": "deleting the StatefulSet deletes its data",
    "whenScaled": "scaling down deletes the data of the pods that go",
}
_POLICIES = {"type": "array", "items": {"type": "string", "enum": ["Retain", "Delete"]}, "minItems": 1}

CLAIM_RETENTION = Rule(
    name="claim-retention",
    display_name="Claims outlive their pods",
    description="The claims of a StatefulSet must be retained when it is deleted or scaled down.",
    remediation="Set spec.persistentVolumeClaimRetentionPolicy to {whenDeleted: Retain, whenScaled: Retain}. Claims "
    "that are no longer needed are deleted by hand, one by one.",
    severity="critical",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_claims_retained),
    properties={
        "whenDeleted": {**_POLICIES, "default": ["Retain"], "description": "What may happen on deletion."},
        "whenScaled": {**_POLICIES, "default": ["Retain"], "description": "What may happen on scaling down."},
        "explicit": {
            "type": "boolean",
            "default": False,
            "description": "Whether both must be set, instead of left to the API server's default, Retain.",
        },
    },
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}),),
)


def templates(web: Object) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Return the name and the body of each known claim template."""
    for claim in entries(web.get("spec", "volumeClaimTemplates")):
        if isinstance(claim, Mapping):
            yield text(get(claim, "metadata", "name")), claim
