"""kill -9 at a random moment of create, update, grow, scale and destroy: recover, up, and nothing is lost."""

import random
import signal
import time
from collections.abc import Callable

import pytest
from lightkube.resources.apps_v1 import StatefulSet

from components.stateful_web.quantity import parse_quantity
from tests.support.processes import END_SECONDS, Run, appears, below, in_session, kill, running
from tests.support.projects import Project
from tests.support.recovery import Data, moments_within, recovered, timed_up, wanted
from tests.support.waiting import eventually

UP = ("up", "--yes", "--skip-preview", "--policy-pack", "policies/stateful")
DESTROY = ("destroy", "--yes", "--skip-preview", "--run-program")
ATTEMPTS = 8

ENGINE = "engine"
VICTIMS = {
    ENGINE: "",
    "language-host": r"language[-_](python|host)",
    "plugin": r"pulumi-resource-kubernetes|kubernetes_plugin",
    "policy-pack": r"pulumi\.policy|policies/stateful",
}
"""What to kill, by what its command line has, with the official programs or ours."""


@pytest.fixture(scope="module")
def seconds(lasting: Project) -> float:
    """What a first ``up`` takes on this machine."""
    return timed_up(lasting)


def create(project: Project) -> tuple[str, ...]:
    project.pulumi("destroy", "--yes", "--skip-preview")
    return UP


def update(project: Project) -> tuple[str, ...]:
    name, _, tag = wanted(project)["image"].rpartition(":")
    project.configure({"image": f"{name}:{round(float(tag) + 1, 1)}"})
    return UP


def grow(project: Project) -> tuple[str, ...]:
    gigabytes = int(parse_quantity(wanted(project)["size"])) // 2**30
    project.configure({"storage.size": f"{gigabytes + 1}Gi"})
    return UP


def scale(project: Project) -> tuple[str, ...]:
    project.configure({"replicas": {3: 5, 5: 2, 2: 3}[wanted(project)["replicas"]]})
    return UP


def destroy(project: Project) -> tuple[str, ...]:
    return DESTROY


OPERATIONS: list[Callable[[Project], tuple[str, ...]]] = [create, update, grow, scale, destroy]


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_run_is_recovered_and_loses_nothing(
    lasting: Project, seconds: float, victim: str, moment: int, chance: random.Random
) -> None:
    # Nobody judges what is destroyed.
    operations = OPERATIONS[:-1] if victim == "policy-pack" else OPERATIONS
    prepare = operations[moment % len(operations)]
    for wait in moments_within(seconds, chance, ATTEMPTS):
        command = prepare(lasting)
        before = Data.of(lasting)
        with running(lasting, *command) as run:
            killed = kill_after(run, wait, VICTIMS[victim])
            ended = run.ended()
            print(f"{victim}, {prepare.__name__}: {wait:.2f} s after its start; killed: {killed}\n{ended.output}")
            if victim != ENGINE:
                eventually(lambda pid=run.pid: not in_session(pid), "the run's processes have ended")  # type: ignore[misc]
            elif killed:
                assert ended.code != 0
        if killed:
            recovered(lasting, before)
            return
        assert ended.code == 0
        if prepare is destroy:
            lasting.up()


def kill_after(run: Run, seconds: float, pattern: str) -> bool:
    """Kill the engine, or its child of that pattern, so long after its start; say whether it still ran."""
    if pattern and not appears(run, pattern):
        return False
    time.sleep(seconds)
    # The one that is there now: the engine asks a first language host for little, and starts another for the program.
    victim = below(run.pid, pattern) if pattern else run.pid
    return run.process.poll() is None and victim is not None and kill(victim)


def test_what_a_killed_engine_started_ends_by_itself(lasting: Project) -> None:
    create(lasting)
    before = Data.of(lasting)
    with running(lasting, *UP) as run:
        assert appears(run, VICTIMS["plugin"]), "the plugin is at work"
        assert kill(run.pid)
        assert run.ended().code == -signal.SIGKILL, "it was not through before"
        eventually(lambda: not in_session(run.pid), "language host, plugin and policy pack have ended", END_SECONDS)
    recovered(lasting, before)
    assert lasting.get(StatefulSet, "web")
