"""Claims that are to go with their pods or with the set do so, and nobody else's does."""

from typing import Any

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import ConfigMap, PersistentVolumeClaim, Pod
from lightkube.types import PatchType

from tests.support.projects import Project
from tests.support.waiting import eventually

FINALIZER = "stateful-web.dev/kept"


def claims(project: Project) -> list[str]:
    return sorted(project.list(PersistentVolumeClaim))


def named(*ordinals: int) -> list[str]:
    return [f"www-web-{ordinal}" for ordinal in ordinals]


def owners(project: Project, ordinal: int) -> list[dict[str, Any]]:
    metadata = project.get(PersistentVolumeClaim, f"www-web-{ordinal}")["metadata"]
    found: list[dict[str, Any]] = metadata.get("ownerReferences", [])
    return found


def change(project: Project, ordinal: int, **metadata: Any) -> None:
    """Replace a claim's owners, or its finalizers."""
    project.api.patch(
        PersistentVolumeClaim,
        f"www-web-{ordinal}",
        {"metadata": metadata},
        namespace=project.namespace,
        patch_type=PatchType.MERGE,
    )


def the_set(project: Project) -> dict[str, Any]:
    """Return the reference with which the StatefulSet owns a claim."""
    uid = project.get(StatefulSet, "web")["metadata"]["uid"]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": "web",
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def somebody(project: Project) -> dict[str, Any]:
    """Return a reference to an object that has nothing to do with the set."""
    made = project.api.create(ConfigMap(metadata=ObjectMeta(name="somebody", namespace=project.namespace)))
    assert made.metadata
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": "somebody", "uid": made.metadata.uid}


def orphan(project: Project, pod: str) -> None:
    """Take a pod's owner away; the set adopts it."""
    project.api.patch(
        Pod, pod, {"metadata": {"ownerReferences": None}}, namespace=project.namespace, patch_type=PatchType.MERGE
    )


@pytest.mark.upstream("should delete PVCs with a WhenDeleted policy")
@pytest.mark.upstream("should delete PVCs after adopting pod (WhenDeleted)")
def test_with_when_deleted_destroy_takes_the_claims_along(project: Project) -> None:
    project.configure({"retention": {"whenDeleted": "Delete"}})
    project.up()
    eventually(lambda: all(owners(project, n) == [the_set(project)] for n in range(3)), "the set owns the claims")
    orphan(project, "web-2")
    project.pulumi("destroy", "--yes", "--skip-preview")
    eventually(lambda: claims(project) == [], "the claims are gone")


@pytest.mark.extended
@pytest.mark.upstream("should delete PVCs with a OnScaledown policy")
@pytest.mark.upstream("should delete PVCs after adopting pod (WhenScaled)")
def test_with_when_scaled_pods_that_go_take_their_claims_along(project: Project) -> None:
    project.configure({"retention": {"whenScaled": "Delete"}})
    project.up()
    assert claims(project) == named(0, 1, 2)
    orphan(project, "web-2")
    project.configure({"replicas": 1})
    project.up()
    eventually(lambda: claims(project) == named(0), "one claim is left")


@pytest.mark.extended
@pytest.mark.upstream("should not delete PVC with OnScaledown policy if another controller owns the PVC")
def test_with_when_scaled_a_claim_that_another_controller_owns_stays_as_long_as_it_does(project: Project) -> None:
    project.up()
    change(project, 1, ownerReferences=[somebody(project) | {"controller": True}])
    project.configure({"retention": {"whenScaled": "Delete"}, "replicas": 0})
    project.up()
    eventually(lambda: claims(project) == named(1), "the claim with another controller is left")
    change(project, 1, ownerReferences=None)
    project.configure({"replicas": 2})
    project.up()
    assert claims(project) == named(0, 1)
    project.configure({"replicas": 1})
    project.up()
    eventually(lambda: claims(project) == named(0), "it goes like any other")


@pytest.mark.extended
@pytest.mark.upstream("should not delete PVCs when there is another controller")
def test_with_when_deleted_claims_that_others_own_too_stay(project: Project) -> None:
    project.configure({"replicas": 4})
    project.up()
    other = somebody(project)
    stale = the_set(project) | {"name": "unknown", "uid": "11111111-2222-3333-4444-555555555555"}
    change(project, 1, ownerReferences=[other])
    change(project, 3, finalizers=[FINALIZER])
    try:
        change(project, 3, ownerReferences=[stale])
        project.configure({"retention": {"whenDeleted": "Delete"}})
        project.up()
        ours = the_set(project)
        expected = [[ours], [other, ours], [ours], [stale]]
        eventually(lambda: [owners(project, n) for n in range(4)] == expected, "the set is another owner where it may")
        change(project, 0, ownerReferences=[ours | {"controller": False}])
        project.configure({"retention": {"whenDeleted": "Delete", "whenScaled": "Delete"}})
        project.up()
        eventually(lambda: owners(project, 0) == [ours], "the set is the claim's controller again")
        project.pulumi("destroy", "--yes", "--skip-preview")
        eventually(lambda: claims(project) == named(1, 3), "the claims that others own, too, are left")
    finally:
        change(project, 3, finalizers=None)
