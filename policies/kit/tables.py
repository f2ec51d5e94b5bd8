"""Tables of what is known in the field, such as names of labels and annotations: each entry has a source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OF_THE_DEFAULT: Final = "..."
"""Stands for all entries of the default, in a configuration that adds to them."""


@dataclass(frozen=True)
class Table:
    """A list that a rule decides by, with a default that configuration replaces or extends."""

    description: str

    entries: Mapping[str, str]
    """The default: each entry, and where it comes from."""

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the configuration property."""
        return {
            "type": "array",
            "items": {"type": "string"},
            "default": [*self.entries],
            "description": f'{self.description} To add to the default, begin with "{OF_THE_DEFAULT}".',
        }

    def expanded(self, configured: Sequence[str]) -> Iterator[str]:
        """Yield the entries that a configuration stands for."""
        for entry in configured:
            if entry == OF_THE_DEFAULT:
                yield from self.entries
            else:
                yield entry


def table(description: str, entries: Mapping[str, Sequence[str]]) -> Table:
    """Return a table of which several entries share a source."""
    return Table(description, {entry: source for source, of_source in entries.items() for entry in of_source})
