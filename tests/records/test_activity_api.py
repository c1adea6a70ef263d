"""``GET /api/<domain>/activity``: who may read what of the log, pages, filters, and that it says what versions say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Deal
from platform_core.api.views.company import CompanyViewSet
from platform_core.models import Company, CustomField
from shared.domains.registry import domains
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.custom_fields import make_definition
from tests.bases.staff import staff_client
from tests.bases.values import assert_problem
from tests.crm.factories import make_deal
from tests.support.factories import make_note, make_ticket

URL = "/api/platform/activity"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, *(f"{d.name}:{verb}" for d in domains() for verb in ("read", "write")))


def create(caller: ApiCaller, name: str, **headers: str) -> Any:
    made = caller.post("/api/platform/companies", {"name": name}, **headers)
    assert made.status_code == 201, made.content
    return made.json()


def acts(caller: ApiCaller, query: str = "", url: str = URL) -> list[dict[str, Any]]:
    answer = caller.get(f"{url}?{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_an_act_says_what_whom_and_by_whom(caller: ApiCaller) -> None:
    company = create(caller, "Acme", x_request_id="request-one")
    address = f"/api/platform/companies/{company['id']}"
    assert caller.patch(address, {"name": "Acme & Co"}).status_code == 200
    assert caller.delete(address).status_code == 204
    deleted, changed, created = acts(caller, f"record_id={company['id']}")
    assert [a["action"] for a in (created, changed, deleted)] == ["created", "updated", "deleted"]
    assert (changed["record_type"], changed["record_id"], changed["version"]) == ("company", company["id"], 2)
    assert changed["changes"] == {"name": ["Acme", "Acme & Co"]}
    assert (changed["actor_kind"], changed["actor_id"]) == ("key", str(caller.key_id))
    assert created["request_id"] == "request-one"
    assert created["changes"]["name"] == [None, "Acme"]
    assert set(deleted["changes"]) == {"deleted_at"}


def test_it_says_what_the_versions_say(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="crm", organization=tenant.id):
        deal = make_deal(amount="12.50")
        Deal.objects.filter(pk=deal.pk).update(amount="1300.00", custom_fields={"size": 1.5})
        Deal.objects.filter(pk=deal.pk).update(expected_close=dt.date(2026, 5, 1))
    told = acts(caller, f"record_id={deal.pk}", "/api/crm/activity")
    versions = caller.get(f"/api/crm/deals/{deal.pk}/versions").json()["results"]
    assert [a["changes"] for a in told] == [v["changes"] for v in versions]
    assert [a["at"] for a in told] == [v["valid_from"] for v in versions]


def test_who_may_not_read_is_told_so(tenant: Tenant, caller: ApiCaller) -> None:
    create(caller, "Acme")
    assert_problem(Client().get(URL), 401)
    assert assert_problem(make_caller(tenant, "platform:write").get(URL), 403)["scope"] == "platform:read"
    assert_problem(make_caller(tenant, "crm:read").get(URL), 403)
    assert_problem(
        staff_client(tenant, domains=["crm"]).get(URL, headers={"accept": "application/json"}), 403
    )
    assert_problem(caller.post(URL, {}), 405)


def test_other_tenants_acts_are_not_there(caller: ApiCaller, tenant: Tenant, other_tenant: Tenant) -> None:
    stranger = make_caller(other_tenant, "platform:read", "platform:write")
    foreign, own = create(stranger, "Foreign", x_request_id="request-of-both"), create(caller, "Own")
    assert foreign["id"] in {a["record_id"] for a in acts(stranger)}
    assert {a["record_id"] for a in acts(caller)} == {own["id"]}
    for query in (f"record_id={foreign['id']}", "request_id=request-of-both", f"actor_id={stranger.key_id}"):
        assert acts(caller, query) == [], query


def test_each_filter_finds_its_acts(tenant: Tenant, caller: ApiCaller) -> None:
    first = create(caller, "First", x_request_id="request-first")
    second = create(caller, "Second")
    caller.patch(f"/api/platform/companies/{second['id']}", {"industry": "trade"})
    with acting(domain="platform", organization=tenant.id):
        make_definition(CustomField, "company")
    everything = acts(caller)
    assert len(everything) == 4
    for query, found in {
        f"record_id={first['id']}": 1,
        "record_type=company": 3,
        "record_type=custom_field": 1,
        "record_type=customer": 0,
        "request_id=request-first": 1,
        "request_id=request-none": 0,
        f"actor_id={caller.key_id}": 3,
        f"actor_id={uuid7()}": 0,
        "action=updated": 1,
        "action=created&record_type=company": 2,
        "action=restored": 0,
        f"from={everything[0]['at']}": 1,
        f"to={everything[0]['at']}": 3,
        "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z": 0,
    }.items():
        assert len(acts(caller, query)) == found, query


def test_pages_show_every_act_once(caller: ApiCaller) -> None:
    for number in range(5):
        create(caller, f"Company {number}")
    everything = acts(caller)
    seen, address, page = [], f"{URL}?limit=2", {}
    while address:
        page = caller.get(address).json()
        seen += page["results"]
        address = page["next"]
    assert seen == everything
    assert caller.get(page["previous"]).json()["results"] == everything[2:4]


def test_the_number_of_queries_does_not_grow_with_the_acts(caller: ApiCaller) -> None:
    create(caller, "One")
    acts(caller)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            acts(caller)
        counts.append(len(captured))
        create(caller, f"Two {uuid7()}")
        create(caller, f"Three {uuid7()}")
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("record_type=spaceship", "record_type"),
        ("record_type=", "record_type"),
        ("record_id=x", "record_id"),
        ("record_id=" + "9" * 5000, "record_id"),
        ("actor_id=%00", "actor_id"),
        ("actor_id=%F0%9F%98%80", "actor_id"),
        ("request_id=", "request_id"),
        ("request_id=" + "r" * 65, "request_id"),
        ("action=exploded", "action"),
        ("from=yesterday", "from"),
        ("from=2026-05-01T12:00:00", "from"),
        ("to=2999-01-01T00:00:00Z", "to"),
        ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("ordering=at", "ordering"),
        ("as_of=2026-01-01T00:00:00Z", "as_of"),
        ("action=created&action=updated", "action"),
    ],
)
def test_bad_parameters_are_named(caller: ApiCaller, query: str, name: str) -> None:
    problem = assert_problem(caller.get(f"{URL}?{query}"), 400)
    assert name in {e.get("parameter") for e in problem["errors"]}


def test_a_cursor_of_another_domain_is_refused(caller: ApiCaller) -> None:
    create(caller, "One")
    create(caller, "Two")
    following = caller.get(f"{URL}?limit=1").json()["next"]
    assert_problem(caller.get(following.replace("/platform/", "/crm/")), 400)


def test_a_key_is_told_no_field_that_staff_keep_to_themselves(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="platform", organization=tenant.id):
        make_definition(CustomField, "company", key="open")
        make_definition(CustomField, "company", key="inner", visibility="staff")
        company = Company.objects.create(name="Acme", custom_fields={"open": "a", "inner": "secret"})
        Company.objects.filter(pk=company.pk).update(custom_fields={"open": "a", "inner": "other"})
    query = f"record_id={company.pk}"
    assert [a["changes"].get("custom_fields") for a in acts(caller, query)] == [None, [None, {"open": "a"}]]
    person = staff_client(tenant, role="user")
    told = person.get(f"{URL}?{query}", headers={"accept": "application/json"}).json()["results"]
    assert told[0]["changes"]["custom_fields"][1] == {"open": "a", "inner": "other"}


def test_notes_of_staff_are_not_told_to_a_key(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="support", organization=tenant.id):
        note = make_note(make_ticket())
    url = "/api/support/activity"
    assert acts(caller, f"record_id={note.pk}", url) == []
    assert "ticket_note" not in {a["record_type"] for a in acts(caller, url=url)}
    assert_problem(caller.get(f"{url}?record_type=ticket_note"), 400)
    person = staff_client(tenant)
    told = person.get(f"{url}?record_type=ticket_note", headers={"accept": "application/json"}).json()[
        "results"
    ]
    assert [a["record_id"] for a in told] == [str(note.pk)]


def test_what_no_endpoint_shows_is_not_told(tenant: Tenant, caller: ApiCaller) -> None:
    """Memberships and keys are in the platform's log too."""
    staff_client(tenant)
    assert {a["record_type"] for a in acts(caller)} <= {"company", "customer"}


def test_what_a_selector_hides_is_not_told(caller: ApiCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden, shown, gone = (create(caller, name)["id"] for name in ("Hidden", "Shown", "Gone"))
    assert caller.delete(f"/api/platform/companies/{gone}").status_code == 204
    only = staticmethod(lambda: Company.objects.exclude(name="Hidden"))
    monkeypatch.setattr(CompanyViewSet, "selector", only)
    assert {a["record_id"] for a in acts(caller, "record_type=company")} == {shown, gone}
    assert acts(caller, f"record_id={hidden}") == []
