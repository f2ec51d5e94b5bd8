"""What a user sees of an input that is refused, by the language host that the engine starts."""

from dataclasses import replace

from tests.support.projects import Project


def test_a_refused_input_is_said_once(project: Project) -> None:
    project.configure({"replicas": "nine"})
    said = replace(project, own_host=True).preview(check=False)
    assert said.code != 0
    diagnostics = said.output.partition("Diagnostics:")[2]
    assert diagnostics.count('stateful-web:replicas is "nine"') == 1
    assert "unhandled" not in said.output
