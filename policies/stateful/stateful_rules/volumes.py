"""Rules on what a StatefulSet's containers mount: claims where the data is, and nothing that goes away."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.kit.model import STATEFUL_SET, UNKNOWN, Object, entries, get, is_complete, quote, text
from policies.kit.pods import all_are_known, containers, running
from policies.kit.rule import Config, Finding, Rule, each
from policies.kit.tables import table

from .manifests import container, stateful_set
from .storage import templates


@dataclass(frozen=True)
class _Use:
    """A container's mount of a volume, or its use of one as a device."""

    container: Any
    volume: Any
    path: Any
    read_only: bool
    """Whether it is, or may be, mounted to be read alone."""


def _mounts_resolve(web: Object, _: Config) -> Iterator[Finding]:
    if web.patch:  # what it does not mention may be there
        return
    claims, volumes = web.get("spec", "volumeClaimTemplates"), web.get(*_VOLUMES)
    uses = [use for holder in containers(web) for use in _uses(holder)]
    used = {use.volume for holder in running(web, or_may=True) for use in _uses(holder)}
    if UNKNOWN not in used and all_are_known(web) and all(_uses_are_known(holder) for holder in containers(web)):
        for name, _ in templates(web):
            if isinstance(name, str) and name not in used:
                yield Finding(
                    web,
                    f"has claim template {quote(name)}, which no container mounts: its disks stay unused",
                    f"mount it with a volumeMount of name {quote(name)}, or remove the claim template",
                )
    have = {text(get(volume, "name")) for volume in entries(volumes)} | {name for name, _ in templates(web)}
    if UNKNOWN in have or not (is_complete(claims) and is_complete(volumes)):
        return
    for use in uses:
        if isinstance(use.volume, str) and use.volume not in have:
            yield Finding(
                web,
                f"has container {quote(use.container)} that mounts {quote(use.volume)}, which is neither a claim "
                "template nor a volume of the pod",
                "give the volumeMount the name of a claim template or of a volume",
            )


VOLUME_MOUNTS_RESOLVE = Rule(
    name="volume-mounts-resolve",
    display_name="Claims are mounted, and mounts exist",
    description="Every claim template of a StatefulSet must be mounted, and every mount must name an existing volume.",
    remediation="Give each claim template a volumeMount (or volumeDevice) of the same name, and correct the names of "
    "mounts. The API server refuses a mount that does not resolve, but accepts a claim template that nothing mounts.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_mounts_resolve),
    passing=(stateful_set(),),
    failing=(stateful_set(spec={"template": {"spec": {"containers": [container(volumeMounts=[])]}}}),),
)


def _no_ephemeral_data(web: Object, config: Config) -> Iterator[Finding]:
    claimed = {name for name, _ in templates(web)}
    # A claim template takes the place of a volume of its name.
    volumes = {text(get(volume, "name")): volume for volume in entries(web.get(*_VOLUMES))}
    others = {name: volume for name, volume in volumes.items() if isinstance(name, str) and name not in claimed}
    # Where one container has its data, another is taken to have the same.
    data_paths = [use.path for holder in containers(web) for use in _uses(holder) if use.volume in claimed]
    for holder in containers(web):
        uses = _uses(holder)
        for use in uses:
            volume = others.get(use.volume)
            kind = _what_is_lost(volume)
            data = _data_at(use, uses, data_paths, config)
            if kind is None or (kind == "emptyDir" and data is None):
                continue
            if kind == "hostPath" and (use.read_only or _is_of_the_node(get(volume, "hostPath"), data, config)):
                continue
            yield Finding(
                web,
                f"has container {quote(use.container)} with {quote(use.path)} on a volume of kind {kind}, "
                + _FATES[kind]
                + (f"; {quote(data)} holds data" if data else ""),
                "mount a claim template there, or move what may be lost to a path outside of the data",
            )


def _is_of_the_node(source: Any, data: str | None, config: Config) -> bool:
    """Say whether a hostPath is, or may be, something of the node that a pod keeps no data in."""
    kind, path = get(source, "type"), get(source, "path")
    if kind in _FILELESS or UNKNOWN in (kind, path):
        return True
    return data is None and any(_is_within(path, known) for known in config["nodePaths"])


_FILELESS: Final = ("CharDevice", "BlockDevice", "Socket")
"""Types of a hostPath that hold no files: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath"""


def _data_at(use: _Use, uses: Sequence[_Use], of_claims: Sequence[Any], config: Config) -> str | None:
    """Return the path of data that a mount lies in, or a configured one that has no mount closer to it."""
    for path in of_claims:
        if _is_within(use.path, path):
            below = posixpath.relpath(_normal(use.path), _normal(path)).lower().split("/")
            return None if set(below).intersection(config["scratchNames"]) else str(path)
    for path in config["dataPaths"]:
        around = [other for other in uses if _is_within(path, other.path)]
        if _is_within(use.path, path) or (around and use == max(around, key=lambda other: len(other.path))):
            return str(path)
    return None


_FATES: Final = {
    "emptyDir": "which is lost with the pod",
    "ephemeral": "whose claim is deleted with the pod",
    "hostPath": "which stays behind when the pod moves to another node",
}


def _what_is_lost(volume: Any) -> str | None:
    if not isinstance(volume, Mapping):
        return None
    sources = [key for key, source in volume.items() if key != "name" and source is not None]
    # A volume without a source is an emptyDir: that is the API server's default.
    return next((kind for kind in _FATES if kind in sources), None if sources else "emptyDir")


NO_EPHEMERAL_DATA_VOLUMES = Rule(
    name="no-ephemeral-data-volumes",
    display_name="Data is not on ephemeral volumes",
    description="A StatefulSet must not keep data on an emptyDir, a hostPath or a generic ephemeral volume.",
    remediation="Use a claim template for the path with the data. An emptyDir is allowed for temporary files outside "
    "the mount paths of claims; a hostPath, if it is mounted read-only, or is a device, a socket or a system file.",
    severity="high",
    level="mandatory",
    kinds=(STATEFUL_SET,),
    check=each(_no_ephemeral_data),
    properties={
        "dataPaths": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Paths in containers that hold data, in addition to the mount paths of claims.",
        }
    },
    tables={
        "nodePaths": table(
            "Paths of the node where pods keep no data: a hostPath in one of them is of the node, unless it is mounted "
            "where data is.",
            {
                "https://refspecs.linuxfoundation.org/FHS_3.0/fhs-3.0.html (devices, the kernel, what runs)": [
                    "/dev",
                    "/proc",
                    "/sys",
                    "/run",
                    "/var/run",
                    "/boot",
                    "/lib/modules",
                    "/usr/lib/modules",
                    "/usr/src",
                ],
                "https://www.freedesktop.org/software/systemd/man/latest/localtime.html": [
                    "/etc/localtime",
                    "/etc/timezone",
                    "/usr/share/zoneinfo",
                ],
                "https://www.freedesktop.org/software/systemd/man/latest/machine-id.html": ["/etc/machine-id"],
                "https://www.freedesktop.org/software/systemd/man/latest/os-release.html": [
                    "/etc/os-release",
                    "/usr/lib/os-release",
                ],
                "https://man7.org/linux/man-pages/man5/resolv.conf.5.html and others of section 5": [
                    "/etc/group",
                    "/etc/hostname",
                    "/etc/hosts",
                    "/etc/nsswitch.conf",
                    "/etc/passwd",
                    "/etc/resolv.conf",
                ],
                "https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/ (certificates)": [
                    "/etc/ca-certificates",
                    "/etc/pki",
                    "/etc/ssl/certs",
                    "/usr/local/share/ca-certificates",
                    "/usr/share/ca-certificates",
                ],
                "https://kubernetes.io/docs/reference/node/kubelet-files/ (sockets and mounts of the kubelet)": [
                    "/var/lib/kubelet"
                ],
            },
        ),
        "scratchNames": table(
            "Names of folders, in lowercase, for temporary files: an emptyDir in one of them, below the "
            "path of a claim, holds no data.",
            {
                "https://refspecs.linuxfoundation.org/FHS_3.0/fhs-3.0.html": [
                    "cache",
                    "lock",
                    "run",
                    "tmp",
                ],
                "https://specifications.freedesktop.org/basedir-spec/latest/": [".cache"],
                "https://github.com/jenkinsci/helm-charts (a sidecar writes it anew)": ["casc_configs"],
                "usual names of the same": ["caches", "locks", "sockets", "temp"],
            },
        ),
    },
    passing=(stateful_set(),),
    failing=(
        stateful_set(
            spec={
                "template": {
                    "spec": {
                        "volumes": [{"name": "uploads", "emptyDir": {}}],
                        "containers": [
                            container(
                                volumeMounts=[
                                    {"name": "www", "mountPath": "/usr/share/nginx/html"},
                                    {"name": "uploads", "mountPath": "/usr/share/nginx/html/uploads"},
                                ]
                            )
                        ],
                    }
                }
            }
        ),
    ),
)


def _uses(holder: Mapping[str, Any]) -> list[_Use]:
    return [
        _Use(holder.get("name"), text(get(use, "name")), get(use, path), get(use, "readOnly") in (True, UNKNOWN))
        for key, path in (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath"))
        for use in entries(holder.get(key))
    ]


def _uses_are_known(holder: Mapping[str, Any]) -> bool:
    return all(is_complete(holder.get(key)) for key in ("volumeMounts", "volumeDevices"))


def _is_within(path: Any, folder: Any) -> bool:
    if not (isinstance(path, str) and isinstance(folder, str)):
        return False
    return f"{_normal(path)}/".startswith(f"{_normal(folder)}/".lstrip("/"))


def _normal(path: str) -> str:
    """Return a path in one form, without the first slash: normpath keeps two, as POSIX lets them mean something."""
    return posixpath.normpath(f"/{path}").strip("/")


_VOLUMES: Final = ("spec", "template", "spec", "volumes")
