"""A picture of the objects of a first deploy: Services, pods in order, their claims, volumes and classes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..manifests import AUTOSCALED
from ..names import CLUSTER_DOMAIN, claim_name, pod_host, pod_names
from ..values import Manifest
from .svg import MARGIN, Box, Placed, dot, line, row, size, svg

GAP, ARROW, FRAME, DROP, BUS = 16, 32, 20, 28, 12
"""Between boxes, and between pods; inside the frame; between rows, and between the lines that gather volumes."""
SHOWN = 5
"""Pods that are drawn one by one; of more, all but the first three and the last are one box."""
WIDE, WIDER = 44, 60
"""Characters in a line of a box with few neighbours, or none."""
BOXES = ("Service", "StatefulSet", "StorageClass")
"""Kinds of objects that have a box of their own."""


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
    """Return the picture as SVG. Names, images, sizes, paths and ports are in it, and no other value."""
    sets = [found for found in objects if found["kind"] == "StatefulSet"]
    boxes: list[Placed] = []
    lines: list[Any] = []
    y = MARGIN
    for found in sets:
        placed, between = layout(web_of(found, objects), y)
        boxes += placed
        lines += between
        y = boxes[-1].bottom + 2 * DROP
    if others := [("code", f"{o['kind']} {o['metadata']['name']}") for o in objects if o["kind"] not in BOXES]:
        also = [Box("also", (("kind", "Also in this stack"), *others), WIDER)]
        boxes += row(also, y - DROP, GAP, size=size(also))
    return svg(boxes, lines, "; ".join(f"StatefulSet {found['metadata']['name']}: {_count(found)}" for found in sets))


def web_of(found: Manifest, objects: Sequence[Manifest]) -> Web:
    """Return what is drawn of a StatefulSet: of the other objects, those that it names or that lead to it."""
    templates = found["spec"]["volumeClaimTemplates"]
    class_of = [template["spec"].get("storageClassName") for template in templates]
    return Web(
        services=list(_services(found, objects)),
        frame=_frame(found),
        is_ordered=_is_ordered(found),
        columns=list(_columns(found)),
        classes={name: _class(name, objects) for name in class_of},
        class_of=class_of,
    )


def layout(web: Web, y: int) -> tuple[list[Placed], list[Any]]:
    """Return the boxes in rows from ``y`` on, around 0, and the lines between them."""
    templates = len(web.class_of)
    claim_size = size(box for column in web.columns for box in column.claims)
    volume_size = claim_size[0], size(box for column in web.columns for box in column.volumes)[1]
    pod_width, pod_height = size(column.pod for column in web.columns)
    pod_size = max(pod_width, templates * (claim_size[0] + GAP) - GAP), pod_height

    services = row(web.services, y, 2 * GAP, size=size(web.services))
    top = services[0].bottom + DROP
    pods = row([column.pod for column in web.columns], top + web.frame.height, ARROW, size=pod_size)
    width = max(web.frame.width, 2 * (FRAME - pods[0].x), -2 * services[0].x)
    frame = Placed(web.frame, -width // 2, top, width, pods[0].bottom + FRAME - top)
    lines = [line(f"M{service.middle},{service.bottom} V{frame.y}") for service in services]
    if web.is_ordered:
        lines += [_arrow(one, after) for one, after in pairwise(pods)]

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


def _services(found: Manifest, objects: Sequence[Manifest]) -> Iterator[Box]:
    namespace, selector = _namespace(found), found["spec"]["selector"]["matchLabels"]
    for service in objects:
        if service["kind"] != "Service" or _namespace(service) != namespace:
            continue
        name, spec = service["metadata"]["name"], service["spec"]
        if name != found["spec"]["serviceName"] and spec["selector"] != selector:
            continue
        kind = "Service, headless" if spec.get("clusterIP") == "None" else "Service for clients"
        address = f"clusterIP: {spec['clusterIP']}" if "clusterIP" in spec else f"type: {spec['type']}"
        ports = ", ".join(f"port {port['port']} ({port['name']})" for port in spec["ports"])
        selected = [f"selects {key}: {value}" for key, value in spec["selector"].items()]
        host = f"{name}.{namespace}.svc.{CLUSTER_DOMAIN}"
        yield Box("service", _texts(kind, name, host, f"{address} · {ports}", *selected), WIDE)


def _frame(found: Manifest) -> Box:
    name, namespace = found["metadata"]["name"], _namespace(found)
    images = [container["image"] for container in _containers(found) if "image" in container]
    order = "each started when the one before is Ready" if _is_ordered(found) else "all started at once"
    notes = [f"{_count(found)}, {order}" if found["spec"]["replicas"] > 1 else _count(found)]
    if _is_autoscaled(found):
        notes.append("from then on, an autoscaler owns the count")
    texts = _texts("StatefulSet", name, f"namespace {namespace}", *images)
    return Box("set", (*texts, *(("note", note) for note in notes)), WIDER)


def _columns(found: Manifest) -> Iterator[Column]:
    name, spec = found["metadata"]["name"], found["spec"]
    start = spec.get("ordinals", {}).get("start", 0)
    ordinals = range(start, start + spec["replicas"])
    few = len(ordinals) <= SHOWN

    def pod(ordinal: int) -> Column:
        (own,) = pod_names(name, [ordinal])
        host = pod_host(own, spec["serviceName"], _namespace(found))
        return _column(found, Box("pod", _texts("Pod", own, host)), own)

    def guess(title: str, *details: str) -> Column:
        return _column(found, Box("pod", _texts("Pods", title, *details), is_guess=True), f"{name}-…")

    yield from map(pod, ordinals if few else ordinals[:3])
    if not few:
        first, last = pod_names(name, (ordinals[3], ordinals[-2]))
        yield guess(f"… {len(ordinals) - 4} more", first, f"to {last}")
        yield pod(ordinals[-1])
    if _is_autoscaled(found):
        yield guess("… more or fewer", "an autoscaler", "owns the count")
    elif not ordinals:
        yield guess("none", "replicas is 0")


def _column(found: Manifest, pod: Box, name: str) -> Column:
    mounts = [mount for container in _containers(found) for mount in container.get("volumeMounts", ())]
    claims, volumes = [], []
    for template in found["spec"]["volumeClaimTemplates"]:
        volume, spec = template["metadata"]["name"], template["spec"]
        requested = spec["resources"]["requests"]["storage"]
        details = [
            f"{requested} · {', '.join(spec['accessModes'])}",
            *(mount["mountPath"] for mount in mounts if mount.get("name") == volume),
        ]
        if "dataSource" in spec:
            details.append(f"from {spec['dataSource']['kind']} {spec['dataSource']['name']}")
        texts = _texts("PersistentVolumeClaim", claim_name(volume, name), *details)
        claims.append(Box("claim", texts, is_guess=pod.is_guess))
        disk = (("kind", "PersistentVolume"), ("code", f"{requested} or more"))
        volumes.append(Box("volume", disk, is_guess=pod.is_guess))
    return Column(pod, claims, volumes)


def _class(name: str | None, objects: Sequence[Manifest]) -> Box:
    kind = "StorageClass"
    if name is None:
        return Box("class", _texts(kind, "the cluster's default"), WIDE)
    if name == "":
        return Box("class", (*_texts(kind, "none"), ("note", "volumes are there already")), WIDE, is_guess=True)
    for made in objects:
        if made["kind"] == kind and made["metadata"]["name"] == name:
            return Box("class", (*_texts(kind, name, made["provisioner"]), ("note", "of this stack")), WIDE)
    return Box("class", (*_texts(kind, name), ("note", "of the cluster")), WIDE)


def _namespace(found: Manifest) -> str:
    """Return an object's namespace; one that names none gets that of the provider or the context."""
    return str(found["metadata"].get("namespace", "default"))


def _texts(kind: str, name: str, *details: str) -> tuple[tuple[str, str], ...]:
    return ("kind", kind), ("name", name), *(("code", detail) for detail in details)


def _containers(found: Manifest) -> Sequence[Manifest]:
    containers: Sequence[Manifest] = found["spec"]["template"]["spec"].get("containers", ())
    return containers


def _count(found: Manifest) -> str:
    count = found["spec"]["replicas"]
    return "1 pod" if count == 1 else f"{count or 'no'} pods"


def _is_ordered(found: Manifest) -> bool:
    return bool(found["spec"].get("podManagementPolicy") != "Parallel")


def _is_autoscaled(found: Manifest) -> bool:
    return bool(found["metadata"].get("annotations", {}).get(AUTOSCALED) == "true")
