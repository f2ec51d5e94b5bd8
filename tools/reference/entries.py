"""Entries of the reference: a heading with an anchor of its own, a text and facts, none of which a screen cuts."""

from collections.abc import Iterable, Sequence

WIDTH = 76
"""Columns of a line of code that a page shows beside navigation and contents."""


def entry(title: str, anchors: Sequence[str], text: str, facts: Iterable[tuple[str, str]], level: int = 2) -> str:
    """Return an entry; its heading has the first anchor, and the others lead there, too.

    Beside the page, where there is less room, the contents name it by the last part of that anchor.
    """
    first, *others = dict.fromkeys(anchors)
    also = ["".join(f'<a id="{other}"></a>' for other in others), ""] if others else []
    label = first.rpartition(".")[2]
    heading = f"{'#' * level} {title} {{ #{first} data-toc-label='{label}' }}"
    return "\n".join([*also, heading, "", text, "", *(f"- {name}: {fact}" for name, fact in facts), ""])


def prose(text: str) -> str:
    """Return text of the code as Markdown has it: outside of code, ``<name>`` is no tag of HTML."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


def code(path: Iterable[str]) -> str:
    """Return the keys of a path as code, of which lines break between keys alone."""
    return f"<code>{'.<wbr>'.join(path)}</code>"


def one_of(words: Sequence[str]) -> str:
    """Return words as a sentence has them: ``A``, ``B`` or ``C``."""
    *before, last = (f"`{word}`" for word in words)
    return f"{', '.join(before)} or {last}" if before else last
