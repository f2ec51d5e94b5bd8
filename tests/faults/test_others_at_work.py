"""Others at work on the same objects: seen by ``preview --refresh``, and repaired or left alone as documented.

docs/how-to/faults.md says which is which.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

from sandbox.instance import Sandbox
from tests.support.cli import run_command
from tests.support.playing import autoscale, set_ready
from tests.support.pods import successor
from tests.support.processes import running
from tests.support.projects import Project
from tests.support.recovery import Data, change, converges, has_converged, moments_within, recovered, timed_up
from tests.support.waiting import eventually

UP = ("up", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Work:
    """What somebody else does to the stack's objects."""

    do: Callable[[Project], object]
    seen: str
    """What ``preview --refresh`` says of it; empty if there is nothing to see, as Kubernetes repairs it itself."""
    manager: str = ""
    """Whom Kubernetes takes for the owner of the field since; the stack's own ``up`` is refused until it is forced."""
    pod: str = ""
    """The pod that Kubernetes makes anew."""


def delete(project: Project, what: str) -> None:
    # A rollout that another edit began may have the pod down at that moment.
    project.kubectl("delete", what, "--wait=false", "--ignore-not-found")


def delete_claim(project: Project) -> None:
    """Delete a claim; Kubernetes keeps it until no pod uses it, and then makes another."""
    delete(project, "persistentvolumeclaim/www-web-1")
    delete(project, "pod/web-1")


WORKS = {
    "kubectl scale": Work(lambda p: p.kubectl("scale", "statefulset/web", "--replicas=4"), "replicas", "kubectl"),
    "an autoscaler": Work(lambda p: autoscale(p, 4), "replicas", "kube-controller-manager"),
    "an edited label of the Service": Work(
        lambda p: p.kubectl("label", "service/nginx", "app=other", "--overwrite"), "labels"
    ),
    "a label of the Service that a controller edits": Work(
        lambda p: p.kubectl("label", "service/nginx", "app=other", "--overwrite", "--field-manager=robot"),
        "labels",
        "robot",
    ),
    "a label more": Work(lambda p: p.kubectl("label", "statefulset/web", "team=a"), ""),
    "another image": Work(lambda p: p.kubectl("set", "image", "statefulset/web", "nginx=web:other"), "image"),
    "another image by a controller": Work(
        lambda p: p.kubectl("set", "image", "statefulset/web", "nginx=web:other", "--field-manager=robot"),
        "image",
        "robot",
    ),
    "no Service": Work(lambda p: delete(p, "service/nginx"), "create"),
    "no StatefulSet": Work(lambda p: delete(p, "statefulset/web"), "create"),
    "a pod less": Work(lambda p: delete(p, "pod/web-0"), "", pod="web-0"),
    "a claim less": Work(delete_claim, "", pod="web-1"),
}
LOSES_DATA = {"a claim less"}
"""Only those who delete data lose it."""
AT_ONCE = {
    "edits": ("an edited label of the Service", "another image", "a pod less"),
    "a label more": ("a label more",),
    "edits of other managers": ("kubectl scale", "a label of the Service that a controller edits"),
    "deleted objects": ("no Service", "no StatefulSet"),
    "a deleted claim": ("a claim less",),
}
"""What others may do before the stack's next run; a run of all tests looks at each alone as well."""
ALONE = [
    pytest.param((name,), id=name, marks=pytest.mark.extended) for name in WORKS if (name,) not in AT_ONCE.values()
]


def take_back(project: Project) -> None:
    """Set back what others have written, as docs/how-to/faults.md says."""
    replace(project, env={**project.env, "PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}).up("--refresh")


@pytest.fixture(scope="module")
def seconds(lasting: Project) -> float:
    """What a first ``up`` takes on this machine."""
    return timed_up(lasting)


@pytest.fixture
def settled(lasting: Project, seconds: float, request: pytest.FixtureRequest) -> Project:
    """The stack as it is asked for, since the ``up`` that was timed; a test that has failed may have left anything."""
    if request.session.testsfailed:
        take_back(lasting)
    return lasting


def kept(before: Data, *works: str) -> Data:
    """Return the data that has to be there whatever they did."""
    if not LOSES_DATA.intersection(works):
        return before
    claims = {name: uid for name, uid in before.claims.items() if name != "www-web-1"}
    return Data(claims, {})


@pytest.mark.parametrize("names", [*(pytest.param(names, id=of) for of, names in AT_ONCE.items()), *ALONE])
def test_what_others_did_between_two_runs_is_seen_and_repaired_or_left_alone(
    settled: Project, names: tuple[str, ...]
) -> None:
    before, works = Data.of(settled), [WORKS[name] for name in names]
    pods = settled.list(Pod)
    for work in works:
        work.do(settled)
        if work.pod:
            successor(settled, pods[work.pod])
    if "no StatefulSet" in names:
        eventually(lambda: not settled.list(Pod), "the pods have gone with their set")
    seen = [work.seen for work in works if work.seen]
    if seen:
        said = settled.preview("--refresh", "--diff", "--expect-no-changes", check=False)
        assert said.code != 0
        assert all(text in said.output for text in seen)
    else:
        settled.preview("--refresh", "--expect-no-changes")
    managers = [work.manager for work in works if work.manager]
    if managers:
        refused = settled.up("--refresh", check=False)
        assert refused.code != 0
        assert any(f'conflict with "{manager}"' in refused.output for manager in managers)
        take_back(settled)
    else:
        settled.up("--refresh")
    has_converged(settled, kept(before, *names))
    if "a label more" in names:
        assert settled.get(StatefulSet, "web")["metadata"]["labels"]["team"] == "a"


def test_a_claim_that_others_made_larger_is_left_alone_until_the_stack_asks_for_as_much(project: Project) -> None:
    project.up()
    before = Data.of(project)
    larger = '{"spec":{"resources":{"requests":{"storage":"5Gi"}}}}'
    project.kubectl("patch", "persistentvolumeclaim", "www-web-1", "--patch", larger)
    project.preview("--refresh", "--expect-no-changes")
    said = project.up("--refresh")
    assert "Claim www-web-1 has 5Gi, more than the 1Gi asked for: it is left alone." in said.output
    assert project.get(PersistentVolumeClaim, "www-web-1")["spec"]["resources"]["requests"]["storage"] == "5Gi"
    project.configure({"storage.size": "5Gi"})
    converges(project, before, "--refresh")


def test_others_at_work_during_an_up_lose_no_data_and_the_next_one_repairs(
    settled: Project, seconds: float, moment: int, chance: random.Random
) -> None:
    name = chance.sample(sorted(WORKS), len(WORKS))[moment % len(WORKS)]
    for wait in moments_within(seconds, chance):
        before = Data.of(settled)
        change(settled, chance)
        with running(settled, *UP) as run:
            time.sleep(wait)
            try:
                WORKS[name].do(settled)
            except AssertionError as gone:  # what kubectl would work on is not there at that moment
                assert "not found" in str(gone)  # noqa: PT017
            missed = run.is_through()
            print(name, run.ended().output)
        said = run_command(settled, "recover")
        assert said.code == 0, said.output
        take_back(settled)
        has_converged(settled, kept(before, name))
        if not missed:
            break


def test_the_second_of_two_runs_at_once_is_refused_and_the_first_is_not_disturbed(settled: Project) -> None:
    before = Data.of(settled)
    set_ready(settled, "web-0", False)
    settled.configure({"replicas": 5, "image": "web:at-once"})
    with running(settled, *UP) as first:
        eventually(lambda: "web:at-once" in str(settled.get(StatefulSet, "web")["spec"]), "the first is at work")
        second = settled.up(check=False)
        assert second.code != 0
        assert "locked" in second.output
        assert first.process.poll() is None, "the first waits for a pod that is not ready"
        set_ready(settled, "web-0", True)
        assert first.ended().code == 0
    recovered(settled, before)


def test_a_second_stack_of_the_same_names_is_refused_and_overwrites_nothing(
    sandbox: Sandbox, settled: Project, tmp_path: Path
) -> None:
    before = Data.of(settled)
    versions = {
        kind: {name: found["metadata"]["generation"] for name, found in settled.list(kind).items()}
        for kind in (StatefulSet,)
    }
    services = settled.uids(Service)
    with Project.in_namespace(sandbox, tmp_path / "second", settled.namespace) as second:
        second.configure({"image": "web:second"})
        refused = second.up(check=False)
        assert refused.code != 0
        assert "already exists" in refused.output
        assert "Traceback" not in refused.output
    assert {n: f["metadata"]["generation"] for n, f in settled.list(StatefulSet).items()} == versions[StatefulSet]
    assert settled.uids(Service) == services
    converges(settled, before)
