"""Unique values: one holder among living records, also when two come at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from crm.models import CustomField, CustomFieldValue, Pipeline
from crm.services.pipeline import create_pipeline, delete_pipeline, update_pipeline
from shared.errors import Conflict
from shared.records import uuid7
from shared.records.custom_fields.services import update_custom_field
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.crm.factories import make_pipeline


@pytest.fixture
def serial(tenant: Tenant) -> Any:
    with acting(domain="crm", organization=tenant.id):
        yield make_definition(CustomField, "pipeline", key="serial", unique=True)


def with_serial(value: str) -> Pipeline:
    return make_pipeline(custom_fields={"serial": value}, stages=[{"name": "Talk"}])


def test_a_second_holder_is_refused_in_any_case(serial: CustomField) -> None:
    with_serial("A-1")
    with pytest.raises(Conflict) as caught:
        with_serial(" a-1")
    assert caught.value.errors == {"custom_fields.serial": ["Another record has this Serial."]}
    assert caught.value.reason == "duplicate"


def test_another_tenant_may_have_it(serial: CustomField, other_tenant: Tenant) -> None:
    with_serial("A-1")
    with acting(organization=other_tenant.id):
        make_definition(CustomField, "pipeline", key="serial", unique=True)
        with_serial("A-1")


def test_a_value_that_is_given_up_is_free(serial: CustomField) -> None:
    first, second = with_serial("A-1"), with_serial("A-2")
    update_pipeline(pipeline=first, custom_fields={"serial": "A-3"})
    update_pipeline(pipeline=second, custom_fields={"serial": "A-1"})
    update_pipeline(pipeline=second, custom_fields={"serial": None})
    with_serial("A-1")


def test_a_deleted_records_value_is_free_until_it_is_restored(serial: CustomField) -> None:
    first = with_serial("A-1")
    delete_pipeline(pipeline=first)
    first.restore()
    with pytest.raises(Conflict):
        with_serial("A-1")
    delete_pipeline(pipeline=first)
    with_serial("A-1")
    with pytest.raises(Conflict, match="unique custom field"):
        first.restore()
    assert not Pipeline.objects.filter(pk=first.pk).exists()


def test_a_field_that_is_no_longer_unique_holds_nothing(serial: CustomField) -> None:
    with_serial("A-1")
    update_custom_field(custom_field=serial, unique=False)
    assert not CustomFieldValue.objects.exists()
    with_serial("A-1")


def test_long_values_are_compared_whole(serial: CustomField) -> None:
    with_serial("x" * 1999 + "a")
    with_serial("x" * 1999 + "b")
    with pytest.raises(Conflict):
        with_serial("x" * 1999 + "A")


@pytest.mark.slow
def test_of_ten_at_once_one_gets_it(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Race")
    with acting(domain="crm", organization=tenant.id):
        make_definition(CustomField, "pipeline", key="serial", unique=True)
        make_pipeline(is_default=True)
    results: list[str] = []
    gate = threading.Barrier(10)

    def take() -> None:
        gate.wait()
        try:
            with acting(domain="crm", organization=tenant.id):
                create_pipeline(name=uuid7().hex, custom_fields={"serial": "A-1"}, stages=[{"name": "Talk"}])
            results.append("made")
        except Conflict as refusal:
            results.append(refusal.reason)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["duplicate"] * 9 + ["made"]
    with acting(domain="crm", organization=tenant.id):
        assert Pipeline.objects.filter(custom_fields__serial="A-1").count() == 1


@pytest.mark.slow
def test_no_record_slips_in_while_a_field_becomes_unique(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Later")
    with acting(domain="crm", organization=tenant.id):
        field = make_definition(CustomField, "pipeline", key="serial")
        with_serial("A-1")
    looked, done = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with acting(domain="crm", organization=tenant.id):
                with_serial("A-1")
                looked.set()
                assert not done.wait(0.5), (
                    "the change of the definition waits for those who have looked it up"
                )
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    assert looked.wait(10)
    with acting(domain="crm", organization=tenant.id), pytest.raises(Conflict, match="2 pipelines"):
        update_custom_field(custom_field=field, unique=True)
    done.set()
    writer.join()
