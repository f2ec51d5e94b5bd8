"""Contradictions between inputs about claim templates and volumes. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .args import StatefulWebArgs
from .findings import Finding, Name, Path
from .storage import claim_templates, is_device
from .values import shown, twice

OURS = ("pulumi.com/", "stateful-web.dev/")
"""How annotations begin that tell the kubernetes plugin what to do, or the component what was done."""


def two_ways_to_a_class(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find claim templates that both name and create a class."""
    for path, storage in claim_templates(args):
        if "storage_class_name" in storage and "create_storage_class" in storage:
            yield Finding(
                (*path, "create_storage_class"),
                f"is given, and so is storageClassName {shown(storage['storage_class_name'])}: exactly one of them is "
                "expected. Remove one.",
            )


def classes_made_twice(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find two claim templates that create a class of the same name."""
    names: list[tuple[Path, Any]] = [
        ((*path, "create_storage_class", "name"), s["create_storage_class"]["name"])
        for path, s in claim_templates(args)
        if "name" in s.get("create_storage_class", {})
    ]
    yield from twice(names, "is created for another claim template, too. Use storageClassName in one of them.")


def volumes_that_clash(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find claim templates and files that share a name or a mount path, or lack one."""
    if "mount_path" in args["storage"]:
        yield Finding(("storage", "mount_path"), "is only for entries of volumes. Use the input mountPath instead.")
    for i, volume in enumerate(args["volumes"]):
        if "mount_path" not in volume and not is_device(volume):
            yield Finding(("volumes", i, "mount_path"), "is missing: an absolute path is expected. Set it.")
    names: list[tuple[Path, Any]] = [((*path, "volume_name"), s["volume_name"]) for path, s in claim_templates(args)]
    yield from twice(names, "is the name of another claim template, too. Choose another.")
    of_files = {f"files-{i}" for i, _ in enumerate(args["files"])}
    for path, name in names:
        if name in of_files:
            yield Finding(path, f"is {shown(name)}: it is the name of the volume of files, too. Choose another.")
    places: list[tuple[Path, Any]] = [] if is_device(args["storage"]) else [(("mount_path",), args["mount_path"])]
    further: list[tuple[Path, str, Any]] = [(("volumes", i), "mount_path", v) for i, v in enumerate(args["volumes"])]
    further += [(path, "device_path", storage) for path, storage in claim_templates(args)]
    places += [((*path, key), storage[key]) for path, key, storage in further if key in storage]
    places += [(("files", i, "mount_path"), files["mount_path"]) for i, files in enumerate(args["files"])]
    yield from twice(places, "is mounted by another volume, too. Choose another.", lambda path: path.rstrip("/"))


def devices_and_folders(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find block devices with options of folders, and folders with options of block devices."""
    for path, storage in claim_templates(args):
        if not is_device(storage):
            if "device_path" in storage:
                problem = "is only for volumeMode Block, and volumeMode is Filesystem. Remove one."
                yield Finding((*path, "device_path"), problem)
            continue
        if "device_path" not in storage:
            yield Finding((*path, "device_path"), "is missing: the absolute path of the device is expected. Set it.")
        for key in ("mount_path", "sub_path"):
            if key in storage:
                yield Finding((*path, key), "is only for volumeMode Filesystem, and volumeMode is Block. Remove one.")


def keys_of_others(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find labels and annotations of claims that are not the user's to choose."""
    for path, storage in claim_templates(args):
        for key, taken, whose in (
            ("labels", lambda name: name in args["selector_labels"], "a label of the selector, which every claim has"),
            ("annotations", lambda name: name.startswith(OURS), "an annotation of the patch that sets the others"),
        ):
            given = storage[key] if isinstance(storage[key], Mapping) else {}
            for name in filter(taken, given):
                yield Finding((*path, key, Name(name)), f"is {whose}: another key is expected. Leave it out.")


def names_too_long_together(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find names from which Kubernetes derives one that is too long: a claim is called ``<volume>-<set>-<ordinal>``.

    The claim's name is an object's (253 characters), but provisioners put it into labels and disks of 63.
    """
    for path, storage in claim_templates(args):
        derived_name = f"{storage['volume_name']}-{args['name']}-999"
        if len(derived_name) > 63:
            yield Finding(
                (*path, "volume_name"),
                f"is {shown(storage['volume_name'])}: with the set's name, claims are called {derived_name[:-3]}N, and "
                f"at most 63 characters are expected of that. Shorten it by {len(derived_name) - 63}, or the name.",
            )


OF_STORAGE: Sequence[Callable[[StatefulWebArgs], Iterator[Finding]]] = (
    two_ways_to_a_class,
    classes_made_twice,
    volumes_that_clash,
    devices_and_folders,
    keys_of_others,
    names_too_long_together,
)
