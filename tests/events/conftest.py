"""Events of the tests' own: something was noted about a thing; the platform writes down what it hears, as companies."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from platform_core.models import Company
from shared.events import Event, event
from shared.events.declaring import forget
from shared.events.draining import drain_once
from shared.events.handling import Delivered, Subscriber, subscriber, unsubscribe
from shared.events.publishing import publish_all
from shared.events.relay import relay_once
from shared.session import Actor, acting
from shared.tenancy.models import Tenant

NOTED = "tests.thing.noted"


class Noted(Event):
    thing_id: uuid.UUID
    text: str = ""
    customer_id: uuid.UUID | None = None


@pytest.fixture(autouse=True)
def noted() -> Iterator[type[Noted]]:
    """Declares the event; Noted may be published by every domain."""
    event(NOTED, aggregate="tests.thing")(Noted)
    yield Noted
    forget(NOTED)


@pytest.fixture
def hearing() -> Iterator[Subscriber]:
    """A subscriber of the platform's that writes down what it is told, and fails where it is told ``fail …``."""
    name = f"platform.t{uuid.uuid4().hex[:8]}"

    def write_down(given: Delivered) -> None:
        text = given.data.text
        Company.objects.create(name=f"{given.number} {text}")
        if text.startswith("fail"):
            raise ValueError(f"cannot do {text}")

    taker = subscriber(name)
    taker.handlers[NOTED] = [write_down]
    yield taker
    unsubscribe(name)


@pytest.fixture
def tenant(worker_login: Callable[[str], Tenant]) -> Tenant:
    return worker_login("Eventful")


@contextmanager
def operator() -> Iterator[psycopg.Connection[Any]]:
    """A connection as the relay's."""
    with psycopg.connect(os.environ["WORKER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET ROLE trellis_operator")
        yield connection


@pytest.fixture
def relaying() -> Iterator[psycopg.Connection[Any]]:
    with operator() as connection:
        yield connection


def tell(tenant: Tenant, thing: uuid.UUID, *texts: str, domain: str = "support") -> None:
    """Publish, a transaction for all."""
    with acting(domain=domain, organization=tenant.id, actor=Actor(name="teller"), request_id="req-1"):
        publish_all([Noted(thing_id=thing, text=text) for text in texts])


def relay_all(connection: psycopg.Connection[Any]) -> int:
    total = 0
    while taken := relay_once(connection)[0]:
        total += taken
    return total


def drain_all(taker: Subscriber) -> int:
    total = 0
    while count := drain_once(taker):
        total += count
    return total


def heard(tenant: Tenant) -> list[str]:
    """What was written down, in the order of writing."""
    with acting(domain="platform", organization=tenant.id, reading=True):
        return [company.name for company in Company.objects.order_by("created_at", "id")]
