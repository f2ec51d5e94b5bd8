"""Rules on objects of any shape: none crashes, and an unknown value hides only what depends on it."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.hardening.hardening_rules import manifests as hardening
from policies.stateful.stateful_rules import manifests as stateful

from .packs import PACKS, SENTINELS, UNKNOWN, judge, judge_all, resource, token

GOOD: dict[str, list[Any]] = {
    "stateful": [stateful.stateful_set(), stateful.service(), stateful.autoscaler()],
    "hardening": [
        hardening.stateful_set(),
        hardening.service(),
        hardening.budget(),
        hardening.network_policy(),
        hardening.workload("Deployment"),
        hardening.workload("CronJob", "batch/v1"),
        hardening.workload("Pod", "v1"),
    ],
}
EVERY_RULE = [pytest.param(rule, id=f"{pack}/{rule.name}") for pack, rules in PACKS.items() for rule in rules]

Path = tuple[Any, ...]


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Return the path of every value within a value."""
    if at:
        yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*at, key))


def replaced(value: Any, path: Path, by: Any) -> Any:
    result = copy.deepcopy(value)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = by
    return result


words = st.sampled_from(
    sorted({str(key) for objects in GOOD.values() for made in objects for path in paths(made) for key in path})
)
scalars = (
    st.none() | st.booleans() | st.integers(-2, 2**40) | st.floats() | st.text(max_size=8) | st.sampled_from(SENTINELS)
)
anything = st.recursive(
    scalars | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def broken(draw: st.DrawFn, pack: str) -> list[Any]:
    """Return objects of a program of which some parts are replaced by anything at all."""
    objects = []
    for made in GOOD[pack]:
        bent: Any = made
        for _ in range(draw(st.integers(0, 3))):
            bent = replaced(bent, draw(st.sampled_from(list(paths(bent)))), draw(anything))
        given_type = token(made) + draw(st.sampled_from(["", "", "Patch", "List"]))
        props = {"items": [bent, draw(anything)]} if given_type.endswith("List") else bent
        objects.append(resource(props, name="x", resource_type=given_type))
    return objects


@pytest.mark.parametrize("pack", PACKS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_no_object_crashes_a_rule_and_every_message_is_one_line(pack: str, data: st.DataObject) -> None:
    config = {"storage-class-allowed": {"allowed": ["x"]}, "no-ephemeral-data-volumes": {"dataPaths": ["/data"]}}
    for messages in judge_all(PACKS[pack], *data.draw(broken(pack)), config=config).values():
        for message in messages:
            assert message.isprintable()
            assert len(message) < 2000


@pytest.mark.parametrize("rule", EVERY_RULE)
@settings(max_examples=30, deadline=None)
@given(props=st.dictionaries(st.sampled_from(["metadata", "spec", "items", "chart", "name"]), anything))
def test_no_properties_at_all_crash_a_rule(rule: Any, props: dict[str, Any]) -> None:
    for kind in rule.kinds:
        name, _, group = kind.partition(".")
        for suffix in ("", "List"):
            judge(rule, resource(props, name="x", resource_type=f"kubernetes:{group or 'core'}/v1:{name}{suffix}"))


SILENCERS: Mapping[str, tuple[str, ...]] = {
    # What a rule has to know to give its verdict on its failing example, for each object of it.
    "headless-service": (
        "0.metadata.name",
        "0.metadata.namespace",
        "0.spec",
        "1.metadata.namespace",
        "1.spec.serviceName",
    ),
    "governing-service": ("0.metadata.name", "0.metadata.namespace", "1.metadata.namespace", "1.spec.serviceName"),
    "volume-claim-templates-required": ("0.spec.volumeClaimTemplates",),
    "storage-class-allowed": ("0.spec.volumeClaimTemplates.0.spec.storageClassName",),
    "storage-size-bounds": ("0.spec.volumeClaimTemplates.0.spec.resources.requests.storage",),
    "access-modes-allowed": ("0.spec.volumeClaimTemplates.0.spec.accessModes.0",),
    "volume-mounts-resolve": (
        "0.spec.template.spec.containers.0.volumeMounts",
        "0.spec.volumeClaimTemplates.0.metadata.name",
    ),
    "no-ephemeral-data-volumes": (
        "0.spec.template.spec.containers.0.volumeMounts.0.mountPath",
        "0.spec.template.spec.containers.0.volumeMounts.0.name",
        "0.spec.template.spec.containers.0.volumeMounts.1.mountPath",
        "0.spec.template.spec.containers.0.volumeMounts.1.name",
        "0.spec.template.spec.volumes.0.name",
        "0.spec.volumeClaimTemplates.0.metadata.name",
    ),
    "claim-retention": ("0.spec.persistentVolumeClaimRetentionPolicy.whenDeleted",),
    "graceful-termination": ("0.spec.template.spec.terminationGracePeriodSeconds",),
    "selector-matches-template": ("0.spec.selector.matchLabels.app", "0.spec.template.metadata.labels.app"),
    "stable-labels": ("0.spec.volumeClaimTemplates.0.metadata.labels",),
    "no-autonaming": ("1.metadata.annotations.pulumi.com/autonamed",),
    "autoscaler-owns-replicas": (
        "0.metadata.name",
        "0.metadata.namespace",
        "1.metadata.namespace",
        "1.spec.scaleTargetRef.kind",
        "1.spec.scaleTargetRef.name",
    ),
    "no-skip-await": ("0.metadata.annotations.pulumi.com/skipAwait",),
    "image-pinned": ("0.spec.template.spec.containers.0.image",),
    "resources-set": ("0.spec.template.spec.containers.0",),
    "probes-set": ("0.spec.template.spec.containers.0",),
    "pod-security-restricted": ("0.spec.template.spec.hostNetwork",),
    "service-account-token": ("0.spec.template.spec",),
    "no-secret-in-env": ("0.spec.template.spec.containers.0.env.0.name",),
    "no-public-service": ("0.spec.type", "0.metadata.annotations"),
    "disruption-budget": (
        "0.metadata.namespace",
        "0.spec.replicas",
        "0.spec.template.metadata.labels.app.kubernetes.io/name",
        "0.spec.template.metadata.labels.app.kubernetes.io/instance",
        "1.metadata.namespace",
        "1.spec.maxUnavailable",
        "1.spec.selector.matchLabels.app.kubernetes.io/name",
        "1.spec.selector.matchLabels.app.kubernetes.io/instance",
    ),
    "spread-across-nodes": ("0.spec.replicas", "0.spec.template.spec"),
    "network-policy": (),
    "recommended-labels": ("0.metadata.labels",),
    "cluster-identifier": (),
    "no-deprecated-fields": ("0.spec.externalIPs",),
    "opt-outs": ("0.metadata.annotations.policy.stateful-web.dev/allow-",),
    "no-opaque-release": (),
}


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_an_unknown_value_hides_only_what_depends_on_it(rule: Any) -> None:
    """Make each value of the failing example unknown, one at a time, and see which of them silence the rule."""
    silent = set()
    for path in paths(list(rule.failing)):
        if len(path) == 1 or path[1] in ("apiVersion", "kind"):
            continue  # the object itself, or what its type token says
        objects = [resource(made, name="x", resource_type=token(was)) for made, was in unknown_at(rule.failing, path)]
        if not judge(rule, *objects, config=rule.example_config):
            silent.add(".".join(map(str, path)))
    needed = SILENCERS[rule.name]
    # A parent that is unknown takes what is in it along.
    unexpected = {path for path in silent if not any(of.startswith(path) or of in path for of in needed)}
    assert unexpected == set()
    assert all(any(of.startswith(path) or of in path for path in silent) for of in needed)


def unknown_at(objects: Any, path: Path) -> Iterator[tuple[Any, Any]]:
    return zip(replaced(list(objects), path, UNKNOWN), objects, strict=True)
