"""A picture of objects: Services, pods in order, their claims, volumes and classes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..names import CLUSTER_DOMAIN, claim_name, pod_host, pod_names
from ..values import Manifest
from .drawn import Service, Set, Template, leads_to, name_of, service, stateful_set, text
from .errors import CliError
from .svg import MARGIN, Box, Placed, dot, line, row, size, svg

GAP, ARROW, FRAME, DROP, BUS = 16, 32, 20, 28, 12
"""Between boxes, and between pods; inside the frame; between rows, and between the lines that gather volumes."""
SHOWN = 5
"""Pods that are drawn one by one; of more, all but the first three and the last are one box."""
WIDE, WIDER = 44, 60
"""Characters in a line of a box with few neighbours, or none."""


@dataclass(frozen=True)
class Column:
    """A pod, or several of them, with a claim and a volume for each claim template."""

    pod: Box
    claims: Sequence[Box]
    volumes: Sequence[Box]


@dataclass(frozen=True)
class Web:
    """What is drawn of a StatefulSet, from top to bottom."""

    services: Sequence[Box]
    frame: Box
    is_ordered: bool
    columns: Sequence[Column]
    classes: Mapping[str | None, Box]
    class_of: Sequence[str | None]
    """The key in ``classes`` of each claim template."""


def diagram(objects: Sequence[Manifest]) -> str:
    """Return the picture as SVG. Names, images, sizes, paths and ports are in it, and no other value.

    Raises ``CliError`` if there is no StatefulSet.
    """
    sets = [stateful_set(found) for found in objects if found["kind"] == "StatefulSet"]
    if not sets:
        kinds = ", ".join(sorted({found["kind"] for found in objects})) or "none"
        raise CliError(f"There is no StatefulSet to draw; the kinds of objects are: {kinds}.")
    boxes: list[Placed] = []
    lines: list[Any] = []
    others = [found for found in objects if found["kind"] != "StatefulSet"]
    alone = others
    y = MARGIN
    for of_set in sets:
        around = [found for found in others if _is_about(found, of_set)]
        placed, between = layout(web_of(of_set, around), y)
        boxes += placed
        lines += between
        y = max(box.bottom for box in placed) + 2 * DROP
        alone = [found for found in alone if not _is_about(found, of_set)]
    if alone:
        named = [("code", f"{found['kind']} {name_of(found)[0]}") for found in alone]
        also = [Box("also", (("kind", "Also in this stack"), *named), WIDER)]
        boxes += row(also, y - DROP, GAP, size=size(also))
    return svg(boxes, lines, "; ".join(f"StatefulSet {of_set.name}: {_count(of_set)}" for of_set in sets))


def web_of(of_set: Set, around: Sequence[Manifest]) -> Web:
    """Return what is drawn of a StatefulSet, with the Services and classes that are about it."""
    services = [service(found) for found in around if found["kind"] == "Service"]
    made = {name_of(found)[0]: found for found in around if found["kind"] == "StorageClass"}
    return Web(
        services=[_service(found, of_set) for found in services],
        frame=_frame(of_set),
        is_ordered=of_set.is_ordered,
        columns=list(_columns(of_set)),
        classes={template.of_class: _class(template.of_class, made) for template in of_set.templates},
        class_of=[template.of_class for template in of_set.templates],
    )


def _is_about(found: Manifest, of_set: Set) -> bool:
    """Say whether an object is drawn with a StatefulSet."""
    name, namespace = name_of(found)
    if found["kind"] == "StorageClass":
        return name in {template.of_class for template in of_set.templates}
    return found["kind"] == "Service" and namespace == of_set.namespace and leads_to(service(found), of_set)


def layout(web: Web, y: int) -> tuple[list[Placed], list[Any]]:
    """Return the boxes in rows from ``y`` on, around 0, and the lines between them."""
    templates = len(web.class_of)
    claim_size = size(box for column in web.columns for box in column.claims)
    volume_size = claim_size[0], size(box for column in web.columns for box in column.volumes)[1]
    pod_width, pod_height = size(column.pod for column in web.columns)
    pod_size = max(pod_width, templates * (claim_size[0] + GAP) - GAP), pod_height

    services = row(web.services, y, 2 * GAP, size=size(web.services))
    top = services[0].bottom + DROP if services else y
    pods = row([column.pod for column in web.columns], top + web.frame.height, ARROW, size=pod_size)
    width = max(web.frame.width, *(-2 * box.x for box in services[:1]), 2 * (FRAME - pods[0].x))
    frame = Placed(web.frame, -width // 2, top, width, pods[0].bottom + FRAME - top)
    lines = [line(f"M{service.middle},{service.bottom} V{frame.y}") for service in services]
    if web.is_ordered:
        lines += [_arrow(one, after) for one, after in pairwise(pods)]
    if not templates:
        return [*services, frame, *pods], lines

    claims: list[Placed] = []
    volumes: list[Placed] = []
    for pod, column in zip(pods, web.columns, strict=True):
        own = row(column.claims, frame.bottom + DROP, GAP, middle=pod.middle, size=claim_size)
        disks = row(column.volumes, own[0].bottom + DROP, GAP, middle=pod.middle, size=volume_size)
        for claim, volume in zip(own, disks, strict=True):
            to_claim = f"M{pod.middle},{pod.bottom} V{frame.bottom + DROP // 2} H{claim.middle} V{claim.y}"
            to_volume = f"M{claim.middle},{claim.bottom} V{volume.y}"
            lines += [line(path, is_guess=pod.box.is_guess) for path in (to_claim, to_volume)]
        claims += own
        volumes += disks

    below = volumes[0].bottom + DROP // 2 + BUS * (len(web.classes) - 1)
    classes = row(list(web.classes.values()), below + DROP, 2 * GAP, size=size(web.classes.values()))
    lines += _gathered(web, volumes, classes)
    return [*services, frame, *pods, *claims, *volumes, *classes], lines


def _gathered(web: Web, volumes: Sequence[Placed], classes: Sequence[Placed]) -> Iterator[Any]:
    """Return lines from volumes to their classes: one from left to right for each class, with dots where they meet."""
    owners = list(web.class_of) * len(web.columns)
    for i, (name, placed) in enumerate(zip(web.classes, classes, strict=True)):
        y = volumes[0].bottom + DROP // 2 + i * BUS
        of_class = [volume for volume, owner in zip(volumes, owners, strict=True) if owner == name]
        joints = [placed.middle, *(volume.middle for volume in of_class)]
        yield from (line(f"M{v.middle},{v.bottom} V{y}", is_guess=v.box.is_guess) for v in of_class)
        yield line(f"M{min(joints)},{y} H{max(joints)}")
        yield line(f"M{placed.middle},{y} V{placed.y}")
        if len(classes) > 1:
            yield from (dot(x, y) for x in joints)


def _arrow(one: Placed, after: Placed) -> Any:
    return line(f"M{one.right + 6},{one.y + one.height // 2} H{after.x - 6} m-6,-4 l6,4 l-6,4")


def _service(found: Service, of_set: Set) -> Box:
    kind = "Service, headless" if found.is_headless else "Service for clients"
    address = " · ".join(filter(None, (found.address, ", ".join(found.ports))))
    selected = [f"selects {key}: {value}" for key, value in found.selector.items()]
    host = f"{found.name}.{of_set.namespace}.svc.{CLUSTER_DOMAIN}"
    return Box("service", _texts(kind, found.name, host, address, *selected), WIDE)


def _frame(of_set: Set) -> Box:
    order = "each started when the one before is Ready" if of_set.is_ordered else "all started at once"
    notes = [_count(of_set) if of_set.replicas in (0, 1) else f"{_count(of_set)}, {order}"]
    if of_set.is_autoscaled:
        notes.append("from then on, an autoscaler owns the count")
    shared = [f"claim {name}, shared by all" for name in of_set.shared_claims]
    texts = _texts("StatefulSet", of_set.name, f"namespace {of_set.namespace}", *of_set.images, *shared)
    return Box("set", (*texts, *(("note", note) for note in notes)), WIDER)


def _columns(of_set: Set) -> Iterator[Column]:
    ordinals = range(of_set.start, of_set.start + (of_set.replicas or 0))
    few = len(ordinals) <= SHOWN

    def pod(ordinal: int) -> Column:
        (own,) = pod_names(of_set.name, [ordinal])
        host = [pod_host(own, of_set.service_name, of_set.namespace)] if of_set.service_name else []
        return _column(of_set, Box("pod", _texts("Pod", own, *host)), own)

    def guess(title: str, *details: str) -> Column:
        return _column(of_set, Box("pod", _texts("Pods", title, *details), is_guess=True), f"{of_set.name}-…")

    yield from map(pod, ordinals if few else ordinals[:3])
    if not few:
        first, last = pod_names(of_set.name, (ordinals[3], ordinals[-2]))
        yield guess(f"… {len(ordinals) - 4} more", first, f"to {last}")
        yield pod(ordinals[-1])
    if of_set.is_autoscaled:
        yield guess("… more or fewer", "an autoscaler", "owns the count")
    elif of_set.replicas is None:
        yield guess("…", "how many", "is not known")
    elif not ordinals:
        yield guess("none", "replicas is 0")


def _column(of_set: Set, pod: Box, name: str) -> Column:
    claims = [_claim(template, name, pod.is_guess) for template in of_set.templates]
    disks = [(("kind", "PersistentVolume"), ("code", f"{template.size} or more")) for template in of_set.templates]
    return Column(pod, claims, [Box("volume", disk, is_guess=pod.is_guess) for disk in disks])


def _claim(template: Template, pod: str, is_guess: bool) -> Box:
    asked = " · ".join(filter(None, (template.size, ", ".join(template.modes))))
    source = [f"from {template.source}"] if template.source else []
    texts = _texts("PersistentVolumeClaim", claim_name(template.name, pod), asked, *template.paths, *source)
    return Box("claim", texts, is_guess=is_guess)


def _class(name: str | None, made: Mapping[str, Manifest]) -> Box:
    kind = "StorageClass"
    if name is None:
        return Box("class", _texts(kind, "the cluster's default"), WIDE)
    if name == "":
        return Box("class", (*_texts(kind, "none"), ("note", "volumes are there already")), WIDE, is_guess=True)
    if name in made:
        return Box("class", (*_texts(kind, name, text(made[name].get("provisioner"))), ("note", "of this stack")), WIDE)
    return Box("class", (*_texts(kind, name), ("note", "of the cluster")), WIDE)


def _texts(kind: str, name: str, *details: str) -> tuple[tuple[str, str], ...]:
    return ("kind", kind), ("name", name), *(("code", detail) for detail in details)


def _count(of_set: Set) -> str:
    if of_set.replicas is None:
        return "an unknown number of pods"
    return "1 pod" if of_set.replicas == 1 else f"{of_set.replicas or 'no'} pods"
