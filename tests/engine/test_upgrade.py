"""The upgrade contract: a stack of release 0.1.0 goes on with this one, and nothing is replaced or restarted."""

import json

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from tests.support.projects import Project
from tests.support.states import IN_YAML, STACKS, state_of

OFTEN = {"scenario", "rich"}


def is_taken_on(project: Project, name: str) -> None:
    """Give a stack that is up the state of its predecessor; fail the test if anything is to be done then."""
    sets, pods, claims = (project.uids(kind) for kind in (StatefulSet, Pod, PersistentVolumeClaim))
    file = project.folder / "predecessor.json"
    file.write_text(state_of(name, project.namespace))
    project.pulumi("stack", "import", "--file", str(file))
    said = project.preview("--json").output
    planned = json.loads(said[said.index("{") :])  # after a warning on where a language host was found
    assert set(planned["changeSummary"]) == {"same"}
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
    in_yaml.up()
    is_taken_on(in_yaml, IN_YAML)
