"""A process's threads share its connections: facts stay behind, exhaustion is an answer and a figure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from prometheus_client import REGISTRY

from shared.api.database_errors import database_problem
from shared.session import acting, looking_up
from shared.session.backend import pool as pools
from shared.session.backend.opening import opening_of
from shared.tenancy.lookup import find_tenant_by_hostname
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller
from tests.conftest import connection_as
from tests.servers import database_url

Make = Callable[[str], Tenant]


@pytest.fixture
def pooled(committed: Make) -> Iterator[Callable[..., Make]]:
    """Puts a pool behind the default database, in this thread and in those that a test starts."""
    before = connections.settings["default"]
    connections["default"].close()

    def use(size: int, timeout: float = 5.0, **changed: Any) -> Make:
        found = {**before, "POOL": {"size": size, "timeout": timeout}, "CONN_MAX_AGE": 0, **changed}
        connections.settings["default"] = found
        del connections["default"]
        return committed

    yield use
    connections["default"].close()
    connections.settings["default"] = before
    del connections["default"]
    _, pool = pools._pools.pop("default")
    pool.close()


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"database": "default", **labels}) or 0.0


def in_threads(number: int, work: Callable[[int], None]) -> None:
    errors: list[BaseException] = []

    def run(index: int) -> None:
        try:
            work(index)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def server_session() -> tuple[int, str, str]:
    with looking_up(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), current_user, coalesce(current_setting('app.organization_id', true), '')"
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


def test_a_unit_leaves_nothing_on_the_connection_for_the_next(pooled: Callable[..., Make]) -> None:
    make = pooled(1)
    pids = set()
    for tenant in (make("First"), make("Second")) * 5:
        with acting(domain="platform", organization=tenant.id):
            assert set(Tenant.objects.values_list("id", flat=True)) == {tenant.id}
        assert connection.connection is None, "it went back when the unit ended"
        pid, login, organization = server_session()
        assert (login, organization) == ("trellis_web", "")
        pids.add(pid)
    assert len(pids) == 1, "it was the same server session all along"


def test_a_unit_that_never_spoke_leaves_no_opening(pooled: Callable[..., Make]) -> None:
    tenant = pooled(1)("Silent")
    with acting(domain="platform", organization=tenant.id):
        raw = connection.connection
    assert opening_of(raw) == ""
    assert server_session()[1:] == ("trellis_web", "")


def test_a_nested_unit_keeps_the_connection_of_the_outer_one(pooled: Callable[..., Make]) -> None:
    tenant = pooled(1, timeout=0.1)("Nested")
    with acting(domain="platform", organization=tenant.id):
        with acting(domain="crm"), looking_up():
            pass
        assert Tenant.objects.get().id == tenant.id


def test_eight_threads_share_two_connections_without_mixing_tenants(pooled: Callable[..., Make]) -> None:
    make = pooled(2)
    tenants = [make("One"), make("Two")]
    pids: set[int] = set()

    def work(index: int) -> None:
        tenant = tenants[index % 2]
        for _ in range(50):
            with acting(domain="platform", organization=tenant.id):
                assert list(Tenant.objects.values_list("id", flat=True)) == [tenant.id]
                pids.add(connection.connection.info.backend_pid)

    in_threads(8, work)
    assert 1 <= len(pids) <= 2
    assert figure("trellis_database_pool_in_use") == 0
    assert figure("trellis_database_pool_limit") == 2


def test_who_waits_too_long_is_refused_with_503_and_counted(pooled: Callable[..., Make]) -> None:
    tenant = pooled(1, timeout=0.2)("Busy")
    caller = make_caller(tenant, "support:read")
    assert caller.get("/api/support/tickets").status_code == 200
    refused = figure("trellis_database_connections_refused_total", by="pool")
    taken, done = threading.Event(), threading.Event()

    def hold(index: int) -> None:
        with acting(domain="platform", organization=tenant.id):
            taken.set()
            done.wait(10)

    holder = threading.Thread(target=in_threads, args=[1, hold])
    holder.start()
    try:
        taken.wait(10)
        begin = time.monotonic()
        answer = caller.get("/api/support/tickets")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:trellis:problem:no_connection"
        assert time.monotonic() - begin < 2
        assert figure("trellis_database_connections_refused_total", by="pool") > refused
        assert figure("trellis_database_pool_wait_seconds_count") > 0
    finally:
        done.set()
        holder.join()
    assert caller.get("/api/support/tickets").status_code == 200


def test_a_connection_closed_by_the_server_is_not_handed_out(pooled: Callable[..., Make]) -> None:
    pooled(1)("Restart")
    pid = server_session()[0]
    with connection_as(None) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert server_session()[0] != pid
    assert figure("trellis_database_pool_in_use") == 0


def test_a_connection_closed_within_a_unit_is_not_handed_out(pooled: Callable[..., Make]) -> None:
    tenant = pooled(1)("Closed")
    with acting(domain="platform", organization=tenant.id):
        raw = connection.connection
        connection.close()
    assert raw.closed
    assert server_session()[1:] == ("trellis_web", "")


def test_a_database_that_cannot_be_reached_is_an_error_at_once(pooled: Callable[..., Make]) -> None:
    pooled(1)("Before")
    connections["default"].close()
    pooled(1, PORT="1")
    for _ in range(3):  # and costs no permit
        begin = time.monotonic()
        with pytest.raises(OperationalError, match="refused"), looking_up():
            connections["default"].ensure_connection()
        assert time.monotonic() - begin < 1


def test_the_servers_own_limit_is_the_same_answer(committed: Make) -> None:
    """A login that may connect as often as never: what a full server says, without filling the suite's."""
    refused = figure("trellis_database_connections_refused_total", by="server")
    with connection_as(None) as superuser:
        superuser.execute("CREATE ROLE trellis_test_full LOGIN PASSWORD 'full' CONNECTION LIMIT 0")
        try:
            full = connections["default"].copy()
            full.settings_dict = {**full.settings_dict, "USER": "trellis_test_full", "PASSWORD": "full"}
            name = psycopg.conninfo.conninfo_to_dict(database_url())["dbname"]
            superuser.execute(f'GRANT CONNECT ON DATABASE "{name}" TO trellis_test_full')
            with pytest.raises(OperationalError, match="too many connections") as caught:
                full.ensure_connection()
            superuser.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM trellis_test_full')
        finally:
            superuser.execute("DROP ROLE trellis_test_full")
    problem = database_problem(caught.value, "GET")
    assert problem is not None
    assert (problem.status, problem.code, problem.headers) == (503, "no_connection", {"Retry-After": "1"})
    assert figure("trellis_database_connections_refused_total", by="server") == refused + 1


def test_the_look_up_of_a_hostname_is_refused_in_the_same_way(
    pooled: Callable[..., Make], client: Any
) -> None:
    pooled(1, timeout=0.1)
    find_tenant_by_hostname("nobody.example")
    wrapper = connections["default"]
    wrapper.ensure_connection()
    client.raise_request_exception = False
    answers: list[Any] = []

    def ask(index: int) -> None:
        answers.append(client.get("/api/support/tickets", headers={"host": "acme.example"}))
        answers.append(client.get("/admin/", headers={"host": "acme.example"}))

    try:
        in_threads(1, ask)
    finally:
        wrapper.close()
    assert [(each.status_code, each.headers["Retry-After"]) for each in answers] == [(503, "1")] * 2
