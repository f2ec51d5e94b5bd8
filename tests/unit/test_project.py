"""The config of a stack as the engine reads it, from its own file and from Pulumi.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stateful_web.cli.errors import CliError
from components.stateful_web.cli.project import Project


def project(folder: Path, config: Any = None, stack: Any = None, **more: Any) -> Project:
    """Write a project shop and its stack dev, and read it."""
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "shop", "runtime": "go", "config": config, **more}))
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": stack}))
    return Project.at(folder)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"replicas": 3}, {"shop:replicas": 3}),
        ({"replicas": {"type": "integer", "default": 0}}, {"shop:replicas": 0}),
        ({"shop:labels": {"value": {"tier": "web"}}}, {"shop:labels": {"tier": "web"}}),
        ({"kubernetes:context": {"value": "here"}}, {"kubernetes:context": "here"}),
        ({"kubernetes:context": "here"}, {"kubernetes:context": "here"}),
        ({"replicas": {"type": "integer"}}, {}),
        (None, {}),
    ],
    ids=["short", "a default of a type", "a value", "of a provider", "of a provider, short", "no value", "nothing"],
)
def test_what_pulumi_yaml_says_holds_for_a_stack_that_says_nothing_else(
    tmp_path: Path, declared: Any, value: dict[str, Any]
) -> None:
    assert project(tmp_path, declared).config("dev") == value


def test_what_the_stack_says_comes_before_it_also_without_a_namespace(tmp_path: Path) -> None:
    found = project(tmp_path, {"replicas": 3, "name": "web"}, {"replicas": 1, "shop:name": "shop", "aws:region": "eu"})
    assert found.config("dev") == {"shop:replicas": 1, "shop:name": "shop", "aws:region": "eu"}
    assert found.own(found.config("dev")) == {"replicas": 1, "name": "shop"}


@pytest.mark.parametrize("said", [{"stackConfigDir": "stacks"}, {"config": "stacks"}], ids=["now", "before"])
def test_the_files_of_the_stacks_may_be_in_a_folder_of_their_own(tmp_path: Path, said: Any) -> None:
    found = project(tmp_path, **{"config": None, **said})
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.dev.yaml").rename(tmp_path / "stacks/Pulumi.dev.yaml")
    assert found.config("me/shop/dev") == {}


def test_what_environments_add_is_said_to_be_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = project(tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("environment: [aws/prod]\nconfig: {a: b}\n")
    assert found.config("dev") == {"shop:a": "b"}
    assert "Pulumi.dev.yaml names environments" in capsys.readouterr().err


def test_a_folder_without_a_project_and_a_stack_without_a_file_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"There is no Pulumi\.yaml here"):
        Project.at(tmp_path)
    with pytest.raises(CliError, match=r"There is no Pulumi\.prod\.yaml"):
        project(tmp_path).config("prod")
