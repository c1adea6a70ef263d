"""Tables that change their schema, and what is told when they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations as m
from django.db import models

from tests.session.backend.catalog import Line, snapshot
from tests.session.backend.shop import HOMES, NEIGHBOURS, Executor, build, migration

SUPPORT, CRM = HOMES[0], NEIGHBOURS[1]
told: list[str] = []


def on_table_created(schema_editor: Any, model: type[models.Model]) -> None:
    """Stands for the kit's protection: the table must be there under the model's name when it is called."""
    schema_editor.execute(f"COMMENT ON TABLE {schema_editor.quote_name(model._meta.db_table)} IS 'protected'")
    told.append(model._meta.db_table)


@pytest.fixture
def hooked(scratch: Any) -> Iterator[Any]:
    told.clear()
    scratch.settings_dict["ON_TABLE_CREATED"] = f"{__name__}.on_table_created"
    yield scratch
    scratch.settings_dict["ON_TABLE_CREATED"] = None


def _run(connection: Any, *operations: Any, after: Any) -> Any:
    return Executor(connection).apply_migration(after.clone(), migration(list(operations)))


def _comments(connection: Any, schema: str) -> dict[str, str]:
    return {line.table: line.definition for line in snapshot(connection, schema) if line.kind == "table"}


def test_created_tables_and_their_many_to_many_tables_are_told(hooked: Any) -> None:
    build(hooked, SUPPORT)
    names = ["customers", "tags", "tickets_tags", "tickets"]
    assert told == [f'support_app"."{name}' for name in names]
    assert _comments(hooked, "support_app") == dict.fromkeys(names, "protected")


def test_moving_to_another_schema_takes_everything_along_and_is_told(hooked: Any) -> None:
    state = build(hooked, SUPPORT)
    with hooked.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS crm CASCADE; CREATE SCHEMA crm")
    before = snapshot(hooked, "support_app")
    told.clear()
    made = migration([m.AlterModelTable("ticket", 'crm"."tickets')])

    Executor(hooked).apply_migration(state.clone(), made)
    moved = {line for line in before if line.table in ("tickets", "tickets_tags")}
    assert _without_references(snapshot(hooked, "crm")) == _without_references(moved)
    assert {line.table for line in snapshot(hooked, "support_app")} == {"customers", "tags"}
    assert told == ['crm"."tickets', 'crm"."tickets_tags']

    Executor(hooked).unapply_migration(state, made)
    assert snapshot(hooked, "support_app") == before
    assert not snapshot(hooked, "crm")


def test_moving_and_renaming_passes_tables_of_both_names(scratch: Any) -> None:
    key = ("id", models.UUIDField(primary_key=True))
    state = build(scratch, SUPPORT)
    build(scratch, CRM)  # there is a crm.tags; and support_app gets a table of the new name
    state = _run(
        scratch, m.CreateModel("Label", [key], options={"db_table": 'support_app"."labels'}), after=state
    )
    with (
        scratch.cursor() as cursor
    ):  # else the key's index would meet that of crm.tags, which PostgreSQL refuses
        cursor.execute("ALTER INDEX support_app.tags_pkey RENAME TO label_pkey")
        cursor.execute("ALTER SEQUENCE support_app.tags_id_seq RENAME TO label_id_seq")
    _run(scratch, m.AlterModelTable("tag", 'crm"."labels'), after=state)
    assert {"tags", "labels", "tickets"} <= set(_comments(scratch, "crm"))
    assert set(_comments(scratch, "support_app")) == {"customers", "labels", "tickets", "tickets_tags"}


def test_moving_a_new_table_moves_what_is_still_to_be_made_for_it(scratch: Any) -> None:
    state = build(scratch, SUPPORT)
    build(scratch, CRM)
    _run(
        scratch,
        m.CreateModel(
            "Note",
            [
                ("id", models.UUIDField(primary_key=True)),
                ("ticket", models.ForeignKey("shop.Ticket", models.CASCADE)),
            ],
            options={"db_table": 'support_app"."notes', "indexes": [models.Index("id", name="by_id")]},
        ),
        m.AlterModelTable("note", 'crm"."remarks'),
        after=state,
    )
    lines = [str(line) for line in snapshot(scratch, "crm") if line.table == "remarks"]
    assert any("REFERENCES support_app.tickets(id)" in line for line in lines)
    assert sum("index remarks" in line for line in lines) == 3  # the key's, the foreign key's and by_id


def test_a_many_to_many_table_of_its_own_name_is_moved_and_told(hooked: Any) -> None:
    state = build(hooked, SUPPORT)
    with hooked.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS crm CASCADE; CREATE SCHEMA crm")
    told.clear()
    field = models.ManyToManyField("shop.Tag", db_table='crm"."ticket_tags')
    _run(hooked, m.AlterField("ticket", "tags", field), after=state)
    assert "ticket_tags" in _comments(hooked, "crm")
    assert "tickets_tags" not in _comments(hooked, "support_app")
    assert told == ['crm"."ticket_tags']


def test_leaving_the_qualified_name_moves_to_public(scratch: Any) -> None:
    state = build(scratch, SUPPORT)
    with scratch.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
    _run(scratch, m.AlterModelTable("customer", "customers"), after=state)
    assert set(_comments(scratch, "public")) == {"customers"}
    _run(scratch, m.RemoveField("customer", "name"), after=_renamed(state))
    assert not any(line.name == "name" for line in snapshot(scratch, "public"))


def _renamed(state: Any) -> Any:
    moved = state.clone()
    m.AlterModelTable("customer", "customers").state_forwards("shop", moved)
    return moved


def _without_references(lines: Any) -> set[Line]:
    return {line for line in lines if "REFERENCES" not in line.definition}
