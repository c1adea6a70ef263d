"""Hostile addresses and refusals of the database: a clear page, never a crash, never another tenant's rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from shared.backoffice.paginator import CappedPaginator
from shared.backoffice.record import RecordAdmin
from shared.domains.registry import domains
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.staff import read_form, staff_client

LIST = reverse("admin:shared_userprofile_changelist")


def make_profiles(tenant: Tenant, count: int) -> None:
    with acting(domain="platform", organization=tenant.pk):
        for number in range(count):
            UserProfile(user_id=uuid7(), name=f"Person {number}", email="p@example.com").save()


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80",
        "q=" + "x" * 5000,
        "p=1000000000000000000000000000000",
        "p=-1",
        "p=x",
        "o=999",
        "o=-1.2.x",
        "all=",
        "deleted=zzz",
        "deleted=yes&deleted=all",
        "created_at__gte=garbage",
        "created_at__gte=0000-00-00",
        "id__in=%00",
        "id__exact=not-a-uuid",
        "name__gte=%00",
        "_facets=True",
        "e=1",
        "_to_field=organization",
        "_popup=1",
    ],
)
def test_a_hostile_address_of_a_list_is_answered(tenant: Tenant, query: str) -> None:
    make_profiles(tenant, 1)
    response = staff_client(tenant).get(f"{LIST}?{query}")
    assert response.status_code in {200, 302, 400}, response.status_code


@pytest.mark.parametrize(
    "lookup",
    ["name__regex", "name__icontains", "email__iexact", "organization__name__startswith", "name__foo"],
)
def test_lookups_that_read_every_row_are_refused(tenant: Tenant, lookup: str) -> None:
    response = staff_client(tenant).get(LIST, {lookup: "(a+)+$"})
    assert response.status_code in {302, 400}


@pytest.mark.parametrize("key", ["x", "%00", "..", "1'--", "0", "9" * 400])
def test_a_hostile_identifier_does_not_exist(tenant: Tenant, key: str) -> None:
    response = staff_client(tenant).get(f"/admin/shared/userprofile/{key}/change/")
    assert response.status_code in {302, 404}


@pytest.mark.parametrize("action", ["delete_selected", "restore_selected", "nothing", ""])
def test_actions_touch_no_other_tenants_rows(tenant: Tenant, other_tenant: Tenant, action: str) -> None:
    make_profiles(other_tenant, 1)
    with acting(domain="platform", organization=other_tenant.pk):
        other = UserProfile.objects.get()
    for selected in (str(other.pk), "garbage", "\x00"):
        typed = {"action": action, "_selected_action": [selected], "post": "yes"}
        response = staff_client(tenant).post(LIST, typed)
        assert response.status_code < 500
    with acting(domain="platform", organization=other_tenant.pk):
        assert UserProfile.objects.get().version == other.version


def test_what_the_database_refuses_is_a_page(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_elsewhere(self: RecordAdmin, request: Any) -> Any:
        with acting(domain="marketing"), connection.cursor() as cursor:
            cursor.execute("UPDATE shared.user_profiles SET name = 'Mallory'")

    monkeypatch.setattr(RecordAdmin, "get_queryset", write_elsewhere)
    response = staff_client(tenant).get(LIST)
    assert response.status_code == 403
    page = response.content.decode()
    assert "its app does not own these records" in page
    assert "user_profiles" not in page, "no names of tables, no values"


def test_autocomplete_offers_only_the_tenants_rows(tenant: Tenant, other_tenant: Tenant) -> None:
    from support.models import Agent

    make_profiles(tenant, 1)
    make_profiles(other_tenant, 2)
    question = {
        "app_label": "support",
        "model_name": Agent._meta.model_name,
        "field_name": "profile",
        "term": "Person",
    }
    response = staff_client(tenant).get(reverse("admin:autocomplete"), question)
    assert [result["text"] for result in response.json()["results"]] == ["Person 0"]
    for wrong in ({}, {**question, "app_label": "nothing"}, {**question, "field_name": "organization"}):
        assert staff_client(tenant).get(reverse("admin:autocomplete"), wrong).status_code in {403, 404}


def test_a_long_list_is_counted_no_further_than_the_cap(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "cap", 2)
    make_profiles(tenant, 4)
    page = staff_client(tenant).get(LIST).content.decode()
    assert "2+" in page


def test_a_form_without_its_version_is_refused(tenant: Tenant) -> None:
    client = staff_client(tenant)
    url = reverse("admin:platform_core_membership_changelist")
    row = client.get(url).context["cl"].result_list[0]
    change = reverse("admin:platform_core_membership_change", args=[row.pk])
    typed = read_form(client.get(change).content.decode(), "membership_form")
    assert typed.pop("record_version") == str(row.version)
    response = client.post(change, {**typed, "domains": ["support"]})
    assert "has changed since you opened it" in response.content.decode()


def test_no_page_of_a_library_is_offered() -> None:
    labels = {model._meta.app_label for model in admin.site._registry}
    assert labels <= {"shared", "quickbooks", *(domain.app for domain in domains())}


def test_pages_are_kept_in_no_cache(tenant: Tenant) -> None:
    response = staff_client(tenant).get(LIST)
    assert "no-store" in response.headers["Cache-Control"]


def test_a_form_from_elsewhere_is_refused(tenant: Tenant) -> None:
    signed_in = staff_client(tenant)
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    response = client.post(reverse("admin:shared_apikey_add"), {"name": "x"})
    assert response.status_code == 403
    assert "form is too old" in response.content.decode()
