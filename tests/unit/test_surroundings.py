"""What the programs that tests start do not hear of their user's terminal, proxies and git."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.surroundings import leave_out


def test_a_user_who_signs_commits_and_has_colours_forced_sees_the_same_run(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[commit]\n gpgSign = true\n[user]\n name = a\n")
    env = os.environ | {"HOME": str(tmp_path), "FORCE_COLOR": "1", "GIT_DIR": str(tmp_path)}
    leave_out(env)
    asked = ["git", "config", "--get-regexp", "commit.gpgsign|user.name"]
    said = subprocess.run(asked, env=env, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "commit.gpgsign false", "the last one counts"
    assert "user.name a" in said, "all else is as it was"
    assert not {"FORCE_COLOR", "GIT_DIR"} & set(env)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy:1"}, "127.0.0.1,localhost"),
        ({"HTTPS_PROXY": "http://proxy:1", "no_proxy": "a.example"}, "a.example,127.0.0.1,localhost"),
        ({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "*"}, "*"),
    ],
)
def test_no_proxy_is_asked_for_this_machine(given: dict[str, str], expected: str | None) -> None:
    leave_out(given)
    assert given.get("NO_PROXY") == expected
