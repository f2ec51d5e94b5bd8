"""Live claims follow labels, annotations and the class of volume attributes, and sizes that others give them stay."""

from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod
from lightkube.resources.storage_v1 import VolumeAttributesClass

from tests.support.projects import Project


def claims(project: Project) -> dict[str, Any]:
    return project.list(PersistentVolumeClaim)


def changed_by_others(project: Project, change: Any, name: str = "www-web-0") -> None:
    project.api.patch(PersistentVolumeClaim, name, change, namespace=project.namespace)


def test_labels_follow_leave_others_alone_and_stay_when_the_stack_goes(project: Project) -> None:
    project.configure({"storage.labels": {"backup": "daily", "team": "shop"}, "storage.annotations": {"a.b/c": "d"}})
    project.up()
    pods, sets = project.uids(Pod), project.uids(StatefulSet)
    assert {claim["metadata"]["labels"]["backup"] for claim in claims(project).values()} == {"daily"}
    project.up("--expect-no-changes")

    changed_by_others(project, {"metadata": {"labels": {"theirs": "1"}}})
    project.configure({"storage.labels": {"team": "front"}})
    project.up()
    of_first = claims(project)["www-web-0"]["metadata"]
    assert {key: of_first["labels"].get(key) for key in ("backup", "team", "theirs")} == {
        **{"backup": None, "team": "front", "theirs": "1"}
    }
    assert of_first["annotations"]["a.b/c"] == "d"
    project.configure({"storage.labels": {}, "storage.annotations": {}})
    project.up()
    assert "team" not in claims(project)["www-web-1"]["metadata"]["labels"]
    assert "a.b/c" not in claims(project)["www-web-1"]["metadata"]["annotations"]
    project.up("--expect-no-changes")
    assert (project.uids(Pod), project.uids(StatefulSet)) == (pods, sets)

    project.configure({"storage.labels": {"team": "front"}})
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert {claim["metadata"]["labels"]["team"] for claim in claims(project).values()} == {"front"}
    project.configure({"storage.labels": {}})
    project.up()
    assert "team" not in claims(project)["www-web-0"]["metadata"]["labels"], "the next stack takes its keys away"


def test_a_size_that_others_have_given_stays_also_after_a_refresh(project: Project) -> None:
    project.up()
    project.configure({"storage.size": "2Gi", "storage.resizedByOthers": True})
    project.up()
    changed_by_others(project, {"spec": {"resources": {"requests": {"storage": "4Gi"}}}})
    assert "more than the 2Gi" not in project.up("--expect-no-changes").output
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.up("--expect-no-changes")
    sizes = {name: claim["spec"]["resources"]["requests"]["storage"] for name, claim in claims(project).items()}
    assert sizes == {"www-web-0": "4Gi", "www-web-1": "2Gi", "www-web-2": "2Gi"}


@pytest.fixture
def classes(project: Project) -> Iterator[list[str]]:
    """Make two classes of volume attributes, which no driver of the sandbox serves."""
    names = [f"{name}-{project.namespace}" for name in ("fast", "slow")]
    for name in names:
        made = VolumeAttributesClass("disk.example.com", metadata=ObjectMeta(name=name), parameters={"iops": "4000"})
        project.api.create(made)
    yield names
    for name in names:
        project.api.delete(VolumeAttributesClass, name)


def test_the_class_of_volume_attributes_changes_on_live_claims_alone(project: Project, classes: list[str]) -> None:
    project.up()
    sets, pods = project.uids(StatefulSet), project.uids(Pod)
    for name in classes:
        project.configure({"storage.volumeAttributesClassName": name})
        project.up()
        assert {claim["spec"]["volumeAttributesClassName"] for claim in claims(project).values()} == {name}
    project.up("--expect-no-changes")
    project.pulumi("config", "rm", "--path", "storage.volumeAttributesClassName")
    assert "Kubernetes takes no class away" in project.up("--expect-no-changes").output
    assert claims(project)["www-web-0"]["spec"]["volumeAttributesClassName"] == classes[-1]
    assert (project.uids(StatefulSet), project.uids(Pod)) == (sets, pods)
