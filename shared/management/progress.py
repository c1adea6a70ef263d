"""How far a command has come: a bar on a terminal, else a line for each tenth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def showing_progress(stream: Any, title: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Yields a function that takes how many of ``total`` are done. ``stream`` is a command's stdout."""
    if not stream.isatty():
        yield _Tenths(total, unit, stream.write)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)


class _Tenths:
    """Says how far it has come, at most ten times."""

    def __init__(self, total: int, unit: str, say: Callable[[str], Any]) -> None:
        self._total = max(total, 1)
        self._unit = unit
        self._say = say
        self._said = 0

    def __call__(self, done: int) -> None:
        tenth = min(done * 10 // self._total, 10)
        if tenth > self._said:
            self._said = tenth
            self._say(f"{tenth * 10:3d} %  {self._unit} {done:,}")
