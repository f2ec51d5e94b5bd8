"""How stories about faults begin and end.

They begin with a change and a moment, and end with recover as printed, a plain ``up``, the same data, and no diff.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolume, PersistentVolumeClaim, Pod

from tests.support.cli import follow_printed, run_command
from tests.support.projects import Project


@dataclass(frozen=True)
class Data:
    """Claims and volumes, by name, with their UIDs."""

    claims: dict[str, str]
    volumes: dict[str, str]

    @classmethod
    def of(cls, project: Project) -> "Data":
        """Read what is there now."""
        volumes = {v["metadata"]["name"]: v["metadata"]["uid"] for v in map(_plain, project.api.list(PersistentVolume))}
        claims = project.list(PersistentVolumeClaim)
        return cls(
            {name: claim["metadata"]["uid"] for name, claim in claims.items()},
            {name: volumes[name] for claim in claims.values() if (name := claim["spec"].get("volumeName"))},
        )


def recovered(project: Project, before: Data) -> None:
    """Follow the documented way out; fail the test if the stack does not converge, or any data is not what it was."""
    said = run_command(project, "recover")
    assert said.code == 0, said.output
    follow_printed(project, said)
    converges(project, before)


def converges(project: Project, before: Data, *options: str) -> None:
    """Run ``up``; fail the test if the stack has not converged by then, or any data is not what it was."""
    project.up(*options)
    has_converged(project, before)


def has_converged(project: Project, before: Data) -> None:
    """Fail the test if an ``up`` would find anything to do, or any data is not what it was."""
    asked = wanted(project)
    live = project.get(StatefulSet, "web")
    assert live["spec"]["replicas"] == asked["replicas"] == len(project.list(Pod))
    images = {pod["spec"]["containers"][0]["image"] for pod in project.list(Pod).values()}
    assert images == {asked["image"]}
    claims = project.list(PersistentVolumeClaim)
    sizes = {claims[f"www-web-{n}"]["spec"]["resources"]["requests"]["storage"] for n in range(asked["replicas"])}
    assert sizes == {asked["size"]}
    after = Data.of(project)
    assert before.claims.items() <= after.claims.items(), "every claim is the one that it was"
    assert before.volumes.items() <= after.volumes.items(), "every volume is the one that it was"
    project.preview("--refresh", "--expect-no-changes")
    exported = json.loads(project.pulumi("stack", "export").output)
    assert not exported["deployment"].get("pending_operations")


def change(project: Project, chance: random.Random) -> None:
    """Ask for something else: another image, and another number of pods."""
    replicas = 2 if wanted(project)["replicas"] == 3 else 3
    project.configure({"image": f"web:{chance.randrange(10**9)}", "replicas": replicas})


def wanted(project: Project) -> dict[str, Any]:
    """Return what the stack's config asks for."""
    config = project.values()
    return {
        "replicas": config["stateful-web:replicas"],
        "image": config["stateful-web:image"],
        "size": config["stateful-web:storage"]["size"],
    }


def _plain(found: Any) -> dict[str, Any]:
    made: dict[str, Any] = found.to_dict()
    return made


def timed_up(project: Project) -> float:
    """Deploy; return the seconds that it took, of which moments can be drawn."""
    began = time.monotonic()
    project.up()
    return time.monotonic() - began


def moments_within(seconds: float, chance: random.Random, tries: int = 4) -> Iterator[float]:
    """Draw a moment at which to strike a run; then earlier ones, as long as it was through by then, and fail at last.

    Who has struck a run at work leaves the loop; a story that is told again needs another change first.
    """
    for halvings in range(tries):
        yield chance.uniform(0, seconds / 2**halvings)
    pytest.fail(f"each of {tries} runs was through before it was struck")
