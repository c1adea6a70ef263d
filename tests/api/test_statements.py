"""Kept statements: the same answers as queries built each time, and never kept where that is not safe."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from shared.api import prepared, statements
from shared.api.statements import find_statement
from shared.session import acting, current
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.callers import make_caller

pytestmark = pytest.mark.urls("tests.api.sample")
URL = "/api/platform/profiles"


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    statements._statements.clear()
    yield
    statements._statements.clear()


def kept(tenant: Tenant, build: Callable[[Mapping[str, Any]], QuerySet[Any]], **values: Any) -> bool:
    with acting(domain="platform", organization=tenant.id):
        return find_statement(uuid.uuid4(), values, lambda given: build(given).values_list("id")) is not None


def test_what_depends_on_values_and_tenant_alone_is_kept(tenant: Tenant) -> None:
    assert kept(tenant, lambda given: UserProfile.objects.all())
    assert kept(tenant, lambda given: UserProfile.objects.filter(name=given["name"]), name="Ada")
    assert kept(
        tenant, lambda given: UserProfile.objects.filter(created_at__gte=given["at"]), at=timezone.now()
    )


def test_what_depends_on_more_is_not_kept(tenant: Tenant) -> None:
    profiles = UserProfile.objects
    assert not kept(tenant, lambda given: profiles.filter(user_id=current().actor.id or uuid.uuid4()))  # type: ignore[union-attr]
    assert not kept(tenant, lambda given: profiles.filter(name=current().request_id))  # type: ignore[union-attr]
    assert not kept(tenant, lambda given: profiles.filter(created_at__lt=timezone.now()))
    assert not kept(tenant, lambda given: profiles.filter(user_id=uuid.uuid4()))
    assert not kept(tenant, lambda given: profiles.filter(id__in=list(profiles.values_list("id", flat=True))))
    assert not kept(tenant, lambda given: profiles.filter(name=given["name"].strip()), name="Ada")
    assert not kept(tenant, lambda given: profiles.filter(name=given["name"].lower()), name="Ada")
    assert not kept(tenant, lambda given: profiles.all(), name="Ada")


def test_kept_and_prepared_statements_answer_each_tenant_with_its_own(
    committed: Callable[[str], Tenant],
) -> None:
    callers = [
        make_caller(committed(name), "platform:read", "platform:write") for name in ("Acme", "Umbrella")
    ]
    for caller in callers:
        for index in range(5):
            name = f"{caller.tenant.name} {index}"
            assert caller.post(URL, {"name": name, "email": f"p{index}@example.com"}).status_code == 201
    for _ in range(prepared.USES_BEFORE + 3):
        for caller in callers:
            page = caller.get(f"{URL}?limit=2&ordering=name").json()
            names = [row["name"] for row in page["results"]]
            assert names == [f"{caller.tenant.name} 0", f"{caller.tenant.name} 1"]
            following = caller.get(page["next"]).json()
            assert [row["name"] for row in following["results"]] == [
                f"{caller.tenant.name} {i}" for i in (2, 3)
            ]
            one = caller.get(f"{URL}/{page['results'][0]['id']}").json()
            assert one == page["results"][0]
            found = caller.get(f"{URL}?email=p3@example.com").json()["results"]
            assert [row["name"] for row in found] == [f"{caller.tenant.name} 3"]
    with acting(domain="platform", organization=callers[0].tenant.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'trl_%%' AND generic_plans + custom_plans > 0"
        )
        assert cursor.fetchone()[0] >= 4


def test_a_lost_preparation_is_survived(committed: Callable[[str], Tenant], monkeypatch: Any) -> None:
    monkeypatch.setattr(prepared, "_switched_off", False)
    caller = make_caller(committed("Pooled"), "platform:read")
    for _ in range(prepared.USES_BEFORE + 2):
        assert caller.get(URL).status_code == 200
    connection.connection.execute("DEALLOCATE ALL")
    assert caller.get(URL).status_code == 200
    assert prepared._switched_off
    assert caller.get(URL).status_code == 200


def test_a_preparation_that_fails_is_none(committed: Callable[[str], Tenant], monkeypatch: Any) -> None:
    """Such as while the tables move: the statement itself is sent, and the next one is not taken for prepared."""
    monkeypatch.setattr(prepared, "_switched_off", False)
    caller = make_caller(committed("Moving"), "platform:read")

    def refuse(*_: Any) -> None:
        raise psycopg.errors.InsufficientPrivilege("permission denied for schema platform")

    with monkeypatch.context() as patch:
        patch.setattr(prepared, "_prepare", refuse)
        connection.close()
        for _ in range(prepared.USES_BEFORE + 3):
            assert caller.get(URL).status_code == 200
    for _ in range(prepared.USES_BEFORE + 3):
        assert caller.get(URL).status_code == 200
    assert not prepared._switched_off
