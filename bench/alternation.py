"""Two variants compared in short slices, A B, B A, …: a ratio with its interval, where single rounds are too rough.

Load from outside changes slowly beside a slice, so it falls on both slices of a pair; and since the order turns from
pair to pair, a slow drift falls on both variants alike.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.harness import Metrics, Variant

_RESAMPLES = 5000


@dataclass(frozen=True, slots=True)
class Interval:
    """A median and where it lies with 95 % confidence."""

    median: float
    low: float
    high: float


def alternate(
    first: Variant, second: Variant, pairs: int, *, say: Callable[[str], None]
) -> dict[str, list[Metrics]]:
    """Measure both ``pairs`` times; the two at the same place of the lists are neighbours in time."""
    taken: dict[str, list[Metrics]] = {first.name: [], second.name: []}
    for number in range(pairs):
        for variant in (second, first) if number % 2 else (first, second):
            taken[variant.name].append(variant.run())
        if (number + 1) % 10 == 0 or number + 1 == pairs:
            say(f"  {first.name}, {second.name}: {number + 1} of {pairs} pairs")
    return taken


def interval(values: Sequence[float]) -> Interval:
    """The median and its 95 % interval, by bootstrap: how the median varies where the values are drawn again."""
    draw = random.Random(len(values))  # the same values give the same interval
    medians = sorted(
        statistics.median(draw.choices(values, k=len(values))) for _ in range(_RESAMPLES if values else 0)
    )
    edge = len(medians) // 40
    return Interval(statistics.median(values), medians[edge], medians[-1 - edge])
