"""The page "Activity log" of each domain."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from platform_core.models import Company, Customer
from shared.domains.registry import domains
from shared.records import uuid7
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.bases.staff import staff_client

URL = "/admin/activity/platform/"


def make(tenant: Tenant, name: str, request: str = "") -> Company:
    with acting(domain="platform", organization=tenant.id, request_id=request):
        return Company.objects.create(name=name)


def shown(client: Client, query: str = "") -> list[Any]:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200
    return list(answer.context["acts"])


def test_acts_lead_to_the_record_and_to_its_history(tenant: Tenant) -> None:
    person = staff_client(tenant)
    company = make(tenant, "Acme", "request-of-page")
    page = person.get(f"{URL}?kind=platform.company").content.decode()
    for link in ("change/", "history/"):
        assert f"/admin/platform_core/company/{company.pk}/{link}" in page
        assert person.get(f"/admin/platform_core/company/{company.pk}/{link}").status_code == 200
    (act,) = shown(person, "kind=platform.company")
    assert person.get(act.then).status_code == 200
    assert (act.word, act.name, act.sealed) == ("Created", "Acme", False)
    assert {c.label: c.new for c in act.changes}["Name"] == "Acme"


def test_every_domain_has_one_in_the_sidebar(tenant: Tenant) -> None:
    person = staff_client(tenant)
    page = person.get("/admin/").content.decode()
    for domain in domains():
        assert f'href="/admin/activity/{domain.name}/"' in page
        assert person.get(f"/admin/activity/{domain.name}/").status_code == 200


def test_other_tenants_acts_are_not_there(tenant: Tenant, other_tenant: Tenant) -> None:
    own, foreign = make(tenant, "Own"), make(other_tenant, "Foreign", "request-foreign")
    person = staff_client(tenant)
    assert [a.entry.entity_id for a in shown(person, "kind=platform.company")] == [own.pk]
    for query in (f"record={foreign.pk}", "request=request-foreign"):
        assert shown(person, query) == []


def test_who_may_not_see_the_records_sees_none_of_their_acts(tenant: Tenant) -> None:
    make(tenant, "Acme")
    assert Client().get(URL).status_code == 302
    assert staff_client(tenant, domains=["crm"]).get(URL).status_code == 403
    person, administrator = staff_client(tenant, role="user"), staff_client(tenant)
    assert "platform.membership" not in {a.entry.entity_type for a in shown(person)}
    assert "platform.membership" in {a.entry.entity_type for a in shown(administrator)}
    assert person.get(f"{URL}?kind=platform.membership").context["acts"] == []
    assert administrator.get("/admin/activity/nowhere/").status_code == 404
    assert administrator.post(URL).status_code == 405


def test_filters_find_their_acts(tenant: Tenant) -> None:
    person = staff_client(tenant)
    actor = Actor(kind="user", id=uuid7(), name="Grace Hopper")
    company = make(tenant, "Acme", "request-of-acme")
    with acting(domain="platform", organization=tenant.id, actor=actor):
        Customer.objects.create(email="ada@example.com", name="Ada")
        company.soft_delete()
    for query, found in {
        "kind=platform.company": 2,
        "kind=platform.customer&action=created": 1,
        "action=deleted": 1,
        "who=grace": 2,
        f"actor={actor.id}": 2,
        "request=request-of-acme": 1,
        f"record={company.pk}": 2,
        f"record={company.pk}&until=2020-01-01T00:00": 0,
        f"record={company.pk}&since=2020-01-01T00:00": 2,
    }.items():
        assert len(shown(person, query)) == found, query


@pytest.mark.parametrize(
    "query",
    [
        "kind=x",
        "action=x",
        "since=yesterday",
        "until=2026-13-01",
        "record=x",
        "request=" + "r" * 65,
        "actor=x",
    ],
)
def test_what_cannot_be_asked_for_is_said_at_its_field(tenant: Tenant, query: str) -> None:
    answer = staff_client(tenant).get(f"{URL}?{query}")
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {query.partition("=")[0]}
    assert answer.context["acts"] == []


def test_pages_show_every_act_once(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.backoffice.activity.PAGE", 2)
    person = staff_client(tenant)
    for number in range(5):
        make(tenant, f"Company {number}")
    seen, address = [], f"{URL}?kind=platform.company"
    while address:
        answer = person.get(address)
        seen += [a.name for a in answer.context["acts"]]
        address = answer.context["following"]
    assert seen == [f"Company {number}" for number in reversed(range(5))]
    assert len(shown(person, "before=garbage")) == 2


def test_the_number_of_queries_does_not_grow_with_the_acts(tenant: Tenant) -> None:
    person = staff_client(tenant)
    counts = []
    make(tenant, "First")
    shown(person)
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            shown(person)
        counts.append(len(captured))
        for _ in range(2):
            with acting(domain="platform", organization=tenant.id):
                company = Company.objects.create(name=f"Company {uuid7()}")
                Company.objects.filter(pk=company.pk).update(industry="trade")
    assert counts[0] == counts[1]
