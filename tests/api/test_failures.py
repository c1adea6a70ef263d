"""What fails behind the API is answered, retried or survived."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.utils import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.utils import timezone

from shared.api.database_errors import database_problem
from shared.api.idempotency.models import IdempotencyKey
from shared.api.idempotency.store import purge_expired
from shared.api.units import ATTEMPTS, carry_out
from shared.session import Facts, acting, operating
from shared.tenancy.models import Tenant
from tests.api.sample import ProfileViewSet, SlowProfileViewSet
from tests.bases.callers import ApiCaller, make_caller

pytestmark = pytest.mark.urls("tests.api.sample")
URL = "/api/platform/profiles"
VALID = {"name": "Ada", "email": "ada@example.com"}


class _Cause(Exception):
    def __init__(self, sqlstate: str | None, **diag: Any) -> None:
        self.sqlstate = sqlstate
        self.diag = SimpleNamespace(**diag)


def failed(state: str | None, kind: type[Exception] = DatabaseError, **diag: Any) -> Any:
    error = kind("refused")
    error.__cause__ = _Cause(state, **diag)
    return error


@pytest.mark.parametrize(
    ("state", "status", "retry"),
    [
        ("42501", 403, None),
        ("23505", 409, None),
        ("23503", 400, None),
        ("23502", 400, None),
        ("23514", 400, None),
        ("22003", 400, None),
        ("22P05", 400, None),
        ("40001", 503, "1"),
        ("40P01", 503, "1"),
        ("55P03", 503, "1"),
        ("57014", 503, "1"),
        ("57P01", 503, "5"),
        ("53300", 503, "1"),
        ("08006", 503, "5"),
    ],
)
def test_each_refusal_of_postgresql_has_its_answer(state: str, status: int, retry: str | None) -> None:
    problem = database_problem(failed(state), "POST")
    assert problem is not None
    assert (problem.status, problem.headers.get("Retry-After")) == (status, retry)


def test_refusals_without_a_state() -> None:
    assert database_problem(failed(None, DataError), "POST").status == 400  # type: ignore[union-attr]
    for kind in (OperationalError, InterfaceError):
        assert database_problem(failed(None, kind), "GET").status == 503  # type: ignore[union-attr]
    assert database_problem(failed("42703"), "GET") is None, "a bug of ours is a 500"


def test_a_violated_reference_names_its_field() -> None:
    detail = 'Key (organization_id, customer_id)=(a, b) is not present in table "customers".'
    problem = database_problem(failed("23503", IntegrityError, message_detail=detail), "POST")
    assert problem is not None
    assert problem.errors[0]["field"] == "customer_id"
    used = 'Key (organization_id, id)=(a, b) is still referenced from table "deals".'
    assert database_problem(failed("23503", IntegrityError, message_detail=used), "DELETE").status == 409  # type: ignore[union-attr]


def test_a_serialization_failure_is_tried_again() -> None:
    calls = []

    def work() -> str:
        calls.append(1)
        if len(calls) < ATTEMPTS:
            raise failed("40001")
        return "done"

    assert carry_out(lambda: nullcontext(Facts(domain=None, organization=None)), work) == "done"
    assert len(calls) == ATTEMPTS
    with pytest.raises(DatabaseError):
        carry_out(
            lambda: nullcontext(Facts(domain=None, organization=None)),
            lambda: (_ for _ in ()).throw(failed("23505")),
        )


def test_a_bug_tells_the_caller_nothing(caller: ApiCaller, monkeypatch: Any) -> None:
    def explode(**_: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ProfileViewSet, "create_service", staticmethod(explode))
    answer = caller.post(URL, VALID, idempotency_key="k")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"]
    assert b"secret" not in answer.content
    monkeypatch.undo()
    assert caller.post(URL, VALID, idempotency_key="k").status_code == 201, "the bug released the key"


def test_an_answer_that_cannot_be_completed_is_given_as_composed(caller: ApiCaller, monkeypatch: Any) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(SlowProfileViewSet, "complete_answer", explode)
    first = caller.post("/api/platform/slow-profiles", VALID, idempotency_key="k")
    assert first.status_code == 201
    assert first.json()["degraded"] is True
    assert caller.post("/api/platform/slow-profiles", VALID, idempotency_key="k").json() == first.json()


def test_expired_keys_are_forgotten(caller: ApiCaller, tenant: Tenant) -> None:
    first = caller.post(URL, VALID, idempotency_key="k").json()
    with acting(domain="platform", organization=tenant.id):
        IdempotencyKey.objects.update(expires_at=timezone.now())
    second = caller.post(URL, {**VALID, "name": "Bea"}, idempotency_key="k")
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


def test_expired_keys_are_purged(worker_login: Callable[[str], Tenant]) -> None:
    tenant = worker_login("Purged")
    caller = make_caller(tenant, "platform:write")
    assert caller.post(URL, VALID, idempotency_key="k").status_code == 201
    with acting(domain="platform", organization=tenant.id):
        IdempotencyKey.objects.update(expires_at=timezone.now())
    with operating(reason="purge in a test"):
        assert purge_expired() >= 1
    with acting(domain="platform", organization=tenant.id):
        assert not IdempotencyKey.objects.exists()
