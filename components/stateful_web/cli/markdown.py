"""Markdown that GitHub and GitLab render as it is meant, whatever names and messages have in them."""

import re
from collections.abc import Iterable, Sequence


def text(given: object) -> str:
    """Return text that stands in a line as it is; ``-`` for ``None``."""
    said = "-" if given is None else " ".join(str(given).split())
    return re.sub(r"([\\`*_\[\]<>|~#&@])", r"\\\1", said)


def code(given: object) -> str:
    """Return a name or a command as code, also within a table; ``-`` for ``None``."""
    if given is None:
        return "-"
    said = " ".join(str(given).split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", said)), default=0))
    pad = " " if fence != "`" else ""
    return f"{fence}{pad}{said}{pad}{fence}".replace("|", r"\|")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown already."""
    lines = (columns, ["---"] * len(columns), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def commands(given: Iterable[str]) -> str:
    """Return commands as a block that is copied as a whole."""
    lines = "\n".join(given)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", lines)), default=0))
    return f"{fence}sh\n{lines}\n{fence}"
