"""From publishing to effect, in one database: in order, once, whatever fails."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from platform_core.models import Company
from shared.events.declaring import Event, event
from shared.events.draining import MOST_ATTEMPTS, drain_once, wake_due
from shared.events.handling import Delivered, Subscriber
from shared.events.models import AggregateVersion, InboxEvent, OutboxEvent
from shared.events.publishing import MOST_HOPS, TooManyHopsError, handled, publish
from shared.events.relay import become_leader, relay_once
from shared.session import Actor, OutsideUnitError, acting, operating
from shared.tenancy.models import Tenant
from tests.events.conftest import NOTED, Noted, drain_all, heard, operator, relay_all, tell


def inbox(tenant: Tenant, taker: Subscriber) -> list[tuple[int, str, int]]:
    with operating(reason="test"):
        rows = InboxEvent.objects.filter(organization_id=tenant.id, subscriber=taker.name)
        return list(rows.order_by("stream", "number").values_list("number", "state", "attempts"))


def test_an_event_takes_effect_once_and_in_order(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    thing = uuid.uuid4()
    tell(tenant, thing, "a", "b")
    tell(tenant, thing, "c")
    assert relay_all(relaying) >= 3
    assert drain_all(hearing) == 3
    assert heard(tenant) == ["1 a", "2 b", "3 c"]
    assert relay_all(relaying) == 0
    assert drain_all(hearing) == 0
    assert inbox(tenant, hearing) == []


def test_an_event_is_written_with_what_it_tells_or_not_at_all(
    tenant: Tenant, hearing: Subscriber, relaying: Any
) -> None:
    thing = uuid.uuid4()

    def fail_afterwards() -> None:
        with acting(domain="support", organization=tenant.id):
            publish(Noted(thing_id=thing, text="lost"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_afterwards()
    with acting(domain="support", organization=tenant.id):
        try:
            with transaction.atomic():
                publish(Noted(thing_id=thing, text="taken back"))
                raise ZeroDivisionError
        except ZeroDivisionError:
            publish(Noted(thing_id=thing, text="kept"))
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 kept"]


def test_publishing_outside_of_a_unit_is_refused(tenant: Tenant) -> None:
    with pytest.raises(OutsideUnitError, match="publish inside"):
        publish(Noted(thing_id=uuid.uuid4()))
    with acting(domain="support", organization=tenant.id, reading=True):
        with pytest.raises(OutsideUnitError, match="only reads"):
            publish(Noted(thing_id=uuid.uuid4()))


def test_another_domains_event_is_refused(tenant: Tenant) -> None:
    class Theirs(Event):
        thing_id: uuid.UUID

    event("crm.tests.theirs", aggregate="crm.thing", publisher="crm")(Theirs)
    with acting(domain="support", organization=tenant.id):
        with pytest.raises(PermissionError, match=r"crm\.tests\.theirs is published by crm, not by support"):
            publish(Theirs(thing_id=uuid.uuid4()))


def test_no_domain_writes_the_tables_of_events(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        for statement in (
            "DELETE FROM shared.outbox_queue",
            "UPDATE shared.aggregate_versions SET value = 0",
            "DELETE FROM shared.inbox_events",
            "UPDATE shared.outbox_events SET data = '{}'",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                with connections["default"].cursor() as cursor:
                    cursor.execute(statement)


def test_a_domain_handles_no_other_ones_events(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    tell(tenant, uuid.uuid4(), "for the platform")
    relay_all(relaying)
    with acting(domain="support", organization=tenant.id):
        with pytest.raises(ProgrammingError, match="support may not handle"), transaction.atomic():
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "SELECT * FROM shared.take_events(%s, %s::uuid[], %s::bigint[])",
                    [hearing.name, [str(uuid.uuid4())], [1]],
                )
    assert drain_all(hearing) == 1


def test_a_transaction_under_way_is_not_skipped(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    slow, quick = uuid.uuid4(), uuid.uuid4()
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with acting(domain="support", organization=tenant.id):
            publish(Noted(thing_id=slow, text="slow"))
            written.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert written.wait(20)
    tell(tenant, quick, "quick")  # has a later position, and commits earlier
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 quick"]
    go_on.set()
    thread.join(20)
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 quick", "1 slow"]


def test_what_fails_parks_its_aggregate_alone(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    bad, good = uuid.uuid4(), uuid.uuid4()
    tell(tenant, bad, "fail it", "after it")
    tell(tenant, good, "fine")
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 fine"]
    assert inbox(tenant, hearing) == [(1, "retry", 1), (2, "waiting", 0)]
    tell(tenant, bad, "and later")
    relay_all(relaying)
    drain_all(hearing)
    assert inbox(tenant, hearing) == [(1, "retry", 1), (2, "waiting", 0), (3, "waiting", 0)]


def make_due(relaying: psycopg.Connection[Any], taker: Subscriber) -> None:
    relaying.execute(
        "UPDATE shared.inbox_events SET due_at = now() - interval '1 s' WHERE subscriber = %s AND state = 'retry'",
        [taker.name],
    )
    wake_due(taker)


def test_it_is_tried_again_until_it_is_a_dead_letter_then_released(
    tenant: Tenant, hearing: Subscriber, relaying: Any
) -> None:
    thing = uuid.uuid4()
    tell(tenant, thing, "fail for now", "next")
    relay_all(relaying)
    for _ in range(MOST_ATTEMPTS):
        make_due(relaying, hearing)
        drain_all(hearing)
    assert inbox(tenant, hearing) == [(1, "dead", MOST_ATTEMPTS), (2, "waiting", 0)]
    with operating(reason="test"):
        dead = InboxEvent.objects.get(subscriber=hearing.name, number=1)
    assert "ValueError: cannot do fail for now" in dead.error
    assert "write_down" in dead.error, "the traceback"

    mended: list[str] = []
    hearing.handlers[NOTED] = [lambda given: mended.append(given.data.text)]
    with acting(domain="platform", organization=tenant.id):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT shared.release_event(%s, %s, 1)", [hearing.name, dead.stream])
            assert cursor.fetchone() == (True,)
    drain_all(hearing)
    assert mended == ["fail for now", "next"]
    assert inbox(tenant, hearing) == []


@pytest.mark.parametrize(
    ("name", "version", "data", "reason"),
    [
        ("tests.thing.noted", 7, {}, "is not known in version 7, only in 1"),
        ("tests.nothing.known", 1, {}, "No event tests.nothing.known is declared"),
        ("tests.thing.noted", 1, {"thing_id": "x"}, "Input should be a valid UUID"),
    ],
)
def test_what_nobody_can_read_is_a_dead_letter_at_once(
    tenant: Tenant,
    hearing: Subscriber,
    relaying: Any,
    name: str,
    version: int,
    data: dict[str, Any],
    reason: str,
) -> None:
    hearing.handlers.setdefault(name, [lambda given: given.data])
    thing = uuid.uuid4()
    with acting(domain="support", organization=tenant.id), connections["default"].cursor() as cursor:
        told = {
            "id": str(uuid.uuid4()),
            "name": name,
            "version": version,
            "type": "t",
            "aggregate": str(thing),
        }
        told["data"] = data
        cursor.execute("SELECT shared.publish_events(%s::jsonb)", [json.dumps([told])])
    tell(tenant, uuid.uuid4(), "others go on")
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 others go on"]
    with operating(reason="test"):
        dead = InboxEvent.objects.get(subscriber=hearing.name)
    assert dead.state == "dead"
    assert reason in dead.error


def test_two_drains_share_the_work_and_keep_the_order(
    tenant: Tenant, hearing: Subscriber, relaying: Any
) -> None:
    things = [uuid.uuid4() for _ in range(12)]
    for number in range(5):
        for thing in things:
            tell(tenant, thing, f"{thing.hex[:6]} {number}")
    relay_all(relaying)

    def drain() -> None:
        for _ in range(200):
            if not drain_once(hearing, batch=7) and not inbox(tenant, hearing):
                break
        connections.close_all()

    threads = [threading.Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert inbox(tenant, hearing) == []
    told = heard(tenant)
    assert len(told) == 60
    for thing in things:
        mine = [text for text in told if thing.hex[:6] in text]
        assert mine == [f"{n + 1} {thing.hex[:6]} {n}" for n in range(5)]


def test_the_effect_tells_who_led_to_it(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    tell(tenant, uuid.uuid4(), "a")
    relay_all(relaying)
    drain_all(hearing)
    with acting(domain="platform", organization=tenant.id):
        version = Company.objects.get().history.get()
    assert version.history_request_id == "req-1"
    assert version.history_actor_name == f"{NOTED}, teller"
    assert version.history_change_reason.startswith("event ")


def test_circles_of_events_end(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    def go_round(given: Delivered) -> None:
        publish(Noted(thing_id=given.aggregate_id, text="again"))

    hearing.handlers[NOTED] = [go_round]
    tell(tenant, uuid.uuid4(), "start", domain="platform")
    for _ in range(MOST_HOPS + 3):
        relay_all(relaying)
        drain_all(hearing)
    with operating(reason="test"):
        dead = InboxEvent.objects.get(subscriber=hearing.name)
        count = OutboxEvent.objects.filter(organization_id=tenant.id).count()
    assert dead.state == "dead"
    assert TooManyHopsError.__name__ in dead.error
    assert count == MOST_HOPS + 1
    assert handled.get() is None


def test_one_relay_leads_and_another_takes_over() -> None:
    with operator() as first:
        assert become_leader(first)
        with operator() as second:
            assert not become_leader(second)
            first.close()
            for _ in range(100):
                if become_leader(second):
                    break
            else:
                pytest.fail("nobody leads")


def test_numbers_have_no_gap_when_many_publish(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    thing = uuid.uuid4()

    def publish_some() -> None:
        for _ in range(10):
            tell(tenant, thing, "x", "y")
        connections.close_all()

    threads = [threading.Thread(target=publish_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        relay_once(relaying)
    for thread in threads:
        thread.join()
    relay_all(relaying)
    with operating(reason="test"):
        rows = InboxEvent.objects.filter(subscriber=hearing.name).order_by("number")
        assert [(r.number, r.aggregate_version) for r in rows] == [(n, n) for n in range(1, 81)]
        counters = AggregateVersion.objects.filter(organization_id=tenant.id)
        assert {c.counter: c.value for c in counters} == {"published": 80, f"sent:{hearing.name}": 80}
    assert drain_all(hearing) == 80


def test_another_tenant_sees_nothing(
    tenant: Tenant, worker_login: Any, hearing: Subscriber, relaying: Any
) -> None:
    other = worker_login("Other")
    tell(tenant, uuid.uuid4(), "secret", domain="platform")
    relay_all(relaying)
    with acting(domain="platform", organization=other.id):
        assert not OutboxEvent.objects.exists()
        assert not InboxEvent.objects.exists()
        assert not AggregateVersion.objects.exists()
    with acting(domain="crm", organization=tenant.id):
        assert OutboxEvent.objects.count() == 1, (
            "crm reads the platform's schema, so it may see the platform's events"
        )
    with acting(domain="platform", organization=tenant.id, actor=Actor(name="reader")):
        assert InboxEvent.objects.count() == 1
    drain_all(hearing)
