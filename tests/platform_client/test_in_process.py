"""The client beside the platform, in the moment in which the platform's tables move to another database."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError

from platform_core.client import InProcessPlatformClient
from shared.api import units
from shared.platform_client import PlatformUnavailable
from shared.session import Actor, acting
from shared.tenancy.models import Tenant


class Moving:
    """A selector that finds the old tables gone, the first ``times`` times that it is asked."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, *_: Any) -> None:
        self.times -= 1
        if self.times >= 0:
            gone = psycopg.errors.UndefinedTable('relation "platform.customers" does not exist')
            raise ProgrammingError(str(gone)) from gone


@pytest.fixture
def client(committed: Any, monkeypatch: pytest.MonkeyPatch) -> InProcessPlatformClient:
    monkeypatch.setattr(units, "FOLLOWING_SECONDS", 0.2)
    tenant: Tenant = committed("Acme")
    return InProcessPlatformClient(organization=tenant.id, actor=Actor(kind="system", name="tests"))


def find(client: InProcessPlatformClient, moving: Moving, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("platform_core.client.find_customer_by_email", moving)
    return client.find_customer_by_email("ada@example.com")


def test_who_asks_while_the_platform_moves_is_answered_there(
    client: InProcessPlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(client, Moving(2), monkeypatch) is None


def test_a_platform_that_does_not_arrive_is_one_that_does_not_answer(
    client: InProcessPlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PlatformUnavailable):
        find(client, Moving(1000), monkeypatch)


def test_inside_a_unit_the_outer_one_follows(
    client: InProcessPlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProgrammingError), acting(domain="platform", organization=client._organization):
        find(client, Moving(1), monkeypatch)
