"""Signing in: e-mail and password, lock-out, the choice of a tenant."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from platform_core.models import Membership
from platform_core.services.membership import end_membership, invite_member, restore_membership
from shared.session import acting
from shared.tenancy.choices import TenantStatus
from shared.tenancy.models import Tenant
from shared.tenancy.services import add_hostname, set_tenant_status
from tests.bases.staff import make_staff, sign_in

PASSWORD = "correct-horse-battery"
LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def _no_failures_from_before() -> None:
    cache.clear()


def post_login(client: Client, email: str, password: str) -> int:
    return client.post(f"{LOGIN}?next=/admin/", {"username": email, "password": password}).status_code


def test_e_mail_in_any_case_and_password_sign_in(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    client = Client()
    assert post_login(client, f"  {user.email.upper()} ", PASSWORD) == 302
    page = client.get("/admin/")
    assert page.status_code == 200
    assert tenant.name in page.content.decode()


def test_signing_in_again_over_an_open_and_over_an_ended_session(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    client = sign_in(user)
    assert post_login(client, user.email, PASSWORD) == 302
    client.cookies[settings.SESSION_COOKIE_NAME] = "ended-long-ago"
    assert post_login(client, user.email, PASSWORD) == 302
    assert client.get("/admin/").status_code == 200


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    said = []
    for email in (user.email, "nobody@example.com"):
        response = Client().post(LOGIN, {"username": email, "password": "wrong"})
        said.append(list(response.context["form"].non_field_errors()))
    assert (
        said[0] == said[1] == ["E-mail and password do not match: check both, and whether Caps Lock is on."]
    )


def test_who_is_switched_off_cannot_sign_in(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    signed_in = sign_in(user)
    with acting(domain="platform", organization=None):
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert post_login(Client(), user.email, PASSWORD) == 200
    assert signed_in.get("/admin/").status_code == 302, "the open session ends as well"


@pytest.mark.parametrize(
    "hostile", ["\x00", "a\x00@example.com", "\ud800@example.com", "x" * 5000, "' OR 1=1 --"]
)
def test_hostile_names_are_refused_without_a_crash(db: None, hostile: str) -> None:
    assert post_login(Client(), hostile.encode(errors="replace").decode(), "x") == 200


def test_five_wrong_passwords_lock_sign_in_in_any_spelling(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    client = Client()
    statuses = [post_login(client, email, "wrong") for email in [user.email, user.email.upper()] * 2]
    assert statuses == [200] * 4
    assert post_login(client, f" {user.email}", "wrong") == 429
    response = client.post(LOGIN, {"username": user.email.title(), "password": PASSWORD})
    assert response.status_code == 429, "not even the right password"
    assert "wait 15 minutes" in response.content.decode()
    other = make_staff(tenant, password=PASSWORD)
    assert post_login(Client(), other.email, PASSWORD) == 302, "others sign in as ever"


def test_a_right_password_forgives_the_wrong_ones(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    for _ in range(3):
        assert [post_login(Client(), user.email, "wrong") for _ in range(3)] == [200] * 3
        assert post_login(Client(), user.email, PASSWORD) == 302


def test_people_sign_in_while_the_broker_is_down(tenant: Tenant, settings: object) -> None:
    user = make_staff(tenant, password=PASSWORD)
    settings.CACHES = {  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    client = Client()
    assert post_login(client, user.email, "wrong") == 200
    assert post_login(client, user.email, PASSWORD) == 302
    assert client.get("/admin/").status_code == 200


def test_a_person_in_two_tenants_chooses(tenant: Tenant, other_tenant: Tenant) -> None:
    client = sign_in(make_staff(tenant, other_tenant))
    wanted = reverse("admin:shared_userprofile_changelist")
    response = client.get(wanted)
    assert response.headers["Location"] == f"/admin/tenant/?next={wanted.replace('/', '%2F')}"
    page = client.get(response.headers["Location"])
    assert tenant.name in page.content.decode()
    assert other_tenant.name in page.content.decode()
    chosen = client.post("/admin/tenant/", {"organization": str(other_tenant.id), "next": wanted})
    assert chosen.headers["Location"] == wanted
    page = client.get(reverse("admin:shared_tenant_changelist"))
    assert [row.pk for row in page.context["cl"].result_list] == [other_tenant.pk]
    client.post("/admin/tenant/", {"organization": str(tenant.id)})
    page = client.get(reverse("admin:shared_tenant_changelist"))
    assert [row.pk for row in page.context["cl"].result_list] == [tenant.pk]


def test_nobody_chooses_a_tenant_that_is_not_theirs(tenant: Tenant, other_tenant: Tenant) -> None:
    client = sign_in(make_staff(tenant))
    for chosen in (str(other_tenant.id), str(uuid.uuid4()), "garbage", "\x00", ""):
        client.post("/admin/tenant/", {"organization": chosen})
        page = client.get(reverse("admin:shared_tenant_changelist"))
        assert [row.pk for row in page.context["cl"].result_list] == [tenant.pk]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_choice_leads_nowhere_else(tenant: Tenant, other_tenant: Tenant, target: str) -> None:
    client = sign_in(make_staff(tenant, other_tenant))
    response = client.post("/admin/tenant/", {"organization": str(tenant.id), "next": target})
    assert response.headers["Location"] == "/admin/"


def test_the_hostname_decides_before_the_choice(tenant: Tenant, other_tenant: Tenant) -> None:
    hosts = {}
    for owner in (tenant, other_tenant):
        with acting(domain="platform", organization=owner.id):
            hosts[owner.id] = add_hostname(tenant=owner, hostname=f"{owner.slug}.localhost").domain
    client = sign_in(make_staff(tenant, other_tenant))
    client.post("/admin/tenant/", {"organization": str(tenant.id)})
    page = client.get(reverse("admin:shared_tenant_changelist"), headers={"host": hosts[other_tenant.id]})
    assert [row.pk for row in page.context["cl"].result_list] == [other_tenant.pk]


def test_a_stranger_at_a_tenants_address_is_told(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        host = add_hostname(tenant=other_tenant, hostname=f"{other_tenant.slug}.localhost").domain
    response = sign_in(make_staff(tenant)).get("/admin/", headers={"host": host})
    assert response.status_code == 403
    assert "you do not work there" in response.content.decode()


def test_an_unknown_address_is_told(db: None) -> None:
    response = Client().get("/admin/", headers={"host": "nobody.localhost"})
    assert response.status_code == 404
    assert "No tenant has the address nobody.localhost" in response.content.decode()


def test_a_suspended_tenant_is_closed_and_says_so(tenant: Tenant) -> None:
    client = sign_in(make_staff(tenant))
    with acting(domain="platform", organization=tenant.id):
        set_tenant_status(tenant=tenant, status=TenantStatus.SUSPENDED)
    for url in ("/admin/", reverse("admin:shared_userprofile_changelist")):
        response = client.get(url)
        assert response.status_code == 403
        assert "is suspended" in response.content.decode()
    assert client.post(reverse("admin:logout")).status_code in {200, 302}


def test_who_has_no_tenant_is_told_and_can_sign_out(db: None) -> None:
    client = sign_in(make_staff())
    response = client.get("/admin/")
    assert response.status_code == 403
    assert "You do not work for a tenant yet" in response.content.decode()
    client.post(reverse("admin:logout"))
    assert client.get("/admin/").headers["Location"].startswith(LOGIN)


def test_whose_membership_has_ended_is_told_so_and_whom_to_ask(tenant: Tenant, other_tenant: Tenant) -> None:
    user = make_staff(tenant)
    client = sign_in(user)
    with acting(domain="platform", organization=tenant.id):
        host = add_hostname(tenant=tenant, hostname=f"{tenant.slug}.localhost").domain
        invite_member(email=make_staff().email, role="admin")
        membership = Membership.objects.get(user_id=user.pk)
        end_membership(membership_id=membership.pk)
    for told in (client.get("/admin/"), client.get("/admin/", headers={"host": host})):
        assert told.status_code == 403
        page = told.content.decode()
        assert "Your membership has ended" in page
        assert tenant.name in page
        assert f"restore the membership of {user.email}" in page
    with acting(domain="platform", organization=other_tenant.id):
        elsewhere = add_hostname(tenant=other_tenant, hostname=f"{other_tenant.slug}.localhost").domain
    page = client.get("/admin/", headers={"host": elsewhere}).content.decode()
    assert "you do not work there" in page
    assert tenant.name not in page
    with acting(domain="platform", organization=tenant.id):
        restore_membership(membership_id=membership.pk)
    assert client.get("/admin/").status_code == 200


def test_people_change_their_password(tenant: Tenant) -> None:
    user = make_staff(tenant, password=PASSWORD)
    client = Client()
    post_login(client, user.email, PASSWORD)
    new = "another-horse-battery"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), typed).status_code == 302
    assert client.get("/admin/").status_code == 200, "this session goes on"
    assert post_login(Client(), user.email, new) == 302


@pytest.mark.parametrize("name", ["index", "password_change", "jsi18n", "search", "autocomplete"])
def test_pages_of_the_site_need_a_sign_in(db: None, name: str) -> None:
    response = Client().get(reverse(f"admin:{name}"))
    assert response.headers.get("Location", "").startswith(LOGIN)
