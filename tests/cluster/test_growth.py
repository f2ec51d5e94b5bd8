"""Claims grow without a restart: one config value, one ``up``, the same pods, the same claims."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from tests.support.projects import Project
from tests.support.waiting import eventually

LOGS = {"volumeName": "logs", "mountPath": "/logs", "storageClassName": "my-sc"}


def requested(project: Project) -> dict[str, str]:
    claims = project.list(PersistentVolumeClaim)
    return {name: claim["spec"]["resources"]["requests"]["storage"] for name, claim in claims.items()}


def test_one_up_grows_every_claim_and_restarts_no_pod(project: Project) -> None:
    project.configure({"volumes": [LOGS]})
    project.up()
    pods, claims = project.uids(Pod), project.uids(PersistentVolumeClaim)
    project.pulumi("config", "set", "--path", "storage.size", "2Gi")
    project.configure(
        {"volumes": [{"volumeName": "logs", "mountPath": "/logs", "storageClassName": "my-sc", "size": "3Gi"}]}
    )
    project.up()
    assert requested(project) == {
        **{f"www-web-{n}": "2Gi" for n in range(3)},
        **{f"logs-web-{n}": "3Gi" for n in range(3)},
    }
    assert project.uids(Pod) == pods
    assert project.uids(PersistentVolumeClaim) == claims
    restarts = [c["restartCount"] for pod in project.list(Pod).values() for c in pod["status"]["containerStatuses"]]
    assert restarts == [0, 0, 0]

    def capacity_follows() -> bool:
        all_claims = project.list(PersistentVolumeClaim)
        return all(
            claim["status"]["capacity"]["storage"] == requested(project)[name] for name, claim in all_claims.items()
        )

    eventually(capacity_follows, "the claims have the capacity that they request")
    project.up("--expect-no-changes")

    project.configure({"replicas": 4})
    project.up()
    assert requested(project)["www-web-3"] == "2Gi", "a pod that is added later has it, too"
    assert requested(project)["logs-web-3"] == "3Gi"
    project.up("--expect-no-changes")

    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.list(Pod) == {}
    assert claims.items() <= project.uids(PersistentVolumeClaim).items()


@pytest.mark.extended
def test_growth_and_scaling_go_together(project: Project) -> None:
    project.up()
    project.configure({"storage.size": "2Gi"})
    project.up()
    for replicas in (5, 3, 1):
        project.configure({"replicas": replicas})
        project.up()
        assert all(requested(project)[f"www-web-{n}"] == "2Gi" for n in range(replicas))
    project.configure({"storage.size": "3Gi"})
    project.up()
    assert requested(project)["www-web-2"] == "2Gi", "the claim of a pod that is gone waits"
    before = project.uids(PersistentVolumeClaim)
    project.configure({"replicas": 3})
    project.up()
    assert [requested(project)[f"www-web-{n}"] for n in range(3)] == ["3Gi"] * 3, "and grows when it returns"
    assert project.uids(PersistentVolumeClaim) == before


@pytest.mark.extended
def test_claims_of_an_earlier_life_grow_with_the_new_one(project: Project) -> None:
    project.up()
    claims = project.uids(PersistentVolumeClaim)
    project.pulumi("destroy", "--yes", "--skip-preview")
    project.configure({"storage.size": "2Gi"})
    project.up()
    assert set(requested(project).values()) == {"2Gi"}
    assert project.uids(PersistentVolumeClaim) == claims
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_an_autoscaled_set_grows_the_claims_that_are_there(project: Project) -> None:
    project.configure({"autoscaled": True})
    project.up()
    project.api.patch(StatefulSet.Scale, "web", {"spec": {"replicas": 4}}, namespace=project.namespace)
    eventually(lambda: "www-web-3" in requested(project), "the autoscaler's pod is there")
    project.configure({"storage.size": "2Gi"})
    project.up()
    assert requested(project) == {f"www-web-{n}": "2Gi" for n in range(4)}
    assert project.get(StatefulSet, "web")["spec"]["replicas"] == 4


@pytest.mark.extended
def test_a_second_template_after_growth_replaces_the_set_and_keeps_the_claims(project: Project) -> None:
    project.up()
    project.configure({"storage.size": "2Gi"})
    project.up()
    claims = project.uids(PersistentVolumeClaim)
    project.configure({"volumes": [LOGS]})
    project.up()
    now = requested(project)
    assert {now[f"www-web-{n}"] for n in range(3)} == {"2Gi"}
    assert {now[f"logs-web-{n}"] for n in range(3)} == {"1Gi"}
    assert claims.items() <= project.uids(PersistentVolumeClaim).items()
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_without_looking_nothing_is_replaced(project: Project) -> None:
    project.configure({"volumes": [LOGS]})
    project.up()
    before = project.uids(StatefulSet)
    project.configure({"storage.size": "2Gi", "volumes": [LOGS | {"size": "2Gi"}]})
    project.up()
    project.configure({"storage.verify": False})
    project.up()
    assert project.uids(StatefulSet) == before
    assert set(requested(project).values()) == {"2Gi"}
