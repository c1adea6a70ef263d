"""Records go when their tenant's rule says so, but for what a legal hold protects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from shared.privacy.models import LegalHold
from shared.records.activity.models import ActivityEvent
from shared.session import acting, operating
from shared.tasks import apply_retention
from shared.tenancy.models import Tenant
from support.models import Ticket, TicketMessage
from tests.conftest import connection_as
from tests.support.factories import make_message, make_reference, make_ticket

OLD = timezone.now() - dt.timedelta(days=100)


def say(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    call_command(*command)
    return capsys.readouterr().out


def make_old(number: int, **fields: Any) -> list[Ticket]:
    """Tickets that were closed a hundred days ago."""
    tickets = [make_ticket(**fields) for _ in range(number)]
    Ticket.objects.filter(pk__in=[t.pk for t in tickets]).update(
        status="closed", closed_at=OLD, resolved_at=OLD
    )
    return tickets


def living(tenant: Tenant) -> set[Any]:
    with acting(domain="support", organization=tenant.pk):
        return set(Ticket.objects.values_list("pk", flat=True))


@pytest.fixture
def tenant(worker_login: Callable[[str], Tenant]) -> Tenant:
    return worker_login("Acme")


def test_what_is_too_old_is_hidden_with_the_reason(
    tenant: Tenant,
    worker_login: Callable[[str], Tenant],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.privacy.retention.CHUNK", 2)
    other = worker_login("Umbrella")
    with acting(domain="support", organization=tenant.pk):
        old, fresh = make_old(5), make_ticket()
        message = make_message(ticket=old[0])
    with acting(domain="support", organization=other.pk):
        others = make_old(1)
    assert "There is no rule" in say(capsys, "apply_retention", "--tenant", tenant.slug)
    said = say(capsys, "retention", tenant.slug, "support.ticket", "--days", "90")
    assert "support.ticket: hide 90 days after closed_at" in said
    assert "5 would be reached" in say(capsys, "apply_retention", "--tenant", tenant.slug, "--dry-run")
    assert len(living(tenant)) == 6
    assert "5 reached" in say(capsys, "apply_retention", "--tenant", tenant.slug)
    assert living(tenant) == {fresh.pk}
    assert living(other) == {t.pk for t in others}, "another tenant has no such rule"
    assert "0 reached" in say(capsys, "apply_retention", "--tenant", tenant.slug)
    with acting(domain="support", organization=tenant.pk):
        event = ActivityEvent.objects.get(entity_id=old[0].pk, organization_id=tenant.pk, action="deleted")
        assert (event.reason, event.actor_name) == ("retention: 90 days after closed_at", "retention")
        hidden = TicketMessage.all_objects.get(pk=message.pk)
        assert hidden.deleted_at is not None, "what cascades goes with it"
        Ticket.all_objects.get(pk=old[0].pk).restore()
    say(capsys, "retention", tenant.slug, "support.ticket", "--forever")
    assert "There is no rule" in say(capsys, "apply_retention", "--tenant", tenant.slug)


def test_what_is_held_stays_until_it_is_released(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    with acting(domain="support", organization=tenant.pk):
        ada = make_reference()
        of_customer, by_mail, of_message, free = (make_old(1)[0] for _ in range(4))
        rows = Ticket.objects
        rows.filter(pk=of_customer.pk).update(customer=ada)
        rows.filter(pk=by_mail.pk).update(requester_email=ada.email.upper())
        message = make_message(ticket=of_message)
    say(capsys, "retention", tenant.slug, "support.ticket", "--days", "90", "--remove")
    say(capsys, "legal_hold", tenant.slug, "customer", str(ada.customer_id), "--reason", "Case 4711")
    say(capsys, "legal_hold", tenant.slug, "support.ticketmessage", str(message.pk), "--reason", "Evidence")
    assert "Case 4711" in say(capsys, "legal_hold", tenant.slug)
    assert "1 reached, 3 held" in say(capsys, "apply_retention", "--tenant", tenant.slug)
    assert living(tenant) == {of_customer.pk, by_mail.pk, of_message.pk}
    with acting(domain="support", organization=tenant.pk):
        assert not Ticket.all_objects.filter(pk=free.pk).exists(), "removed for good"
        assert [v.history_type for v in Ticket.history.filter(id=free.pk)][:1] == ["-"]
    with pytest.raises(CommandError, match="This is held already"):
        call_command("legal_hold", tenant.slug, "customer", str(ada.customer_id), "--reason", "Again")
    say(capsys, "legal_hold", tenant.slug, "customer", str(ada.customer_id), "--release")
    assert "2 reached, 1 held" in say(capsys, "apply_retention", "--tenant", tenant.slug)
    assert living(tenant) == {of_message.pk}
    with operating(reason="test"):
        assert LegalHold.objects.filter(organization_id=tenant.pk, released_at=None).count() == 1
        assert LegalHold.objects.filter(organization_id=tenant.pk).count() == 2, (
            "a released hold stays as evidence"
        )


def test_it_happens_every_night(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.pk):
        make_old(2)
    call_command("retention", tenant.slug, "support.ticket", "--days", "90")
    assert apply_retention(domain="support", once_per_database=True) == 0, (
        "the platform's, which comes first, does it"
    )
    assert apply_retention(domain="platform", once_per_database=True) >= 2
    assert living(tenant) == set()


def test_no_domain_places_or_releases_a_hold(tenant: Tenant) -> None:
    with connection_as("trellis_web") as session:
        for domain in ("platform", "support", "crm", "marketing"):
            session.execute(f"SET ROLE trellis_{domain}")
            for statement in (
                "DELETE FROM shared.legal_holds",
                "UPDATE shared.legal_holds SET released_at = now()",
            ):
                with pytest.raises(Exception, match="permission denied"):
                    session.execute(statement)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["retention", "nobody"], "There is no tenant 'nobody'"),
        (
            ["retention", "{}", "support.tiket", "--days", "9"],
            "'support.tiket' does not age: choose among crm.activity",
        ),
        (["retention", "{}", "platform.customer", "--days", "9"], "'platform.customer' does not age"),
        (["retention", "{}", "support.ticket", "--days", "0"], "Keep records for between 1 and 36,500 days"),
        (["retention", "{}", "support.ticket"], "Say how long"),
        (["apply_retention", "--tenant", "nobody"], "There is no tenant 'nobody'"),
        (["legal_hold", "{}", "customer", "7", "--reason", "x"], "Give the identifier of what is held"),
        (["legal_hold", "{}", "customer", "01a1fdae-361c-7294-aefa-06f95e9b4453"], "Give a reason"),
        (
            ["legal_hold", "{}", "ticket", "01a1fdae-361c-7294-aefa-06f95e9b4453", "--reason", "x"],
            "There is no entity",
        ),
        (
            ["legal_hold", "{}", "customer", "01a1fdae-361c-7294-aefa-06f95e9b4453", "--release"],
            "There is no such hold",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(tenant: Tenant, command: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command(*(word.format(tenant.slug) for word in command))
