"""``adopt``: objects that kubectl applied come under Pulumi, and no pod is restarted by that."""

import re

import pytest
import yaml
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

from tests.support.projects import Project
from tests.support.scenario import SERVICE, STATEFUL_SET
from tests.support.waiting import eventually

ADOPTING = {"adopt": True, "kubernetes:upsertExistingObjects": True}


def apply(project: Project, *how: str, without: tuple[str, ...] = ()) -> None:
    given = [SERVICE, STATEFUL_SET]
    text = yaml.safe_dump_all(found for found in given if found["kind"] not in without)
    project.kubectl("apply", *how, "-f", "-", given=text)

    def all_ready() -> bool:
        ready: bool = project.get(StatefulSet, "web").get("status", {}).get("readyReplicas") == 3
        return ready

    eventually(all_ready, "the three pods are ready")


def identities(project: Project) -> dict[str, str]:
    kinds = (Pod, PersistentVolumeClaim, Service, StatefulSet)
    return {f"{kind.__name__} {name}": uid for kind in kinds for name, uid in project.uids(kind).items()}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param((), id="client-side"),
        pytest.param(("--server-side",), id="server-side", marks=pytest.mark.extended),
    ],
)
def test_what_kubectl_applied_is_taken_over_without_a_restart(project: Project, how: tuple[str, ...]) -> None:
    apply(project, *how)
    before = identities(project)
    # What differs is told, and no more than that.
    project.configure({**ADOPTING, "labels": {"team": "web"}})
    assert "adopt: StatefulSet web differs from what is asked for in metadata.labels" in project.preview().output
    project.configure({}, remove=("labels",))
    told = re.findall(r"adopt: (\S+ \S+) differs from what is asked for in (\S+);", project.preview().output)
    assert set(told) <= {("StatefulSet web", "metadata.labels")}, "a label on the object restarts nothing"
    project.up()
    assert identities(project) == before
    assert "differs" not in project.up("--expect-no-changes").output

    project.configure({"replicas": 2, "image": "web:2"})
    project.up()
    assert {pod["spec"]["containers"][0]["image"] for pod in project.list(Pod).values()} == {"web:2"}
    eventually(lambda: len(project.list(Pod)) == 2, "the count that kubectl applied is no obstacle")


@pytest.mark.extended
def test_to_adopt_no_longer_is_an_ordinary_rollout_that_brings_the_defaults(project: Project) -> None:
    apply(project)
    claims = project.uids(PersistentVolumeClaim)
    project.configure(ADOPTING)
    project.up()
    assert "seccompProfile" not in str(project.get(Pod, "web-0")["spec"]["securityContext"])
    project.configure({}, remove=("adopt",))
    project.up()
    for pod in project.list(Pod).values():
        assert pod["spec"]["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
        assert pod["spec"]["automountServiceAccountToken"] is False
    assert project.uids(PersistentVolumeClaim) == claims
    project.up("--expect-no-changes")


@pytest.mark.extended
def test_what_is_not_there_is_created(project: Project) -> None:
    apply(project, without=("Service",))
    before = identities(project)
    project.configure(ADOPTING)
    project.up()
    assert project.get(Service, "nginx")["spec"]["clusterIP"] == "None"
    assert before.items() <= identities(project).items()


@pytest.mark.extended
def test_what_can_not_be_changed_is_told_before_anything_is_planned(project: Project) -> None:
    apply(project)
    project.configure({**ADOPTING, "serviceName": "other"})
    refused = project.preview(check=False)
    assert refused.code != 0
    assert "the live StatefulSet web can not become what is asked for" in refused.output
    assert "Traceback" not in refused.output
