"""BEGIN and the facts travel with the first statement; kept, pooled and broken connections carry nothing over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from shared.records.identifiers import uuid7
from shared.session import acting, looking_up
from shared.session.backend.opening import opening_of
from shared.tenancy.models import Tenant, UserProfile
from tests.conftest import connection_as


@pytest.fixture
def messages(committed: Callable[[str], Tenant], tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Counts the queries that libpq has sent to the server so far, read off its own trace."""
    connection.ensure_connection()
    trace = tmp_path / "trace"
    with trace.open("wb") as file:
        connection.connection.pgconn.trace(file.fileno())
        yield lambda: sum("\tQuery\t" in line for line in trace.read_text(errors="replace").splitlines())
        connection.connection.pgconn.untrace()


def test_a_unit_with_one_statement_is_two_messages(
    committed: Callable[[str], Tenant], messages: Callable[[], int]
) -> None:
    tenant = committed("Messages")
    before = messages()
    with acting(domain="platform", organization=tenant.id):
        assert list(UserProfile.objects.all()) == []
    assert messages() - before == 2, "one for BEGIN, facts and the query, one for COMMIT"


def test_a_unit_without_statements_sends_nothing(
    committed: Callable[[str], Tenant], messages: Callable[[], int]
) -> None:
    tenant = committed("Silent")
    before = messages()
    assert before > 0, "the trace sees what is sent"
    with acting(domain="platform", organization=tenant.id):
        pass
    assert messages() == before
    assert opening_of(connection.connection) == ""


def test_a_rolled_back_unit_leaves_nothing_waiting(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Rollback")
    with pytest.raises(ZeroDivisionError), acting(domain="crm", organization=tenant.id):
        raise ZeroDivisionError
    assert opening_of(connection.connection) == ""
    with looking_up(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        assert cursor.fetchone() == ("trellis_web",)


def test_parameters_and_percent_signs_survive_the_journey(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id), connection.cursor() as cursor:
        cursor.execute("SELECT %s, '100%%', %s::text", ["it's; \\ SELECT 1", None])
        assert cursor.fetchone() == ("it's; \\ SELECT 1", "100%", None)


def test_executemany_as_the_first_statement(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Many")
    with acting(domain="platform", organization=tenant.id):
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO shared.user_profiles (organization_id, user_id, name, email, preferences) "
                "VALUES (%s, %s, 'Ada', 'ada@example.com', '{}')",
                [(tenant.id, uuid7()), (tenant.id, uuid7())],
            )
        assert UserProfile.objects.count() == 2


@pytest.mark.parametrize(
    "name", ["it's", 'double "quote"', "back\\slash", "'; DROP TABLE shared.tenants; --", "ünïcödé"]
)
def test_no_actor_name_breaks_out_of_the_facts(tenant: Tenant, name: str) -> None:
    from shared.session import Actor

    with acting(domain="platform", organization=tenant.id, actor=Actor(name=name)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.actor_name')")
            assert cursor.fetchone() == (name,)


def test_a_connection_that_the_server_has_closed_is_replaced(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Restart")
    with acting(domain="platform", organization=tenant.id):
        list(UserProfile.objects.all())
    pid = connection.connection.info.backend_pid
    with connection_as(None) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.health_check_enabled = connection.settings_dict["CONN_HEALTH_CHECKS"]
    connection.close_if_unusable_or_obsolete()
    with acting(domain="platform", organization=tenant.id):
        assert list(UserProfile.objects.all()) == []
    assert connection.connection.info.backend_pid != pid


@pytest.fixture
def pooled(committed: Callable[[str], Tenant]) -> Iterator[Callable[[str], Tenant]]:
    """Django's own pool, with a single connection that every unit must share."""
    wrapper = connections["default"]
    wrapper.close()
    before = wrapper.settings_dict
    options = {**before["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    wrapper.settings_dict = {**before, "OPTIONS": options, "CONN_MAX_AGE": 0}
    yield committed
    wrapper.close()
    wrapper.close_pool()
    wrapper.settings_dict = before


def test_djangos_pool_carries_no_tenant_to_the_next_user(pooled: Callable[[str], Tenant]) -> None:
    first, second = pooled("First"), pooled("Second")
    pids = set()
    for tenant in (first, second) * 10:
        with acting(domain="platform", organization=tenant.id):
            assert set(Tenant.objects.values_list("id", flat=True)) == {tenant.id}
            pids.add(connection.connection.info.backend_pid)
        connection.close()  # back into the pool
        with looking_up(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user::text, coalesce(current_setting('app.organization_id', true), '')"
            )
            assert cursor.fetchone() == ("trellis_web", "")
        connection.close()
    assert len(pids) == 1, "it was the same server session all along"


def test_an_error_in_the_first_statement_leaves_a_usable_connection(
    committed: Callable[[str], Tenant],
) -> None:
    tenant = committed("Error")
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError), acting(domain="platform", organization=tenant.id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM shared.no_such_table")
    with acting(domain="platform", organization=tenant.id):
        with transaction.atomic():
            assert UserProfile.objects.count() == 0
