"""HistoryContract: whatever writes a record leaves a version and an entry of the activity log."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import Any, ClassVar

import psycopg
import pytest
from django.db import connection, models, transaction

from shared.domains.registry import domain_of_model
from shared.models import ActivityEvent
from shared.records import Record
from shared.records.versions.past import PastIsFixedError
from shared.records.versions.triggers import UNLOGGED
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.servers import database_url

BOB = Actor(kind="user", id=None, name="Bob Writer", ip="192.0.2.7", user_agent="tests")


class HistoryContract:
    """Part of ModelContract; runs for records, which are all that has versions."""

    model: ClassVar[Any]

    def make(self, tenant: Tenant) -> Any:
        raise NotImplementedError

    def written_on_every_path(self, tenant: Tenant) -> Any:
        """A record, changed once by each path."""
        row = self.make(tenant)
        row.save()
        rows = self.model._base_manager.filter(pk=row.pk)
        rows.update(custom_fields={"by": "update"})
        row.custom_fields = {"by": "bulk_update"}
        self.model._base_manager.bulk_update([row], ["custom_fields"])
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{self.model._meta.db_table}" SET custom_fields = %s WHERE id = %s',
                ['{"by": "sql"}', row.pk],
            )
        row.refresh_from_db()
        return row

    def test_every_write_path_leaves_a_version_and_an_entry(self, tenant: Tenant) -> None:
        if not issubclass(self.model, Record):
            pytest.skip("rows that never change have no versions")
        with acting(
            domain=domain_of_model(self.model).name,
            organization=tenant.id,
            actor=BOB,
            request_id="request-of-test",
            reason="trying",
        ):
            row = self.written_on_every_path(tenant)
            versions = versions_of(row)
            assert [v.version for v in versions] == list(range(1, row.version + 1))
            assert_they_tile(versions)
            assert columns_of(versions[-1], self.model) == columns_of(row, self.model)
            last = versions[-1]
            assert (last.history_actor_kind, last.history_actor_name) == ("user", "Bob Writer")
            assert last.history_request_id == "request-of-test"
            assert last.history_change_reason == "trying"
            assert last.history_app == domain_of_model(self.model).name
            assert replayed(row) == logged_columns_of(row)

    def test_as_of_reads_each_version(self, tenant: Tenant) -> None:
        if not issubclass(self.model, Record):
            pytest.skip("rows that never change have no versions")
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            row = self.written_on_every_path(tenant)
            row.soft_delete()
            versions = versions_of(row)
            for version in versions:
                then = self.model.all_objects.as_of(version.history_date).get(pk=row.pk)
                assert columns_of(then, self.model) == columns_of(version, self.model)
                living = self.model.objects.as_of(version.history_date).filter(pk=row.pk)
                assert living.exists() is (version.deleted_at is None)
            before = versions[0].history_date - dt.timedelta(microseconds=1)
            assert not self.model.all_objects.as_of(before).filter(pk=row.pk).exists()
            with pytest.raises(PastIsFixedError), transaction.atomic():
                then.save()

    def test_deleting_closes_the_last_version_and_restoring_opens_one(self, tenant: Tenant) -> None:
        if not issubclass(self.model, Record):
            pytest.skip("rows that never change have no versions")
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            row = self.make(tenant)
            row.soft_delete()
            row.restore()
            actions = entries_of(row).values_list("action", flat=True)
            assert list(actions)[-2:] == ["deleted", "restored"]
            assert_they_tile(versions_of(row))

    def test_nobody_rewrites_versions(self, tenant: Tenant) -> None:
        if not issubclass(self.model, Record):
            pytest.skip("rows that never change have no versions")
        table = f'"{self.model.history.model._meta.db_table}"'
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            self.make(tenant)
            for statement in (f"UPDATE {table} SET valid_to = NULL", f"DELETE FROM {table}"):
                with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                    connection.cursor().execute(statement)
        if '"' not in self.model._meta.db_table:
            return  # in a tenant's own schema
        with psycopg.connect(database_url(), options="-c lock_timeout=5000") as superuser:
            for statement in (f"UPDATE {table} SET valid_to = NULL", f"DELETE FROM {table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                    superuser.execute(statement.encode())
                superuser.rollback()


def versions_of(row: Any) -> list[Any]:
    return list(type(row).history.filter(id=row.pk).order_by("version"))


def entries_of(row: Any) -> Any:
    return ActivityEvent.objects.filter(entity_id=row.pk).order_by("position")


def assert_they_tile(versions: list[Any]) -> None:
    """Half-open intervals without gap or overlap, the last one open."""
    for before, after in itertools.pairwise(versions):
        assert before.valid_to == after.history_date
        assert before.history_date < before.valid_to
        assert before.version + 1 == after.version
    assert versions[-1].valid_to is None


def columns_of(row: Any, model: type[models.Model]) -> dict[str, Any]:
    secrets = getattr(model, "secret_fields", ())
    return {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if f.name not in secrets}


def logged_columns_of(row: Any) -> dict[str, Any]:
    """What the activity log knows of a row, as PostgreSQL writes it in JSON; nothing where there is nothing."""
    model = type(row)
    hidden = {*model.secret_fields, *model.quiet_fields}
    names = [
        f.column
        for f in model._meta.concrete_fields
        if f.column not in UNLOGGED and f.name not in hidden and not isinstance(f, models.GeneratedField)
    ]
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT jsonb_strip_nulls(to_jsonb(t)) FROM (SELECT {listed} FROM "{model._meta.db_table}" WHERE id = %s) t',
            [row.pk],
        )
        found: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return found


def replayed(row: Any) -> dict[str, Any]:
    """The record that the entries of the activity log add up to."""
    state: dict[str, Any] = {}
    for entry in entries_of(row):
        for column, (old, new) in entry.changes.items():
            assert state.get(column) == old, (column, entry.action)
            if new is None:
                state.pop(column, None)
            else:
                state[column] = new
    return state
