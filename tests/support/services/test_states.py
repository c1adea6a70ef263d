"""The states of a ticket, walked at random."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import Conflict
from shared.session import acting
from shared.tenancy.models import Tenant
from support.choices import Direction, TicketStatus
from support.models import Ticket
from support.services.conversation import add_message
from support.services.ticket import change_status
from support.states import TRANSITIONS, allowed_after
from tests.support.factories import make_ticket

STEPS = st.lists(st.sampled_from([*TicketStatus, *Direction]), max_size=12)


def test_every_status_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(TicketStatus)
    for status, allowed in TRANSITIONS.items():
        assert status not in allowed
        assert TicketStatus.NEW not in allowed, "nothing becomes new again"
        assert TicketStatus.MERGED not in allowed, "only merging merges"
        assert len(set(allowed)) == len(allowed)


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(TicketStatus, 2)), ids=str)
def test_the_table_is_what_the_service_allows(tenant: Tenant, before: str, after: str) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        _put(ticket, TicketStatus(before))
        if after in allowed_after(before):
            assert change_status(ticket=ticket, status=after).status == after
            return
        with pytest.raises(Conflict) as refused:
            change_status(ticket=ticket, status=after)
        assert refused.value.extra["allowed"] == [str(s) for s in allowed_after(before)]
        assert all(str(s) in str(refused.value) for s in allowed_after(before))
        ticket.refresh_from_db()
        assert ticket.status == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_times_agree_with_the_status(tenant: Tenant, steps: list[str]) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        reopened = 0
        answered = False
        for step in steps:
            before = ticket.status
            if step in Direction.values:
                add_message(ticket=ticket, direction=step, body="…")
                answered = answered or step == Direction.OUTBOUND
            else:
                try:
                    change_status(ticket=ticket, status=step)
                except Conflict:
                    assert ticket.status == before
            finished = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
            reopened += before in finished and ticket.status not in finished
            stored = Ticket.objects.get(pk=ticket.pk)
            assert stored.status == ticket.status
            assert (stored.closed_at is not None) == (stored.status == TicketStatus.CLOSED)
            assert (stored.resolved_at is not None) == (stored.status in finished)
            assert stored.reopened_count == reopened
            if stored.status in (*finished, TicketStatus.SPAM) and step != Direction.INBOUND:
                assert stored.waiting_since is None
        assert not answered or ticket.first_response_at is None, "the system's own words are no response"


def _put(ticket: Ticket, status: TicketStatus) -> None:
    """Bring a ticket into a status past the rules, as merging will."""
    finished = status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)
    Ticket.objects.filter(pk=ticket.pk).update(
        status=status,
        resolved_at=ticket.created_at if finished else None,
        closed_at=ticket.created_at if status == TicketStatus.CLOSED else None,
    )
    ticket.refresh_from_db()
