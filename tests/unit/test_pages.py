"""What the tests of a page see: what it shows is what was said, or they fail."""

from pathlib import Path

import pytest

from tests.support.pages import Block, blocks, is_shown

SAID = """\
NAME    STATUS    AGE
web-0   Running   2m1s

web-1   Running   9s
"""


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(SAID, id="all of it"),
        pytest.param("NAME STATUS AGE\nweb-0 Running …\n\nweb-1 Running …\n", id="columns of other widths"),
        pytest.param("…\nweb-1   Running   9s\n", id="its last line"),
        pytest.param("NAME STATUS AGE\n…\n", id="its first line"),
        pytest.param("…\nweb-… Running 2m…\n…\n", id="parts of words"),
        pytest.param("NAME …\nweb-0 …\n…\nweb-1 …\n", id="starts of lines"),
    ],
)
def test_a_page_shows_what_was_said(page: str) -> None:
    assert is_shown(page, SAID)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("", id="nothing"),
        pytest.param(SAID.replace("web-1", "web-2"), id="another word"),
        pytest.param(SAID.replace("9s\n", "9s\nweb-2   Running   1s\n"), id="a line that was not said"),
        pytest.param("web-0 Running …\n", id="one line of several"),
        pytest.param("…\nweb-1 Running …\n…\nweb-0 Running …\n…\n", id="another order"),
        pytest.param("…\nweb-0 …1s …\n…\n", id="a word more in a line"),
        pytest.param("…\nweb-… …\nweb-… …\n…\n", id="lines next to each other that are not"),
        pytest.param("…\nweb-…s\n", id="several words for a part of one"),
        pytest.param("…\nweb-0 Running\n…\n", id="a line without its end"),
    ],
)
def test_a_page_that_shows_something_else_is_noticed(page: str) -> None:
    assert not is_shown(page, SAID)


def test_an_output_belongs_to_the_commands_above_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text('```sh\necho a\n```\n\nIt says:\n\n```text title="output"\na\n```\n\n```text\nb\n```\n')
    (commands, text) = blocks(page)
    assert commands == Block("sh", "", "echo a\n", "a\n")
    assert text == Block("text", "", "b\n")
    commands.check("a\n")
    with pytest.raises(AssertionError, match="The page shows"):
        commands.check("b\n")


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ('```text title="output"\na\n```\n', "begins with an output"),
        ('```text\na\n```\n```text title="output"\na\n```\n', "nothing that runs says this"),
        ('```sh\na\n```\n```text title="output"\n…\n```\n', "shows nothing"),
        ("```sh\na\n```\n" + 2 * '```text title="output"\na\n```\n', "a second output"),
    ],
)
def test_an_output_that_no_test_would_compare_is_a_mistake(page: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(page)
    with pytest.raises(AssertionError, match=why):
        list(blocks(path))
