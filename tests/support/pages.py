"""The fenced blocks of pages, and what their info strings, comments and outputs promise to a reader."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.paths import ROOT

FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]*)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r'  # "(.*)"$', re.MULTILINE)
FAILS = "this fails, as it should"
ON_NODE = "on the real node"
"""How the mark begins of what tests/node/test_docs.py runs."""
OUTPUT = "output"
LEFT_OUT = "…"
TRANSLATED = ".ko.md"
"""How the name of a translation ends; it has the blocks of its original, which tests/unit/test_docs.py sees to."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str
    text: str
    output: str = ""
    """What a shell block says, as the page shows it below."""

    @property
    def runs(self) -> bool:
        """Whether a reader runs it here: a shell block that is not marked with a reason why not, or where else."""
        if self.language != "sh" or self.title in ("", FAILS):
            return self.language == "sh"
        if self.on_node:
            return False
        elsewhere = re.fullmatch(r"run by (\S+)", self.title)
        assert elsewhere or re.fullmatch(r"not run by the tests: it \w+.*", self.title), f'a mark "{self.title}"?'
        assert not elsewhere or (ROOT / elsewhere[1]).exists(), self.title
        return False

    @property
    def on_node(self) -> bool:
        """Whether a reader runs it on the real node."""
        return self.title in (ON_NODE, f"{ON_NODE}; {FAILS}")

    @property
    def fails(self) -> bool:
        """Whether its last command is to fail."""
        return self.title.endswith(FAILS)

    @property
    def file(self) -> str | None:
        """The file that it is the text of."""
        return self.title if self.language != "sh" and self.title else None

    @property
    def promised(self) -> list[str]:
        """What is said to be seen when it runs: quoted in comments at the end of lines."""
        return PROMISE.findall(self.text)

    def check(self, said: str) -> None:
        """See in what it said all that the page promises."""
        for promised in self.promised:
            assert squeezed(promised) in squeezed(said), f"{self.text}\n\n{said}"
        if self.output:
            assert is_shown(self.output, said), f"{self.text}\nThe page shows:\n{self.output}\nIt said:\n{said}"


def blocks(page: Path) -> Iterator[Block]:
    """Return the blocks of a page, each with its output; a fence that is not understood is a mistake."""
    text = page.read_text()
    fenced = [Block(*match.groups(default="")) for match in FENCE.finditer(text)]
    fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
    assert fences == 2 * len(fenced), f"{page.name} has {fences} lines of fences, and {len(fenced)} blocks"
    found: list[Block] = []
    for block in fenced:
        if block.title == OUTPUT:
            assert found, f"{page.name} begins with an output"
            assert found[-1].runs or found[-1].on_node, f"nothing that runs says this:\n{block.text}"
            assert not found[-1].output, f"a second output of one block:\n{block.text}"
            assert block.text.replace(LEFT_OUT, "").strip(), f"an output that shows nothing, of:\n{found[-1].text}"
            found[-1] = replace(found[-1], output=block.text)
        else:
            found.append(block)
    yield from found


def pages(*, on_node: bool = False) -> list[Path]:
    """Return the pages in docs/ with blocks that a reader runs, or runs on the real node; translations left out."""
    listed = (path for path in (ROOT / "docs").rglob("*.md") if not path.name.endswith(TRANSLATED))
    return sorted(path for path in listed if any(block.on_node if on_node else block.runs for block in blocks(path)))


def is_shown(page: str, said: str) -> bool:
    """Say whether a page shows what was said, line by line; how wide a table's columns are does not matter.

    In the page, `…` stands for a word or a part of one, at the end of a line for the rest of it, and alone in a line
    for any lines.
    """
    shown = "".join(_pattern(squeezed(line)) for line in page.splitlines())
    return re.fullmatch(shown, "".join(f"{squeezed(line)}\n" for line in said.splitlines())) is not None


def _pattern(line: str) -> str:
    if line == LEFT_OUT:
        return r"(?:.*\n)*"
    start, rest = (line.removesuffix(LEFT_OUT), ".+") if line.endswith(f" {LEFT_OUT}") else (line, "")
    return r"\S+".join(map(re.escape, start.split(LEFT_OUT))) + rest + r"\n"


def squeezed(text: str) -> str:
    """Return a text with one space wherever it has some, as tables are aligned and lines folded."""
    return " ".join(text.split())
