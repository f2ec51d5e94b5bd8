"""Paired measurements: whatever else the machine does hits all sides of a comparison alike."""

import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
Samples = dict[str, list[float]]


def seconds(work: Callable[[], object]) -> float:
    """Return what one piece of work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def processor_seconds(work: Callable[[], object]) -> float:
    """Return what the processes that a piece of work starts and waits for have of the processor."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def in_turn(rounds: int, works: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Measure all works once a round, each round in the other order."""
    samples: dict[str, list[T]] = {name: [] for name in works}
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
    target: float | None
    """What the ratio may be at most; ``None`` where it is only stated."""
    unit: str = "s"
    plugin: str = ""
    """The kubernetes plugin, where it matters which."""
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
        """Whether the target is met."""
        return self.target is None or self.ratio <= self.target
