"""Changes that replace a StatefulSet: claims are never lost, and pods need not stop."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from tests.support.accounts import deployed_by_an_account
from tests.support.projects import Project

ORPHAN = {"pulumi.com/deletionPropagationPolicy": "orphan"}


@pytest.mark.extended
def test_with_retention_delete_a_replacing_change_is_refused(project: Project) -> None:
    stack_file = project.folder / "Pulumi.dev.yaml"
    with_retain = stack_file.read_text()
    project.configure({"retention": {"whenDeleted": "Delete"}})
    project.up()
    with_delete = stack_file.read_text()
    before = project.uids(PersistentVolumeClaim)
    changes = {"serviceName": {"serviceName": "other"}, "volumeClaimTemplates": {"storage.storageClassName": "my-sc"}}
    for field, values in changes.items():
        stack_file.write_text(with_delete)
        project.configure(values)
        refused = project.preview(check=False)
        assert refused.code != 0
        assert f"changes {field}, which replaces the StatefulSet" in refused.output
        assert "www-web-0, www-web-1, www-web-2" in refused.output
        assert "Set retention.whenDeleted to Retain and run up" in refused.output
        assert project.uids(PersistentVolumeClaim) == before

    stack_file.write_text(with_retain)
    project.up()
    for values in changes.values():
        project.configure(values)
    project.up()
    assert project.uids(PersistentVolumeClaim) == before, "the way round keeps them"


@pytest.mark.extended
def test_a_replacing_change_is_refused_as_well_to_who_may_not_see_claims(project: Project) -> None:
    project.configure({"retention": {"whenDeleted": "Delete"}})
    project.up()
    deployed_by_an_account(project, {"": ["services", "pods", "events"], "apps": ["statefulsets"]})
    project.configure({"podManagementPolicy": "Parallel"})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert "delete its claims www-web-0, www-web-1, www-web-2. Set retention.whenDeleted" in refused.output
    assert "Traceback" not in refused.output


def test_a_replacing_change_without_the_orphan_path_stops_the_pods_and_keeps_the_claims(project: Project) -> None:
    project.up()
    pods, claims = project.uids(Pod), project.uids(PersistentVolumeClaim)
    project.configure({"podManagementPolicy": "Parallel"})
    project.up()
    assert not set(project.uids(Pod).values()) & set(pods.values())
    assert project.uids(PersistentVolumeClaim) == claims


@pytest.mark.extended
def test_by_the_orphan_path_the_set_is_replaced_and_no_pod_stops(project: Project) -> None:
    project.up()
    pods, claims, the_set = project.uids(Pod), project.uids(PersistentVolumeClaim), project.uids(StatefulSet)
    project.configure({"annotations": ORPHAN})
    project.up()
    project.configure(
        {"podManagementPolicy": "Parallel", "revisionHistoryLimit": 3, "storage.storageClassName": "my-sc"}
    )
    project.up()
    assert project.uids(StatefulSet) != the_set
    assert project.uids(Pod) == pods
    assert project.uids(PersistentVolumeClaim) == claims
    project.configure({}, remove=("annotations",))
    project.up()
    assert project.uids(Pod) == pods
    project.up("--expect-no-changes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.uids(Pod) == {}


@pytest.mark.extended
def test_for_service_name_the_orphan_path_ends_with_a_rollout(project: Project) -> None:
    project.up()
    pods, claims = project.uids(Pod), project.uids(PersistentVolumeClaim)
    project.configure({"annotations": ORPHAN})
    project.up()
    project.configure({"serviceName": "other"})
    project.up()
    assert project.uids(Pod) == pods
    assert {pod["spec"]["subdomain"] for pod in project.list(Pod).values()} == {"nginx"}, "adopted pods keep the old"
    project.configure({"podTemplate": {"metadata": {"annotations": {"rolled": "1"}}}}, remove=("annotations",))
    project.up()
    assert {pod["spec"]["subdomain"] for pod in project.list(Pod).values()} == {"other"}
    assert project.uids(PersistentVolumeClaim) == claims
