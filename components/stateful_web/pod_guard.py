"""What ``pod_template`` must leave as it is: data volumes, the web server's container, the selector's labels. Pure."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from .args import StatefulWebArgs
from .containers import volumes
from .findings import Finding, InvalidInput, Name, Path
from .storage import templates
from .values import map_at, shown

OF_PODS = ("pod_template", "metadata", "labels")


def what_would_be_lost(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find nulls that would remove what a StatefulSet can't be without, and an output that decides defaults."""
    template: Any = args["pod_template"]
    for path, lost in (
        (("metadata",), "the selector's labels"),
        (("metadata", "labels"), "the selector's labels"),
        (("spec",), "the web server's container"),
        (("spec", "containers"), "the web server's container"),
    ):
        parent = map_at(template, *path[:-1])
        if path[-1] in parent and parent[path[-1]] is None:
            yield Finding(("pod_template", *path), f"is null, which removes {lost}. Remove by name what is meant.")
    if _is_output(map_at(template, "spec", "os").get("name")):
        problem = "is an output, but it decides which defaults hold. Give it a plain value."
        yield Finding(("pod_template", "spec", "os", "name"), problem)


def data_volumes_that_are_redirected(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find mounts, devices and volumes that would take the place of a claim's: what is written there would be lost."""
    spec, own = map_at(args["pod_template"], "spec"), volumes(args)
    claims = {template["volume_name"] for template in templates(args)}
    for i, volume in enumerate(spec.get("volumes") or ()):
        # Kubernetes puts the claim in the place of such a volume, so one that says the same is no mistake.
        is_said_twice = map_at(volume, "persistentVolumeClaim").get("claimName") == volume["name"]
        if volume["name"] in claims and not is_said_twice:
            yield Finding(
                ("pod_template", "spec", "volumes", i, "name"),
                f"is {shown(volume['name'])}: it is the name of a claim template, whose volume the pods get. Choose "
                "another.",
            )
    for i, container in enumerate(spec.get("containers") or ()):
        if container["name"] != args["container_name"]:
            continue
        at: Path = ("pod_template", "spec", "containers", i)
        for field, key in (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")):
            data = [volume for volume in own.get(field, ()) if volume["name"] in claims]
            if field in container and container[field] is None and data:
                yield Finding((*at, field), "is null, which removes the mounts of data volumes. Remove it here.")
            yield from _redirected((*at, field), container.get(field) or (), data, key)


def _redirected(at: Path, given: Sequence[Any], data: Sequence[Any], key: str) -> Iterator[Finding]:
    places = {_normal(volume[key]): (volume[key], volume["name"]) for volume in data}
    for j, volume in enumerate(given):
        path, name = places.get(_normal(volume[key]), (volume[key], volume.get("name")))
        if (volume[key], volume.get("name", name)) != (path, name):
            yield Finding(
                (*at, j),
                f"takes the place of the data volume {shown(name)} at {path}: another {key} is expected. "
                "Choose one, or move the data volume with the inputs mountPath and volumes.",
            )


def labels_that_leave_the_set(args: StatefulWebArgs) -> Iterator[Finding]:
    """Find labels that would take a pod out of its own set."""
    selector = args["selector_labels"]
    for path, labels in (
        (("labels",), args["labels"]),
        (("pod_labels",), args["pod_labels"]),
        (OF_PODS, map_at(args["pod_template"], *OF_PODS[1:])),
    ):
        for key, value in _others(labels, selector):
            yield Finding(
                (*path, Name(key)),
                f"is {shown(value)}, but selectorLabels has {shown(selector[key])}: a pod carries the selector's "
                "labels. Remove it here.",
            )


def with_labels_held(args: StatefulWebArgs) -> StatefulWebArgs:
    """Return the inputs with labels that are outputs set to be held against the selector's when they are known."""
    selector = args["selector_labels"]
    held: StatefulWebArgs = {
        **args,
        "labels": _held(args["labels"], selector, ("labels",)),
        "pod_labels": _held(args["pod_labels"], selector, ("pod_labels",)),
    }
    metadata = map_at(args["pod_template"], "metadata")
    if "labels" in metadata:
        labels = _held(metadata["labels"], selector, OF_PODS)
        template: Any = args["pod_template"]
        held["pod_template"] = {**template, "metadata": {**metadata, "labels": labels}}
    return held


def _held(labels: Any, selector: Mapping[str, str], path: Path) -> Any:
    def judged(known: Mapping[str, Any]) -> Mapping[str, Any]:
        for key, _ in _others(known, selector):
            # It may be a secret, so it is not shown.
            problem = f"is an output that can not be used: {shown(selector[key])} is expected, as in selectorLabels."
            raise InvalidInput([Finding((*path, Name(key)), problem)])
        return known

    if _is_output(labels):
        return labels.apply(judged)
    return {
        key: value.apply(lambda known, key=key: judged({key: known})[key]) if _is_output(value) else value
        for key, value in labels.items()
    }


def _others(labels: Any, selector: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Return the labels that are known to differ from the selector's."""
    if _is_output(labels):
        return []
    return [(k, v) for k, v in labels.items() if k in selector and not _is_output(v) and v != selector[k]]


def _is_output(value: Any) -> bool:
    return isinstance(value, pulumi.Output)


def _normal(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))
