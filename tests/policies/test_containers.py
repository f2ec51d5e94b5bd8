"""Rules on single containers: what they run, what they may use, and how their health is known."""

from typing import Any

import pytest

from policies.hardening.hardening_rules.manifests import stateful_set, with_container, with_pod, workload
from policies.kit.pods import TEMPLATES

from .packs import UNKNOWN, judge, resource

WORKLOADS = [
    ("StatefulSet", "apps/v1"),
    ("StatefulSet", "apps/v1beta1"),
    ("Deployment", "apps/v1"),
    ("DaemonSet", "apps/v1"),
    ("ReplicaSet", "apps/v1"),
    ("ReplicationController", "v1"),
    ("Job", "batch/v1"),
    ("CronJob", "batch/v1"),
    ("Pod", "v1"),
]


def patch(web: Any) -> Any:
    return resource(web, resource_type="kubernetes:apps/v1:StatefulSetPatch")


@pytest.mark.parametrize(("kind", "version"), WORKLOADS)
def test_the_pods_of_every_kind_of_workload_are_found(kind: str, version: str) -> None:
    good = workload(kind, version)
    rules = ("image-pinned", "resources-set", "pod-security-restricted", "service-account-token", "no-secret-in-env")
    for rule in rules:
        assert judge(rule, good) == [], rule
    bare: Any = workload(kind, version)
    holder = bare
    for key in TEMPLATES[f"{kind}.{version.rpartition('/')[0]}".rstrip(".")]:
        holder = holder[key]
    holder["spec"] = {"containers": [{"name": "web", "image": "nginx", "env": [{"name": "TOKEN", "value": "x"}]}]}
    for rule in rules:
        assert judge(rule, bare), rule


class TestImagePinned:
    rule = "image-pinned"

    @pytest.mark.parametrize(
        ("image", "config", "expected"),
        [
            ("nginx:1.27", {}, 0),
            ("registry.example:5000/nginx:1.27", {}, 0),
            ("nginx@sha256:0a", {}, 0),
            ("nginx:latest@sha256:0a", {}, 0),
            ("nginx", {}, 1),
            ("registry.example:5000/nginx", {}, 1),
            ("nginx:latest", {}, 1),
            ("nginx:LATEST", {}, 1),
            ("nginx:stable", {}, 1),
            ("nginx:stable", {"floatingTags": ["latest"]}, 0),
            ("nginx:1.27", {"requireDigest": True}, 1),
            ("nginx:1.27@sha256:0a", {"requireDigest": True}, 0),
            ("nginx:", {}, 1),
            ("", {}, 1),
            (None, {}, 1),
            (UNKNOWN, {}, 0),
        ],
    )
    def test_images(self, image: Any, config: Any, expected: int) -> None:
        assert len(judge(self.rule, with_container(image=image), config=config)) == expected

    def test_init_containers_count(self) -> None:
        web = with_pod(initContainers=[{"name": "init", "image": "busybox"}])
        (message,) = judge(self.rule, web)
        assert 'has container "init" with image "busybox", which has no fixed tag or digest' in message

    def test_a_patch_without_an_image_passes(self) -> None:
        assert judge(self.rule, patch(with_container(image=None))) == []
        assert judge(self.rule, patch(with_container(image="nginx")))

    def test_an_unknown_container_does_not_hide_its_neighbour(self) -> None:
        assert judge(self.rule, with_pod(containers=[UNKNOWN, {"name": UNKNOWN, "image": "nginx"}]))


class TestResourcesSet:
    rule = "resources-set"

    @pytest.mark.parametrize(
        ("resources", "says"),
        [
            ({"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}, None),
            ({"limits": {"cpu": "1", "memory": "1Gi"}}, None),
            ({"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}, None),
            ({"requests": {"cpu": "1", "memory": "1Gi"}}, "without resources.limits.memory"),
            ({"limits": {"memory": "1Gi"}}, "without resources.requests.cpu"),
            ({}, "without resources.requests.cpu, requests.memory, limits.memory"),
            (None, "without resources.requests.cpu, requests.memory, limits.memory"),
            (UNKNOWN, None),
            ({"requests": UNKNOWN, "limits": {"memory": UNKNOWN}}, None),
            ({"requests": UNKNOWN}, "without resources.limits.memory"),
        ],
    )
    def test_resources(self, resources: Any, says: str | None) -> None:
        web = with_pod(containers=[{"name": "web", "resources": resources}])
        messages = judge(self.rule, web)
        assert len(messages) == (says is not None)
        assert all(str(says) in message for message in messages)

    def test_the_message_says_what_the_missing_one_is_for(self) -> None:
        for resources, says in (
            ({"requests": {"cpu": "1", "memory": "1Gi"}}, "it may take what its neighbours need."),
            ({"limits": {"memory": "1Gi"}}, "it is placed and evicted blindly."),
        ):
            (message,) = judge(self.rule, with_pod(containers=[{"name": "web", "resources": resources}]))
            assert says in message

    def test_those_of_the_pod_count(self) -> None:
        of_pod = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
        assert judge(self.rule, with_pod(containers=[{"name": "web"}], resources=of_pod)) == []

    def test_what_is_required_can_be_configured(self) -> None:
        assert judge(self.rule, stateful_set(), config={"required": ["limits.cpu"]})
        assert judge(self.rule, with_container(resources=None), config={"required": []}) == []

    def test_a_patch_need_not_say_it(self) -> None:
        assert judge(self.rule, patch(with_container(resources=None))) == []


def with_sidecar(**changes: Any) -> Any:
    return with_pod(initContainers=[{"name": "x", **changes}])


class TestSidecars:
    rule = "probes-set"

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, 0),
            ({"restartPolicy": "Always"}, 1),
            ({"restartPolicy": "Always", "readinessProbe": {}, "livenessProbe": {}}, 1),
            ({"restartPolicy": "Always", "readinessProbe": {"grpc": {}}, "livenessProbe": {"grpc": {}}}, 0),
            ({"restartPolicy": "OnFailure"}, 0),
            ({"restartPolicy": UNKNOWN}, 0),
        ],
    )
    def test_they_serve_and_other_init_containers_do_not(self, changes: Any, expected: int) -> None:
        assert len(judge(self.rule, with_sidecar(**changes))) == expected

    def test_they_need_resources_of_their_own_or_of_the_pod(self) -> None:
        web = with_sidecar(restartPolicy="Always")
        assert len(judge("resources-set", web)) == 1
        web["spec"]["template"]["spec"]["resources"] = {"limits": {"cpu": "1", "memory": "1Gi"}}
        assert judge("resources-set", web) == []


class TestProbesSet:
    rule = "probes-set"

    @pytest.mark.parametrize(
        ("changes", "config", "expected"),
        [
            ({}, {}, 0),
            ({"readinessProbe": None}, {}, 1),
            ({"livenessProbe": None}, {}, 1),
            ({"livenessProbe": None}, {"required": ["readinessProbe"]}, 0),
            ({}, {"required": ["startupProbe"]}, 1),
            ({"readinessProbe": UNKNOWN}, {}, 0),
        ],
    )
    def test_probes(self, changes: Any, config: Any, expected: int) -> None:
        assert len(judge(self.rule, with_container(**changes), config=config)) == expected

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"readinessProbe": None, "livenessProbe": None}, "a pod that does not answer counts as ready."),
            ({"readinessProbe": None}, "a pod that does not answer counts as ready."),
            ({"livenessProbe": None}, "a process that hangs is not started again."),
            ({}, "a slow start is taken for one that hangs."),
        ],
    )
    def test_the_message_says_what_the_missing_one_is_for(self, changes: Any, says: str) -> None:
        config = {"required": ["startupProbe", "livenessProbe", "readinessProbe"]}
        (message,) = judge(self.rule, with_container(**changes), config=config)
        assert says in message

    def test_an_empty_probe_is_none(self) -> None:
        assert judge(self.rule, with_pod(containers=[{"name": "web", "readinessProbe": {}, "livenessProbe": {}}]))

    def test_init_containers_jobs_and_patches_need_none(self) -> None:
        assert judge(self.rule, with_pod(initContainers=[{"name": "init"}])) == []
        job = workload("Job", "batch/v1", spec={"template": {"spec": {"containers": [{"name": "job"}]}}})
        assert judge(self.rule, job) == []
        assert judge(self.rule, patch(with_container(readinessProbe=None))) == []
