"""Times what remembering costs, and reading the past: run by the case memory in a process like the worker's.

Prints JSON: name → seconds per call (medians). Rows are written in two sets: one with the triggers of versions and log, one
without, which a superuser (BENCH_SUPERUSER_URL) takes off meanwhile; the second set has no past afterwards.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.harness import time_each  # noqa: E402
from shared.records.activity.sealing import seal_activity  # noqa: E402
from shared.session import Actor, acting, operating  # noqa: E402
from support.models import Ticket  # noqa: E402

ACTOR = Actor(kind="key", id=None, name="bench", ip="127.0.0.1", user_agent="bench")


class Probe:
    """The measured tenant's tickets, newest first; each write takes rows that no other has."""

    def __init__(self, organization: uuid.UUID) -> None:
        self.organization = organization
        with self.unit():
            self.ids = list(Ticket.objects.order_by("-created_at", "-id").values_list("pk", flat=True))
        self.taken = 0

    def unit(self, **more: Any) -> Any:
        """As a request of the tenant."""
        return acting(
            domain="support", organization=self.organization, actor=ACTOR, request_id="bench", **more
        )

    def rows(self, count: int) -> list[uuid.UUID]:
        """So many tickets that were not written yet."""
        found = self.ids[self.taken : self.taken + count]
        if len(found) < count:
            raise SystemExit("there are too few tickets")
        self.taken += count
        return found

    def save_one(self, pool: list[uuid.UUID]) -> Callable[[], object]:
        """Reads a ticket ahead of time; the call saves it in a unit of its own."""

        def call() -> object:
            ticket = tickets.pop()
            ticket.subject = f"Saved at {time.perf_counter()}"
            with self.unit():
                ticket.save(update_fields=["subject"])
            return None

        with self.unit():
            tickets = list(Ticket.objects.filter(pk__in=pool))
        return call

    def update(self, ids: list[uuid.UUID], word: str) -> float:
        """Seconds of ``queryset.update()`` of these rows."""
        with self.unit():
            rows = Ticket.objects.filter(pk__in=ids)
            began = time.perf_counter()
            rows.update(intent=word)
            return time.perf_counter() - began

    def bulk_update(self, ids: list[uuid.UUID]) -> float:
        """Seconds of ``bulk_update()`` of these rows."""
        with self.unit():
            tickets = list(Ticket.objects.filter(pk__in=ids))
            for ticket in tickets:
                ticket.intent = "bulk"
            began = time.perf_counter()
            Ticket.objects.bulk_update(tickets, ["intent"], batch_size=1000)
            return time.perf_counter() - began


@contextmanager
def forgetting() -> Iterator[None]:
    """Without versions and log; a lock on the table for a moment, at the beginning and the end."""
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("ALTER TABLE support_app.tickets DISABLE TRIGGER remember_update")
        try:
            yield
        finally:
            superuser.execute("ALTER TABLE support_app.tickets ENABLE ALWAYS TRIGGER remember_update")


@contextmanager
def untold() -> Iterator[None]:
    """Without events, which are measured by themselves (cases/events.py)."""
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("ALTER TABLE support_app.tickets DISABLE TRIGGER tell_update")
        try:
            yield
        finally:
            superuser.execute("ALTER TABLE support_app.tickets ENABLE ALWAYS TRIGGER tell_update")


def writes(probe: Probe, saves: int, bulk: int) -> dict[str, float]:
    """Single saves, then bulk work on the same connection."""
    with untold():
        return _writes(probe, saves, bulk)


def _writes(probe: Probe, saves: int, bulk: int) -> dict[str, float]:
    found: dict[str, list[float]] = {"save": [], "bare save": []}
    block = max(saves // 10, 5)
    for _ in range(10):
        call = probe.save_one(probe.rows(block))
        found["save"] += time_each({"save": call}, turns=block, block=block)["save"]
        call = probe.save_one(probe.rows(block))
        with forgetting():
            found["bare save"] += time_each({"save": call}, turns=block, block=block)["save"]
    result = {name: statistics.median(times) for name, times in found.items()}
    bare, remembered = probe.rows(bulk), probe.rows(bulk)
    bare_more, more = probe.rows(bulk * 3), probe.rows(bulk * 3)
    with forgetting():
        result["bare update"] = probe.update(bare, "bare")
        result["bare update, four times the rows"] = probe.update([*bare, *bare_more], "bare again")
        result["bare bulk_update"] = probe.bulk_update(bare[: bulk // 4])
    result["update"] = probe.update(remembered, "remembered")
    result["update, four times the rows"] = probe.update([*remembered, *more], "remembered again")
    some = remembered[: bulk // 4]
    result["bulk_update"] = probe.bulk_update(some)
    result["update of as many"] = probe.update(some, "once more")
    return result


def reads(probe: Probe, turns: int) -> dict[str, float]:
    """One ticket, and a page of 50, now and as of a moment."""
    moment = timezone.now()
    some = iter(probe.ids * 100)

    def one(**past: Any) -> Callable[[], object]:
        def call() -> object:
            return list(Ticket.objects.filter(pk=next(some)).values_list())

        return call

    def page() -> object:
        return list(Ticket.objects.order_by("-created_at", "-id").values_list()[:50])

    result: dict[str, float] = {}
    with probe.unit(reading=True, replica=False):
        now = time_each({"one": one(), "page": page}, turns=turns)
    with probe.unit(as_of=moment, replica=False):
        then = time_each({"one": one(), "page": page}, turns=turns)
    for name, times in now.items():
        result[f"{name} now"] = statistics.median(times)
    for name, times in then.items():
        result[f"{name} as of"] = statistics.median(times)
    return result


def sealing(probe: Probe, seconds: float) -> dict[str, float]:
    """Writes a second, with a seal every second and with none."""
    found: dict[str, list[float]] = {"sealed": [], "not sealed": []}
    # The last rows: of those before, some were written without their past, and so cannot go on.
    pool = len(probe.ids) // 40
    probe.taken = len(probe.ids) - 6 * pool
    for number in range(6):
        name = ("sealed", "not sealed")[number % 2]
        call = probe.save_one(probe.rows(pool))
        began, due, count = time.perf_counter(), time.perf_counter() + 1, 0
        while (now := time.perf_counter()) - began < seconds and count < pool:
            call()
            count += 1
            if name == "sealed" and now >= due:
                due = now + 1
                with operating(reason="bench"):
                    seal_activity()
        found[name].append(count / (time.perf_counter() - began))
    return {name: statistics.median(rates) for name, rates in found.items()}


def main() -> None:
    """``writes``, ``reads`` or ``sealing``, the tenant, and the size of the work."""
    what, organization, size = sys.argv[1], uuid.UUID(sys.argv[2]), int(sys.argv[3])
    probe = Probe(organization)
    match what:
        case "writes":
            found = writes(probe, saves=max(size // 50, 50), bulk=size)
        case "reads":
            found = reads(probe, turns=size)
        case _:
            found = sealing(probe, seconds=float(size))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
