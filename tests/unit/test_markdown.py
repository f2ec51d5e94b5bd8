"""Markdown for comments: whatever a text contains, it stays that text."""

import pytest

from components.stateful_web.cli.markdown import bullets, code, escaped, fenced, folded, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("stops all 3 pods (replicas 3 → 0), keeps claims", "stops all 3 pods (replicas 3 → 0), keeps claims"),
        ("a | b", r"a \| b"),
        ("two\nlines", "two lines"),
        ("</details><img src=x>", "&lt;/details&gt;&lt;img src=x&gt;"),
        ("&lt;", "&amp;lt;"),
        ("[click](https://example.com) *now* `x`", r"\[click\](https://example.com) \*now\* \`x\`"),
        (r"a\b", r"a\\b"),
        ("ask @somebody about #12 or !7", "ask @<!-- -->somebody about #<!-- -->12 or !<!-- -->7"),
        ("nginx@sha256:0a1b", "nginx@sha256:0a1b"),
    ],
)
def test_prose_shows_a_text_as_it_is_and_calls_nobody(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("shop/web", "`shop/web`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a|b", r"`a\|b`"),
        ("two\nlines", "`two lines`"),
        ("", ""),
    ],
)
def test_code_in_a_line_ends_where_the_text_does(text: str, shown: str) -> None:
    assert code(text) == shown


def test_a_block_of_code_ends_where_the_text_does() -> None:
    assert fenced("a\nb\n") == "```text\na\nb\n```"
    assert fenced("```\n</details>\n```", "yaml") == "````yaml\n```\n</details>\n```\n````"


def test_a_table_a_list_and_what_is_folded_are_blocks() -> None:
    assert table(("A", "B"), [("1", "2")]) == "| A | B |\n| --- | --- |\n| 1 | 2 |"
    assert bullets(["one", "two"]) == "- one\n- two"
    assert folded("a < b", "text") == "<details><summary>a &lt; b</summary>\n\ntext\n\n</details>"
