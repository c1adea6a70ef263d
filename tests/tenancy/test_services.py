"""Services of tenants, hostnames and profiles."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from shared.errors import Conflict, InvalidInput, NotFound
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.lookup import find_tenant_by_hostname
from shared.tenancy.models import Tenant, UserProfile
from shared.tenancy.selectors import find_api_key_by_name, get_api_key, get_current_tenant, hostnames
from shared.tenancy.services import (
    add_hostname,
    create_tenant,
    hide_user_profile,
    issue_api_key,
    keep_user_profile,
    remove_hostname,
    revoke_api_key,
    rotate_api_key,
)


def test_a_tenant_is_made_with_its_hostnames(db: None) -> None:
    name = uuid7().hex
    tenant = create_tenant(
        name="Blue Yonder", slug=name, hostnames=[f"{name}.example.com", f"WWW.{name}.com."]
    )
    found = find_tenant_by_hostname(f"{name}.example.com")
    assert found is not None
    assert (found.id, found.slug, found.status) == (tenant.pk, name, "active")
    with acting(domain="platform", organization=tenant.pk):
        assert get_current_tenant() == tenant
        assert [(h.domain, h.is_primary) for h in hostnames()] == [
            (f"{name}.example.com", True),
            (f"www.{name}.com", False),
        ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, ["name", "slug"]),
        ({"name": "x" * 201, "slug": "x"}, ["name"]),
        ({"name": "X", "slug": "-x"}, ["slug"]),
        ({"name": "X", "slug": "a b"}, ["slug"]),
        ({"name": "X", "slug": "x" * 64}, ["slug"]),
        ({"name": "X", "slug": "x", "hostnames": ["https://x.com/"]}, ["domain"]),
        ({"name": "X", "slug": "x", "hostnames": ["x..com"]}, ["domain"]),
    ],
)
def test_what_cannot_be_a_tenant_is_refused_by_field(
    db: None, fields: dict[str, object], wrong: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_tenant(**fields)  # type: ignore[arg-type]
    assert list(refused.value.errors) == wrong


def test_a_taken_slug_or_hostname_is_a_conflict(tenant: Tenant, other_tenant: Tenant) -> None:
    with pytest.raises(Conflict, match="is taken"):
        create_tenant(name="Twin", slug=tenant.slug)
    host = f"{uuid7().hex}.example.com"
    with acting(domain="platform", organization=tenant.id):
        mine = add_hostname(tenant=tenant, hostname=host)
    with acting(domain="platform", organization=other_tenant.id), pytest.raises(Conflict, match="is taken"):
        add_hostname(tenant=other_tenant, hostname=host.upper())
    with acting(domain="platform", organization=tenant.id):
        remove_hostname(hostname=mine)
    assert find_tenant_by_hostname(host) is None


def test_keys_are_refused_by_field(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id), pytest.raises(InvalidInput) as refused:
        issue_api_key(name=" ", scopes=["x:y"], rate_limit=0, expires_at=timezone.now())
    assert list(refused.value.errors) == ["name", "scopes", "rate_limit", "expires_at"]


def test_another_tenants_key_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        key, _ = issue_api_key(name="theirs")
    with acting(domain="platform", organization=tenant.id):
        for act in (
            get_api_key,
            lambda key_id: revoke_api_key(key_id=key_id),
            lambda k: rotate_api_key(key_id=k),
        ):
            with pytest.raises(NotFound):
                act(key.pk)


def test_a_key_is_found_by_name_while_it_works(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        key, _ = issue_api_key(name="sync", expires_at=timezone.now() + dt.timedelta(days=1))
        assert find_api_key_by_name("sync") == key
        first = revoke_api_key(key_id=key.pk).revoked_at
        assert find_api_key_by_name("sync") is None
        assert revoke_api_key(key_id=key.pk).revoked_at == first, "ended once"


def test_a_profile_is_made_kept_in_step_hidden_and_brought_back(tenant: Tenant) -> None:
    user_id = uuid7()
    with acting(domain="platform", organization=tenant.id):
        profile = keep_user_profile(user_id=user_id, name="Ada", email="ada@example.com")
        assert keep_user_profile(user_id=user_id, name="Ada L.", email="ada@example.com").pk == profile.pk
        hide_user_profile(user_id=user_id)
        assert not UserProfile.objects.filter(user_id=user_id).exists()
        again = keep_user_profile(user_id=user_id, name="Ada L.", email="ada@example.com")
        assert (again.pk, again.name, again.deleted_at) == (profile.pk, "Ada L.", None)
