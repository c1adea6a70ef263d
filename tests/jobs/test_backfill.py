"""A backfill goes on where it stopped, for each tenant, and is refused in a sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shared.domains.registry import domains
from tests.installations import Installation, installation
from tests.servers import ROOT
from tests.tenancy.rollout.conftest import NEW, make_tenants

NAME = "quickbooks_customer_matches"
ROWS = 300


@pytest.fixture(scope="module")
def made() -> Iterator[Installation]:
    """Acme with customers of QuickBooks that have golden ones; Birch without QuickBooks."""
    with installation(copied=True) as made:
        schema = make_tenants(made, "acme", to=NEW)["acme"]
        made.must("create_tenant", "Birch", "--slug", "birch")
        with made.connection() as superuser:
            superuser.execute(
                "INSERT INTO crm.customer_references (id, organization_id, customer_id, email, name, tier, language, "
                "company_name) "
                "SELECT shared.uuid7(), t.id, gen_random_uuid(), n || '@example.com', 'X', 'standard', '', '' "
                "FROM shared.tenants t, generate_series(1, %s) n WHERE t.slug = 'acme'",
                [ROWS],
            )
            superuser.execute(
                f"INSERT INTO {schema}.integration_quickbooks_customers (organization_id, external_id, display_name, "
                "email, sync_token, payload) SELECT t.id, n, 'X', n || '@example.com', '', '{}' "
                "FROM shared.tenants t, generate_series(1, %s) n WHERE t.slug = 'acme'",
                [ROWS],
            )
        made.variables["ACME"] = schema
        yield made


def counts(made: Installation) -> tuple[Any, ...]:
    """How many are matched, and how often the most changed one was changed."""
    with made.connection() as superuser:
        found = superuser.execute(
            f"SELECT count(customer_id), max(version) FROM {made.variables['ACME']}.integration_quickbooks_customers"
        ).fetchone()
    assert found
    return found


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing"], f"There is no backfill 'nothing': choose among {NAME}"),
        ([NAME, "--tenant", "nobody"], "There is no tenant 'nobody'"),
        ([NAME, "--chunk", "0"], "Give --chunk a number between 1 and 100,000"),
        ([NAME, "--pause", "-1"], "Give --pause a number of seconds between 0 and 3,600"),
        ([NAME, "--pause", "nan"], "Give --pause a number of seconds between 0 and 3,600"),
    ],
)
def test_what_cannot_be_filled_is_said_in_a_sentence(
    made: Installation, arguments: list[str], sentence: str
) -> None:
    done = made.manage("backfill", *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_only_workers_and_operators_run_it(made: Installation) -> None:
    done = made.manage("backfill", NAME, TRELLIS_PROCESS="web")
    assert done.returncode == 1
    assert "The database refused" in done.stderr
    assert counts(made) == (0, 1)


def test_killed_in_the_middle_it_goes_on(made: Installation) -> None:
    assert NAME in made.must("backfill")
    said = made.must("backfill", NAME, "--dry-run")
    assert f"acme: {ROWS} rows to look at." in said
    assert "birch: left out. QuickBooks is not connected" in said
    assert counts(made) == (0, 1)

    command = [sys.executable, "manage.py", "backfill", NAME, "--chunk", "20", "--pause", "0.2"]
    running = subprocess.Popen(command, cwd=ROOT, env=made.environment(), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while counts(made)[0] < 60 and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    time.sleep(0.3)  # the server ends what it had begun
    matched, _ = counts(made)
    assert 60 <= matched < ROWS
    with made.connection() as superuser:
        (position,) = superuser.execute(
            "SELECT looked_at, filled, finished_at FROM shared.backfill_positions"
        ).fetchall()
    assert position == (matched, matched, None), "position and rows are committed together"

    said = made.must("backfill", NAME, "--chunk", "50", "--pause", "0")
    assert f"acme: {ROWS - matched} rows looked at, {ROWS - matched} filled." in said
    assert "100 %" in said
    assert counts(made) == (ROWS, 2), "no row was changed twice"
    assert "acme: 0 rows looked at" in made.must("backfill", NAME)
    assert made.must("verify_history").endswith("✓ Every record is what its versions say.\n")


def test_a_position_belongs_to_its_domain(made: Installation) -> None:
    made.must("backfill", NAME, "--pause", "0")
    with made.connection(login="trellis_web") as session:
        (tenant,) = made_tenant(made)
        for domain in domains():
            with session.transaction():
                session.execute(f"SET LOCAL ROLE {domain.role}")
                session.execute("SELECT set_config('app.organization_id', %s, true)", [str(tenant)])
                found = session.execute("SELECT count(*) FROM shared.backfill_positions").fetchone()
                assert found == (1 if domain.name == "crm" else 0,), domain.name
                if domain.name == "support":
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), session.transaction():
                        session.execute(
                            "INSERT INTO shared.backfill_positions (organization_id, domain, name, looked_at, filled) "
                            "VALUES (%s, 'crm', 'x', 0, 0)",
                            [tenant],
                        )


def made_tenant(made: Installation) -> tuple[Any, ...]:
    with made.connection() as superuser:
        found = superuser.execute("SELECT id FROM shared.tenants WHERE slug = 'acme'").fetchone()
    assert found
    return found
