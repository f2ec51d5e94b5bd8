"""A stack file that can't be read is one sentence; its values, which may be secrets, are not repeated."""

from pathlib import Path

import pytest

from components.stateful_web.cli.errors import CliError
from components.stateful_web.cli.project import Project
from components.stateful_web.cli.render import objects_of


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("config:\n  stateful-web:image: a: canary\n", "is not YAML: mapping values are not allowed here, in line 2"),
        ("config: [canary]\n", "has no keys and values below config"),
        ("[canary]\n", "has no keys and values below config"),
    ],
    ids=["no YAML", "a list for config", "a list"],
)
def test_what_is_wrong_with_a_stack_file_is_said(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(CliError) as refused:
        objects_of(Project(tmp_path, "stateful-web"), "dev")
    assert str(refused.value).startswith(f"Pulumi.dev.yaml {why}")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "config:\n"], ids=["empty", "a comment", "no config"])
def test_a_stack_file_may_be_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(Exception, match="stateful-web:image is missing"):
        objects_of(Project(tmp_path, "stateful-web"), "dev")


def test_a_key_that_may_be_a_newer_kubernetes_is_rendered_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = "{spec: {novelty: 1}}"
    (tmp_path / "Pulumi.dev.yaml").write_text(
        f"config: {{stateful-web:image: 'web:1', stateful-web:podTemplate: {template}}}"
    )
    assert objects_of(Project(tmp_path, "stateful-web"), "dev")[-1]["spec"]["template"]["spec"]["novelty"] == 1
    assert capsys.readouterr().err == (
        "stateful-web:podTemplate.spec.novelty is not a key that this release knows. It is passed on, and the API "
        "server decides.\n"
    )
