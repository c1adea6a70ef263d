"""Who may call: keys, hosts, scopes, suspended tenants, staff sessions, limits."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from platform_core.models import Membership, User
from shared.api import throttling
from shared.records.activity.models import ActivityEvent
from shared.session import acting
from shared.tenancy.models import ApiKey, ApiKeyUse, Tenant, TenantDomain
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.staff import sign_in

pytestmark = pytest.mark.urls("tests.api.sample")
URL = "/api/platform/profiles"
VALID = {"name": "Ada", "email": "ada@example.com"}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Bearer trl_aaaaaaaa_" + "A" * 43,
        "Basic YTpi",
        "Api-Key \u00ff",
        "trl_aaaaaaaa_" + "A" * 43,
    ],
)
def test_without_valid_credentials_401(caller: ApiCaller, header: str | None) -> None:
    for method, address in (("GET", URL), ("POST", URL), ("GET", f"{URL}/{caller.key_id}")):
        headers = {} if header is None else {"authorization": header}
        answer = Client().generic(method, address, b"{}", content_type="application/json", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("field", ["expires_at", "revoked_at"])
def test_a_key_whose_time_is_over_401(tenant: Tenant, field: str) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    caller = make_caller(tenant, "platform:read", **{field: past})
    assert caller.get(URL).status_code == 401


def test_a_key_needs_the_scope_of_the_domain_and_verb(tenant: Tenant) -> None:
    for scopes, may_read, may_write in (
        ((), False, False),
        (("support:read", "support:write"), False, False),
        (("platform:read",), True, False),
        (("platform:write",), False, True),
    ):
        caller = make_caller(tenant, *scopes)
        assert (caller.get(URL).status_code == 200) is may_read
        answer = caller.post(URL, VALID)
        assert (answer.status_code == 201) is may_write
        if not may_write:
            assert answer.status_code == 403
            assert answer.json()["scope"] == "platform:write"


def test_a_suspended_tenant_403(caller: ApiCaller, tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        Tenant.objects.filter(pk=tenant.pk).update(status="suspended")
    assert caller.get(URL).status_code == 403
    assert caller.post(URL, VALID).status_code == 403


def test_hosts(caller: ApiCaller, tenant: Tenant, other_tenant: Tenant) -> None:
    for owner, host in ((tenant, "acme.example.com"), (other_tenant, "umbrella.example.com")):
        with acting(domain="platform", organization=owner.id):
            TenantDomain.objects.create(tenant=owner, domain=host)
    assert caller.get(URL, host="acme.example.com").status_code == 200
    assert caller.get(URL, host="umbrella.example.com").status_code == 401
    unknown = caller.get(URL, host="nobody.example.com")
    assert unknown.status_code == 404
    assert unknown.headers["Content-Type"] == "application/problem+json"


def test_another_tenants_record_is_404_and_stays_as_it_is(caller: ApiCaller, stranger: ApiCaller) -> None:
    made = stranger.post(URL, VALID).json()
    address = f"{URL}/{made['id']}"
    assert stranger.get(address).status_code == 200
    assert caller.get(address).status_code == 404
    assert caller.patch(address, {"name": "Eve"}).status_code == 404
    assert caller.delete(address).status_code == 404
    assert caller.post(f"{address}/refuse").status_code == 404
    assert caller.get(f"{URL}?user_id={made['user_id']}").json()["results"] == []
    assert stranger.get(address).json() == made


def test_another_tenants_cursor_shows_only_own_rows(caller: ApiCaller, stranger: ApiCaller) -> None:
    for index in range(3):
        stranger.post(URL, {**VALID, "name": f"S{index}"})
    address = stranger.get(f"{URL}?limit=1").json()["next"]
    assert caller.get(address).json()["results"] == []


# --- staff -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(tenant: Tenant) -> Client:
    """A signed-in administrator of the tenant; the client enforces CSRF as a browser's server does."""
    with acting(domain="platform", organization=None):
        user = User.objects.create_user("ada@example.com", "correct horse battery")
    with acting(domain="platform", organization=tenant.id):
        Membership.objects.create(user=user, role="admin")
    return sign_in(user, Client(enforce_csrf_checks=True))


def test_staff_read_by_session_and_write_with_the_csrf_token(staff: Client) -> None:
    assert staff.get(URL).status_code == 200
    refused = staff.post(URL, VALID, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    token = "a" * 32
    staff.cookies["csrftoken"] = token
    made = staff.post(URL, VALID, content_type="application/json", headers={"X-CSRFToken": token})
    assert made.status_code == 201, made.content


def test_staff_see_pages_and_send_forms(staff: Client) -> None:
    page = staff.get(URL, headers={"Accept": "text/html"})
    assert page.status_code == 200, page.content[:2000]
    assert page.headers["Content-Type"].startswith("text/html")
    filtered = staff.get(f"{URL}?email=&user_id=", headers={"Accept": "text/html"})
    assert filtered.status_code == 200, "the filter form sends what is not filled in, too"
    token = "a" * 32
    staff.cookies["csrftoken"] = token
    form = {**VALID, "preferences": "{}", "custom_fields": "{}", "csrfmiddlewaretoken": token}
    made = staff.post(URL, form, headers={"Accept": "text/html"})
    assert made.status_code == 201, made.content[:3000]
    assert staff.get(URL).json()["results"][0]["name"] == "Ada"
    bad = staff.post(URL, {**form, "email": "x"}, headers={"Accept": "text/html"})
    assert bad.status_code == 400
    assert "valid email" in bad.content.decode()


def test_staff_without_the_domain_403(staff: Client, tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        Membership.objects.all().update(domains=["crm"])
    assert staff.get(URL).status_code == 403


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_limit_tells_where_the_caller_stands(tenant: Tenant) -> None:
    caller = make_caller(tenant, "platform:read", rate_limit=2)
    first = caller.get(URL)
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("2", "1")
    assert caller.get(URL).headers["RateLimit-Remaining"] == "0"
    refused = caller.get(URL)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_limit_is_exact_under_concurrent_calls(committed: Callable[[str], Tenant]) -> None:
    caller = make_caller(committed("Rush"), "platform:read", rate_limit=100)
    codes: list[int] = []

    def call() -> None:
        mine = ApiCaller(caller.tenant, caller.raw_key, caller.key_id)
        codes.extend(mine.get(f"{URL}?limit=1").status_code for _ in range(60))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 960
    assert codes.count(200) == 100
    assert codes.count(429) == 860


def test_without_the_broker_calls_are_served(caller: ApiCaller, monkeypatch: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(throttling, "_broken_until", 0.0)
    answer = caller.get(URL)
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers
    throttling._broken_until = 0.0


def test_the_last_use_of_a_key_is_noted_and_makes_no_version(caller: ApiCaller, tenant: Tenant) -> None:
    caller.get(URL)
    with acting(domain="platform", organization=tenant.id):
        (use,) = ApiKeyUse.objects.filter(key_id=caller.key_id)
        assert use.organization_id == tenant.id
    caller.get(URL)
    with acting(domain="platform", organization=tenant.id):
        assert ApiKeyUse.objects.get(key_id=caller.key_id).used_at == use.used_at, "once a minute"
        assert ApiKey.objects.get(pk=caller.key_id).version == 1
        assert ApiKey.history.filter(id=caller.key_id).count() == 1
        assert ActivityEvent.objects.filter(entity_id=caller.key_id).count() == 1
