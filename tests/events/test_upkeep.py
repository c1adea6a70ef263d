"""Operators see what waits, release and skip dead letters, and replay."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from shared.events.handling import Subscriber
from shared.events.models import InboxEvent
from shared.session import operating
from shared.tenancy.models import Tenant
from tests.events.conftest import NOTED, drain_all, heard, relay_all, tell


def events(*arguments: str) -> str:
    out = io.StringIO()
    call_command("events", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def parked(tenant: Tenant, hearing: Subscriber, relaying: Any) -> InboxEvent:
    """A dead letter with one behind it."""
    tell(tenant, uuid.uuid4(), "fail", "behind")
    relay_all(relaying)
    drain_all(hearing)
    relaying.execute(
        "UPDATE shared.inbox_events SET state = 'dead' WHERE subscriber = %s AND number = 1", [hearing.name]
    )
    with operating(reason="test"):
        return InboxEvent.objects.get(subscriber=hearing.name, number=1)


def test_what_waits_is_shown(parked: InboxEvent, hearing: Subscriber) -> None:
    line = next(line for line in events("status").splitlines() if line.startswith(hearing.name))
    assert "1 waiting, 1 dead, the oldest for 0:00:0" in line
    told = events("dead", "--subscriber", hearing.name)
    assert f"{NOTED} {parked.event_id}" in told
    assert "ValueError: cannot do fail" in told
    assert "1 dead letters." in told


def test_a_released_one_is_tried_again(tenant: Tenant, parked: InboxEvent, hearing: Subscriber) -> None:
    hearing.handlers[NOTED] = [lambda event: None]
    assert "1 dead letters are tried again" in events("release", "--subscriber", hearing.name)
    assert drain_all(hearing) == 2


def test_a_skipped_one_is_gone_and_the_next_goes_on(
    tenant: Tenant, parked: InboxEvent, hearing: Subscriber
) -> None:
    with pytest.raises(CommandError, match="Name the one to go on without"):
        events("skip")
    with pytest.raises(CommandError, match="no such dead letter"):
        events("skip", "--subscriber", hearing.name, "--event", str(uuid.uuid4()))
    assert "Skipped" in events("skip", "--subscriber", hearing.name, "--event", str(parked.event_id))
    assert drain_all(hearing) == 1
    assert heard(tenant) == ["2 behind"]


def test_published_events_are_given_again(tenant: Tenant, hearing: Subscriber, relaying: Any) -> None:
    thing, other = uuid.uuid4(), uuid.uuid4()
    tell(tenant, thing, "a", "b")
    tell(tenant, other, "c")
    relay_all(relaying)
    drain_all(hearing)
    for wrong, sentence in (
        (["nobody"], "There is no subscriber nobody"),
        ([hearing.name, "--aggregate", "x"], "x is no identifier"),
        ([hearing.name, "--since", "2026-01-01"], "is no moment"),
        ([hearing.name, "--tenant", "nobody-here"], "nobody-here"),
    ):
        with pytest.raises(CommandError, match=sentence):
            events("replay", *wrong)
    chosen = ("replay", hearing.name, "--tenant", tenant.slug, "--aggregate", str(thing), "--name", NOTED)
    assert "2 events would be given again" in events(*chosen, "--dry-run")
    assert relay_all(relaying) == 0
    assert "2 events are given again" in events(*chosen)
    relay_all(relaying)
    drain_all(hearing)
    assert heard(tenant) == ["1 a", "2 b", "1 c", "3 a", "4 b"]
