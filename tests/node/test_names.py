"""S5 and S8: pods start in order by real readiness, and have names that stay, asked for from inside another pod."""

from functools import partial

import pytest
from lightkube.resources.core_v1 import Pod

from tests.support.pods import address_of, addresses, execute, is_ready, write_page
from tests.support.projects import Project
from tests.support.waiting import eventually
from tests.support.watching import pod_events


@pytest.mark.upstream("Ordered Pod creation")
def test_s5_a_pod_starts_only_after_the_one_before_has_passed_its_probe(project: Project) -> None:
    # An empty volume answers 403, which is no success to a probe: a pod gets ready when its page is written.
    project.configure({"probes": {"readiness": {"periodSeconds": 1}}})
    with pod_events(project.api, project.namespace) as events, project.up_in_the_background() as up:
        for ordinal in range(3):
            pod = f"web-{ordinal}"

            def runs(pod: str = pod) -> bool:
                return pod in project.list(Pod) and project.get(Pod, pod)["status"]["phase"] == "Running"

            eventually(runs, f"{pod} runs")
            assert not is_ready(project, pod)
            assert sorted(project.list(Pod)) == [f"web-{n}" for n in range(ordinal + 1)], "the next one waits"
            write_page(project, pod, pod)
        up.result()
        eventually(lambda: is_ready(project, "web-2"), "the last one is ready")
    added = [event.pod for event in events if event.what == "ADDED"]
    assert added == ["web-0", "web-1", "web-2"]
    for before, after in (("web-0", "web-1"), ("web-1", "web-2")):
        ready = next(n for n, event in enumerate(events) if event.pod == before and event.ready)
        assert ready < next(n for n, event in enumerate(events) if event.pod == after)


def leads_to(web: Project, name: str, pod: str) -> bool:
    return addresses(web, name) == {address_of(web, pod)}


@pytest.mark.parametrize("name", ["{pod}.nginx.default.svc.cluster.local", "{pod}.nginx.default", "{pod}.nginx"])
@pytest.mark.upstream("Using stable network identities")
def test_s8_each_pod_has_a_name_of_its_own(web: Project, name: str) -> None:
    for pod in ("web-0", "web-1", "web-2"):
        # DNS knows a pod shortly after it is ready.
        eventually(partial(leads_to, web, name.format(pod=pod), pod), f"{name} leads to {pod}")
        assert execute(web, pod, "hostname").strip() == pod


@pytest.mark.parametrize("name", ["nginx.default.svc.cluster.local", "nginx.default", "nginx"])
@pytest.mark.upstream("Discovery for specific Pods in a StatefulSet")
def test_s8_the_service_s_name_is_all_ready_pods(web: Project, name: str) -> None:
    assert addresses(web, name) == {address_of(web, f"web-{ordinal}") for ordinal in range(3)}


@pytest.mark.upstream("Using stable network identities")
def test_s8_a_name_follows_its_pod_to_another_address(web: Project) -> None:
    before, uid = address_of(web, "web-1"), web.get(Pod, "web-1")["metadata"]["uid"]
    web.kubectl("delete", "pod", "web-1")
    eventually(lambda: is_ready(web, "web-1"), "web-1 is back")
    assert web.get(Pod, "web-1")["metadata"]["uid"] != uid
    after = address_of(web, "web-1")
    assert after != before
    eventually(lambda: addresses(web, "web-1.nginx") == {after}, "its name leads to its new address")
    eventually(lambda: after in addresses(web, "nginx.default"), "it is among all ready pods")
    assert before not in addresses(web, "nginx.default")


def test_a_name_that_nobody_has_leads_nowhere(web: Project) -> None:
    assert addresses(web, "web-3.nginx.default.svc.cluster.local") == set()
