"""Several people at once: each rule holds for whoever comes second."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from crm.models import Contact, DealStageHistory
from crm.services.contact import update_contact
from crm.services.deal import move_deal
from shared.errors import DomainError
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.crm.factories import make_contact, make_deal, make_pipeline, make_reference


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Run all acts in threads of their own; returns what they raised."""
    gate = threading.Barrier(len(acts))
    raised: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_a_deal_moved_by_many_has_one_stage_and_one_open_stay(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Racing")
    with acting(domain="crm", organization=tenant.pk):
        pipeline = make_pipeline()
        deal = make_deal(pipeline)
        stages = list(pipeline.stages.order_by("position"))

    def move(stage_id: object) -> Callable[[], object]:
        def act() -> object:
            with acting(domain="crm", organization=tenant.pk):
                return move_deal(deal_id=deal.pk, stage_id=stage_id, loss_reason="Too dear")  # type: ignore[arg-type]

        return act

    raised = at_once(*(move(stage.pk) for stage in stages))
    assert all(isinstance(error, DomainError) for error in raised), raised
    with acting(domain="crm", organization=tenant.pk):
        deal.refresh_from_db()
        stays = list(DealStageHistory.objects.filter(deal=deal).order_by("entered_at"))
        assert [stay.left_at for stay in stays].count(None) == 1
        assert stays[-1].stage_id == deal.stage_id
        assert [a.left_at for a in stays[:-1]] == [b.entered_at for b in stays[1:]]


def test_a_company_has_one_primary_contact_whoever_is_faster(committed: Callable[[str], Tenant]) -> None:
    tenant, company = committed("Racing"), uuid7()
    with acting(domain="crm", organization=tenant.pk):
        contacts = [make_contact(customer=make_reference(company_id=company)) for _ in range(4)]

    def promote(contact: Contact) -> Callable[[], object]:
        def act() -> object:
            with acting(domain="crm", organization=tenant.pk):
                return update_contact(contact=contact, is_primary=True)

        return act

    at_once(*(promote(contact) for contact in contacts))
    with acting(domain="crm", organization=tenant.pk):
        assert Contact.objects.filter(company_id=company, is_primary=True).count() == 1
