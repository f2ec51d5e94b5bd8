"""The commands in a terminal, from the Pulumi engine's words to the tables."""

import pytest

from sandbox.instance import COMMAND
from sandbox.paths import ROOT
from tests.support.projects import Project
from tests.support.terminals import Screen, columns_of, screen_of


@pytest.mark.extended
@pytest.mark.parametrize("columns", [80, 160])
def test_status_and_forecast_have_every_name_whole_on_a_narrow_and_on_a_wide_screen(
    project: Project, columns: int
) -> None:
    def screen(command: str) -> Screen:
        env = {**project.env, "PYTHONPATH": str(ROOT)}
        return screen_of(
            [*COMMAND, command, "--stack", "dev"],
            columns,
            env,
            project.folder,
        )

    project.up()
    lines = screen("status").lines
    (header,) = (line for line in lines if line.endswith("DNS NAME"))
    hosts = [f"web-{n}.nginx.{project.namespace}.svc.cluster.local" for n in range(3)]
    assert [row["DNS NAME"] for row in columns_of(lines, header)] == hosts
    assert ("NODE" in header) is (columns == 160)

    project.configure({"replicas": 1})
    forecast = f"{project.namespace}/web: removes 2 pods (web-2, web-1), keeps claims"
    assert forecast in "".join(screen("preview").lines)
