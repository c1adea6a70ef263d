"""The platform stopped, slow, or not itself: a ticket is opened all the same, within two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as configured
from django.db import connections
from pytest_django.fixtures import Settings

from shared.platform_client import PlatformUnavailable, platform_client, transport
from shared.platform_client.breaker import State
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import Ticket
from tests.bases.callers import ApiCaller, make_caller
from tests.platform_client.conftest import ask_over_http
from tests.platform_client.servers import (
    MISBEHAVIOURS,
    misbehaving_server,
    silent,
    stopped_server,
)

Committed = Callable[[str], Tenant]
URL = "/api/support/tickets"
SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "stopped": stopped_server,
    **{name: (lambda b=behave: misbehaving_server(b)) for name, behave in MISBEHAVIOURS.items()},  # type: ignore[misc]
}


@pytest.fixture(params=SERVERS)
def fault(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """This process asks a platform that is none."""
    with SERVERS[request.param]() as url:
        ask_over_http(settings, url)
        yield request.param


def open_ticket(caller: ApiCaller) -> dict[str, object]:
    begin = time.monotonic()
    body = {"subject": "Help", "customer_email": "ada@example.com", "customer_name": "Ada"}
    answer = caller.post(URL, body)
    assert time.monotonic() - begin < 2
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_ticket_is_opened_within_two_seconds_and_says_degraded(fault: str, committed: Committed) -> None:
    tenant = committed("Acme")
    caller = make_caller(tenant, "support:read", "support:write")
    opened = open_ticket(caller)
    assert (opened["degraded"], opened["customer_dna"]) == (True, None)
    with acting(domain="support", organization=tenant.id):
        assert Ticket.objects.get().requester_email == "ada@example.com"


def test_the_client_itself_says_that_there_is_no_answer(fault: str) -> None:
    client = platform_client(organization=uuid7(), domain="support")
    for call in (
        lambda: client.get_customer(uuid7()),
        lambda: client.find_customer_by_email("ada@example.com"),
        lambda: client.update_customer(uuid7(), name="Ada"),
        lambda: client.may_contact(uuid7(), channel="email", purpose="service"),
    ):
        begin = time.monotonic()
        with pytest.raises(PlatformUnavailable):
            call()
        assert time.monotonic() - begin < configured.PLATFORM_TIMEOUT + 0.1


def test_the_platform_stops_between_two_questions(
    committed: Committed, settings: Settings, over_http: None
) -> None:
    tenant = committed("Acme")
    caller = make_caller(tenant, "support:read", "support:write")
    assert open_ticket(caller)["degraded"] is False
    with stopped_server() as url:
        ask_over_http(settings, url)
        opened = open_ticket(caller)
    assert opened["degraded"] is True
    ticket = opened["ticket"]
    assert isinstance(ticket, dict)
    assert ticket["customer_id"] is not None, "the customer is known here from the first ticket"


def test_the_breaker_opens_for_all_threads_and_closes_again(
    committed: Committed, settings: Settings, platform_url: str
) -> None:
    tenant = committed("Acme")
    with misbehaving_server(silent) as url:
        ask_over_http(settings, url)
        settings.PLATFORM_TIMEOUT = 0.2
        way = transport.transport_to(url)
        way.breaker._rest = 0.3
        slowest: list[float] = []

        def ask(times: int) -> None:
            client = platform_client(organization=tenant.id, domain="support")
            for _ in range(times):
                begin = time.monotonic()
                with pytest.raises(PlatformUnavailable):
                    client.get_customer(uuid7())
                slowest.append(time.monotonic() - begin)
            connections.close_all()

        threads = [threading.Thread(target=ask, args=(2,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert way.breaker.state is State.OPEN
        ask(1)
        assert slowest[-1] < 0.05, "nobody waits while it is open"
        way._pool = transport.pool_of(platform_url, size=2)  # the platform is back
        time.sleep(0.4)
        client = platform_client(organization=tenant.id, domain="support")
        assert client.find_customer_by_email("ada@example.com") is None
        assert way.breaker.state is State.CLOSED


def test_refusals_never_open_the_breaker(committed: Committed, over_http: None) -> None:
    tenant = committed("Acme")
    client = platform_client(organization=tenant.id, domain="support")
    for _ in range(8):
        assert client.find_customer_by_email("nobody@example.com") is None
    nobody = platform_client(organization=uuid7(), domain="support")
    for _ in range(8):
        with pytest.raises(PlatformUnavailable):
            nobody.get_customer(uuid7())
    assert client.find_or_create_customer(email="ada@example.com").email == "ada@example.com"
