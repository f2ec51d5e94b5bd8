"""The upgrade contract: a stack of release 0.1.0 goes on with this one, and nothing is replaced or restarted."""

import json
from typing import Any

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from tests.support.projects import Project
from tests.support.states import IN_YAML, STACKS, state_of

OFTEN = {"scenario", "rich"}
WITH_PARTITION = {"partition", "rich"}
"""For these an annotation of the set has changed since: what the kubernetes plugin waits for. That touches no pod."""


def with_live_managers(state: str, project: Project) -> str:
    """Return a recorded state with the field managers of the live objects: those of its own stack are others."""

    def managers(resources: list[dict[str, Any]]) -> dict[str, str]:
        named = {found["urn"]: found.get("outputs", {}).get("__fieldManager") for found in resources}
        return {urn: manager for urn, manager in named.items() if manager}

    live = managers(project.state())
    for urn, manager in managers(json.loads(state)["deployment"]["resources"]).items():
        state = state.replace(manager, live[urn])
    return state


def is_taken_on(project: Project, name: str) -> None:
    """Give a stack that is up the state of its predecessor; fail the test if anything is to be done then."""
    sets, pods, claims = (project.uids(kind) for kind in (StatefulSet, Pod, PersistentVolumeClaim))
    file = project.folder / "predecessor.json"
    file.write_text(with_live_managers(state_of(name, project.namespace), project))
    project.pulumi("stack", "import", "--file", str(file))
    said = project.preview("--json").output
    planned = json.loads(said[said.index("{") :])  # after a warning on where a language host was found
    changes = {
        step["urn"].rpartition("::")[2]: list(step["detailedDiff"]) for step in planned["steps"] if step["op"] != "same"
    }
    assert changes == ({"web-set": ['metadata.annotations["pulumi.com/waitFor"]']} if name in WITH_PARTITION else {})
    project.up(*([] if changes else ["--expect-no-changes"]))
    project.up("--expect-no-changes")
    assert project.uids(StatefulSet) == sets
    assert project.uids(Pod) == pods
    assert project.uids(PersistentVolumeClaim) == claims


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in OFTEN else pytest.mark.extended) for name in STACKS]
)
def test_a_stack_of_the_first_release_is_taken_on_without_a_change(project: Project, name: str) -> None:
    STACKS[name].make(project)
    is_taken_on(project, name)


@pytest.mark.extended
def test_a_stack_whose_component_is_hosted_is_taken_on_without_a_change(in_yaml: Project) -> None:
    # The recorded provider names its kubeconfig by a path of this folder.
    (in_yaml.folder / ".sandbox").symlink_to(in_yaml.folder.parents[1] / ".sandbox")
    in_yaml.up()
    is_taken_on(in_yaml, IN_YAML)
