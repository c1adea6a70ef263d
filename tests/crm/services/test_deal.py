"""Opening, changing and moving deals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from crm.choices import ActivityType, DealStatus
from crm.models import Activity, Deal, DealStageHistory
from crm.selectors.deal import stage_history
from crm.services.deal import move_deal, open_deal, update_deal
from shared.errors import Conflict, InvalidInput, NotFound
from shared.records import uuid7
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.crm.factories import make_deal, make_pipeline, make_reference, stage_named

ALICE = Actor(kind="user", id=uuid7(), name="Alice Owner")


@pytest.fixture(autouse=True)
def _acting(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id, actor=ALICE):
        yield


def test_a_deal_opens_in_the_first_open_stage_of_the_default_pipeline() -> None:
    pipeline = make_pipeline()
    customer = make_reference()
    deal = open_deal(name="Looms", customer=customer)
    assert deal.pipeline_id == pipeline.pk
    assert deal.stage.name == "Qualification"
    assert (deal.status, deal.closed_at) == (DealStatus.OPEN, None)
    assert (deal.company_id, deal.company_name) == (customer.company_id, "Analytical Engines")
    (stay,) = stage_history(deal.pk)
    assert (stay.stage_id, stay.left_at, stay.moved_by) == (deal.stage_id, None, "Alice Owner")


def test_without_a_pipeline_there_is_nothing_to_open_a_deal_in() -> None:
    with pytest.raises(InvalidInput) as refused:
        open_deal(name="Looms")
    assert "pipeline_id" in refused.value.errors


def test_a_deal_begins_in_an_open_stage_that_has_what_it_requires() -> None:
    pipeline = make_pipeline()
    with pytest.raises(InvalidInput) as refused:
        open_deal(name="Looms", stage_id=stage_named(pipeline, "Won").pk)
    assert "stage_id" in refused.value.errors
    with pytest.raises(InvalidInput) as refused:
        open_deal(name="Looms", stage_id=stage_named(pipeline, "Proposal").pk)
    assert list(refused.value.errors) == ["amount"]
    assert not Deal.objects.exists()


@pytest.mark.parametrize("currency", ["eur", "EURO", "E1R", ""])
def test_a_currency_is_three_capitals(currency: str) -> None:
    make_pipeline()
    with pytest.raises(InvalidInput) as refused:
        open_deal(name="Looms", currency=currency)
    assert "currency" in refused.value.errors


def test_moving_keeps_how_long_the_deal_stayed_where() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline)
    moved = move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Proposal").pk)
    first, second = stage_history(deal.pk)
    assert first.left_at == second.entered_at == moved.stage_entered_at
    assert second.left_at is None
    assert moved.status == DealStatus.OPEN


def test_moving_to_the_same_stage_changes_nothing() -> None:
    deal = make_deal()
    same = move_deal(deal_id=deal.pk, stage_id=deal.stage_id)
    assert same.version == deal.version
    assert DealStageHistory.objects.filter(deal=deal).count() == 1


def test_a_stage_blocks_a_deal_that_lacks_what_it_requires_and_nothing_changes() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline, amount=None)
    with pytest.raises(Conflict, match="amount, expected_close") as refused:
        move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Negotiation").pk)
    assert set(refused.value.errors) == {"amount", "expected_close"}
    before = deal.version
    deal.refresh_from_db()
    assert (deal.version, deal.stage.name) == (before, "Qualification")
    assert DealStageHistory.objects.filter(deal=deal).count() == 1


def test_winning_closes_the_deal_and_leaves_an_activity() -> None:
    pipeline = make_pipeline()
    customer = make_reference()
    deal = make_deal(pipeline, customer=customer)
    won = move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Won").pk)
    assert won.status == DealStatus.WON
    assert won.closed_at == won.stage_entered_at
    activity = Activity.objects.get(deal=deal)
    assert activity.type == ActivityType.DEAL_WON
    assert activity.customer_id == customer.pk
    assert activity.metadata == {"amount": "1200.00", "currency": "EUR"}


def test_losing_asks_for_the_reason() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline)
    lost = stage_named(pipeline, "Lost")
    with pytest.raises(InvalidInput) as refused:
        move_deal(deal_id=deal.pk, stage_id=lost.pk, loss_reason="  ")
    assert "loss_reason" in refused.value.errors
    closed = move_deal(deal_id=deal.pk, stage_id=lost.pk, loss_reason="Too dear")
    assert (closed.status, closed.loss_reason) == (DealStatus.LOST, "Too dear")


def test_a_closed_deal_is_reopened_before_it_gets_another_outcome() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline)
    move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Lost").pk, loss_reason="Too dear")
    with pytest.raises(Conflict, match="reopen it first") as refused:
        move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Won").pk)
    assert str(stage_named(pipeline, "Qualification").pk) in refused.value.extra["allowed"]
    reopened = move_deal(deal_id=deal.pk, stage_id=stage_named(pipeline, "Proposal").pk)
    assert (reopened.status, reopened.closed_at, reopened.loss_reason) == (DealStatus.OPEN, None, "")


def test_a_stage_of_another_pipeline_is_refused() -> None:
    deal = make_deal()
    foreign = stage_named(make_pipeline(), "Proposal")
    with pytest.raises(InvalidInput) as refused:
        move_deal(deal_id=deal.pk, stage_id=foreign.pk)
    assert "Negotiation" in refused.value.errors["stage_id"][0]


def test_what_the_stage_requires_cannot_be_emptied() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline, stage_id=stage_named(pipeline, "Proposal").pk)
    with pytest.raises(InvalidInput) as refused:
        update_deal(deal=deal, amount=None)
    assert "amount" in refused.value.errors
    assert update_deal(deal=deal, amount=Decimal("0")).amount == 0


def test_another_tenants_deal_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="crm", organization=other_tenant.id):
        theirs = make_deal()
    with pytest.raises(NotFound):
        move_deal(deal_id=theirs.pk, stage_id=theirs.stage_id)
