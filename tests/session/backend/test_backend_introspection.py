"""Introspection finds tables by their schema, and leaves the search path alone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import transaction
from django.db.migrations.state import ProjectState

from tests.session.backend.shop import HOMES, TENANT_SCHEMA, Executor, Home, base_operations, build, migration

SUPPORT, TENANT = HOMES


@pytest.fixture
def state(home: Home, scratch: Any) -> ProjectState:
    return build(scratch, home)


def test_tables_are_listed_by_the_names_of_their_models(
    home: Home, state: ProjectState, scratch: Any
) -> None:
    names = scratch.introspection.table_names()
    assert {model._meta.db_table for model in state.apps.get_models(include_auto_created=True)} <= set(names)


def test_a_table_is_listed_once_by_the_name_that_finds_it(
    home: Home, state: ProjectState, scratch: Any
) -> None:
    with scratch.cursor() as cursor:
        listed = [table.name for table in scratch.introspection.get_table_list(cursor)]
    assert len(set(listed)) == len(listed)
    assert home.table("tickets") in listed


def test_the_tables_of_other_tenants_are_not_listed(scratch: Any) -> None:
    scratch.set_schema(TENANT_SCHEMA)
    build(scratch, TENANT)
    assert "tickets" in scratch.introspection.table_names()
    scratch.set_schema_to_public()
    assert not [name for name in scratch.introspection.table_names() if name.startswith("tenant_")]


def test_a_tenant_without_the_table_does_not_see_that_of_public(scratch: Any) -> None:
    with scratch.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS public.only_public (id int)")
    assert "only_public" in scratch.introspection.table_names()
    scratch.set_schema(TENANT_SCHEMA)
    assert "only_public" not in scratch.introspection.table_names()
    assert 'public"."only_public' in scratch.introspection.table_names()


def test_columns_keys_and_sequences(home: Home, state: ProjectState, scratch: Any) -> None:
    tickets = home.table("tickets")
    with scratch.cursor() as cursor:
        look = scratch.introspection
        assert look.get_primary_key_columns(cursor, tickets) == ["id"]
        assert [(s["column"], s["name"]) for s in look.get_sequences(cursor, tickets)] == [
            ("id", "tickets_id_seq")
        ]
        described = {column.name: column for column in look.get_table_description(cursor, tickets)}
        constraints = look.get_constraints(cursor, tickets)
    assert described["price"].null_ok
    assert not described["number"].null_ok
    assert described["id"].is_autofield
    assert constraints["by_status"]["columns"] == ["status", "number"]
    assert constraints["by_status"]["orders"] == ["ASC", "DESC"]
    assert constraints["one_priced"]["unique"]
    assert constraints["price_positive"]["check"]
    foreign = sorted(c["columns"] for c in constraints.values() if c["foreign_key"])
    assert foreign == [["customer_id"], ["referrer_id"]]


def test_relations_name_the_table_and_a_composite_key_its_last_column(
    home: Home, state: ProjectState, scratch: Any
) -> None:
    notes, tickets = f'"{home.table("notes")}"', f'"{home.table("tickets")}"'
    with scratch.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS public.people (id bigint PRIMARY KEY)")
        cursor.execute(
            f"ALTER TABLE {tickets} ADD UNIQUE (number, id);"
            f"CREATE TABLE {notes} (number int, ticket_id bigint, person_id bigint REFERENCES public.people,"
            f"FOREIGN KEY (number, ticket_id) REFERENCES {tickets} (number, id))"
        )
        relations = scratch.introspection.get_relations(cursor, home.table("notes"))
    assert relations["ticket_id"] == ("id", home.table("tickets"))
    assert relations["person_id"] == ("id", "people" if home.qualified else 'public"."people')
    assert set(relations) == {"ticket_id", "person_id"}


def test_models_can_be_written_from_the_tables(home: Home, state: ProjectState, scratch: Any) -> None:
    written = io.StringIO()
    call_command(
        "inspectdb", home.table("tickets"), home.table("tickets_tags"), database="scratch", stdout=written
    )
    assert f"db_table = {home.table('tickets')!r}" in written.getvalue()
    assert "customer = models.ForeignKey" in written.getvalue()
    assert "unique_together = (('title', 'number'),)" in written.getvalue()
    assert "# Unable to inspect" not in written.getvalue()


def test_initial_migrations_are_recognised_when_their_tables_exist(
    home: Home, state: ProjectState, scratch: Any
) -> None:
    initial = migration(base_operations(home.table), initial=True)
    assert Executor(scratch).detect_soft_applied(ProjectState(), initial)[0]
    with scratch.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{home.table("tickets_tags")}", "{home.table("tickets")}"')
    assert not Executor(scratch).detect_soft_applied(ProjectState(), initial)[0]


def test_flush_empties_tables_and_sequences_start_anew(home: Home, state: ProjectState, scratch: Any) -> None:
    tag = state.apps.get_model("shop", "Tag")
    tags = tag.objects.using("scratch")
    assert [tags.create(label="x").pk for _ in range(2)] == [1, 2]
    existing = set(scratch.introspection.table_names())
    tables = [t for model in state.apps.get_models() if (t := model._meta.db_table) in existing]
    scratch.ops.execute_sql_flush(
        scratch.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=True)
    )
    assert not tags.exists()
    assert tags.create(label="y").pk == 1

    tags.create(pk=41, label="by hand")
    with scratch.cursor() as cursor:
        for statement in scratch.ops.sequence_reset_sql(no_style(), [tag]):
            cursor.execute(statement)
    assert tags.create(label="z").pk == 42
    with scratch.cursor() as cursor:
        sequences = scratch.introspection.get_sequences(cursor, home.table("tags"))
        for statement in scratch.ops.sequence_reset_by_name_sql(no_style(), sequences):
            cursor.execute(statement)
    tags.all().delete()
    assert tags.create(label="z").pk == 1


def test_rows_can_be_locked_by_the_name_of_a_relation(state: ProjectState, scratch: Any) -> None:
    tickets: Any = state.apps.get_model("shop", "Ticket").objects.using("scratch")
    customer = state.apps.get_model("shop", "Customer").objects.using("scratch").create(code="a")
    tickets.create(number=1, customer=customer)
    with transaction.atomic(using="scratch"):
        rows = tickets.select_related("customer").filter(customer__isnull=False)
        assert len(rows.select_for_update(of=("self", "customer"))) == 1


def test_an_ordinary_connection_looks_without_setting_a_search_path(scratch: Any, ordinary: Any) -> None:
    build(scratch, SUPPORT)
    statements: list[str] = []

    def note(execute: Any, sql: Any, *rest: Any) -> Any:
        statements.append(str(sql))
        return execute(sql, *rest)

    with ordinary.execute_wrapper(note), ordinary.cursor() as cursor:
        assert 'support_app"."tickets' in ordinary.introspection.table_names(cursor)
        assert ordinary.introspection.get_constraints(cursor, 'support_app"."tickets')
        assert ordinary.introspection.get_table_description(cursor, 'support_app"."tickets')
        assert ordinary.introspection.get_sequences(cursor, 'support_app"."tickets')
    assert statements
    assert not [sql for sql in statements if "search_path" in sql]


def test_a_query_of_django_that_cannot_be_scoped_is_refused(scratch: Any) -> None:
    cursor, _ = scratch.introspection._scoped(None, 'support_app"."tickets')
    with pytest.raises(NotImplementedError, match="Django looks tables up in a new way"):
        cursor.execute("SELECT FROM pg_class WHERE relname = %s", ["tickets"])
