"""Others at work on the same objects: seen by ``preview --refresh``, and repaired or left alone as documented.

docs/how-to/faults.md says which is which.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod, Service

from sandbox.instance import Sandbox
from tests.support.ops import run_ops
from tests.support.playing import autoscale, kubectl
from tests.support.processes import appears, running
from tests.support.projects import Project
from tests.support.recovery import Data, converges, recovered, timed_up, wanted
from tests.support.waiting import eventually

UP = ("up", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Work:
    """What somebody else does to the stack's objects."""

    do: Callable[[Project], object]
    seen: str
    """What ``preview --refresh`` says of it; empty if there is nothing to see, as Kubernetes repairs it itself."""
    left_alone: bool = False
    """``up --refresh`` keeps what they did."""


def delete(project: Project, what: str) -> None:
    kubectl(project, "delete", what, "--wait=false")


def delete_claim(project: Project) -> None:
    """Delete a claim; Kubernetes keeps it until no pod uses it, and then makes another."""
    delete(project, "persistentvolumeclaim/www-web-1")
    delete(project, "pod/web-1")


def grow_claim(project: Project) -> None:
    size = int(wanted(project)["size"].removesuffix("Gi")) + 4
    larger = f'{{"spec":{{"resources":{{"requests":{{"storage":"{size}Gi"}}}}}}}}'
    kubectl(project, "patch", "persistentvolumeclaim", "www-web-1", "--patch", larger)


WORKS = {
    "kubectl scale": Work(lambda p: kubectl(p, "scale", "statefulset/web", "--replicas=4"), "replicas"),
    "an autoscaler": Work(lambda p: autoscale(p, 4), "replicas"),
    "an edited label of the Service": Work(
        lambda p: kubectl(p, "label", "service/nginx", "app=other", "--overwrite"), "labels"
    ),
    "a label more": Work(lambda p: kubectl(p, "label", "statefulset/web", "team=a"), "", left_alone=True),
    "another image": Work(lambda p: kubectl(p, "set", "image", "statefulset/web", "nginx=web:other"), "image"),
    "a larger claim": Work(grow_claim, "", left_alone=True),
    "no Service": Work(lambda p: delete(p, "service/nginx"), "create"),
    "no StatefulSet": Work(lambda p: delete(p, "statefulset/web"), "create"),
    "a pod less": Work(lambda p: delete(p, "pod/web-0"), ""),
    "a claim less": Work(delete_claim, ""),
}
LOSES_DATA = {"a claim less"}
"""Only those who delete data lose it."""


@pytest.fixture(scope="module")
def seconds(lasting: Project) -> float:
    """What a first ``up`` takes on this machine."""
    return timed_up(lasting)


def kept(before: Data, work: str) -> Data:
    """Return the data that has to be there whatever they did."""
    if work not in LOSES_DATA:
        return before
    claims = {name: uid for name, uid in before.claims.items() if name != "www-web-1"}
    return Data(claims, {})


@pytest.mark.parametrize("name", WORKS)
def test_what_others_did_between_two_runs_is_seen_and_repaired_or_left_alone(lasting: Project, name: str) -> None:
    lasting.up("--refresh")
    before, work = Data.of(lasting), WORKS[name]
    work.do(lasting)
    if name == "no StatefulSet":
        eventually(lambda: not lasting.list(Pod), "the pods have gone with their set")
    seen = lasting.preview("--refresh", "--diff")
    if work.seen:
        assert work.seen in seen.output
        assert lasting.preview("--refresh", "--expect-no-changes", check=False).code != 0
    else:
        assert lasting.preview("--refresh", "--expect-no-changes").code == 0
    if name == "a larger claim":
        lasting.up("--refresh")
        mine = lasting.get(PersistentVolumeClaim, "www-web-1")["spec"]["resources"]["requests"]["storage"]
        assert mine != wanted(lasting)["size"], "a volume can't shrink"
        lasting.configure({"storage.size": mine})
    converges(lasting, kept(before, name), "--refresh")
    if name == "a label more":
        assert lasting.get(StatefulSet, "web")["metadata"]["labels"]["team"] == "a"


def test_others_at_work_during_an_up_lose_no_data_and_the_next_one_repairs(
    lasting: Project, seconds: float, moment: int, chance: random.Random
) -> None:
    lasting.up("--refresh")
    name = chance.sample(sorted(set(WORKS) - {"a larger claim"}), len(WORKS) - 1)[moment % (len(WORKS) - 1)]
    before = Data.of(lasting)
    lasting.configure({"image": f"web:{chance.randrange(10**9)}", "replicas": 2 + moment % 2})
    with running(lasting, *UP) as run:
        time.sleep(chance.uniform(0, seconds))
        try:
            WORKS[name].do(lasting)
        except AssertionError as gone:  # what kubectl would work on is not there at that moment
            assert "not found" in str(gone)  # noqa: PT017
        print(name, run.ended().output)
    said = run_ops(lasting, "recover")
    assert said.code == 0, said.output
    converges(lasting, kept(before, name), "--refresh")


def test_the_second_of_two_runs_at_once_is_refused_and_the_first_is_not_disturbed(lasting: Project) -> None:
    lasting.up("--refresh")
    before = Data.of(lasting)
    lasting.configure({"replicas": 5, "image": "web:at-once"})
    with running(lasting, *UP) as first:
        eventually(lambda: "web:at-once" in str(lasting.get(StatefulSet, "web")["spec"]), "the first is at work")
        appears(first, "kubernetes")
        second = lasting.up(check=False)
        assert second.code != 0
        assert "locked" in second.output
        assert first.ended().code == 0
    recovered(lasting, before)


def test_a_second_stack_of_the_same_names_is_refused_and_overwrites_nothing(
    sandbox: Sandbox, lasting: Project, tmp_path: Path
) -> None:
    lasting.up("--refresh")
    before = Data.of(lasting)
    versions = {
        kind: {name: found["metadata"]["generation"] for name, found in lasting.list(kind).items()}
        for kind in (StatefulSet,)
    }
    services = {name: found["metadata"]["uid"] for name, found in lasting.list(Service).items()}
    with Project.in_namespace(sandbox, tmp_path / "second", lasting.namespace) as second:
        second.configure({"image": "web:second"})
        for refused in (second.preview(check=False), second.up(check=False)):
            assert refused.code != 0
            assert "already exists" in refused.output
            assert "Traceback" not in refused.output
    assert {n: f["metadata"]["generation"] for n, f in lasting.list(StatefulSet).items()} == versions[StatefulSet]
    assert {name: found["metadata"]["uid"] for name, found in lasting.list(Service).items()} == services
    converges(lasting, before)
