"""Reads go to a real streaming replica while it may be trusted, with the same facts; otherwise to the primary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import environ
import psycopg
import pytest
from django.conf import settings as live
from django.core.cache import cache
from django.db import ProgrammingError, connections
from pytest_django.fixtures import Settings

from config.settings.databases import databases
from shared.api.units import carry_out
from shared.domains.moving.follow import use_databases
from shared.domains.registry import domains
from shared.domains.router import database_aliases
from shared.session import acting, replica
from shared.session.written import has_just_written, note_written
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller
from tests.conftest import connection_as
from tests.replica import StreamingReplica, streaming_replica

Make = Callable[[str], Tenant]
ALIAS = "default_replica"


@pytest.fixture(scope="module")
def standby() -> Iterator[StreamingReplica]:
    with streaming_replica() as made:
        yield made


class Reader:
    """Configures a replica by its URL, and tells where units go."""

    def __init__(self, standby: StreamingReplica, make: Make) -> None:
        self.standby = standby
        self.make = make

    def use(self, url: str = "") -> None:
        variables = {
            "DATABASE_URL": _url("default"),
            "REPLICA_DATABASE_URL": url or self.standby.url("trellis_web"),
        }
        scope = environ.Env()
        scope.ENVIRON = variables  # type: ignore[misc]
        forget()
        use_databases({**_before, ALIAS: databases(scope, "web", domains())[ALIAS]})

    def place(self, tenant: Tenant, domain: str = "platform") -> str:
        """The alias that a reading unit takes, after proving that it runs under the facts."""
        with acting(domain=domain, organization=tenant.id, reading=True) as facts:
            with connections[facts.alias].cursor() as cursor:
                cursor.execute(
                    "SELECT current_user::text, current_setting('app.organization_id'), pg_is_in_recovery(), "
                    "array(SELECT id FROM shared.tenants)"
                )
                role, organization, standby, seen = cursor.fetchone()
        assert (role, organization) == (facts.role, str(tenant.id))
        assert standby == (facts.alias == ALIAS)
        assert set(seen) <= {tenant.id}, "no other tenant's row"
        return facts.alias

    def settled(self, tenant: Tenant, place: str) -> str:
        """Where units go once that has become ``place``, or after five seconds."""
        deadline = time.monotonic() + 5
        while (found := self.place(tenant)) != place and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def refusal(self) -> str:
        return replica._replicas[ALIAS]._refusal


_before: dict[str, Any] = {}


def _url(alias: str) -> str:
    from tests.servers import database_url

    return database_url("trellis_web")


def forget() -> None:
    if ALIAS in live.DATABASES and ALIAS in connections.settings:
        connections[ALIAS].close()
        del connections[ALIAS]
        use_databases(dict(_before))
    replica._replicas.clear()


@pytest.fixture
def reader(standby: StreamingReplica, committed: Make, settings: Settings) -> Iterator[Reader]:
    settings.REPLICA_MAX_LAG = 5.0  # first: what is set afterwards goes with it
    _before.update(live.DATABASES)
    made = Reader(standby, committed)
    made.use()
    yield made
    forget()


def test_a_read_goes_to_the_replica_with_role_and_tenant(reader: Reader) -> None:
    tenant, other = reader.make("Read"), reader.make("Stranger")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    for domain in ("platform", "support", "crm", "marketing"):
        assert reader.place(tenant, domain) == reader.place(other, domain) == ALIAS
    with acting(domain="platform", organization=tenant.id, reading=True):
        assert list(Tenant.objects.values_list("id", flat=True)) == [tenant.id]


def test_a_unit_that_may_write_never_goes_there(reader: Reader) -> None:
    tenant = reader.make("Write")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    with acting(domain="platform", organization=tenant.id) as outer:
        assert outer.alias == "default"
        with acting(domain="crm", reading=True) as inner:
            assert inner.alias == "default", "it belongs to the outer transaction"
    with acting(domain="platform", organization=tenant.id, reading=True):
        with acting(domain="platform") as inner:
            assert inner.alias == "default"


def test_one_role_may_not_read_another_apps_tables_there_either(reader: Reader) -> None:
    tenant = reader.make("Roles")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    with acting(domain="marketing", organization=tenant.id, reading=True) as facts:
        with connections[facts.alias].cursor() as cursor, pytest.raises(ProgrammingError, match="permission"):
            cursor.execute("SELECT FROM support_app.tickets")


def test_the_replica_is_no_database_of_its_own(reader: Reader) -> None:
    assert database_aliases() == ("default",)


def test_a_replica_that_lags_is_not_read_until_it_has_caught_up(reader: Reader, settings: Settings) -> None:
    tenant = reader.make("Lag")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    settings.REPLICA_MAX_LAG = 0.5
    reader.standby.run("SELECT pg_wal_replay_pause()")
    try:
        late = reader.make("Late")
        assert reader.settled(late, "default") == "default"
    finally:
        reader.standby.run("SELECT pg_wal_replay_resume()")
    assert reader.settled(late, ALIAS) == ALIAS


def test_a_replica_cut_off_from_its_primary_is_not_read_though_it_has_replayed_all_it_got(
    reader: Reader, settings: Settings
) -> None:
    tenant = reader.make("Cut")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    settings.REPLICA_MAX_LAG = 0.5
    with psycopg.connect(reader.standby.url(), autocommit=True) as standby:
        (known,) = standby.execute("SHOW primary_conninfo").fetchone() or ("",)
        standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
        standby.execute("SELECT pg_reload_conf()")
        try:
            time.sleep(0.3)
            late = reader.make("Later")
            assert reader.settled(late, "default") == "default"
        finally:
            standby.execute(f"ALTER SYSTEM SET primary_conninfo = {psycopg.sql.quote(str(known))}")
            standby.execute("SELECT pg_reload_conf()")
    assert reader.settled(late, ALIAS) == ALIAS


def test_what_is_no_standby_of_this_database_is_not_read(reader: Reader) -> None:
    tenant = reader.make("Foreign")
    reader.use(_url("default"))  # the primary itself
    assert reader.place(tenant) == "default"
    assert "no standby of database" in reader.refusal()
    parts = reader.standby.url("trellis_web").rpartition("/")
    reader.use(f"{parts[0]}/postgres")
    assert reader.place(tenant) == "default"
    assert reader.refusal()


def test_another_server_in_its_place_is_noticed_before_it_is_read(reader: Reader) -> None:
    """Between two checks: the name of the replica has come to lead to the primary, or to somebody else's server."""
    tenant = reader.make("Swapped")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    connections[ALIAS].close()
    parts = psycopg.conninfo.conninfo_to_dict(_url("default"))
    connections[ALIAS].settings_dict["PORT"] = parts["port"]
    assert reader.place(tenant) == "default"
    assert "no standby" in reader.refusal()


def test_where_the_facts_cannot_be_set_nothing_is_read(reader: Reader) -> None:
    """A login that may connect to the standby, but become none of the roles."""
    tenant = reader.make("Factless")
    with connection_as(None) as superuser:
        superuser.execute("CREATE ROLE trellis_test_factless LOGIN PASSWORD 'none'")
        superuser.execute(f"GRANT CONNECT ON DATABASE {_name()} TO trellis_test_factless")
        try:
            reader.standby.catch_up()
            url = reader.standby.url("trellis_web")
            reader.use("postgresql://trellis_test_factless:none@" + url.rpartition("@")[2])
            assert reader.place(tenant) == "default"
            assert "permission denied to set role" in reader.refusal()
        finally:
            forget()
            superuser.execute("DROP OWNED BY trellis_test_factless")
            superuser.execute("DROP ROLE trellis_test_factless")


def test_a_login_without_row_level_security_is_refused_there_as_well(reader: Reader) -> None:
    tenant = reader.make("Superuser")
    reader.use(reader.standby.url())
    assert reader.place(tenant) == "default"
    assert "is a superuser" in reader.refusal()


def test_the_api_reads_its_own_writes_and_lists_from_the_replica(reader: Reader) -> None:
    tenant = reader.make("Api")
    caller = make_caller(tenant, "support:read", "support:write")
    cache.clear()
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    reader.standby.run("SELECT pg_wal_replay_pause()")
    try:
        body = {"subject": "Help", "customer_email": "ada@example.com"}
        made = caller.post("/api/support/tickets", body)
        assert made.status_code == 201
        assert has_just_written("default", tenant.id)
        address = made.headers["Location"]
        assert caller.get(address).status_code == 200
        cache.clear()
        assert caller.get(address).status_code == 404, "without the mark it would not be there yet"
    finally:
        reader.standby.run("SELECT pg_wal_replay_resume()")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    before = _reads("replica")
    listed = caller.get("/api/support/tickets")
    assert [row["subject"] for row in listed.json()["results"]] == ["Help"]
    assert _reads("replica") == before + 1


def test_without_the_broker_the_primary_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis import ConnectionError as BrokerGone

    def gone(*args: Any) -> None:
        raise BrokerGone

    tenant = reader.make("Broker")
    assert not has_just_written("default", tenant.id)
    monkeypatch.setattr(cache, "get", gone)
    monkeypatch.setattr(cache, "set", gone)
    note_written("default", tenant.id)
    assert has_just_written("default", tenant.id)


def test_a_replica_that_dies_is_left_within_the_request(reader: Reader) -> None:
    """Last of this module: the standby stays dead."""
    tenant = reader.make("Dead")
    reader.standby.catch_up()
    assert reader.settled(tenant, ALIAS) == ALIAS
    places: list[str] = []

    def unit() -> Any:
        return acting(domain="platform", organization=tenant.id, reading=True)

    def work() -> list[object]:
        from shared.session import current

        facts = current()
        assert facts is not None
        places.append(facts.alias)
        if len(places) == 1:
            reader.standby.kill()
        return list(Tenant.objects.values_list("id", flat=True))

    assert carry_out(unit, work) == [tenant.id]
    assert places == [ALIAS, "default"]
    replica._replicas[ALIAS]._checked_at = 0.0
    assert reader.place(tenant) == "default", "asked again, and still dead"


def _name() -> str:
    return '"{}"'.format(psycopg.conninfo.conninfo_to_dict(_url("default"))["dbname"])


def _reads(outcome: str) -> float:
    from shared.metrics.replicas import READS

    return float(READS.labels("default", outcome)._value.get())
