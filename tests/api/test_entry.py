"""The entry page, descriptions as people read them, and a body to begin from."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest

from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller
from tests.bases.staff import staff_client
from tests.bases.values import assert_problem
from tests.support import factories


def page(client: Any, url: str) -> str:
    answer = client.get(url, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def test_a_key_sees_the_lists_of_its_scopes(tenant: Tenant) -> None:
    caller = make_caller(tenant, "support:read", "crm:write")
    entry = caller.get("/api/").json()
    assert entry["caller"] == {"name": "Test service", "kind": "key"}
    assert entry["domains"]["support"]["tickets"] == "http://testserver/api/support/tickets"
    assert entry["domains"]["crm"] == {}, "write does not include read"
    assert entry["documents"]["schema"] == "http://testserver/api/schema/"
    for address in entry["domains"]["support"].values():
        assert caller.get(address).status_code == 200
    assert_problem(caller.get("/api/?x=1"), 400)


def test_staff_see_what_they_may_read(tenant: Tenant) -> None:
    shown = page(staff_client(tenant, role="user", domains=["marketing"]), "/api/")
    assert "http://testserver/api/marketing/segments" in shown
    assert "http://testserver/api/crm/deals" not in shown
    assert "http://testserver/api/docs/" in shown


def test_nobody_is_asked_to_sign_in(client: Any, db: None) -> None:
    assert_problem(client.get("/api/"), 401)


def test_descriptions_are_rendered(tenant: Tenant) -> None:
    shown = page(staff_client(tenant), "/api/")
    assert "<code>cursor</code>" in shown
    assert "`cursor`" not in shown


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("/api/support/tickets", {"subject", "priority", "tags"}),
        ("/api/platform/companies", {"name", "domain"}),
        ("/api/crm/deals", {"name", "amount"}),
        ("/api/marketing/segments", {"name", "rules"}),
    ],
)
def test_the_form_for_json_begins_with_an_example(tenant: Tenant, url: str, needed: set[str]) -> None:
    body = json_of(page(staff_client(tenant), url))
    assert needed <= body.keys()


def test_the_example_of_a_ticket_opens_one(tenant: Tenant) -> None:
    client = staff_client(tenant)
    body = json_of(page(client, "/api/support/tickets"))
    caller = make_caller(tenant, "support:write")
    answer = caller.post("/api/support/tickets", body)
    assert answer.status_code == 201, answer.content


def test_a_change_begins_with_the_record(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = factories.make_ticket(subject="Where is it?")
    shown = page(staff_client(tenant), f"/api/support/tickets/{ticket.pk}")
    body = json_of(shown)
    assert body["subject"] == "Where is it?"
    assert "number" not in body


def json_of(shown: str) -> dict[str, Any]:
    found = re.search(r'<textarea name="_content"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
    assert found, "there is a form for JSON"
    body: dict[str, Any] = orjson.loads(html.unescape(found[1]))
    return body
