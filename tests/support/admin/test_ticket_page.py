"""The ticket's page: conversation, customer card, answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape
from pytest_django.fixtures import Settings

from shared.session import acting
from shared.tenancy.models import Tenant
from support.choices import Direction, TicketStatus
from support.models import CustomerReference, Ticket, TicketMessage, TicketNote
from support.services.customer_reference import sync_customer_reference
from tests.bases.staff import read_form, staff_client
from tests.support import platforms
from tests.support.factories import make_golden, make_message, make_note, make_reference, make_ticket


@pytest.fixture
def ticket(tenant: Tenant) -> Ticket:
    """A ticket of a customer whom the platform has."""
    with acting(domain="support", organization=tenant.id):
        reference = sync_customer_reference(customer=make_golden())
        return make_ticket(customer=reference, description="It coughs <b>loudly</b>.")


def page_of(ticket: Ticket) -> str:
    return reverse("admin:support_ticket_change", args=[ticket.pk])


def opened(client: Any, url: str) -> dict[str, Any]:
    return dict(read_form(client.get(url).content.decode(), "ticket_form"))


def test_the_conversation_shows_messages_and_notes_in_order(tenant: Tenant, ticket: Ticket) -> None:
    with acting(domain="support", organization=tenant.id):
        make_message(ticket, body="Any news?")
        make_note(ticket, body="Tends to shout.")
        make_message(ticket, direction=Direction.OUTBOUND, body="We are on it.")
    page = staff_client(tenant).get(page_of(ticket)).content.decode()
    places = [page.index(text) for text in ("It coughs", "Any news?", "Tends to shout.", "We are on it.")]
    assert places == sorted(places)
    assert "&lt;b&gt;loudly" in page, "what customers write is text"


def test_the_card_shows_the_customer_as_the_platform_knows_them(tenant: Tenant, ticket: Ticket) -> None:
    page = staff_client(tenant).get(page_of(ticket))
    card = page.context["customer_card"]
    assert card.tier == "standard"
    text = page.content.decode()
    assert "Grace Hopper" in text
    assert escape(card.notice) in text


@pytest.mark.parametrize("platform", [platforms.DOWN, platforms.FORGETFUL])
def test_the_page_opens_without_the_platform(
    tenant: Tenant, ticket: Ticket, settings: Settings, platform: str
) -> None:
    settings.PLATFORM_CLIENT = platform
    page = staff_client(tenant).get(page_of(ticket))
    assert page.status_code == 200
    assert page.context["customer_card"].notice in page.content.decode()
    assert "Grace Hopper" in page.content.decode()


def test_nobody_asks_the_platform_for_those_who_may_not_see(
    tenant: Tenant, other_tenant: Tenant, ticket: Ticket, settings: Settings
) -> None:
    settings.PLATFORM_CLIENT = platforms.WATCHED
    platforms.WatchedPlatform.asked_inside_a_unit.clear()
    staff_client(other_tenant).get(page_of(ticket))
    staff_client(tenant, domains=["marketing"]).get(page_of(ticket))
    assert platforms.WatchedPlatform.asked_inside_a_unit == []
    staff_client(tenant).get(page_of(ticket))
    assert platforms.WatchedPlatform.asked_inside_a_unit == [False]


def test_an_answer_and_a_note_are_said_on_saving(tenant: Tenant, ticket: Ticket) -> None:
    client = staff_client(tenant)
    form = {**opened(client, page_of(ticket)), "answer": "We are on it.", "note": "Boiler."}
    assert client.post(page_of(ticket), form).status_code == 302
    with acting(domain="support", organization=tenant.id):
        message, note = TicketMessage.objects.get(), TicketNote.objects.get()
        assert (message.body, message.direction) == ("We are on it.", Direction.OUTBOUND)
        assert note.body == "Boiler."
        assert message.author is not None
        assert message.author_name == note.author_name != ""
        ticket.refresh_from_db()
        assert ticket.first_response_at == message.created_at
        assert ticket.status == TicketStatus.OPEN


def test_the_status_offers_what_is_allowed(tenant: Tenant, ticket: Ticket) -> None:
    with acting(domain="support", organization=tenant.id):
        Ticket.objects.update(status=TicketStatus.SPAM)
    client = staff_client(tenant)
    page = client.get(page_of(ticket))
    choices = [value for value, _ in page.context["adminform"].form.fields["status"].choices]
    assert choices == ["spam", "open"]
    form = {**opened(client, page_of(ticket)), "status": "closed"}
    answer = client.post(page_of(ticket), form)
    assert list(answer.context["adminform"].form.errors) == ["status"]
    with acting(domain="support", organization=tenant.id):
        assert Ticket.objects.get().status == TicketStatus.SPAM


def test_a_new_ticket_finds_its_customer_by_email(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        golden = make_golden()
    client, url = staff_client(tenant), reverse("admin:support_ticket_add")
    form = {**opened(client, url), "subject": "Help", "requester_email": golden.email.upper()}
    assert client.post(url, form).status_code == 302
    with acting(domain="support", organization=tenant.id):
        assert Ticket.objects.get().customer_id == golden.id
        assert CustomerReference.objects.get().name == "Grace Hopper"


def test_a_new_ticket_of_a_stranger_keeps_who_asked(tenant: Tenant, settings: Settings) -> None:
    client, url = staff_client(tenant), reverse("admin:support_ticket_add")
    for platform in (settings.PLATFORM_CLIENT, platforms.DOWN):
        settings.PLATFORM_CLIENT = platform
        form = {**opened(client, url), "subject": "Help", "requester_email": "ada@example.com"}
        assert client.post(url, form).status_code == 302
    with acting(domain="support", organization=tenant.id):
        found = Ticket.objects.values_list("customer", "requester_email", "channel", "status")
        assert list(found) == [(None, "ada@example.com", "phone", "new")] * 2


def test_the_queue_is_filtered_and_searched(tenant: Tenant, ticket: Ticket) -> None:
    with acting(domain="support", organization=tenant.id):
        other = make_ticket(subject="Zeppelin", priority="urgent", customer=make_reference())
    client = staff_client(tenant)
    url = reverse("admin:support_ticket_changelist")
    for query, found in (
        ({"priority__exact": "urgent"}, [other]),
        ({"status__exact": "new"}, [other, ticket]),
        ({"q": "zepp"}, [other]),
        ({"q": str(ticket.number)}, [ticket]),
        ({"q": "nothing"}, []),
    ):
        page = client.get(url, query)
        assert [t.pk for t in page.context["cl"].result_list] == [t.pk for t in found], query
