"""The GitHub action: its steps as a runner runs them, with a gh that notes what it is asked."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.paths import ROOT
from tests.support.actions import ACTION, STEPS, Runner

MARK = "<!-- stateful-web preview of shop/prod -->"
NOTES = 'import json, os, sys\nprint(json.dumps(sys.argv[1:]), file=open(os.environ["NOTED"], "a"))\n'


class World:
    """A runner with programs that note what they are asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.noted = folder, folder / "noted"
        self.runner = Runner(folder, {"PATH": f"{folder}/bin:/usr/bin:/bin", "NOTED": str(self.noted)})
        self.program(folder / "bin/gh", 'print(os.environ.get("FOUND", "")) if sys.argv[2] == "view" else None')

    def program(self, path: Path, text: str = "") -> None:
        from sys import executable

        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{executable}\n{NOTES}{text}\n")
        path.chmod(0o755)

    def run(self, step: str, **inputs: str) -> Any:
        return self.runner.run(step, {name.replace("_", "-"): value for name, value in inputs.items()}, self.folder)

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self.noted.read_text().splitlines()] if self.noted.exists() else []

    def comment(self, text: str = f"{MARK}\nIt stops.\n") -> str:
        (self.folder / "comment.md").write_text(text)
        return str(self.folder / "comment.md")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_preview_gets_every_input_as_it_is_whatever_it_contains(world: World) -> None:
    world.program(world.runner.command, f'print("{MARK}"); sys.exit(10)')
    odd = "$(touch injected); `touch injected` 'a' \"b\""
    ended = world.run(
        "preview", stack=odd, working_directory="a folder", packs="policies/a pack\n\n  policies/other  \n",
        pack_configs="one.json\ntwo.json", flags="--refresh\n--target=x y", fail_on="stop\nreplace\n",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert world.calls == [
        [
            *("preview", "--cwd", "a folder", "--stack", odd, "--output", "markdown"),
            *("--fail-on", "stop", "--fail-on", "replace", "--", "--non-interactive"),
            *("--policy-pack", "policies/a pack", "--policy-pack", "policies/other"),
            *("--policy-pack-config", "one.json", "--policy-pack-config", "two.json", "--refresh", "--target=x y"),
        ]
    ]
    assert not (world.folder / "injected").exists()
    path = Path(world.runner.outputs["comment-path"])
    assert path.read_text() == (world.folder / "summary").read_text() == f"{MARK}\n"
    assert world.runner.outputs["exit-code"] == "10"
    assert world.run("verdict").returncode == 10


def test_without_further_inputs_the_preview_has_no_packs_and_no_gate(world: World) -> None:
    world.program(world.runner.command)
    assert world.run("preview", stack="prod").returncode == 0
    assert world.calls[0][-4:] == ["--output", "markdown", "--", "--non-interactive"]
    assert world.run("verdict").returncode == 0


def test_the_first_preview_of_a_request_writes_a_comment(world: World) -> None:
    comment = world.comment()
    ended = world.run("comment", comment_from=comment)
    assert ended.returncode == 0, ended.stderr
    looked, made = world.calls
    assert looked[:5] == ["pr", "view", "7", "--json", "comments"]
    assert made == ["pr", "comment", "7", "--body-file", comment]


def test_the_next_one_changes_that_comment(world: World) -> None:
    comment = world.comment()
    world.runner.env = {**world.runner.env, "FOUND": "https://github.com/my-org/shop/pull/7#issuecomment-123"}
    assert world.run("comment", comment_from=comment).returncode == 0
    assert world.calls[1:] == [
        ["api", "--method", "PATCH", "repos/my-org/shop/issues/comments/123", "--field", f"body=@{comment}", "--silent"]
    ]


def test_a_comment_is_found_by_its_mark_among_those_of_the_same_token(world: World) -> None:
    world.program(
        world.folder / "bin/gh", 'print(os.environ["MARK"] + sys.argv[-1], file=open(os.environ["NOTED"] + "2", "a"))'
    )
    world.run("comment", comment_from=world.comment())
    asked = (world.folder / "noted2").read_text()
    assert asked.startswith(f"{MARK}[.comments[] | select(.viewerDidAuthor and (.body | startswith(env.MARK)))")


def test_a_run_of_no_pull_request_writes_no_comment(world: World) -> None:
    world.runner.number = ""
    ended = world.run("comment", comment_from=world.comment())
    assert (ended.returncode, world.calls) == (0, [])
    assert "not of a pull request" in ended.stdout


@pytest.mark.parametrize("text", ["", "Something else\n", f"before {MARK}\n"])
def test_what_is_no_comment_of_the_command_is_not_written(world: World, text: str) -> None:
    ended = world.run("comment", comment_from=world.comment(text))
    assert (ended.returncode, world.calls) == (1, [])
    assert "is not a comment of stateful-web preview" in ended.stdout


def test_the_command_is_installed_into_an_environment_of_its_own_at_the_action_s_ref(world: World) -> None:
    world.program(world.folder / "stateful-web/bin/pip")
    world.program(world.folder / "bin/python3")
    assert world.run("install").returncode == 0
    assert world.calls == [
        ["-m", "venv", str(world.folder / "stateful-web")],
        ["install", "--quiet", "--disable-pip-version-check", f"{ROOT}[cli]"],
    ]


def test_no_input_is_pasted_into_a_script_and_only_the_comment_gets_the_token() -> None:
    assert not [name for name, step in STEPS.items() if "${{" in step["run"]]
    with_token = [name for name, step in STEPS.items() if "github-token" in json.dumps(step)]
    assert with_token == ["comment"]


def test_every_input_is_described_and_used_and_every_output_made() -> None:
    text = (ROOT / "action.yml").read_text()
    for name, about in ACTION["inputs"].items():
        assert about["description"]
        assert len(re.findall(rf"inputs\.{name}\b", text)) >= 1, name
    for name in ACTION["outputs"]:
        assert f'echo "{name}=' in STEPS["preview"]["run"]


def test_workflows_that_use_it_give_it_inputs_that_it_has() -> None:
    for path in (".github/workflows/preview.yml", "templates/python/.github/workflows/preview.yml"):
        for job in yaml.safe_load((ROOT / path).read_text())["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("./"):
                    assert set(step["with"]) <= set(ACTION["inputs"])
