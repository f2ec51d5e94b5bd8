"""What a picture shows of objects, read from any: whoever made them, whatever they lack or keep to themselves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..manifests import AUTOSCALED
from ..values import Manifest
from .planned import NOT_SHOWN


@dataclass(frozen=True)
class Template:
    """A claim template of a StatefulSet."""

    name: str
    size: str
    modes: Sequence[str]
    of_class: str | None
    """Name of the StorageClass; ``None`` for the cluster's default."""
    source: str
    paths: Sequence[str]
    """Where containers see the volume."""


@dataclass(frozen=True)
class Service:
    """A Service that leads to the pods of a StatefulSet."""

    name: str
    is_headless: bool
    address: str
    """Its type, or its cluster IP where it has asked for one."""
    ports: Sequence[str]
    selector: Mapping[str, str]


@dataclass(frozen=True)
class Set:
    """A StatefulSet."""

    name: str
    namespace: str
    service_name: str
    """Empty if it names no Service."""
    replicas: int | None
    """``None`` where it is not known."""
    start: int
    """Ordinal of the first pod."""
    is_ordered: bool
    is_autoscaled: bool
    images: Sequence[str]
    templates: Sequence[Template]
    shared_claims: Sequence[str]
    """Names of claims that all pods use, and no template makes."""
    labels: Mapping[str, str]
    """Of its pods."""


def stateful_set(found: Manifest) -> Set:
    """Read a StatefulSet."""
    spec, (name, namespace) = _map(found.get("spec")), name_of(found)
    template = _map(spec.get("template"))
    pod = _map(template.get("spec"))
    containers = [_map(item) for item in _list(pod.get("containers"))]
    mounts = [
        _map(mount)
        for container in (*containers, *map(_map, _list(pod.get("initContainers"))))
        for mount in (*_list(container.get("volumeMounts")), *_list(container.get("volumeDevices")))
    ]
    sources = (_map(_map(volume).get("persistentVolumeClaim")) for volume in _list(pod.get("volumes")))
    return Set(
        name=name,
        namespace=namespace,
        service_name=text(spec.get("serviceName")),
        replicas=_count(spec.get("replicas", 1)),
        start=_count(_map(spec.get("ordinals")).get("start", 0)) or 0,
        is_ordered=spec.get("podManagementPolicy") != "Parallel",
        is_autoscaled=_map(_map(found.get("metadata")).get("annotations")).get(AUTOSCALED) == "true",
        images=[text(container["image"]) for container in containers if "image" in container],
        templates=[_template(_map(item), mounts) for item in _list(spec.get("volumeClaimTemplates"))],
        shared_claims=[text(source["claimName"]) for source in sources if "claimName" in source],
        labels=_texts(_map(template.get("metadata")).get("labels")),
    )


def _template(found: Mapping[str, Any], mounts: Sequence[Mapping[str, Any]]) -> Template:
    spec, name = _map(found.get("spec")), text(_map(found.get("metadata")).get("name")) or "?"
    of_class, source = spec.get("storageClassName"), _map(spec.get("dataSourceRef") or spec.get("dataSource"))
    size = _map(_map(spec.get("resources")).get("requests")).get("storage")
    places = (mount.get("mountPath", mount.get("devicePath")) for mount in mounts if mount.get("name") == name)
    return Template(
        name=name,
        size=text(size) or "no size",
        modes=[text(mode) for mode in _list(spec.get("accessModes"))],
        of_class=None if of_class is None else text(of_class),
        source=" ".join(filter(None, (text(source.get("kind")), text(source.get("name"))))),
        paths=list(dict.fromkeys(text(place) for place in places if place is not None)),
    )


def service(found: Manifest) -> Service:
    """Read a Service."""
    spec, (name, _) = _map(found.get("spec")), name_of(found)
    address = spec.get("clusterIP")
    return Service(
        name=name,
        is_headless=address == "None",
        address=f"clusterIP: {text(address)}" if address else f"type: {text(spec.get('type')) or 'ClusterIP'}",
        ports=[_port(_map(port)) for port in _list(spec.get("ports"))],
        selector=_texts(spec.get("selector")),
    )


def _port(port: Mapping[str, Any]) -> str:
    name = text(port.get("name"))
    return f"port {text(port.get('port'))}{f' ({name})' if name else ''}"


def leads_to(found: Service, of_set: Set) -> bool:
    """Say whether a Service of the set's namespace is the one that it names, or selects its pods."""
    selects = bool(found.selector) and found.selector.items() <= of_set.labels.items()
    return found.name == of_set.service_name or selects


def name_of(found: Manifest) -> tuple[str, str]:
    """Return name and namespace; an object that names none gets that of the provider or the context."""
    metadata = _map(found.get("metadata"))
    return text(metadata.get("name")) or "?", text(metadata.get("namespace")) or "default"


def text(value: Any) -> str:
    """Return a value in words, without what would break a line; empty for what is not there."""
    if isinstance(value, Mapping):
        return f"({value[NOT_SHOWN]})" if NOT_SHOWN in value else ""
    if value is None or isinstance(value, list):
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())


def _texts(value: Any) -> Mapping[str, str]:
    return {text(key): text(item) for key, item in _map(value).items() if text(key)}


def _count(value: Any) -> int | None:
    is_whole = (isinstance(value, float) and value.is_integer()) or type(value) is int
    return max(int(value), 0) if is_whole else None


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) and NOT_SHOWN not in value else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
