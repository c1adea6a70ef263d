"""Units of work: the facts are set, restored and forgotten; nothing runs outside of one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import ProgrammingError, connection, transaction

from shared.domains import UnknownDomainError
from shared.records.identifiers import uuid7
from shared.session import Actor, OutsideUnitError, TenantMissingError, acting, current, looking_up, operating
from shared.tenancy.models import Tenant, UserProfile


def facts_on_server() -> tuple[str, ...]:
    with looking_up(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user::text, coalesce(current_setting('app.organization_id', true), ''), "
            "coalesce(current_setting('app.domain', true), ''), current_setting('search_path'), "
            "coalesce(current_setting('app.actor_name', true), '')"
        )
        return tuple(cursor.fetchone())


def test_a_unit_sets_role_tenant_domain_path_and_actor(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id, actor=Actor(kind="system", name="import")):
        assert facts_on_server() == (
            "trellis_crm",
            str(tenant.id),
            "crm",
            f"tenant_{tenant.id.hex}, public, pg_temp",
            "import",
        )


def test_a_nested_unit_restores_the_outer_facts(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        outer = facts_on_server()
        with acting(domain="platform"):
            inner = facts_on_server()
            assert inner[0] == "trellis_platform"
            assert inner[1] == str(tenant.id), "the organization is inherited"
        assert facts_on_server() == outer
        with pytest.raises(ZeroDivisionError), acting(domain="platform"):
            raise ZeroDivisionError
        assert facts_on_server() == outer, "a rolled-back inner unit restores them too"
    assert current() is None


def test_inside_a_tests_transaction_leaving_a_unit_restores_none(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        pass
    assert facts_on_server()[:3] == ("trellis_web", "", "")


def test_a_statement_outside_of_a_unit_is_an_error_and_not_zero_rows(db: None) -> None:
    with pytest.raises(OutsideUnitError, match="acting"):
        list(UserProfile.objects.all())


def test_a_tenant_must_be_named_except_for_signing_in(db: None) -> None:
    with pytest.raises(TenantMissingError, match="organization="), acting(domain="support"):
        pass
    with acting(domain="platform", organization=None):
        assert facts_on_server()[1] == ""


def test_an_unknown_domain_is_named(tenant: Tenant) -> None:
    with (
        pytest.raises(UnknownDomainError, match="bookkeeping"),
        acting(domain="bookkeeping", organization=tenant.id),
    ):
        pass


def test_the_web_login_may_not_operate(tenant: Tenant) -> None:
    with pytest.raises(ProgrammingError, match="permission denied to set role"), transaction.atomic():
        with operating(reason="test"):
            pass


def test_the_worker_may_operate_and_sees_all_tenants(worker_login: Callable[[str], Tenant]) -> None:
    first, second = worker_login("First"), worker_login("Second")
    with operating(reason="test"):
        seen = set(Tenant.objects.filter(id__in=[first.id, second.id]).values_list("id", flat=True))
    assert seen == {first.id, second.id}


def test_nothing_survives_the_unit_on_the_same_connection(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Pool")
    for _ in range(3):
        with acting(domain="crm", organization=tenant.id):
            backend = connection.connection.info.backend_pid
        with looking_up():
            role, organization, domain, path, _ = facts_on_server()
        assert connection.connection.info.backend_pid == backend, "the very same server session"
        assert (role, organization, domain) == ("trellis_web", "", "")
        assert "tenant_" not in path


def test_units_of_threads_do_not_mix(committed: Callable[[str], Tenant]) -> None:
    tenants = [committed(f"Thread{n}") for n in range(4)]
    seen: dict[str, set[str]] = {}

    def work(tenant: Tenant) -> None:
        found = set()
        for _ in range(20):
            with acting(domain="platform", organization=tenant.id):
                found.update(Tenant.objects.values_list("slug", flat=True))
        seen[tenant.slug] = found
        connection.close()

    threads = [threading.Thread(target=work, args=(t,)) for t in tenants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {t.slug: {t.slug} for t in tenants}


def test_the_connection_follows_the_acting_domain(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            UserProfile.objects.create(user_id=uuid7(), name="Mallory", email="m@example.com")
    with acting(domain="platform", organization=tenant.id):
        assert not UserProfile.objects.exists()
