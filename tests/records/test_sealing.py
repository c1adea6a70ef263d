"""The seals of the activity log: what is final is sealed, whatever is still running; and what they find, even of a
superuser."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from platform_core.models import Company
from shared.records.activity.models import ActivitySeal
from shared.records.activity.reading import sealed_until
from shared.records.activity.sealing import seal_activity
from shared.records.activity.verifying import Findings, verify_activity
from shared.session import acting, operating
from shared.tenancy.models import Tenant
from tests.records.conftest import take_guards_off
from tests.servers import database_url


@pytest.fixture(autouse=True)
def heads(tmp_path: Path, settings: Any) -> Path:
    settings.ACTIVITY_HEADS_DIR = str(tmp_path / "heads")
    return tmp_path / "heads"


@pytest.fixture
def tenant(worker_login: Callable[[str], Tenant], superuser: psycopg.Connection[Any]) -> Tenant:
    return worker_login("Sealed")


def write(tenant: Tenant, *names: str) -> None:
    with acting(domain="platform", organization=tenant.id):
        for name in names:
            Company.objects.create(name=name)


def seal() -> int:
    with operating(reason="test"):
        return seal_activity()


def seal_all() -> int:
    """Until nothing is left: transactions of other databases of the server hold entries up, too. Two seconds at most."""
    sealed = 0
    for _ in range(40):
        sealed += seal()
        if verify().unsealed == 0:
            break
        time.sleep(0.05)
    return sealed


def verify() -> Findings:
    with operating(reason="test"):
        return verify_activity(["platform", "support", "crm", "marketing"])


def forge(superuser: psycopg.Connection[Any], statement: str) -> None:
    take_guards_off(superuser)
    assert superuser.execute(statement.encode()).rowcount > 0


def positions(superuser: psycopg.Connection[Any]) -> list[int]:
    rows = superuser.execute("SELECT position FROM shared.activity_events ORDER BY 1").fetchall()
    return [position for (position,) in rows]


def test_everything_written_is_sealed_once(tenant: Tenant, superuser: Any) -> None:
    write(tenant, "One", "Two")
    seal_all()
    write(tenant, "Three")
    seal_all()
    assert seal_all() == 0
    found = verify()
    assert (found.faults, found.unsealed) == ([], 0)
    assert found.entries == len(positions(superuser))
    with acting(domain="platform", organization=tenant.id):
        assert sealed_until("platform") == positions(superuser)[-1], "as the pages of the log tell"
        assert sealed_until("crm") == 0
    out = io.StringIO()
    call_command("verify_activity", stdout=out)
    assert "as it was sealed" in out.getvalue()


def test_a_transaction_that_still_runs_is_waited_for(tenant: Tenant) -> None:
    write(tenant, "Before")
    seal_all()
    login = database_url("trellis_web")
    with psycopg.connect(login) as slow:
        slow.execute(
            "SELECT set_config('role', 'trellis_platform', true), set_config('app.organization_id', %s, true)",
            [str(tenant.id)],
        )
        slow.execute(
            "INSERT INTO platform.companies (organization_id, name, domain, industry, phone, country) "
            "VALUES (%s, 'Slow', '', '', '', '')",
            [tenant.id],
        )
        write(tenant, "Quick")  # a higher position, committed first
        assert seal_all() == 0
        assert verify().unsealed == 1
    assert seal_all() == 2, "both, in the order of their positions"
    found = verify()
    assert (found.faults, found.unsealed) == ([], 0)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE shared.activity_events SET changes = '{{}}' WHERE position = {p}", "entry {p} was altered"),
        (
            "UPDATE shared.activity_events SET actor_name = 'Eve' WHERE position = {p}",
            "entry {p} was altered",
        ),
        ("DELETE FROM shared.activity_events WHERE position = {p}", "entry {p} was removed"),
        (
            "INSERT INTO shared.activity_events "
            "SELECT (jsonb_populate_record(e, jsonb_build_object('position', {p} - 1))).* "
            "FROM shared.activity_events e WHERE position = {p}",
            "was slipped in",
        ),
        (
            "INSERT INTO shared.activity_events SELECT (jsonb_populate_record(e, jsonb_build_object('position', {p} - 1, "
            "'at', '2001-01-01T00:00:00Z'))).* FROM shared.activity_events e WHERE position = {p}",
            "was slipped in",
        ),
        ("UPDATE shared.activity_seals SET entries = ''", "its digest is not"),
        ("UPDATE shared.activity_seals SET signature = sha256('x')", "signature is wrong"),
        ("DELETE FROM shared.activity_seals WHERE number = 1", "seal 1 is missing"),
        ("DELETE FROM shared.activity_seals WHERE number = 2", "the end was cut off"),
        ("DELETE FROM shared.activity_seals", "the end was cut off"),
    ],
)
def test_what_a_superuser_forges_is_found(
    tenant: Tenant, superuser: psycopg.Connection[Any], statement: str, said: str
) -> None:
    superuser.execute(
        "SELECT setval('shared.activity_position', last_value + 5) FROM shared.activity_position"
    )
    write(tenant, "One")
    seal_all()
    write(tenant, "Two", "Three")
    seal_all()
    position = positions(superuser)[0]
    forge(superuser, statement.format(p=position))
    (fault,) = verify().faults
    assert said.format(p=position) in fault
    with pytest.raises(SystemExit):
        call_command("verify_activity", stdout=io.StringIO())


def test_a_chain_made_anew_differs_from_the_head_outside(tenant: Tenant, superuser: Any, heads: Path) -> None:
    write(tenant, "One")
    seal_all()
    noted = json.loads((heads / "platform.json").read_text())
    assert noted["number"] == 1
    forge(superuser, "UPDATE shared.activity_events SET actor_name = 'Eve'")
    superuser.execute("DELETE FROM shared.activity_seals")
    superuser.execute("DELETE FROM shared.activity_horizons")
    (heads / "platform.json").rename(heads / "kept")
    seal_all()
    (heads / "kept").rename(heads / "platform.json")
    assert "another one than was noted outside" in verify().faults[0]


def test_nobody_but_the_operator_sees_or_makes_seals(tenant: Tenant) -> None:
    for login, role in (("trellis_web", "trellis_platform"), ("trellis_web", "trellis_support")):
        with psycopg.connect(database_url(login)) as connection:
            connection.execute("SELECT set_config('role', %s, true)", [role])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT FROM shared.activity_seals")
    with operating(reason="test"):
        assert ActivitySeal.objects.count() >= 0
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            ActivitySeal.objects.update(number=1)


def test_a_seal_that_was_not_committed_leaves_no_head(tenant: Tenant, heads: Path) -> None:
    write(tenant, "One")
    seal_all()
    before = (heads / "platform.json").read_text()
    write(tenant, "Two")
    seal()
    with operating(reason="test"):
        while seal_activity() == 0:
            time.sleep(0.05)
        transaction.set_rollback(True)
    assert (heads / "platform.json").read_text() == before
    assert verify().faults == []
