"""What doctor and claims decide by, made of what was seen of a place. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import manifests
from ..args import StatefulWebArgs
from .behind import behind
from .claims import Claim, Known, claims_of
from .doctor import Picture
from .live_objects import Object, Seen
from .targets import kubectl


def pictures(seen: Seen, stack: str) -> Iterator[Picture]:
    """Return what there is of each StatefulSet that is asked about."""
    versions = {found.name: found.plugin_version for found in seen.place.deployed or ()}
    for name in seen.names:
        live = seen.live.get(name)
        yield Picture(
            namespace=seen.place.namespace,
            name=name,
            stateful_set=live,
            pods=seen.pods_of(live),
            claims=seen.claims_of(live) if live else [],
            events=seen.all("Event"),
            classes=seen.objects["StorageClass"],
            now=seen.now,
            stack=stack,
            kubectl=kubectl(seen.place.access),
            cluster_version=seen.cluster_version,
            plugin_version=versions.get(name, ""),
        )


def claims(seen: Seen, asked: StatefulWebArgs | None) -> list[Claim]:
    """Return the claims of the StatefulSets that are asked about, and those that they left.

    ``asked`` is what the stack's config asks for in this place: a destroyed stack knows its set by nothing else.
    """
    live = seen.live
    own: dict[str, Object] = {name: live[name] for name in seen.names if name in live}
    for deployed in seen.place.deployed or ():
        own.setdefault(deployed.name, deployed.inputs)
    lacking: Mapping[str, tuple[str, ...]] = {}
    there = seen.all("PersistentVolumeClaim")
    if asked:
        planned = manifests.stateful_set(asked)
        own.setdefault(asked["name"], live.get(asked["name"], planned))
        if asked["name"] in live:
            lacking = behind(asked, live[asked["name"]], {claim["metadata"]["name"]: claim for claim in there})
    volumes = seen.all("PersistentVolume")
    found = claims_of(
        [_known(found, name, seen.place.namespace, name in live, lacking) for name, found in own.items()],
        there,
        seen.all("Pod"),
        [_known(found, name, seen.place.namespace, True, {}) for name, found in live.items() if name not in own],
        {v["metadata"]["name"]: v["spec"].get("persistentVolumeReclaimPolicy", "Retain") for v in volumes},
        seen.now,
        kubectl(seen.place.access),
    )
    return [replace(claim, cluster=seen.cluster) for claim in found]


def _known(found: Object, name: str, namespace: str, live: bool, behind: Mapping[str, tuple[str, ...]]) -> Known:
    spec = found.get("spec") or {}
    templates = spec.get("volumeClaimTemplates")
    start, replicas = (spec.get("ordinals") or {}).get("start", 0), spec.get("replicas", 1)
    return Known(
        namespace=namespace,
        name=name,
        templates=frozenset(t["metadata"]["name"] for t in templates or () if isinstance(templates, list)),
        selector=(spec.get("selector") or {}).get("matchLabels") or {},
        live=live,
        ordinals=range(start, start + (replicas if isinstance(replicas, int) else 0)),
        behind=behind,
    )
