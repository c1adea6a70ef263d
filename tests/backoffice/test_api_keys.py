"""API keys in the back office: shown once, rotated with an overlap, revoked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from shared.session import acting
from shared.tenancy.keys import find_identity
from shared.tenancy.models import ApiKey, Tenant
from shared.tenancy.services import issue_api_key
from tests.bases.staff import read_form, staff_client

ADD = reverse("admin:shared_apikey_add")
RAW = re.compile(r"trl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def raw_keys(response: Any) -> list[str]:
    return RAW.findall(response.content.decode())


@pytest.fixture
def key(tenant: Tenant) -> ApiKey:
    with acting(domain="platform", organization=tenant.id):
        return issue_api_key(name="helpdesk sync", scopes=["support:read", "support:write"])[0]


def url(name: str, key: ApiKey) -> str:
    return reverse(f"admin:shared_apikey_{name}", args=[key.pk])


def test_a_new_key_is_shown_once_and_works(tenant: Tenant) -> None:
    client = staff_client(tenant)
    typed = {**read_form(client.get(ADD).content.decode(), "apikey_form"), "name": "shop"}
    response = client.post(ADD, {**typed, "scopes": ["platform:read"]})
    (raw,) = raw_keys(response)
    assert "no-store" in response.headers["Cache-Control"]
    identity = find_identity(raw)
    assert identity is not None
    assert (identity.organization_id, identity.scopes) == (tenant.id, frozenset({"platform:read"}))
    for page in (reverse("admin:shared_apikey_changelist"), "/admin/", ADD):
        assert raw_keys(client.get(page)) == []
    assert raw not in str(dict(client.session)) + str(client.cookies)


def test_scopes_default_to_nothing_and_come_from_the_registry(tenant: Tenant) -> None:
    client = staff_client(tenant)
    page = client.get(ADD).content.decode()
    for scope in ("platform:read", "support:write", "crm:read", "marketing:write"):
        assert f'value="{scope}"' in page
    response = client.post(ADD, {**read_form(page, "apikey_form"), "name": "idle"})
    identity = find_identity(raw_keys(response)[0])
    assert identity is not None
    assert identity.scopes == frozenset()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("scopes", ["everything:read"]),
        ("rate_limit", "0"),
        ("rate_limit", "-1"),
        ("rate_limit", "10" * 20),
    ],
)
def test_bad_input_is_an_error_of_its_field(tenant: Tenant, field: str, value: Any) -> None:
    client = staff_client(tenant)
    typed = {**read_form(client.get(ADD).content.decode(), "apikey_form"), "name": "shop", field: value}
    response = client.post(ADD, typed)
    assert list(response.context["adminform"].form.errors) == [field]
    assert raw_keys(response) == []


def test_rotation_makes_a_successor_and_the_old_key_ends_after_the_overlap(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        old, old_raw = issue_api_key(name="helpdesk sync", scopes=["support:read"])
    client = staff_client(tenant)
    assert raw_keys(client.get(url("rotate", old))) == []
    (raw,) = raw_keys(client.post(url("rotate", old), {"hours": "2"}))
    new = find_identity(raw)
    assert new is not None
    assert new.scopes == frozenset({"support:read"})
    assert find_identity(old_raw) is not None, "both work during the overlap"
    with acting(domain="platform", organization=tenant.id):
        old.refresh_from_db()
        assert old.revoked_at is not None
        assert abs(old.revoked_at - timezone.now() - dt.timedelta(hours=2)) < dt.timedelta(minutes=1)
        ApiKey.objects.filter(pk=old.pk).update(revoked_at=timezone.now() - dt.timedelta(seconds=1))
    assert find_identity(old_raw) is None
    response = client.post(url("rotate", old), {"hours": "2"})
    assert "make a new one" in response.content.decode()


@pytest.mark.parametrize("hours", ["", "-1", "1.5", "x", "99999999999"])
def test_a_bad_overlap_rotates_nothing(tenant: Tenant, key: ApiKey, hours: str) -> None:
    response = staff_client(tenant).post(url("rotate", key), {"hours": hours})
    assert "whole number of hours" in response.content.decode()
    with acting(domain="platform", organization=tenant.id):
        assert ApiKey.objects.count() == 1


def test_revoking_asks_and_then_ends_the_key(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        key, raw = issue_api_key(name="helpdesk sync", scopes=["support:read"])
    client = staff_client(tenant)
    assert client.get(url("revoke", key)).status_code == 200
    assert find_identity(raw) is not None, "asking changes nothing"
    assert client.post(url("revoke", key)).status_code == 302
    assert find_identity(raw) is None


@pytest.mark.parametrize("name", ["rotate", "revoke"])
def test_another_tenants_key_does_not_exist(tenant: Tenant, other_tenant: Tenant, name: str) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        key, raw = issue_api_key(name="theirs", scopes=["support:read"])
    response = staff_client(tenant).post(url(name, key), {"hours": "0"})
    assert response.headers["Location"] == "/admin/"
    assert find_identity(raw) is not None


@pytest.mark.parametrize("name", ["rotate", "revoke"])
def test_people_with_the_role_user_are_kept_out(tenant: Tenant, key: ApiKey, name: str) -> None:
    assert staff_client(tenant, role="user").post(url(name, key), {"hours": "0"}).status_code == 403
