"""Paired measurements: whatever else the machine does hits all sides of a comparison alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Samples = dict[str, list[float]]


def seconds(work: Callable[[], object]) -> float:
    """Return what one piece of work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def in_turn(rounds: int, works: Mapping[str, Callable[[], float]]) -> Samples:
    """Measure all works once a round, each round in the other order."""
    samples: Samples = {name: [] for name in works}
    for number in range(rounds):
        names = list(works)
        for name in names if number % 2 == 0 else reversed(names):
            samples[name].append(works[name]())
    return samples


@dataclass(frozen=True)
class Row:
    """One line of the results: ours against a peer's, pair by pair."""

    work: str
    ours: Sequence[float]
    peer: Sequence[float]
    against: str
    bar: float | None
    """What the ratio may be at most; ``None`` where it is only stated."""
    unit: str = "s"
    ratios: list[float] = field(init=False)

    def __post_init__(self) -> None:
        pairs = zip(self.ours, self.peer, strict=True)
        object.__setattr__(self, "ratios", [one / other for one, other in pairs])

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the bar is kept."""
        return self.bar is None or self.ratio <= self.bar
