"""``autoscaled``: the count belongs to an autoscaler, and switching it on or off changes no pod count by itself."""

import pytest
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Pod

from tests.support.playing import autoscale
from tests.support.projects import Project
from tests.support.waiting import eventually

PROGRAM = """
import pulumi
from components.stateful_web import StatefulWeb

web = StatefulWeb("web", {{
    "image": "{image}",
    "namespace": pulumi.Config("stateful-web").require("namespace"),
    {more}
}})
pulumi.export("replicas", web.replicas)
pulumi.export("pod_hosts", web.pod_hosts)
"""


def program(project: Project, more: str, image: str = "web:1") -> None:
    project.program(PROGRAM.format(image=image, more=more))


def count(project: Project) -> int:
    asked: int = project.get(StatefulSet, "web")["spec"]["replicas"]
    return asked


def at_five(project: Project) -> None:
    """Deploy three pods with ``autoscaled``, of which an autoscaler makes five."""
    program(project, '"replicas": 3, "autoscaled": True')
    project.up()
    autoscale(project, 5)
    eventually(lambda: len(project.list(Pod)) == 5, "the autoscaler has its five pods")


@pytest.mark.extended
def test_switching_it_on_before_there_is_an_autoscaler_keeps_the_count_and_off_again_too(project: Project) -> None:
    program(project, '"replicas": 3')
    project.up()
    pods = project.uids(Pod)
    program(project, '"autoscaled": True')
    project.up()
    assert count(project) == 3
    project.up("--expect-no-changes")
    assert project.outputs()["replicas"] == 3, "not the default, which was never asked for"
    program(project, '"replicas": 3')
    project.up()
    assert count(project) == 3
    assert project.uids(Pod) == pods


def test_a_change_of_image_leaves_the_autoscaler_s_count_alone(project: Project) -> None:
    at_five(project)
    project.up("--expect-no-changes")
    program(project, '"replicas": 3, "autoscaled": True', image="web:2")
    project.up()
    assert count(project) == 5
    images = {pod["spec"]["containers"][0]["image"] for pod in project.list(Pod).values()}
    assert images == {"web:2"}
    assert len(project.list(Pod)) == 5
    outputs = project.outputs()
    assert outputs["replicas"] == len(outputs["pod_hosts"]) == 5
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.up("--expect-no-changes")


@pytest.mark.parametrize("wanted", [2, pytest.param(5, marks=pytest.mark.extended)])
def test_switching_it_off_with_a_count_takes_that_count(project: Project, wanted: int) -> None:
    at_five(project)
    program(project, f'"replicas": {wanted}')
    project.up()
    eventually(lambda: len(project.list(Pod)) == wanted, "the count is the one that was asked for")
    project.up("--expect-no-changes")
    program(project, f'"replicas": {wanted - 1}')
    project.up()
    assert count(project) == wanted - 1, "the autoscaler's mark on the field is no obstacle later on"
