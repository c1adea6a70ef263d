"""Tables of tenancy and identity under the model contract."""

from __future__ import annotations

from typing import Any

from platform_core.models import Membership, User
from shared.records.identifiers import uuid7
from shared.session import acting
from shared.tenancy.keys import make_key
from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile
from tests.bases.models import ModelContract


class TestTenant(ModelContract):
    model = Tenant

    def make(self, tenant: Tenant) -> Any:
        return tenant


class TestTenantDomain(ModelContract):
    model = TenantDomain

    def make(self, tenant: Tenant) -> Any:
        return TenantDomain.objects.create(tenant=tenant, domain=f"{uuid7()}.example.com")


class TestUserProfile(ModelContract):
    model = UserProfile

    def make(self, tenant: Tenant) -> Any:
        return UserProfile.objects.create(user_id=uuid7(), name="Ada", email="ada@example.com")


class TestApiKey(ModelContract):
    model = ApiKey

    def make(self, tenant: Tenant) -> Any:
        key = make_key()
        return ApiKey.objects.create(name="import", prefix=key.prefix, digest=key.digest)


class TestMembership(ModelContract):
    model = Membership

    def make(self, tenant: Tenant) -> Any:
        with acting(organization=None):  # a person is made before any tenant knows them
            user = User.objects.create_user(f"{uuid7()}@example.com", None)
        return Membership.objects.create(user=user)


class TestUser(ModelContract):
    """A person is seen in the tenants they work for, and nowhere else."""

    model = User

    def make(self, tenant: Tenant) -> Any:
        with acting(organization=None):
            user = User.objects.create_user(f"{uuid7()}@example.com", None)
        Membership.objects.create(user_id=user.pk)
        user.organization_id = tenant.id
        return user
