"""Random histories: as-of, versions and the activity log tell the same story, whatever wrote it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_core.models import Company
from shared.records.versions.diff import diff
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.history import assert_they_tile, entries_of, logged_columns_of, versions_of

NAMES = st.sampled_from(["Ash", "Birch", "Cedar", "Ünal & Söhne", 'quo"te'])
STEPS = st.one_of(
    st.tuples(st.just("save"), NAMES),
    st.tuples(st.just("update"), NAMES),
    st.tuples(st.just("bulk_update"), NAMES),
    st.tuples(st.just("sql"), NAMES),
    st.tuples(st.just("custom"), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("restore"), st.none()),
    st.tuples(st.just("undone"), NAMES),
)
TRANSACTIONS = st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=1, max_size=5)


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[Tenant]:
    with acting(domain="platform", organization=tenant.id):
        yield tenant


def _clock(function: str) -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _apply(company: Company, step: tuple[str, Any]) -> None:
    act, value = step
    rows = Company.all_objects.filter(pk=company.pk)
    company.refresh_from_db()
    if act == "save":
        company.name = value
        company.save()
    elif act == "update":
        rows.update(name=value)
    elif act == "bulk_update":
        company.name = value
        Company.all_objects.bulk_update([company], ["name"])
    elif act == "sql":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE platform.companies SET name = %s WHERE id = %s", [value, company.pk])
    elif act == "custom":
        rows.update(custom_fields={"level": value} if value else {})
    elif act == "delete":
        company.soft_delete()
    elif act == "restore":
        company.restore()
    else:  # what is rolled back has not happened
        with transaction.atomic():
            rows.update(name=value)
            transaction.set_rollback(True)


def _then(company: Company, moment: dt.datetime) -> dict[str, Any] | None:
    found = Company.all_objects.as_of(moment).filter(pk=company.pk).values().first()
    return None if found is None else dict(found)


def _replayed(company: Company, moment: dt.datetime) -> dict[str, Any]:
    """What the entries of the activity log up to a moment add up to."""
    state: dict[str, Any] = {}
    for entry in entries_of(company).filter(at__lte=moment):
        for column, (old, new) in entry.changes.items():
            assert state.get(column) == old, (column, entry.action)
            state[column] = new
    return {column: value for column, value in state.items() if value is not None}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=TRANSACTIONS)
def test_as_of_equals_what_was_seen_and_what_the_log_replays(unit: Tenant, story: list[list[Any]]) -> None:
    with transaction.atomic():
        _live_through(story)
        transaction.set_rollback(True)


def _live_through(story: list[list[Any]]) -> None:
    company = Company.objects.create(name="Begin")
    seen: list[tuple[dt.datetime, dict[str, Any]]] = []
    for steps in story:
        with transaction.atomic():
            for step in steps:
                _apply(company, step)
                now = dict(Company.all_objects.filter(pk=company.pk).values().get())
                seen.append((_clock("clock_timestamp"), now))
    for moment, row in seen:
        assert _then(company, moment) == row
        told = _replayed(company, moment)
        assert told["name"] == row["name"]
        assert told.get("custom_fields", {}) == row["custom_fields"]
        assert ("deleted_at" in told) is (row["deleted_at"] is not None)
    assert _replayed(company, seen[-1][0]) == logged_columns_of(Company.all_objects.get(pk=company.pk))
    assert_they_tile(versions_of(company))
    (first, before), (last, after) = seen[0], seen[-1]
    changed = {c.name: (c.old, c.new) for c in diff(Company, company.pk, first, last)}
    told_fields = ("name", "custom_fields", "deleted_at")
    assert changed == {n: (before[n], after[n]) for n in told_fields if before[n] != after[n]}


def test_a_moment_goes_by_statements_not_by_the_beginning_of_their_transaction(unit: Tenant) -> None:
    """now() stands still in a transaction: what it wrote was not there when it began."""
    began = _clock("now")
    company = Company.objects.create(name="Later")
    assert _then(company, began) is None
    between = _clock("clock_timestamp")
    Company.objects.filter(pk=company.pk).update(name="Latest")
    assert _then(company, between)["name"] == "Later"  # type: ignore[index]
