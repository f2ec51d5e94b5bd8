"""What is wrong with an input, said in one sentence that names the key, the value, what is expected and the fix."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from pulumi import RunError

Path = tuple[str | int, ...]


class Name(str):
    """A part of a path that the caller chose, such as a label's key: every spelling has it as it is."""


@dataclass(frozen=True)
class Finding:
    """One input that can not be used."""

    path: Path
    """Where it is, in Python's spelling: ``("storage", "access_modes", 0)``."""

    problem: str
    """What it is, what is expected and the fix, to be read after the key."""

    expected: str = ""
    """The kind of value that is expected, where another one is given."""

    def of_output(self) -> "Finding":
        """Return what to say if the value is that of an output: it may be a secret, so it is not shown."""
        expected = f"{self.expected} is expected."
        return Finding(self.path, f"is an output that can not be used: {expected}") if self.expected else self

    def sentence(self, spell: Callable[[Path], str]) -> str:
        """Return the finding with its key spelled as the caller wrote it."""
        return f"{spell(self.path)} {self.problem}"


def python_key(path: Path) -> str:
    """Spell a path as an input in Python: ``storage.access_modes[0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def camel_key(path: Path) -> str:
    """Spell a path as in stack config and the other languages: ``storage.accessModes[0]``."""
    return python_key(
        tuple(camel(part) if isinstance(part, str) and not isinstance(part, Name) else part for part in path)
    )


def camel(snake: str) -> str:
    """Return ``storageClassName`` for ``storage_class_name``."""
    first, *rest = snake.split("_")
    return first + "".join(word.capitalize() for word in rest)


SPELLING: ContextVar[Callable[[Path], str]] = ContextVar("SPELLING", default=python_key)
"""How keys are spelled for whoever gave the inputs, also in what is judged later, when outputs are known."""


class InvalidInput(RunError):
    """The inputs can not be used; the message has one sentence for each finding. Nothing has been changed."""

    def __init__(self, findings: Sequence[Finding], spell: Callable[[Path], str] | None = None) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.sentence(spell or SPELLING.get()) for finding in self.findings))
