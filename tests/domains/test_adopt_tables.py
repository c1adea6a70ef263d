"""adopt_tables: a database from before Trellis' layout, with its tables in public, comes into the schemas."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from shared.domains.check import check_domains
from shared.records import uuid7
from tests.installations import Installation, installation
from tests.servers import ROOT, database_url

pytestmark = pytest.mark.slow

TICKETS = 30_000
MOVED = {
    "tenants": "shared.tenants",
    "customers": "platform.customers",
    "companies": "platform.companies",
    "helpdesk_customer": "support_app.customer_references",
    "support_ticket": "support_app.tickets",
    "ticket_messages": "support_app.ticket_messages",
    "ticket_counters": "support_app.ticket_counters",
    "customer_interactions": "platform.customer_interactions",
}
ACME = uuid7()
FILL = f"""
INSERT INTO shared.tenants (id, schema_name, name, slug, status) VALUES ('{ACME}', 'tenant_acme', 'Acme', 'acme', 'active');
INSERT INTO platform.companies (organization_id, name) SELECT '{ACME}', 'Company ' || i FROM generate_series(1, 10) i;
INSERT INTO support_app.customer_references (organization_id, customer_id, email, name)
  SELECT '{ACME}', gen_random_uuid(), i || '@example.com', 'Customer ' || i FROM generate_series(1, 1000) i;
INSERT INTO support_app.tickets (organization_id, number, subject, customer_id, company_id)
  SELECT '{ACME}', i, 'Ticket ' || i, c[1 + i % 1000], p[1 + i % 10]
  FROM (SELECT array_agg(id) c FROM support_app.customer_references) r, (SELECT array_agg(id) p FROM platform.companies) s,
       generate_series(1, {TICKETS}) i;
INSERT INTO support_app.ticket_messages (organization_id, ticket_id, body, direction)
  SELECT '{ACME}', id, 'Hello', 'inbound' FROM support_app.tickets WHERE number % 10 = 0;
INSERT INTO support_app.ticket_counters (organization_id, last_number) VALUES ('{ACME}', {TICKETS});
INSERT INTO platform.customers (organization_id, name, account_tier) VALUES ('{ACME}', 'Ada', 'standard');
"""
"""Rows; columns without a value get what their type is empty with."""
OWN_WAYS = """
CREATE SEQUENCE public.ticket_numbers OWNED BY public.support_ticket.number;
ALTER TABLE public.support_ticket ALTER number SET DEFAULT nextval('public.ticket_numbers');
SELECT setval('public.ticket_numbers', (SELECT max(number) FROM public.support_ticket));
ALTER TABLE public.support_ticket DROP CONSTRAINT support_tickets_customer_id_fk,
  ADD CONSTRAINT ticket_customer FOREIGN KEY (customer_id) REFERENCES public.helpdesk_customer (id),
  ADD CONSTRAINT ticket_company FOREIGN KEY (company_id) REFERENCES public.companies (id),
  ALTER subject DROP NOT NULL, DROP COLUMN claimed_customer_id, DROP CONSTRAINT tickets_status_check;
DROP INDEX public.tickets_status;
CREATE INDEX tickets_status ON public.support_ticket (status);
ALTER INDEX public.tickets_queue RENAME TO old_queue;
ALTER TABLE public.ticket_messages ADD CONSTRAINT message_ticket
  FOREIGN KEY (ticket_id) REFERENCES public.support_ticket (id);
CREATE TABLE public.auth_user (id serial PRIMARY KEY, username text);
CREATE TABLE public.django_migrations (id serial PRIMARY KEY, app text, name text, applied timestamptz);
INSERT INTO public.django_migrations (app, name, applied)
  VALUES ('support', '0001_initial', now()), ('helpdesk', '0001_initial', now()), ('admin', '0001_initial', now());
CREATE TABLE public.newsletter (id serial PRIMARY KEY);
"""
MAPPING = "helpdesk_customer = support_app.customer_references  # crm has one, too\n\nnewsletter = -\n"


@pytest.fixture(scope="module")
def role() -> Iterator[str]:
    """Whose tables they are."""
    name = f"legacy_{secrets.token_hex(4)}"
    with psycopg.connect(database_url(database="postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        yield name
        server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def copy() -> Iterator[Installation]:
    """An installation of its own, migrated."""
    with installation(copied=True) as made:
        yield made


def in_public(connection: psycopg.Connection[Any], role: str) -> None:
    """Make of a migrated database one that never heard of Trellis: its tables in public, with ways of their own."""
    for old, new in MOVED.items():
        schema, _, name = new.partition(".")
        parts = connection.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = %s::regclass",
            [new],
        ).fetchall()
        for (table,) in [*parts, (name,)]:
            connection.execute(
                f"ALTER TABLE {schema}.{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
            )
            for (policy,) in connection.execute(
                "SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [f"{schema}.{table}"]
            ).fetchall():
                connection.execute(f"DROP POLICY {policy} ON {schema}.{table}")
            connection.execute(
                f"REVOKE ALL ON {schema}.{table} FROM trellis_platform, trellis_support, trellis_crm"
            )
            connection.execute(f"ALTER TABLE {schema}.{table} SET SCHEMA public")
        connection.execute(f"ALTER TABLE public.{name} ALTER id DROP DEFAULT")
        if name != old:
            connection.execute(f"ALTER TABLE public.{name} RENAME TO {old}")
    connection.execute("DROP SCHEMA shared, platform, support_app, crm, marketing_app CASCADE")
    connection.execute("SET ROLE trellis_owner")
    for statement in OWN_WAYS.split(";\n"):
        if statement:
            connection.execute(statement)
    connection.execute("RESET ROLE")
    for (table,) in connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall():
        connection.execute(f"ALTER TABLE public.{table} OWNER TO {role}")
        connection.execute(f"GRANT SELECT ON public.{table} TO trellis_marketing")


def fill(connection: psycopg.Connection[Any]) -> None:
    """Give the tables rows; where Django would give a value that the database does not know, let it be empty."""
    for schema, table, column, kind in connection.execute(
        "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname || '.' || c.relname = ANY(%s) AND a.attnum > 0 AND a.attnotnull "
        "AND NOT a.atthasdef AND NOT a.attisdropped",
        [list(MOVED.values())],
    ).fetchall():
        empty = {
            "character varying": "''", "text": "''", "boolean": "true", "integer": "1", "jsonb": "'{}'",
            "character varying[]": "'{}'", "timestamp with time zone": "now()",
        }.get(kind)  # fmt: skip
        if empty:
            connection.execute(f'ALTER TABLE {schema}."{table}" ALTER "{column}" SET DEFAULT {empty}')
    connection.execute("ALTER TABLE support_app.tickets ALTER status SET DEFAULT 'new'")
    connection.execute("ALTER TABLE support_app.tickets ALTER priority SET DEFAULT 'normal'")
    connection.execute("ALTER TABLE support_app.tickets ALTER channel SET DEFAULT 'web'")
    connection.execute(FILL)  # type: ignore[arg-type]


def files(connection: psycopg.Connection[Any], *tables: str) -> list[int]:
    """Where PostgreSQL keeps the rows: another file means that they were copied."""
    return [
        connection.execute("SELECT pg_relation_filenode(%s::regclass)", [name]).fetchone()[0]  # type: ignore[index]
        for name in tables
    ]


def contents(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """All of public and the schemas by name, owner, file and rights."""
    return connection.execute(
        "SELECT relnamespace::regnamespace::text, relname, relowner, relfilenode, relacl::text FROM pg_class "
        "WHERE relnamespace::regnamespace::text !~ '^pg_|information' ORDER BY 1, 2"
    ).fetchall()


def test_a_database_from_before_is_adopted_without_copying_a_row(
    copy: Installation, role: str, tmp_path: Path
) -> None:
    mapping = tmp_path / "tables.map"
    mapping.write_text(MAPPING)
    with copy.connection() as superuser:
        fill(superuser)
        in_public(superuser, role)
        copy.must("prepare_database")
        plain = [name for name in MOVED if name != "customer_interactions"]
        targets = [MOVED[name] for name in plain]
        kept = files(superuser, *(f"public.{name}" for name in plain))
        before = contents(superuser)

        refused = copy.manage("adopt_tables", "--apply")
        assert refused.returncode == 1
        for sentence in (
            "public.newsletter: no model declares it",
            "public.helpdesk_customer: no model declares it",
            "ticket_company (company_id) → platform.companies crosses from one domain into another",
        ):
            assert sentence in refused.stdout, refused.stdout + refused.stderr
        assert contents(superuser) == before

        adopt = ("adopt_tables", "--map", str(mapping), "--drop-crossing-keys")
        planned = copy.must(*adopt)
        assert "public.support_ticket → support_app.tickets" in planned
        assert "sequence ticket_numbers comes along" in planned
        assert "columns added with their default: claimed_customer_id" in planned
        assert "Set aside in schema before_trellis" in planned
        assert contents(superuser) == before, "a plan changes nothing"

        print(copy.must(*adopt, "--apply"))

        assert files(superuser, *targets) == kept, "no row was copied"
        assert superuser.execute("SELECT count(*) FROM support_app.tickets").fetchone() == (TICKETS,)
        assert check_domains(superuser).differences == []
        assert "nothing to adopt" in copy.must(*adopt, "--apply")
        assert "No migrations to apply" in copy.must("migrate")
        assert "as declared" in copy.must("check_domains")
        assert superuser.execute("SELECT nextval('support_app.ticket_numbers')").fetchone() == (TICKETS + 1,)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            superuser.execute("UPDATE support_app.ticket_messages SET ticket_id = gen_random_uuid()")
    _use_the_application(copy)


def _use_the_application(copy: Installation) -> None:
    """A ticket by service, in a process that signs in as the web login."""
    code = (
        "import django; django.setup()\n"
        "from shared.session import Actor, acting\n"
        "from support.services.ticket import open_ticket\n"
        "from support.models import Ticket, TicketMessage\n"
        f"with acting(domain='support', organization='{ACME}', actor=Actor(kind='user', name='Alice')):\n"
        "    print(open_ticket(subject='After the move').number, Ticket.objects.count(), TicketMessage.objects.count())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=copy.environment(TRELLIS_PROCESS="web", DJANGO_SETTINGS_MODULE="config.settings"),
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [str(TICKETS + 1), str(TICKETS + 1), str(TICKETS // 10)], done.stderr[
        -3000:
    ]


LEGACY_PIPELINES = """
CREATE TABLE public.crm_pipeline (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(100) NOT NULL,
  description varchar(50) DEFAULT '',
  name_norm varchar(100) GENERATED ALWAYS AS (lower(TRIM(BOTH FROM name))) STORED);
INSERT INTO public.crm_pipeline (name) SELECT 'Sales ' || i FROM generate_series(1, 1000) i
"""


def test_rows_without_a_tenant_become_those_of_the_one_that_is_named(copy: Installation, role: str) -> None:
    with copy.connection() as superuser:
        superuser.execute(LEGACY_PIPELINES)
        (node,) = files(superuser, "public.crm_pipeline")
        refused = copy.manage("adopt_tables")
        assert "column organization_id is missing: add it, or name the tenant" in refused.stdout, (
            refused.stderr
        )
        unknown = copy.manage("adopt_tables", "--apply", "--tenant", "acme")
        assert "There is no tenant acme: make it with manage.py create_tenant" in unknown.stderr
        copy.must("create_tenant", "Acme", "--slug", "acme")
        copy.must("adopt_tables", "--apply", "--tenant", "acme")
        assert files(superuser, "crm.pipelines") == [node]
        rows = superuser.execute(
            "SELECT count(DISTINCT organization_id), count(*), max(version) FROM crm.pipelines"
        )
        assert rows.fetchone() == (1, 1000, 1)
        assert check_domains(superuser).differences == []


OBSTACLES = [
    ("CREATE TABLE public.tickets (id bigserial PRIMARY KEY)", "column id is bigint, the model's is uuid"),
    ("CREATE TABLE public.tickets (id uuid PRIMARY KEY)", "column subject (varchar(300)) is missing"),
    ("CREATE TABLE public.tickets (id uuid PRIMARY KEY, mood text)", "no field declares column mood"),
    (
        "CREATE TABLE public.tickets (id uuid PRIMARY KEY, subject varchar(200))",
        "ALTER TABLE public.tickets ALTER subject TYPE varchar(300), ADD subject_norm varchar(300) GENERATED ALWAYS AS",
    ),
    (
        "CREATE TABLE public.tickets (id uuid PRIMARY KEY, subject varchar(200), "
        "subject_norm varchar(300) GENERATED ALWAYS AS (lower(trim(subject))) STORED)",
        "column subject must become varchar(300), which PostgreSQL refuses",
    ),
    ("CREATE TABLE public.customer_interactions (id uuid)", "is not partitioned, unlike"),
    ("CREATE TABLE public.recipes (id serial)", "public.recipes: no model declares it"),
    ("CREATE TABLE public.custom_fields (id uuid)", "or support_app.custom_fields"),
    (
        "CREATE TABLE public.tickets (id uuid, subject text); INSERT INTO public.tickets DEFAULT VALUES",
        "column subject has rows without a value",
    ),
    (
        "SET session_replication_role = replica; INSERT INTO crm.pipelines (organization_id, name, description, is_default) "
        "VALUES (gen_random_uuid(), 'Sales', '', false); CREATE TABLE public.pipelines ()",
        "crm.pipelines already has rows",
    ),
]
MISTAKES = [
    ("tickets = support_app.nothing", "which no model of this database declares"),
    ("tickets support_app.tickets", "line 1: write old_table = schema.table"),
    ("tickets = support_app.tickets\ncases = support_app.agents", "there is no table public.cases"),
    ("old_tickets = support_app.tickets", "Both old_tickets and tickets would become support_app.tickets"),
]


def test_what_is_in_the_way_is_named_and_nothing_is_changed(copy: Installation, tmp_path: Path) -> None:
    with copy.connection() as superuser:
        for mutation, sentence in OBSTACLES:
            superuser.execute(mutation)  # type: ignore[arg-type]
            before = contents(superuser)
            done = copy.manage("adopt_tables", "--apply")
            assert done.returncode == 1
            assert sentence in done.stdout, done.stdout + done.stderr
            assert contents(superuser) == before
            superuser.execute(
                "DROP TABLE IF EXISTS public.tickets, public.customer_interactions, public.recipes, public.custom_fields"
            )
        superuser.execute(
            "DROP TABLE public.pipelines; CREATE TABLE public.tickets (); CREATE TABLE public.old_tickets ()"
        )
        before = contents(superuser)
        mapping = tmp_path / "wrong.map"
        for text, sentence in MISTAKES:
            mapping.write_text(text)
            done = copy.manage("adopt_tables", "--apply", "--map", str(mapping))
            assert sentence in done.stderr, done.stdout + done.stderr
            assert "Traceback" not in done.stderr
        assert contents(superuser) == before


def test_a_wrong_server_login_or_database_is_one_sentence(copy: Installation) -> None:
    for url, sentence in (
        ("postgresql://trellis@127.0.0.1:1/trellis", "The database server cannot be reached"),
        (database_url("trellis_web").replace("trellis_web:", "nobody:"), "cannot be reached"),
        (database_url(), "where no domain lives"),
        ("", "Set BOOTSTRAP_DATABASE_URL"),
    ):
        done = copy.manage("adopt_tables", "--apply", BOOTSTRAP_DATABASE_URL=url)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


def test_a_row_that_refers_to_nothing_takes_all_back_and_the_next_run_goes_on(copy: Installation) -> None:
    with copy.connection() as superuser, copy.connection() as reader:
        superuser.execute(LEGACY_PIPELINES)
        superuser.execute(
            "ALTER TABLE public.crm_pipeline ADD organization_id uuid DEFAULT gen_random_uuid()"
        )
        before = contents(superuser)
        refused = copy.manage("adopt_tables", "--apply")
        assert "PostgreSQL refuses, and no table has come into a domain" in refused.stderr
        assert 'is not present in table "tenants"' in refused.stderr
        assert "Traceback" not in refused.stderr
        assert contents(superuser) == before

        copy.must("create_tenant", "Acme", "--slug", "acme")
        superuser.execute("UPDATE public.crm_pipeline SET organization_id = (SELECT id FROM shared.tenants)")
        reader.execute("BEGIN; SELECT count(*) FROM public.crm_pipeline")
        waited: list[bool] = []
        release = threading.Thread(target=lambda: waited.append(_let_go_once_waited_for(copy, reader)))
        release.start()
        said = copy.must("adopt_tables", "--apply")
        release.join()
        assert waited == [True], "the open transaction was in the way"
        assert "Tables adopted: 1," in said
        assert check_domains(superuser).differences == []


def _let_go_once_waited_for(copy: Installation, holder: psycopg.Connection[Any]) -> bool:
    """End the holder's transaction as soon as another one waits for its lock."""
    with copy.connection() as watcher:
        for _ in range(6000):
            found = watcher.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database())"
            ).fetchone()
            if found == (True,):
                break
            time.sleep(0.01)
        holder.rollback()
        return found == (True,)
