"""Rules on single containers: what they run, what they may use, and how their health is known."""

from collections.abc import Iterator
from typing import Any, Final

from policies.kit.model import UNKNOWN, Object, get, listed, quote
from policies.kit.pods import TEMPLATES, containers, running, template
from policies.kit.rule import Config, Finding, Rule, each

from .manifests import stateful_set, with_container

WORKLOADS: Final = tuple(TEMPLATES)
SERVING: Final = ("StatefulSet.apps", "Deployment.apps", "DaemonSet.apps", "ReplicaSet.apps", "ReplicationController")
"""Workloads whose pods are there to stay."""


def _image_pinned(workload: Object, config: Config) -> Iterator[Finding]:
    for container in containers(workload):
        image = container.get("image")
        if image is UNKNOWN or (image is None and workload.patch):
            continue
        problem = _what_floats(image, config)
        if problem:
            yield Finding(
                workload,
                f"has container {quote(container.get('name'))} with {problem}: what runs can change without a "
                "change of the program",
                "name a version" + (" and its digest, as in name:1.2.3@sha256:…" if config["requireDigest"] else ""),
            )


def _what_floats(image: Any, config: Config) -> str:
    if not isinstance(image, str) or not image:
        return "no image"
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if digest or (tag and tag.lower() not in config["floatingTags"] and not config["requireDigest"]):
        return ""
    return f"image {quote(image)}, which has no {'digest' if config['requireDigest'] else 'fixed tag or digest'}"


IMAGE_PINNED = Rule(
    name="image-pinned",
    display_name="Images are pinned",
    description="Every container must run an image with a fixed tag or a digest.",
    remediation="Give the image a version tag, or better its digest: name:1.2.3@sha256:…. A tag such as latest can "
    "point to another image tomorrow, and the pods of one set then run different images.",
    severity="medium",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_image_pinned),
    properties={
        "floatingTags": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["edge", "latest", "main", "master", "nightly", "stable"],
            "description": "Tags, in lowercase, that do not count as fixed.",
        },
        "requireDigest": {
            "type": "boolean",
            "default": False,
            "description": "Whether a tag is not enough, as a registry may let it be moved.",
        },
    },
    passing=(stateful_set(),),
    failing=(with_container(image="nginx"),),
)


def _resources_set(workload: Object, config: Config) -> Iterator[Finding]:
    if workload.patch:
        return
    of_pod = get(template(workload), "spec", "resources")
    for container in containers(workload):
        own = container.get("resources")
        missing = [path for path in config["required"] if not _is_set(own, path) and not _is_set(of_pod, path)]
        if missing:
            effect = (
                "it is placed and evicted blindly"
                if any(path.startswith("requests.") for path in missing)
                else "it may take what its neighbours need"
            )
            yield Finding(
                workload,
                f"has container {quote(container.get('name'))} without resources.{listed(missing)}: {effect}",
                "set what the container needs; a memory limit above the request risks eviction",
            )


def _is_set(resources: Any, path: str) -> bool:
    kind, _, name = path.partition(".")
    value = get(resources, kind, name)
    if value is None and kind == "requests":
        # A request that is absent is taken from the limit, by the API server.
        value = get(resources, "limits", name)
    return value is not None


RESOURCES_SET = Rule(
    name="resources-set",
    display_name="Containers have requests and limits",
    description="Every container must have requests for CPU and memory and a limit for memory.",
    remediation="Set resources.requests.cpu, resources.requests.memory and resources.limits.memory on each container, "
    "or on the pod.",
    severity="medium",
    level="advisory",
    kinds=WORKLOADS,
    check=each(_resources_set),
    properties={
        "required": {
            "type": "array",
            "items": {"type": "string", "pattern": "^(requests|limits)\\."},
            "default": ["requests.cpu", "requests.memory", "limits.memory"],
            "description": "Paths below resources that must be set; a limit stands in for a request.",
        }
    },
    passing=(stateful_set(),),
    failing=(with_container(resources=None),),
)


def _probes_set(workload: Object, config: Config) -> Iterator[Finding]:
    if workload.patch:
        return
    for container in running(workload):
        missing = [probe for probe in config["required"] if not container.get(probe)]
        if missing:
            effect = _WITHOUT[min(missing, key=list(_WITHOUT).index)]
            yield Finding(
                workload,
                f"has container {quote(container.get('name'))} without {listed(missing)}: {effect}",
                "add a probe that asks what the container serves",
            )


_WITHOUT: Final = {
    "readinessProbe": "a pod that does not answer counts as ready",
    "livenessProbe": "a process that hangs is not started again",
    "startupProbe": "a slow start is taken for one that hangs",
}

PROBES_SET = Rule(
    name="probes-set",
    display_name="Containers have probes",
    description="Every container of a serving workload must have a readiness and a liveness probe; so must sidecars.",
    remediation="Add readinessProbe and livenessProbe. In a StatefulSet with OrderedReady, the next pod waits until "
    "this one is ready: without a readiness probe, a rollout goes on although a pod is broken.",
    severity="medium",
    level="advisory",
    kinds=SERVING,
    check=each(_probes_set),
    properties={
        "required": {
            "type": "array",
            "items": {"type": "string", "enum": ["readinessProbe", "livenessProbe", "startupProbe"]},
            "default": ["readinessProbe", "livenessProbe"],
            "description": "The probes that a container must have.",
        }
    },
    passing=(stateful_set(),),
    failing=(with_container(readinessProbe=None),),
)
