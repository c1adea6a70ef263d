"""Behind PgBouncer in transaction mode: sixteen clients over two connections, and never another tenant's row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection, connections
from django.db.models import QuerySet

from shared.api import prepared
from shared.api.database_errors import database_problem
from shared.api.statements import find_statement
from shared.records.identifiers import uuid7
from shared.session import acting, looking_up
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.callers import make_caller
from tests.conftest import connection_as
from tests.pgbouncer import needs_pgbouncer, pgbouncer

pytestmark = needs_pgbouncer

CLIENTS, CONNECTIONS, UNITS = 16, 2, 10_000
Make = Callable[[str], Tenant]


@pytest.fixture
def bounced(committed: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Django's default database through PgBouncer, as the web login."""
    monkeypatch.setattr(prepared, "_switched_off", False)
    before = connections.settings["default"]
    connections["default"].close()
    with pgbouncer("trellis_web", connections=CONNECTIONS) as port:
        connections.settings["default"] = {**before, "PORT": str(port)}
        del connections["default"]
        yield committed
        connections["default"].close()
    connections.settings["default"] = before
    del connections["default"]


def with_profiles(tenant: Tenant, count: int) -> Tenant:
    with acting(domain="platform", organization=tenant.id):
        for number in range(count):
            UserProfile.objects.create(user_id=uuid7(), name=tenant.name, email=f"{number}@example.com")
    return tenant


def by_statement() -> list[object]:
    """As the API reads a list: facts and a prepared statement in one message, without BEGIN."""

    def build(values: object) -> QuerySet[UserProfile, tuple[object]]:
        return UserProfile.objects.order_by("id").values_list("organization_id")

    statement = find_statement("tests.pgbouncer", {}, build)
    assert statement is not None
    return [row[0] for row in statement.run({})]


def by_model() -> list[object]:
    """As services read: in a transaction, two statements."""
    ids = list(UserProfile.objects.values_list("organization_id", flat=True))
    assert UserProfile.objects.count() == len(ids)
    return list(ids)


def test_no_row_of_another_tenant_in_ten_thousand_units(bounced: Make) -> None:
    tenants = [with_profiles(bounced("Left"), 3), with_profiles(bounced("Right"), 5)]
    expected = [[tenants[0].id] * 3, [tenants[1].id] * 5]
    wrong: list[object] = []
    pids: set[int] = set()
    done = [0] * CLIENTS

    def client(index: int) -> None:
        try:
            for turn in range(UNITS // CLIENTS):
                which = (index + turn) % 2
                with acting(domain="platform", organization=tenants[which].id):
                    found = (by_statement if turn % 3 else by_model)()
                if found != expected[which]:
                    wrong.append((index, turn, found))
                if turn % 50 == 0:
                    with looking_up(), connection.cursor() as cursor:
                        cursor.execute(
                            "SELECT pg_backend_pid(), current_user::text, "
                            "coalesce(current_setting('app.organization_id', true), '')"
                        )
                        pid, login, organization = cursor.fetchone()
                    pids.add(pid)
                    if (login, organization) != ("trellis_web", ""):
                        wrong.append((index, turn, login, organization))
                done[index] += 1
        except BaseException as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=client, args=[index]) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sum(done) == UNITS
    assert 1 <= len(pids) <= CONNECTIONS


def test_a_lost_prepared_statement_is_done_without(bounced: Make) -> None:
    tenant = with_profiles(bounced("Lost"), 1)
    for _ in range(prepared.USES_BEFORE + 3):
        with acting(domain="platform", organization=tenant.id):
            assert by_statement() == [tenant.id]
    assert not prepared._switched_off, "one client alone keeps the same server connection"
    with connection_as(None) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE usename = 'trellis_web' AND datname = current_database()"
        )
    for _ in range(2):
        with acting(domain="platform", organization=tenant.id):
            assert by_statement() == [tenant.id]
    assert prepared._switched_off


def test_requests_of_the_api_work_behind_it(bounced: Make) -> None:
    tenant, other = bounced("Api"), bounced("Other")
    caller, stranger = make_caller(tenant, "platform:read"), make_caller(other, "platform:read")
    for _ in range(prepared.USES_BEFORE + 2):
        for each in (caller, stranger):
            assert each.get("/api/platform/customers").status_code == 200


def test_a_login_that_it_does_not_know_is_a_sentence(bounced: Make) -> None:
    unknown = connections["default"].copy()
    unknown.settings_dict = {**unknown.settings_dict, "USER": "trellis_worker"}
    with pytest.raises(OperationalError) as caught:
        unknown.ensure_connection()
    problem = database_problem(caught.value, "GET")
    assert problem is not None
    assert problem.status == 503
