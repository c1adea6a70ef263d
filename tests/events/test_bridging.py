"""Between databases: whatever the bus loses, repeats or reorders, each event takes effect once and in order.

One database plays both parts: the relay is told that the subscriber lives elsewhere.
"""

from __future__ import annotations

import random
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from django.conf import settings

from shared.events import bridging, relay
from shared.events.handling import Subscriber
from shared.events.transports import Message, Transport, TransportError, connect_transport
from shared.tenancy.models import Tenant
from tests.events.conftest import drain_all, heard, relay_all, tell

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"
HERE = ["support", "crm", "marketing"]


def rabbit_answers() -> bool:
    try:
        socket.create_connection(("127.0.0.1", 5672), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["redis", "rabbitmq"])
def bus(request: Any) -> Iterator[Transport]:
    if request.param == "rabbitmq" and not rabbit_answers():
        pytest.skip("no RabbitMQ answers on 127.0.0.1:5672")
    transport = connect_transport(RABBIT if request.param == "rabbitmq" else settings.REDIS_URL)
    yield transport
    transport.close()


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform, whose the subscriber is, lives in another database."""
    monkeypatch.setattr(relay, "living_domains", lambda cursor: HERE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not acknowledged is sent again at once."""
    monkeypatch.setattr(bridging, "AGAIN_SECONDS", 0.0)


def send(connection: psycopg.Connection[Any], bus: Transport, taker: Subscriber) -> int:
    return bridging.send_due(connection, bus, taker.name, HERE)


def arrive(
    connection: psycopg.Connection[Any], bus: Transport, taker: Subscriber, *, wait: float = 0.3
) -> int:
    total = 0
    while count := bridging.take_arrivals(connection, bus, taker.name, wait=wait):
        total += count
    return total


def acknowledge(connection: psycopg.Connection[Any], bus: Transport, taker: Subscriber) -> None:
    """Hear acknowledgements until none is missing: other tests' come as well. Five seconds at most."""
    give_up = time.monotonic() + 5
    while under_way(connection, taker) and time.monotonic() < give_up:
        bridging.take_acknowledgements(connection, bus, "support", wait=0.2)


def under_way(connection: psycopg.Connection[Any], taker: Subscriber) -> int:
    row = connection.execute(
        "SELECT count(*) FROM shared.outbox_deliveries WHERE subscriber = %s", [taker.name]
    ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.usefixtures("apart")
def test_an_event_crosses_and_is_acknowledged(
    tenant: Tenant, hearing: Subscriber, relaying: Any, bus: Transport
) -> None:
    tell(tenant, uuid.uuid4(), "a", "b", "c")
    relay_all(relaying)
    assert drain_all(hearing) == 0
    assert under_way(relaying, hearing) == 3
    assert send(relaying, bus, hearing) == 3
    assert send(relaying, bus, hearing) == 0, "not again before its time"
    assert arrive(relaying, bus, hearing) == 3
    assert drain_all(hearing) == 3
    acknowledge(relaying, bus, hearing)
    assert under_way(relaying, hearing) == 0
    assert heard(tenant) == ["1 a", "2 b", "3 c"]


@pytest.mark.usefixtures("apart", "impatient")
def test_what_is_lost_is_sent_again_and_what_comes_twice_counts_once(
    tenant: Tenant, hearing: Subscriber, relaying: Any, bus: Transport
) -> None:
    tell(tenant, uuid.uuid4(), "a", "b")
    relay_all(relaying)
    send(relaying, bus, hearing)
    lost = bus.receive(bridging.events_for(hearing.name), most=10, wait=1)
    bus.done(bridging.events_for(hearing.name), lost)  # the broker was flushed
    for _ in range(3):
        assert send(relaying, bus, hearing) == 2
    assert arrive(relaying, bus, hearing) == 6
    assert drain_all(hearing) == 2
    assert send(relaying, bus, hearing) == 2, "no acknowledgement was heard yet"
    arrive(relaying, bus, hearing)
    assert drain_all(hearing) == 0
    acknowledge(relaying, bus, hearing)
    assert under_way(relaying, hearing) == 0
    assert heard(tenant) == ["1 a", "2 b"]


class Unreliable:
    """A bus in memory that loses a third, repeats a third, and hands out in any order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._queues: dict[str, list[bytes]] = {}

    def send(self, address: str, bodies: Sequence[bytes]) -> None:
        if self._random.random() < 0.1:
            raise TransportError("The event bus does not answer.")
        for body in bodies:
            for _ in range(self._random.choice((0, 1, 2))):
                self._queues.setdefault(address, []).append(body)

    def receive(self, address: str, *, most: int, wait: float) -> list[Message]:
        queue = self._queues.get(address, [])
        self._random.shuffle(queue)
        count = self._random.randint(0, min(len(queue), 7))
        return [Message(queue.pop(), None) for _ in range(count)]

    def done(self, address: str, messages: Sequence[Message]) -> None:
        """Given once."""

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.usefixtures("apart", "impatient")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_unreliable_bus_delays_and_does_no_harm(
    tenant: Tenant, hearing: Subscriber, relaying: Any, seed: int
) -> None:
    bus = Unreliable(seed)
    things = [uuid.uuid4() for _ in range(4)]
    for number in range(10):
        tell(tenant, things[number % 4], f"{number % 4} {number}")
        tell(tenant, things[0], f"0 {number}b")
    for _ in range(400):
        relay_all(relaying)
        for step in (
            lambda: send(relaying, bus, hearing),
            lambda: bridging.take_arrivals(relaying, bus, hearing.name, wait=0),
            lambda: bridging.take_acknowledgements(relaying, bus, "support", wait=0),
        ):
            try:
                step()
            except TransportError:
                continue
        drain_all(hearing)
        if not under_way(relaying, hearing):
            break
    assert under_way(relaying, hearing) == 0
    told = heard(tenant)
    assert len(told) == 20
    for number in range(4):
        mine = [int(text.split()[0]) for text in told if text.split()[1] == str(number)]
        assert mine == sorted(mine), f"out of order: {mine}"


@pytest.mark.usefixtures("apart")
def test_rubbish_on_the_bus_is_dropped(
    tenant: Tenant, hearing: Subscriber, relaying: Any, bus: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    tell(tenant, uuid.uuid4(), "good")
    relay_all(relaying)
    rubbish = [b"", b"\xff\x00", b"[]", b'{"number": 1}', b'{"organization_id": "x"}']
    bus.send(bridging.events_for(hearing.name), rubbish)
    bus.send(bridging.acknowledgements_for("support"), [b"?", b"{}", b'[{"stream": "x"}]'])
    send(relaying, bus, hearing)
    arrive(relaying, bus, hearing)
    acknowledge(relaying, bus, hearing)
    assert drain_all(hearing) == 1
    assert under_way(relaying, hearing) == 0
    assert "cannot be read and was dropped" in caplog.text


@pytest.mark.usefixtures("apart")
def test_who_comes_home_is_given_what_was_under_way(
    tenant: Tenant, hearing: Subscriber, relaying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = uuid.uuid4()
    tell(tenant, thing, "before")
    relay_all(relaying)
    assert under_way(relaying, hearing) == 1
    home = [*HERE, "platform"]
    monkeypatch.setattr(relay, "living_domains", lambda cursor: home)
    tell(tenant, thing, "after")
    relay_all(relaying)
    assert drain_all(hearing) > 0, "what comes too early is set waiting"
    bridging.bring_home(relaying, home)
    drain_all(hearing)
    assert heard(tenant) == ["1 before", "2 after"]
    assert under_way(relaying, hearing) == 0


def test_a_bus_that_is_not_there_says_so() -> None:
    for url in ("redis://127.0.0.1:1/0", "amqp://guest:guest@127.0.0.1:1//"):
        with pytest.raises(TransportError, match="does not answer"):
            connect_transport(url).send("to.nobody", [b"x"])


@pytest.mark.usefixtures("apart", "impatient")
def test_what_is_anothers_is_not_acknowledged(
    tenant: Tenant, hearing: Subscriber, relaying: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Of an installation that shares the bus under the same name, or of a tenant who is not known here yet."""
    bus = Unreliable(1)
    tell(tenant, uuid.uuid4(), "ours")
    relay_all(relaying)
    [row] = relaying.execute(
        "SELECT organization_id, stream, number FROM shared.outbox_deliveries WHERE subscriber = %s",
        [hearing.name],
    ).fetchall()
    sent: list[bytes] = []
    bus.send = lambda address, bodies: sent.extend(bodies)  # type: ignore[method-assign]
    send(relaying, bus, hearing)
    stranger = sent[0].replace(str(row[0]).encode(), str(uuid.uuid4()).encode())
    bus.receive = lambda *a, **k: [Message(stranger, None)]  # type: ignore[method-assign]
    sent.clear()
    assert bridging.take_arrivals(relaying, bus, hearing.name, wait=0) == 1
    assert sent == [], "nothing is acknowledged"
    assert "is not known here" in caplog.text
    assert drain_all(hearing) == 0
    assert under_way(relaying, hearing) == 1
