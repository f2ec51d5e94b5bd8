"""The fenced blocks of pages, and what their info strings and comments promise to a reader."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import ROOT

FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]*)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r'  # "(.*)"$', re.MULTILINE)
FAILS = "this fails, as it should"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str
    text: str

    @property
    def runs(self) -> bool:
        """Whether a reader runs it here: a shell block that is not marked with a reason why not, or where else."""
        if self.language != "sh" or self.title in ("", FAILS):
            return self.language == "sh"
        elsewhere = re.fullmatch(r"run by (\S+)", self.title)
        assert elsewhere or re.fullmatch(r"not run by the tests: it \w+.*", self.title), f'a mark "{self.title}"?'
        assert not elsewhere or (ROOT / elsewhere[1]).exists(), self.title
        return False

    @property
    def fails(self) -> bool:
        """Whether its last command is to fail."""
        return self.title == FAILS

    @property
    def file(self) -> str | None:
        """The file that it is the text of."""
        return self.title if self.language != "sh" and self.title else None

    @property
    def promised(self) -> list[str]:
        """What is said to be seen when it runs: quoted in comments at the end of lines."""
        return PROMISE.findall(self.text)


def blocks(page: Path) -> Iterator[Block]:
    """Return the blocks of a page; a fence that is not understood is a mistake."""
    text = page.read_text()
    found = [Block(*match.groups(default="")) for match in FENCE.finditer(text)]
    fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
    assert fences == 2 * len(found), f"{page.name} has {fences} lines of fences, and {len(found)} blocks"
    yield from found


def squeezed(text: str) -> str:
    """Return a text with one space wherever it has some, as tables are aligned and lines folded."""
    return " ".join(text.split())
