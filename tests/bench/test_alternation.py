"""Two variants in alternating slices, and the interval of their ratio."""

from __future__ import annotations

import random

from bench.alternation import alternate, interval
from bench.harness import Variant


def test_the_order_turns_from_pair_to_pair() -> None:
    order: list[str] = []

    def variant(name: str) -> Variant:
        def run() -> dict[str, float]:
            order.append(name)
            return {"slice": float(len(order))}

        return Variant(name, run)

    taken = alternate(variant("on"), variant("off"), 3, say=lambda _: None)
    assert order == ["on", "off", "off", "on", "on", "off"]
    assert [metrics["slice"] for metrics in taken["on"]] == [1, 4, 5]
    assert [metrics["slice"] for metrics in taken["off"]] == [2, 3, 6]


def test_the_interval_holds_the_truth_and_narrows_with_more_values() -> None:
    draw = random.Random(7)
    values = [draw.gauss(5, 3) for _ in range(200)]
    few, many = interval(values[:15]), interval(values)
    assert many.low < 5 < many.high
    assert many.low <= many.median <= many.high
    assert many.high - many.low < few.high - few.low
    assert interval(values) == many
