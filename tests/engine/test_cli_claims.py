"""Claims of a stack: in use, left by scaling down, and left by a stack that was destroyed."""

import pytest
from lightkube.models.apps_v1 import StatefulSetSpec
from lightkube.models.core_v1 import PersistentVolumeClaimSpec, PodTemplateSpec, VolumeResourceRequirements
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim

from tests.support.cli import command_json, follow, run_command
from tests.support.projects import Project


def left_by(project: Project) -> dict[str, str | None]:
    return {claim["name"]: claim["left_by"] for claim in command_json(project, "claims")}


@pytest.mark.upstream("Cleaning up")
def test_claims_of_scaled_down_pods_are_listed_with_the_command_that_removes_one(project: Project) -> None:
    project.up()
    project.configure({"replicas": 1})
    project.up()
    found = {claim["name"]: claim for claim in command_json(project, "claims")}
    assert [(name, claim["pod"], claim["left_by"]) for name, claim in found.items()] == [
        ("www-web-0", "web-0", None),
        ("www-web-1", None, "web-1, scaled down"),
        ("www-web-2", None, "web-2, scaled down"),
    ]
    assert {claim["size"] for claim in found.values()} == {"1Gi"}
    assert {claim["reclaim"] for claim in found.values()} == {"Delete"}
    live = project.list(PersistentVolumeClaim)
    assert {name: claim["volume"] for name, claim in found.items()} == {
        name: claim["spec"]["volumeName"] for name, claim in live.items()
    }
    remove = found["www-web-2"]["remove"]
    assert remove in run_command(project, "claims").output
    assert sorted(project.list(PersistentVolumeClaim)) == ["www-web-0", "www-web-1", "www-web-2"], "none is removed"
    follow(project, remove)
    assert sorted(left_by(project)) == ["www-web-0", "www-web-1"]


@pytest.mark.extended
def test_a_destroyed_stack_still_finds_the_claims_of_its_earlier_life_and_nobody_elses(project: Project) -> None:
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    namespace = project.namespace
    spec = StatefulSetSpec(
        replicas=0,
        serviceName="none",
        selector=LabelSelector(matchLabels={"app": "nginx"}),
        template=PodTemplateSpec(metadata=ObjectMeta(labels={"app": "nginx"})),
    )
    spec.template.spec = {"containers": [{"name": "a", "image": "a"}]}  # type: ignore[assignment]
    spec.volumeClaimTemplates = [PersistentVolumeClaim(metadata=ObjectMeta(name="www"))]
    request = PersistentVolumeClaimSpec(
        accessModes=["ReadWriteOnce"], resources=VolumeResourceRequirements(requests={"storage": "1Gi"})
    )
    spec.volumeClaimTemplates[0].spec = request
    project.api.create(StatefulSet(metadata=ObjectMeta(name="shop", namespace=namespace), spec=spec))
    for name, labels in (("www-shop-0", {"app": "nginx"}), ("www-old-0", {"app": "nginx"}), ("www-far-0", {})):
        metadata = ObjectMeta(name=name, namespace=namespace, labels=labels)
        project.api.create(PersistentVolumeClaim(metadata=metadata, spec=request))
    assert left_by(project) == {
        "www-old-0": "an earlier StatefulSet with the same labels",
        "www-web-0": "web-0: StatefulSet web is gone",
        "www-web-1": "web-1: StatefulSet web is gone",
        "www-web-2": "web-2: StatefulSet web is gone",
    }
