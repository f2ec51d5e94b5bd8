"""Claim templates, and the StorageClass they name. Pure: what the cluster has is handed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from .args import StatefulWebArgs, StorageArgs
from .findings import Finding, Path
from .merge import merged

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
"""Annotation of a StorageClass that claims without a class get, if its value is ``"true"``."""
DEFAULT_CLASS_OF_OLD = "storageclass.beta.kubernetes.io/is-default-class"
"""The same, of Kubernetes before 1.6; it still counts."""


@dataclass(frozen=True)
class StorageClass:
    """What a preview needs to know of a class on the cluster."""

    name: str
    provisioner: str
    is_default: bool = False
    can_grow: bool = False
    created: str = ""
    """When, as the API server writes it."""

    def __str__(self) -> str:
        return f"{self.name} (default)" if self.is_default else self.name


@dataclass(frozen=True)
class AttributesClass:
    """What a preview needs to know of a VolumeAttributesClass on the cluster."""

    name: str
    driver: str

    def __str__(self) -> str:
        return self.name


def attributes_class_of(found: Mapping[str, Any]) -> AttributesClass:
    """Return what there is to know of a VolumeAttributesClass as the API server has it."""
    return AttributesClass(found["metadata"]["name"], found["driverName"])


def storage_class_of(found: Mapping[str, Any]) -> StorageClass:
    """Return what there is to know of a StorageClass as the API server has it."""
    metadata = found["metadata"]
    return StorageClass(
        name=metadata["name"],
        provisioner=found["provisioner"],
        is_default=is_default(metadata.get("annotations") or {}),
        can_grow=bool(found.get("allowVolumeExpansion")),
        created=str(metadata.get("creationTimestamp", "")),
    )


def templates(args: StatefulWebArgs) -> list[StorageArgs]:
    """Return every claim template: that of the web server's data first."""
    return [args["storage"], *args["volumes"]]


def claim_templates(args: StatefulWebArgs) -> list[tuple[Path, Any]]:
    """Return every claim template with the place where it was given."""
    further: list[tuple[Path, Any]] = [(("volumes", i), volume) for i, volume in enumerate(args["volumes"])]
    return [(("storage",), args["storage"]), *further]


def is_device(storage: Mapping[str, Any]) -> bool:
    """Say whether the container sees the volume as a device, and not as a folder."""
    return bool(storage["volume_mode"] == "Block")


def with_sizes(args: StatefulWebArgs, sizes: Mapping[str, Any]) -> StatefulWebArgs:
    """Return the inputs with other sizes of their claim templates, by their names."""
    first, *rest = (StorageArgs({**template, "size": sizes[template["volume_name"]]}) for template in templates(args))
    return {**args, "storage": first, "volumes": rest}


def class_name(args: StatefulWebArgs, storage: StorageArgs) -> Any:
    """Return the class that a claim template names, or ``None`` for the cluster's default."""
    if "create_storage_class" not in storage:
        return storage.get("storage_class_name")
    if "name" in storage["create_storage_class"]:
        return storage["create_storage_class"]["name"]
    namespace, rest = args.get("namespace"), f"-{args['name']}-{storage['volume_name']}"
    if isinstance(namespace, pulumi.Output):
        return pulumi.Output.concat(namespace, rest)
    return namespace + rest if isinstance(namespace, str) else namespace


BY_INPUTS = ("accessModes", "storageClassName", "dataSource", "resources")
"""What inputs decide of a claim template's spec, by being left out, too."""


def kept_parts(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has no input of a live set's claim template: it can not be changed, so a set keeps it for life."""
    metadata, spec = template["metadata"], template["spec"]
    of_metadata = {key: metadata[key] for key in ("labels", "annotations") if metadata.get(key)}
    of_spec = {key: value for key, value in spec.items() if key not in BY_INPUTS}
    if of_spec.get("volumeMode") == "Filesystem":  # the API server puts it there
        del of_spec["volumeMode"]
    if limits := spec["resources"].get("limits"):
        of_spec["resources"] = {"limits": limits}
    parts = {"metadata": of_metadata, "spec": of_spec}
    return {key: value for key, value in parts.items() if value}


def claim_template(args: StatefulWebArgs, storage: StorageArgs, kept: Any = None) -> Any:
    """Return the claim template; without a class, the cluster's default is used.

    ``kept`` is what the live one has besides, ``None`` if there is none; where it is an output, so is the template.
    """
    if isinstance(kept, pulumi.Output):
        return kept.apply(lambda known: claim_template(args, storage, known))
    spec: dict[str, Any] = {
        "accessModes": storage["access_modes"],
        "resources": {"requests": {"storage": storage["size"]}},
    }
    of_class = class_name(args, storage)
    if of_class is not None:
        spec["storageClassName"] = of_class
    if "data_source" in storage:
        source = storage["data_source"]
        group = {"apiGroup": "snapshot.storage.k8s.io"} if source["kind"] == "VolumeSnapshot" else {}
        spec["dataSource"] = {**group, "kind": source["kind"], "name": source["name"]}
    # Said only where it is not Kubernetes' default: naming it later would replace a set that never named it.
    if is_device(storage):
        spec["volumeMode"] = storage["volume_mode"]
    if kept is None and "volume_attributes_class_name" in storage:
        spec["volumeAttributesClassName"] = storage["volume_attributes_class_name"]
    return merged(kept or {}, {"metadata": {"name": storage["volume_name"]}, "spec": spec})


def storage_class(args: StatefulWebArgs, storage: StorageArgs) -> dict[str, Any] | None:
    """Return the class that the stack creates, if it creates one."""
    if "create_storage_class" not in storage:
        return None
    made = storage["create_storage_class"]
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": class_name(args, storage)},
        "provisioner": made["provisioner"],
        "reclaimPolicy": made["reclaim_policy"],
        "volumeBindingMode": made["volume_binding_mode"],
        "allowVolumeExpansion": made["allow_volume_expansion"],
        **({"parameters": made["parameters"]} if made["parameters"] else {}),
        **({"mountOptions": made["mount_options"]} if made["mount_options"] else {}),
    }


def missing_class(wanted: str, classes: Sequence[StorageClass] | None, path: Path) -> Finding:
    """Return what to say of a class that the cluster does not have; ``None``: its others are not known."""
    if classes is None:
        return Finding(
            path,
            f'is "{wanted}": this cluster has no StorageClass "{wanted}". Set one that it has, or '
            "storage.createStorageClass.",
        )
    return Finding(
        path,
        f'is "{wanted}": this cluster has no StorageClass "{wanted}" (it has: {listed(classes)}). Set one of these, or '
        f"storage.createStorageClass.{_provisioners(classes)}",
    )


def is_default(annotations: Mapping[str, str] | None) -> bool:
    """Say by a StorageClass's annotations whether it is a default one, as Kubernetes does.

    See ``IsDefaultAnnotation`` in its pkg/volume/util/storageclass.go.
    """
    found = annotations or {}
    return "true" in (found.get(DEFAULT_CLASS), found.get(DEFAULT_CLASS_OF_OLD))


def default_class(classes: Sequence[StorageClass], path: Path) -> StorageClass | Finding:
    """Return the class that claims without one get, or what to say if there is none.

    Of several defaults, the newest is taken
    (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#default-storageclass-behavior). Of those made in
    the same second, it is the first by name (``GetDefaultClass`` in pkg/volume/util/storageclass.go).
    """
    defaults = sorted((found for found in classes if found.is_default), key=lambda found: found.name)
    if defaults:
        return max(defaults, key=lambda found: found.created)
    return Finding(
        path,
        f"is not given, and this cluster has no default StorageClass (it has: {listed(classes)}), so pods would wait "
        f"for their volumes for ever. Set one of these, or storage.createStorageClass.{_provisioners(classes)}",
    )


def other_defaults(found: StorageClass, classes: Sequence[StorageClass]) -> Iterator[str]:
    """Tell of further default classes beside the one that is taken."""
    others = sorted(other.name for other in classes if other.is_default and other != found)
    if others:
        yield (
            f"This cluster has several default StorageClasses: {found.name}, the newest, is the one that claims get, "
            f"and not {', '.join(others)}. Name the one that is meant in storage.storageClassName."
        )


def listed(classes: Sequence[StorageClass | AttributesClass]) -> str:
    """Return the names of classes for a sentence, in their order."""
    return ", ".join(str(found) for found in sorted(classes, key=lambda found: found.name)) or "none at all"


def _provisioners(classes: Sequence[StorageClass]) -> str:
    by_name = sorted(classes, key=lambda found: found.name)
    return f" Provisioners: {', '.join(f'{c.name} {c.provisioner}' for c in by_name)}." if classes else ""
