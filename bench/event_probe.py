"""Times publishing, relaying and handling events: run by the case events in a process like the worker's.

Prints JSON. Handlers are the bench's own subscriber of the platform; the platform's others are taken away, so that one
worker's rate is of one subscriber.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from platform_core.models import Customer, TimelineEntry  # noqa: E402
from shared.events import Event, event, publish  # noqa: E402
from shared.events.connecting import operator_connection  # noqa: E402
from shared.events.draining import drain_once  # noqa: E402
from shared.events.handling import Delivered, subscriber, subscribers, unsubscribe  # noqa: E402
from shared.events.relay import relay_once  # noqa: E402
from shared.events.running import DeliveryProcess  # noqa: E402
from shared.session import Actor, acting  # noqa: E402
from support.models import Ticket  # noqa: E402

NAME = "bench.thing.noted"
AGGREGATES = 2_000


@event(NAME, aggregate="bench.thing")
class Noted(Event):
    """Of about the size of a real one."""

    thing_id: uuid.UUID
    customer_id: uuid.UUID
    subject: str
    priority: str


class Probe:
    def __init__(self, organization: uuid.UUID) -> None:
        self.organization = organization
        self.taker = None
        for taker in list(subscribers()):
            unsubscribe(taker.name)
        self.taker = subscriber("platform.bench")
        with acting(domain="platform", organization=organization):
            self.customer = Customer.objects.get_or_create(email="bench@example.com")[0].pk

    def unit(self, domain: str) -> Any:
        return acting(
            domain=domain,
            organization=self.organization,
            actor=Actor(kind="key", name="bench"),
            request_id="bench",
        )

    def fill(self, count: int) -> None:
        """So many published events of AGGREGATES things, by SQL, of which nothing is relayed yet."""
        with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
            for start in range(0, count, 50_000):
                superuser.execute(
                    "SELECT shared.write_events('support', %s, jsonb_agg(jsonb_build_object("
                    "'id', shared.uuid7(), 'name', %s::text, 'version', 1, 'type', 'bench.thing', "
                    "'aggregate', md5((n %% %s)::text)::uuid, 'data', jsonb_build_object("
                    "'thing_id', md5((n %% %s)::text)::uuid, 'customer_id', %s::uuid, "
                    "'subject', 'A subject of about forty characters ' || n, 'priority', 'high')) ORDER BY n)) "
                    "FROM generate_series(%s::int, %s::int) n",
                    [
                        self.organization, NAME, AGGREGATES, AGGREGATES, self.customer, start,
                        min(start + 50_000, count) - 1,
                    ],
                )  # fmt: skip
            superuser.execute("ANALYZE shared.outbox_events; ANALYZE shared.outbox_queue")

    def relay(self) -> list[float]:
        """Relay all; the moments at which each tenth was through, in seconds."""
        with operator_connection("default") as connection:
            row = connection.execute("SELECT count(*) FROM shared.outbox_queue").fetchone()
            total = int(row[0]) if row else 0
            return _tenths(lambda: relay_once(connection)[0], total)

    def drain(self, total: int) -> list[float]:
        return _tenths(lambda: drain_once(self.taker), total)


def _tenths(step: Callable[[], int], total: int) -> list[float]:
    began, done, marks = time.perf_counter(), 0, []
    while count := step():
        done += count
        while len(marks) < 10 and done >= total * (len(marks) + 1) / 10:
            marks.append(time.perf_counter() - began)
    if done < total:
        raise SystemExit(f"{done} of {total} were done")
    return marks


def _rates(marks: list[float], total: int) -> dict[str, float]:
    first, last = marks[0], marks[-1] - marks[-2]
    return {"per_second": total / marks[-1], "last_to_first": first / last}


def one_by_one(given: Delivered) -> None:
    """An effect by the ORM: a row."""
    data = given.data
    TimelineEntry.objects.create(
        customer_id=data.customer_id, at=given.at, domain=given.publisher, kind="bench", record_id=data.thing_id,
        what="began", title=data.subject, event_id=given.id,
    )  # fmt: skip


def in_sets(given: Sequence[Delivered]) -> None:
    """The same effect, in sets."""
    rows = [
        TimelineEntry(
            customer_id=each.raw["customer_id"], at=each.at, domain=each.publisher, kind="bench",
            record_id=each.raw["thing_id"], what="began", title=each.raw["subject"], event_id=each.id,
        )
        for each in given
    ]  # fmt: skip
    for row in rows:
        row.adopt_unit()
    TimelineEntry.objects.bulk_create(rows)


def throughput(probe: Probe, count: int) -> dict[str, Any]:
    """Relayed, then handled with an ORM effect each (a tenth of them), and in sets (the rest)."""
    assert probe.taker is not None
    probe.taker.handlers[NAME] = [one_by_one]
    probe.fill(count)
    found = {"relayed": _rates(probe.relay(), count)}
    few = count // 10
    began, done = time.perf_counter(), 0
    while done < few:
        if not (handled := drain_once(probe.taker)):
            raise SystemExit(f"{done} of {few} were handled")
        done += handled
    found["handled, one by one"] = {"per_second": done / (time.perf_counter() - began)}
    probe.taker.handlers.clear()
    probe.taker.set_handlers[NAME] = [in_sets]
    found["handled, in sets"] = _rates(probe.drain(count - done), count - done)
    return found


def latency(probe: Probe, seconds: int) -> dict[str, Any]:
    """From the publishing commit to the effect's, at 200 events a second, through relay and drain as they run."""
    assert probe.taker is not None
    times: list[float] = []
    committed: dict[uuid.UUID, float] = {}

    def note(given: Delivered) -> None:
        one_by_one(given)
        transaction.on_commit(
            lambda: times.append(time.time() - committed[given.data.thing_id]), using="default"
        )

    probe.taker.handlers[NAME] = [note]
    process = DeliveryProcess(only=frozenset({"platform"}))
    runner = threading.Thread(target=process.run)
    runner.start()
    time.sleep(2)
    began = time.perf_counter()
    count = seconds * 200
    for number in range(count):
        time.sleep(max(0.0, began + number / 200 - time.perf_counter()))
        thing = uuid.uuid4()
        with probe.unit("support"):
            publish(Noted(thing_id=thing, customer_id=probe.customer, subject="A subject", priority="high"))
            committed[thing] = time.time()
        committed[thing] = time.time()
    rate = count / (time.perf_counter() - began)
    give_up = time.monotonic() + 60
    while len(times) < count and time.monotonic() < give_up:
        time.sleep(0.05)
    process.stop()
    runner.join()
    connections.close_all()
    if len(times) < count:
        raise SystemExit(f"{len(times)} of {count} took effect")
    ordered = sorted(times)
    return {
        "latency": {
            "p50_ms": 1000 * statistics.median(ordered),
            "p95_ms": 1000 * ordered[int(len(ordered) * 0.95)],
            "published_per_second": rate,
        }
    }


def publishing(probe: Probe, turns: int) -> dict[str, Any]:
    """A ticket saved in a unit of its own, as it is; and with an event published in the same unit."""
    with probe.unit("support"):
        tickets = list(Ticket.objects.order_by("-created_at", "-id")[: 2 * turns])
    plain, telling = [], []
    for number in range(turns):
        for times, tells in (
            ((plain, False), (telling, True)) if number % 2 else ((telling, True), (plain, False))
        ):
            ticket = tickets.pop()
            ticket.intent = f"turn {number}"  # no column that the table tells of by itself
            began = time.perf_counter()
            with probe.unit("support"):
                ticket.save(update_fields=["intent"])
                if tells:
                    publish(
                        Noted(
                            thing_id=ticket.pk,
                            customer_id=probe.customer,
                            subject="A subject",
                            priority="high",
                        )
                    )
            times.append(time.perf_counter() - began)
    return {
        "a service's write": {"ms": 1000 * statistics.median(plain)},
        "a service's write that publishes": {"ms": 1000 * statistics.median(telling)},
    }


if __name__ == "__main__":
    what, organization, size = sys.argv[1:4]
    probe = Probe(uuid.UUID(organization))
    run = {"throughput": throughput, "latency": latency, "publishing": publishing}[what]
    print(json.dumps(run(probe, int(size))))
