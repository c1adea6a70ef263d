"""Names that the backend makes up: no schema in them, always the same, never longer than PostgreSQL keeps."""

from __future__ import annotations

from typing import Any

import pytest

from shared.session.backend.names import fit, qualify, split_table

LONG = "customer_segment_membership_recalculations"


@pytest.fixture
def editor(scratch: Any) -> Any:
    return scratch.SchemaEditorClass(scratch)


@pytest.mark.parametrize(
    ("table", "columns", "suffix"),
    [
        ("tickets", ["status"], ""),
        (LONG, ["organization_id", "created_at", "customer_segment_membership_id"], "_uniq"),
        (LONG, ["organization_id"], f"_fk_{LONG}_organization_id"),
        ("кампании_и_рассылки_клиентам_отдела", ["организация", "дата_создания"], "_idx"),
        ("1" * 63, ["x"], "_like"),
    ],
)
def test_a_name_is_short_stable_and_the_same_in_every_schema(
    editor: Any, table: str, columns: list[str], suffix: str
) -> None:
    names = {
        editor._create_index_name(written, columns, suffix)
        for written in (table, f'support_app"."{table}', f'crm"."{table}', f'"crm"."{table}"')
    }
    assert len(names) == 1
    name = names.pop()
    assert len(name.encode()) <= 63
    assert '"' not in name
    assert "support_app" not in name
    assert editor._create_index_name(table, [*columns, "other"], suffix) != name


def test_what_fits_is_kept_and_what_does_not_stays_distinct() -> None:
    assert fit("x" * 63) == "x" * 63
    assert fit("ж" * 40) == fit("ж" * 40)
    assert fit("ж" * 40) != fit("ж" * 41)
    assert len(fit("ж" * 40).encode()) <= 63


def test_a_name_is_split_and_put_together() -> None:
    assert split_table('support_app"."tickets') == ("support_app", "tickets")
    assert split_table('"support_app"."tickets"') == ("support_app", "tickets")
    assert split_table("tickets") == (None, "tickets")
    assert qualify("support_app", "tickets") == 'support_app"."tickets'
    assert qualify(None, "tickets") == "tickets"
