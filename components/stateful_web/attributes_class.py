"""The VolumeAttributesClass of claims: what a driver can change on volumes in use. Pure: what is live is handed in.

Like its size, the class in the template of a live set stays as it was born, and claims are patched to another one.
Kubernetes changes the class of bound claims alone, and takes none away that a driver has applied
(``ValidatePersistentVolumeClaimUpdate`` in its pkg/apis/core/validation/validation.go).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .findings import Finding, Path
from .live import NOT_YET, Live, Object, Unanswered, Why, is_unbound, template_classes, volume_attributes_class
from .managers import is_patched_by_pulumi
from .patches import Decided
from .storage import AttributesClass, StorageClass, default_class, listed

INPUT = "volume_attributes_class_name"
IN_TREE = "kubernetes.io/"
"""How the drivers of Kubernetes' own begin; a CSI driver, of another name, does their work today."""
MADE_BY = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")
"""Annotations of a claim that name the driver of its volume."""


def of_claim(live: Live, claim: Object | None, path: Path, template: Mapping[str, Any]) -> Decided:
    """Return the class that the patch of a claim has, or why it has none."""
    asked = template.get(INPUT)
    born = template_classes(live.known_set).get(template["volume_name"], asked)
    if claim is None:
        return Decided(asked if asked != born else None)
    has, is_ours = volume_attributes_class(claim), _is_ours(claim)
    if asked is None:
        return Decided(has if is_ours else None)
    if asked == has:
        return Decided(asked if is_ours or asked != born else None)
    name = claim["metadata"]["name"]
    if is_unbound(claim):
        why = f"Kubernetes changes that of bound claims only: the first up after that gives it {asked}"
        return Decided(said=f"Claim {name} is not bound, and {why}.")
    found, driver = live.attributes_class_named(asked), _driver(claim, live)
    if found and driver and found.driver != driver:
        return Decided(asked, _of_another_driver(found, f"claim {name}", driver, live, (*path, INPUT)))
    return Decided(asked)


def kept_without_input(live: Live, path: Path, template: Mapping[str, Any], claims: list[str]) -> Iterator[Finding]:
    """Tell that claims keep a class that the stack has given them, and that is not asked for any more."""
    if template.get(INPUT) is not None:
        return
    there = [live.known_claims[name] for name in claims if name in live.known_claims]
    born = template_classes(live.known_set).get(template["volume_name"])
    kept = [claim for claim in there if _is_ours(claim) or volume_attributes_class(claim) == born]
    if names := sorted({name for claim in kept if (name := volume_attributes_class(claim))}):
        yield Finding(
            (*path, INPUT),
            f"is not given, and Kubernetes takes no class away: the claims of {template['volume_name']} keep "
            f"{', '.join(names)}. Set it to that, or to another class.",
        )


def problems(live: Live, path: Path, template: Mapping[str, Any], still_to_come: str) -> Iterator[Finding | str]:
    """Yield what is wrong with the class that a template asks for, or why it is not known.

    ``still_to_come`` is the name of a resource that may make the class.
    """
    asked = template.get(INPUT)
    if asked in (None, NOT_YET) or not template["verify"]:
        return
    what, at, classes = f'VolumeAttributesClass "{asked}"', (*path, INPUT), live.attributes_classes
    found = live.attributes_class_named(asked)
    if isinstance(classes, Unanswered) and asked not in live.named_attributes_classes:
        if classes.why is Why.NOT_ALLOWED:
            yield f"{what} was not looked up: {classes.words}."
    elif found is None and still_to_come:
        yield f"{what} is not there yet, and {still_to_come} may make it: up looks for it once that is there."
    elif found is None:
        there = "" if isinstance(classes, Unanswered) else f" (it has: {listed(classes)})"
        yield Finding(
            at, f'is "{asked}": this cluster has no {what}{there}; Kubernetes has them since 1.34. Set one that it has.'
        )
    elif (driver := _driver_of_template(template, live)) and found.driver != driver:
        yield _of_another_driver(found, "the StorageClass", driver, live, at)


def _of_another_driver(found: AttributesClass, whose: str, driver: str, live: Live, at: Path) -> Finding:
    classes = live.attributes_classes
    of_driver = () if isinstance(classes, Unanswered) else [other for other in classes if other.driver == driver]
    there = "" if isinstance(classes, Unanswered) else f" (it has: {listed(of_driver)})"
    return Finding(
        at,
        f'is "{found.name}", a class of driver {found.driver}, and {whose} is of driver {driver}. Set a class of that '
        f"driver{there}, or leave it out.",
    )


def _is_ours(claim: Object) -> bool:
    return is_patched_by_pulumi(claim, "volumeAttributesClassName")


def _driver(claim: Object, live: Live) -> str:
    """Return the driver of a claim's volume; empty where that is not known."""
    annotations = claim["metadata"].get("annotations") or {}
    of_class = live.class_named(claim["spec"].get("storageClassName"))
    named = [annotations[key] for key in MADE_BY if key in annotations]
    return _as_csi([*named, of_class.provisioner if of_class else ""][0])


def _driver_of_template(template: Mapping[str, Any], live: Live) -> str:
    """Return the driver of the StorageClass that new claims get; empty where that is not known."""
    if "create_storage_class" in template:
        return _as_csi(template["create_storage_class"]["provisioner"])
    name = template.get("storage_class_name")
    if name is None and not isinstance(live.classes, Unanswered):
        of_class: Any = default_class(live.classes, ())
    else:
        of_class = live.class_named(name)
    return _as_csi(of_class.provisioner) if isinstance(of_class, StorageClass) else ""


def _as_csi(driver: Any) -> str:
    return "" if driver is NOT_YET or driver.startswith(IN_TREE) else driver
