"""Markdown as GitHub and GitLab show it in a comment; whatever a text contains, it is shown as that text."""

import re
from collections.abc import Iterable, Sequence

_SYNTAX = re.compile(r"([\\`*_{}\[\]|~$])")
_MENTIONS = re.compile(r"(?<!\w)([@#!])(?=\w)")
_EMPTY = "<!-- -->"


def escaped(text: str) -> str:
    """Return text as one line of a paragraph, list or table: without markup, HTML, or links to people."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTIONS.sub(rf"\1{_EMPTY}", _SYNTAX.sub(r"\\\1", line))


def code(text: str) -> str:
    """Return text as code within a line; also in a table's cell."""
    line = " ".join(text.split()).replace("|", r"\|")
    marks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{marks}{pad}{line}{pad}{marks}" if line else ""


def fenced(text: str, language: str = "text") -> str:
    """Return lines of text as a block of code."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown of one line already."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(items: Iterable[str]) -> str:
    """Return a list of items that are Markdown of one line already."""
    return "\n".join(f"- {item}" for item in items)


def folded(summary: str, body: str) -> str:
    """Return Markdown that a reader opens by its summary, which is text."""
    return f"<details><summary>{escaped(summary)}</summary>\n\n{body}\n\n</details>"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
