"""Memberships, and what a tenant may know and change of people who work for others too."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from platform_core.models import Membership, User
from platform_core.services.membership import end_membership, invite_member, restore_membership
from shared.session import acting
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.admin import AdminContract
from tests.bases.staff import make_staff, read_form, sign_in, staff_client


def some_email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


class TestMembershipPage(AdminContract):
    model = Membership
    admins_only = True
    edit = {"role": "admin"}
    duplicate_field = "email"

    def make(self, tenant: Tenant) -> Any:
        return invite_member(email=some_email(), name="Grace Hopper")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"email": some_email(), "name": "Grace", "password": "correct-horse-battery", "role": "user"}


def invitation(client: Any, **typed: str) -> dict[str, Any]:
    page = client.get(reverse("admin:platform_core_membership_add")).content.decode()
    return {**read_form(page, "membership_form"), **typed}


def test_an_invited_person_can_sign_in_and_is_known_to_the_apps(tenant: Tenant) -> None:
    client = staff_client(tenant)
    email = some_email()
    typed = invitation(client, email=email, name="Grace", password="correct-horse-battery", role="user")
    assert client.post(reverse("admin:platform_core_membership_add"), typed).status_code == 302
    with acting(domain="support", organization=tenant.id):
        assert UserProfile.objects.get(email=email).name == "Grace"
    with acting(domain="platform", organization=None):
        assert User.objects.get(email=email).check_password("correct-horse-battery")


def test_an_invitation_never_changes_how_a_known_person_signs_in(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    known = make_staff(other_tenant, password="their-own-password")
    client = staff_client(tenant)
    typed = invitation(client, email=known.email, name="Mallory", password="taken-over-1234", role="user")
    assert client.post(reverse("admin:platform_core_membership_add"), typed).status_code == 302
    with acting(domain="platform", organization=None):
        now = User.objects.get(pk=known.pk)
    assert now.check_password("their-own-password")
    assert now.name == known.name


def test_a_weak_password_is_an_error_of_its_field(tenant: Tenant) -> None:
    client = staff_client(tenant)
    typed = invitation(client, email=some_email(), name="Grace", password="12345", role="user")
    response = client.post(reverse("admin:platform_core_membership_add"), typed)
    assert "password" in response.context["adminform"].form.errors


def test_the_last_administrator_cannot_go(tenant: Tenant) -> None:
    admin = make_staff(tenant)
    client = sign_in(admin)
    with acting(domain="platform", organization=tenant.id):
        membership = Membership.objects.get(user_id=admin.pk)
    response = client.post(
        reverse("admin:platform_core_membership_delete", args=[membership.pk]), {"post": "yes"}
    )
    assert response.status_code == 409
    assert "needs an administrator" in response.content.decode()
    page = client.get(reverse("admin:platform_core_membership_change", args=[membership.pk]))
    typed = {**read_form(page.content.decode(), "membership_form"), "role": "user"}
    response = client.post(reverse("admin:platform_core_membership_change", args=[membership.pk]), typed)
    assert "needs an administrator" in response.content.decode()
    with acting(domain="platform", organization=tenant.id):
        kept = Membership.objects.get(pk=membership.pk)
    assert (kept.role, kept.deleted_at) == ("admin", None)


def test_who_goes_loses_the_tenant_at_once(tenant: Tenant) -> None:
    client = staff_client(tenant)
    leaver = make_staff(tenant)
    theirs = sign_in(leaver)
    assert theirs.get(reverse("admin:index")).status_code == 200
    with acting(domain="platform", organization=tenant.id):
        membership = Membership.objects.get(user_id=leaver.pk)
    client.post(reverse("admin:platform_core_membership_delete", args=[membership.pk]), {"post": "yes"})
    assert theirs.get(reverse("admin:index")).status_code == 403
    listed = client.get(reverse("admin:shared_userprofile_changelist")).context["cl"].result_list
    assert leaver.pk not in {profile.user_id for profile in listed}
    with acting(domain="support", organization=tenant.id):
        assert not UserProfile.objects.filter(user_id=leaver.pk).exists()


def account_of(user: User) -> dict[str, Any]:
    with acting(domain="platform", organization=None):
        return dict(User.objects.filter(pk=user.pk).values()[0])


def test_what_one_tenant_calls_a_person_stays_in_that_tenant(tenant: Tenant, other_tenant: Tenant) -> None:
    """Grace works for both; the administrator of one renames her on every page that shows her."""
    grace = make_staff(tenant, other_tenant, role="user")
    before = account_of(grace)
    client = staff_client(tenant)
    with acting(domain="platform", organization=tenant.id):
        profile = UserProfile.objects.get(user_id=grace.pk)
    url = reverse("admin:shared_userprofile_change", args=[profile.pk])
    opened = read_form(client.get(url).content.decode(), "userprofile_form")
    forged = {"email": "mallory@example.com", "user_id": str(uuid.uuid4()), "is_active": ""}
    assert client.post(url, {**opened, "name": "Mallory", **forged}).status_code == 302

    assert account_of(grace) == before
    shown = client.get(reverse("admin:platform_core_membership_changelist")).content.decode()
    assert "Mallory" in shown
    assert before["name"] not in shown
    with acting(domain="platform", organization=other_tenant.id):
        assert UserProfile.objects.get(user_id=grace.pk).name != "Mallory"
    for page in ("shared_userprofile_changelist", "platform_core_membership_changelist"):
        assert "Mallory" not in staff_client(other_tenant).get(reverse(f"admin:{page}")).content.decode()


def test_ending_and_restoring_keeps_the_tenants_name_and_the_account(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    grace = make_staff(other_tenant)
    before = account_of(grace)
    with acting(domain="platform", organization=tenant.id):
        membership = invite_member(email=grace.email, name="Gracie")
        end_membership(membership_id=membership.pk)
        restore_membership(membership_id=membership.pk)
        assert UserProfile.objects.get(user_id=grace.pk).name == "Gracie"
    assert account_of(grace) == before


def test_an_invitation_does_not_tell_what_others_call_a_person(tenant: Tenant, other_tenant: Tenant) -> None:
    grace = make_staff(other_tenant)
    with acting(domain="platform", organization=tenant.id):
        invite_member(email=grace.email)
        assert UserProfile.objects.get(user_id=grace.pk).name == grace.email


@pytest.mark.parametrize(
    "values", [{"name": "M"}, {"is_active": False}, {"email": "m@example.com"}, {"password": "x"}]
)
def test_the_database_lets_no_tenant_write_an_account(
    tenant: Tenant, other_tenant: Tenant, values: dict[str, Any]
) -> None:
    grace = make_staff(tenant, other_tenant)
    before = account_of(grace)
    with acting(domain="platform", organization=tenant.id):
        assert User.objects.filter(pk=grace.pk).exists(), "it may read it"
        assert User.objects.filter(pk=grace.pk).update(**values) == 0
        assert User.objects.filter(pk=grace.pk)._raw_delete("default") == 0
    assert account_of(grace) == before
