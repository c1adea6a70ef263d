"""A month of the activity log goes as a recorded act, or is found to be missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from shared.records.activity.models import ActivityEvent
from shared.records.partitions import partition_sql
from shared.tenancy.models import Tenant
from tests.conftest import connection_as
from tests.records.conftest import take_guards_off
from tests.records.test_sealing import seal_all, verify
from tests.servers import SEED

OLD, OLDER = dt.date(2020, 2, 1), dt.date(2020, 1, 1)
COMMAND = ("retire_activity", "--reason", "kept for two years", "--before")


@pytest.fixture(autouse=True)
def months(
    worker_login: Callable[[str], Tenant],
    superuser: Any,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Two months of 2020 with three entries each."""
    settings.ACTIVITY_HEADS_DIR = str(tmp_path / "heads")
    monkeypatch.setenv("LOGIN_PASSWORD_SEED", SEED)
    with connection_as("trellis_migrator") as owner:
        owner.execute("SET ROLE trellis_owner")
        for month in (OLD, OLDER):
            for statement in partition_sql(ActivityEvent._meta.db_table, month, ActivityEvent.table_access):
                owner.execute(statement.encode())
            for day in range(3):
                owner.execute(
                    "INSERT INTO shared.activity_events (position, nonce, domain, at, entity_type, action, changes, app, "
                    "actor_kind, actor_name, actor_ip, user_agent, request_id, reason) VALUES "
                    "(nextval('shared.activity_position'), gen_random_uuid(), 'support', %s, 'support.ticket', 'updated', "
                    "'{}', '', '', '', '', '', '', '')",
                    [dt.datetime(month.year, month.month, 5 + day, tzinfo=dt.UTC)],
                )
        yield owner
        for month in (OLD, OLDER):
            owner.execute(f"DROP TABLE IF EXISTS shared.activity_events_{month:%Y_%m}".encode())


def test_a_month_goes_and_the_log_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    seal_all()
    call_command(*COMMAND, "2020-02")
    assert "2020-01: 3 entries\nNothing was changed" in capsys.readouterr().out
    call_command(*COMMAND, "2020-02", "--yes")
    assert capsys.readouterr().out == "2020-01: 3 entries\n"
    call_command(*COMMAND, "2020-02", "--yes")
    assert "no months before" in capsys.readouterr().out
    seal_all()
    found = verify()
    assert (found.faults, found.unsealed) == ([], 0)
    with connection_as(None) as everything:
        row = everything.execute(
            "SELECT changes, reason FROM shared.activity_events WHERE action = 'retired'"
        ).fetchone()
    assert row == ({"month": ["2020-01-01", None], "entries": [3, None]}, "kept for two years")


def test_a_month_that_goes_without_a_word_is_found(superuser: psycopg.Connection[Any]) -> None:
    seal_all()
    take_guards_off(superuser)
    superuser.execute("DROP TABLE shared.activity_events_2020_01")
    assert "was removed" in verify().faults[0]


def test_what_is_not_sealed_stays(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="seal_activity first"):
        call_command(*COMMAND, "2020-02", "--yes")


@pytest.mark.parametrize("month", ["2999-01", "soon", "2020-13", f"{dt.date.today():%Y-%m}"])
def test_months_that_may_not_go(month: str) -> None:
    with pytest.raises(CommandError, match=r"stay|no month"):
        call_command(*COMMAND, month, "--yes")
