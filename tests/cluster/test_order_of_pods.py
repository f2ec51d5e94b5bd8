"""The scenario's S5: pods start in order, each only after the one before is Ready, and keep their names."""

from itertools import pairwise

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod

from tests.support.playing import set_ready
from tests.support.pods import successor
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.watching import pod_events


@pytest.mark.upstream("Ordered Pod creation")
def test_s5_a_pod_starts_only_after_the_one_before_is_ready(project: Project) -> None:
    with pod_events(project.api, project.namespace) as events:
        project.up()
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]
    added = [event.pod for event in events if event.what == "ADDED"]
    assert added == ["web-0", "web-1", "web-2"]
    for before, after in pairwise(added):
        first_ready = next(i for i, event in enumerate(events) if event.pod == before and event.ready)
        started = next(i for i, event in enumerate(events) if event.pod == after)
        assert first_ready < started, f"{after} started before {before} was ready"


@pytest.mark.upstream("OrderedReady Pod management")
def test_s5_a_pod_that_is_not_ready_holds_back_the_next(project: Project) -> None:
    project.configure({"replicas": 1})
    project.up()
    set_ready(project, "web-0", False)
    project.configure({"replicas": 3})
    with project.up_in_the_background() as up:

        def controller_has_seen_three() -> bool:
            live = project.get(StatefulSet, "web")
            caught_up: bool = live["status"]["observedGeneration"] == live["metadata"]["generation"]
            return caught_up and live["spec"]["replicas"] == 3

        eventually(controller_has_seen_three, "the controller has seen the new count")
        assert sorted(project.list(Pod)) == ["web-0"]
        assert not up.done(), "up waits for the pods that it asked for"
        set_ready(project, "web-0", True)
        up.result()
    assert sorted(project.list(Pod)) == ["web-0", "web-1", "web-2"]


def test_s5_a_deleted_pod_comes_back_with_its_name_and_claim(project: Project) -> None:
    project.up()
    before = project.get(Pod, "web-1")
    project.api.delete(Pod, "web-1", namespace=project.namespace)
    after = successor(project, before)
    assert after["spec"]["hostname"] == before["spec"]["hostname"] == "web-1"
    assert after["spec"]["subdomain"] == "nginx"
    claims = [
        [v["persistentVolumeClaim"]["claimName"] for v in p["spec"]["volumes"] if "persistentVolumeClaim" in v]
        for p in (before, after)
    ]
    assert claims == [["www-web-1"], ["www-web-1"]]
