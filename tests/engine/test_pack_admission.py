"""The rules inside the cluster: the API server with these policies and the pack decide the same, object for object."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from lightkube import ApiError, Client, KubeConfig, codecs
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from policies import admission
from policies.kit.examples import merged
from policies.stateful.stateful_rules import RULES
from policies.stateful.stateful_rules.manifests import claim_template, container, stateful_set
from sandbox.instance import Sandbox
from tests.policies.packs import judge

ALLOW = "policy.stateful-web.dev/allow-"
CONFIG: dict[str, Any] = {
    "storage-class-allowed": {"allowed": ["rook-ceph-block", ""], "allowedAttributes": ["gold"]},
    "stable-labels": {"managerNames": ["...", "example.com/crew"]},
    "storage-size-bounds": {"minimum": "1Gi", "maximum": "1Ti"},
    "graceful-termination": {"minimumSeconds": 5},
}
TWINS = tuple(rule for rule in RULES if rule.name in admission.TWINS)


def claims(*templates: Any, **spec: Any) -> Any:
    return stateful_set(spec={"volumeClaimTemplates": list(templates), **spec})


def pod(**spec: Any) -> Any:
    return stateful_set(spec={"template": {"spec": spec}})


def labelled(**labels: str) -> Any:
    with_labels = {"app": "nginx", **labels}
    return stateful_set(
        spec={"selector": {"matchLabels": with_labels}, "template": {"metadata": {"labels": with_labels}}}
    )


def sized(size: str) -> Any:
    return claim_template(resources={"requests": {"storage": size}})


def annotated(base: Any, **annotations: str) -> Any:
    return merged(base, {"metadata": {"annotations": annotations}})


def lone_claim(size: str) -> Any:
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": size}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "lone"}, "spec": spec}


UNMOUNTED = container(volumeMounts=[])
SIDECAR = container(name="sidecar", restartPolicy="Always")
OF_OLD = {"annotations": {"volume.beta.kubernetes.io/storage-class": "fast"}}

BAD = {
    "no claims": claims(template={"spec": {"containers": [UNMOUNTED]}}),
    "claims as null": stateful_set(
        spec={"volumeClaimTemplates": None, "template": {"spec": {"containers": [UNMOUNTED]}}}
    ),
    "another class": claims(claim_template(storageClassName="fast")),
    "the default class": claims(claim_template(storageClassName=None)),
    "the class of old": claims(claim_template(OF_OLD)),
    "another class of attributes": claims(claim_template(volumeAttributesClassName="platinum")),
    "ten bytes": claims(sized("10")),
    "just below": claims(sized("1048575Ki")),
    "just above": claims(sized("1099511627777")),
    "beyond all": claims(sized("1e15")),
    "no size": claims(claim_template(resources={"requests": None})),
    "no resources": claims(claim_template(resources=None)),
    "a small lone claim": lone_claim("1Mi"),
    "many writers": claims(claim_template(accessModes=["ReadWriteOnce", "ReadWriteMany"])),
    "no modes": claims(claim_template(accessModes=[])),
    "an unmounted claim": pod(containers=[UNMOUNTED]),
    "one of two unmounted": claims(claim_template(), claim_template({"name": "log"})),
    "mounted by an init container": pod(containers=[UNMOUNTED], initContainers=[container(name="init")]),
    "deleted with the set": stateful_set(spec={"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}),
    "deleted on scaling": stateful_set(spec={"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}),
    "no grace": pod(terminationGracePeriodSeconds=0),
    "short grace": pod(terminationGracePeriodSeconds=4),
    "a version": labelled(version="two"),
    "a version with prefix and capitals": labelled(**{"app.kubernetes.io/Version": "two"}),
    "an image's tag": labelled(team="0.27"),
    "a chart on the claims": claims(claim_template({"labels": {"helm.sh/chart": "db"}})),
    "a manager on the claims": claims(claim_template({"labels": {"app.kubernetes.io/managed-by": "Helm"}})),
    "a configured manager on the claims": claims(claim_template({"labels": {"example.com/Crew": "a"}})),
    "an image's tag on the claims": claims(claim_template({"labels": {"made-by": "0.27"}})),
    "a version in an expression": stateful_set(
        spec={"selector": {"matchExpressions": [{"key": "version", "operator": "DoesNotExist"}]}}
    ),
    "not waited for": annotated(stateful_set(), **{"pulumi.com/skipAwait": "True"}),
    "an excuse without a reason": annotated(
        pod(terminationGracePeriodSeconds=0), **{f"{ALLOW}graceful-termination": "  "}
    ),
    "an excuse from another rule": annotated(
        pod(terminationGracePeriodSeconds=0), **{f"{ALLOW}claim-retention": "a reason"}
    ),
}
GOOD = {
    "the example": stateful_set(),
    "no class": claims(claim_template(storageClassName="")),
    "a class of attributes": claims(claim_template(volumeAttributesClassName="gold")),
    "the least": claims(sized("1Gi")),
    "the most": claims(sized("1Ti")),
    "in bytes": claims(sized("1073741824")),
    "with a decimal": claims(sized("1.5Gi")),
    "by an exponent": claims(sized("2e9")),
    "a lone claim": lone_claim("10Gi"),
    "one writer pod": claims(claim_template(accessModes=["ReadWriteOncePod"])),
    "mounted by a sidecar": pod(containers=[UNMOUNTED], initContainers=[SIDECAR]),
    "mounted by one of two": pod(containers=[UNMOUNTED, container(name="second")]),
    "a block device": claims(
        claim_template(volumeMode="Block"),
        template={
            "spec": {
                "containers": [container(volumeMounts=None, volumeDevices=[{"name": "www", "devicePath": "/dev/x"}])]
            }
        },
    ),
    "retention by default": stateful_set(spec={"persistentVolumeClaimRetentionPolicy": None}),
    "half of the retention": stateful_set(spec={"persistentVolumeClaimRetentionPolicy": {"whenScaled": None}}),
    "grace by default": pod(terminationGracePeriodSeconds=None),
    "the least grace": pod(terminationGracePeriodSeconds=5),
    "labels that stay": labelled(team="shop", **{"example.com/versions": "all"}),
    "a part of the tag": labelled(team="27"),
    "a manager of the pods": labelled(**{"app.kubernetes.io/managed-by": "Helm"}),
    "a label like that of a manager": claims(claim_template({"labels": {"example.org/crew": "a"}})),
    "waited for": annotated(stateful_set(), **{"pulumi.com/skipAwait": "false"}),
    "excused": annotated(
        pod(terminationGracePeriodSeconds=0), **{f"{ALLOW}graceful-termination": "a cache without writes"}
    ),
    "a version on pods and set": merged(
        stateful_set(),
        {
            "metadata": {"labels": {"version": "0.27"}},
            "spec": {"template": {"metadata": {"labels": {"version": "0.27"}}}},
        },
    ),
}


INVALID = "invalid"
"""What the API server says before it asks a policy: some of what the rules refuse, it refuses itself."""


@pytest.fixture(scope="module")
def judged(sandbox: Sandbox) -> Iterator[tuple[Client, str]]:
    """A namespace that the policies are bound to, and no other."""
    api = Client(KubeConfig.from_file(sandbox.cluster.kubeconfig))
    namespace = f"judged-{uuid4().hex[:8]}"
    api.create(Namespace(metadata=ObjectMeta(name=namespace)))
    made: list[Any] = list(codecs.load_all_yaml(admission.rendered(CONFIG, [namespace])))
    try:
        for policy in made:
            api.create(policy)
        deadline = time.monotonic() + 60
        while not all(denied_by(api, namespace, bad) for bad in BAD.values()):
            assert time.monotonic() < deadline, "the policies do not take effect"
            time.sleep(0.2)
        yield api, namespace
    finally:
        for policy in made:
            api.delete(type(policy), policy.metadata.name)
        api.delete(Namespace, namespace)


def denied_by(api: Client, namespace: str, manifest: Any) -> str:
    """Return the policy that refuses to let an object be created, or that it is refused as invalid; empty if taken."""
    try:
        api.create(codecs.from_dict(merged(manifest, {"metadata": {"namespace": namespace}})), dry_run=True)
    except ApiError as error:
        message = str(error.status.message)
        return message.partition("ValidatingAdmissionPolicy '")[2].partition("'")[0] or INVALID
    return ""


@pytest.mark.parametrize("manifest", [*BAD.values(), *GOOD.values()], ids=[*BAD, *GOOD])
def test_the_api_server_and_the_pack_decide_the_same(judged: tuple[Client, str], manifest: Any) -> None:
    broken = {rule.name for rule in TWINS if judge(rule, manifest, config=CONFIG.get(rule.name))}
    assert bool(broken) == (manifest in BAD.values())
    assert len(broken) <= 1, "an object of the corpus breaks one rule, so that the server can name it"
    policy = denied_by(*judged, manifest)
    assert bool(policy) == bool(broken)
    if policy != INVALID:
        assert {policy.removeprefix("stateful-").removesuffix("-of-claims")} - {""} == broken


def test_each_policy_denies_something_that_the_api_server_would_take(judged: tuple[Client, str]) -> None:
    policies = {item["metadata"]["name"] for item in admission.manifests(CONFIG)}
    assert {denied_by(*judged, bad) for bad in BAD.values()} - {INVALID} == policies


def test_every_rule_has_a_twin_or_a_reason() -> None:
    assert admission.TWINS.keys() | admission.WITHOUT.keys() == {rule.name for rule in RULES}
    assert not admission.TWINS.keys() & admission.WITHOUT.keys()
    broken = {rule.name for bad in BAD.values() for rule in TWINS if judge(rule, bad, config=CONFIG.get(rule.name))}
    assert broken == set(admission.TWINS)
