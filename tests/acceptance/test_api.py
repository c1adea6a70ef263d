"""What an integrator sees, by HTTP alone; the same in every topology."""

from __future__ import annotations

import concurrent.futures
import time
import uuid
from typing import Any

from tests.acceptance.client import Answer, Person
from tests.acceptance.topologies import Topology


def made(answer: Answer) -> dict[str, Any]:
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


def some_email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def new_customer(topology: Topology, tenant: str = "acme") -> dict[str, Any]:
    return made(topology.client(tenant).post("platform/customers", {"email": some_email(), "name": "Ada"}))


def test_a_ticket_comes_back_with_its_customer(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    opened = made(client.post("support/tickets", {"subject": "No heating", "customer_id": customer["id"]}))
    assert opened["degraded"] is False
    assert opened["customer_dna"]["tier"] == "standard"
    ticket = opened["ticket"]
    found = client.get(f"support/tickets/{ticket['id']}?expand=customer")
    assert (found.status, found.body["subject"]) == (200, "No heating")
    assert found.body["customer"]["email"] == customer["email"]


def test_an_unknown_address_becomes_a_golden_customer(topology: Topology) -> None:
    client, email = topology.client(), some_email()
    opened = made(client.post("support/tickets", {"subject": "Hello", "customer_email": email.upper()}))
    page = client.get(f"platform/customers?email={email}").body["results"]
    assert [customer["id"] for customer in page] == [opened["ticket"]["customer_id"]]


def test_two_apps_know_one_customer(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    made(client.post("crm/pipelines", {"name": f"Sales {uuid.uuid4().hex[:6]}", "is_default": True}))
    deal = made(
        client.post("crm/deals", {"name": "Boiler", "customer_id": customer["id"], "amount": "900.00"})
    )
    opened = made(client.post("support/tickets", {"subject": "Boiler", "customer_id": customer["id"]}))
    assert deal["customer_id"] == opened["ticket"]["customer_id"] == customer["id"]
    rules = {"field": "tier", "op": "in", "value": ["premium"]}
    segment = made(
        client.post("marketing/segments", {"name": f"Valued {uuid.uuid4().hex[:6]}", "rules": rules})
    )
    assert client.get(f"marketing/segments/{segment['id']}").status == 200


def test_keys_open_their_own_tenant_and_domain_alone(topology: Topology) -> None:
    customer = new_customer(topology)
    client = topology.client()
    ticket = made(client.post("support/tickets", {"subject": "Ours", "customer_id": customer["id"]}))[
        "ticket"
    ]
    stranger = topology.client("umbrella")
    assert stranger.get(f"support/tickets/{ticket['id']}").status == 404
    assert stranger.get(f"platform/customers/{customer['id']}").status == 404
    refused = stranger.post("support/tickets", {"subject": "Theirs", "customer_id": customer["id"]})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "customer_id")
    assert topology.client(key="").get("support/tickets").status == 401
    assert topology.client(key="trl_aaaaaaaa_" + "a" * 43).get("support/tickets").status == 401
    only_crm = topology.client(key=topology.key("acme", "crm:read"))
    assert only_crm.get("crm/deals").status == 200
    assert only_crm.get("support/tickets").status == 403


def test_a_change_needs_the_present_version_and_a_repetition_changes_nothing(topology: Topology) -> None:
    client, customer, key = topology.client(), new_customer(topology), str(uuid.uuid4())
    body = {"subject": "Once", "customer_id": customer["id"]}
    first = client.post("support/tickets", body, Idempotency_Key=key)
    again = client.post("support/tickets", body, Idempotency_Key=key)
    assert (first.status, again.status) == (201, 201)
    assert again.body["ticket"]["id"] == first.body["ticket"]["id"]
    path = f"support/tickets/{first.body['ticket']['id']}"
    etag = client.get(path).headers["etag"]
    assert client.patch(path, {"priority": "high"}, If_Match=etag).status == 200
    assert client.patch(path, {"priority": "low"}, If_Match=etag).status == 412
    assert client.get(path).body["priority"] == "high"


def test_lists_are_filtered_and_paged(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    opened = [
        made(client.post("support/tickets", {"subject": f"Paged {n}", "customer_id": customer["id"]}))[
            "ticket"
        ]["id"]
        for n in range(3)
    ]
    page = client.get(f"support/tickets?customer={customer['id']}&limit=2").body
    rest = client.get(page["next"].partition("/api/")[2]).body
    assert [t["id"] for t in (*page["results"], *rest["results"])] == opened[::-1]


def test_bad_input_is_a_problem_that_names_the_field(topology: Topology) -> None:
    client = topology.client()
    for body, field in (
        ({"subject": "x", "customer_id": "no"}, "customer_id"),
        ({"subject": "x", "customer_id": str(uuid.uuid4())}, "customer_id"),
        ({"subject": "x" * 1000, "customer_email": "a@example.com"}, "subject"),
        ({"subject": "x", "customer_email": "not an address"}, "customer_email"),
        ({"subject": "x", "customer_email": "a@example.com", "colour": "red"}, "colour"),
    ):
        answer = client.post("support/tickets", body)
        assert answer.status == 400, answer.body
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert field in {error["field"] for error in answer.body["errors"]}
    assert client.post("support/tickets", b"{").status == 400


def test_of_many_at_once_one_creates_the_customer(topology: Topology) -> None:
    client, email = topology.client(), some_email()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: client.post("support/tickets", {"subject": f"Race {n}", "customer_email": email}),
                range(16),
            )
        )
    opened = [made(answer)["ticket"] for answer in answers]
    assert len({ticket["number"] for ticket in opened}) == 16
    named = {ticket["customer_id"] for ticket in opened if ticket["customer_id"]}
    page = client.get(f"platform/customers?email={email}").body["results"]
    assert named == {page[0]["id"]}
    assert len(page) == 1


def test_every_process_says_that_it_is_well(topology: Topology) -> None:
    """A check has a second for its answer, which a busy machine may exceed: so each is asked until it is well."""
    for address in sorted(set(topology.addresses.values())):
        for path in ("live", "ready", "migrations"):
            said = ""
            for _ in range(20):
                said, _ = Person().open(f"{address}/health/{path}")
                if '"ok"' in said:
                    break
                time.sleep(0.5)
            assert '"ok"' in said, f"{address}/health/{path}: {said}"


def test_without_the_platform_a_ticket_is_opened_all_the_same(topology: Topology) -> None:
    """Where the platform is a process of its own; in one process there is nothing to stop."""
    platform = topology.addresses["platform"]
    if topology.addresses["support"] == platform:
        return
    client, customer = topology.client(), new_customer(topology)
    topology.installation.stop_one(platform)
    try:
        began = time.monotonic()
        opened = made(client.post("support/tickets", {"subject": "Alone", "customer_id": customer["id"]}))
        assert time.monotonic() - began < 2.0
        assert opened["degraded"] is True
        assert client.get(f"support/tickets/{opened['ticket']['id']}").status == 200
    finally:
        topology.installation.serve(topology.files["platform"], address=platform)
    for _ in range(100):  # until the breaker tries again
        opened = made(client.post("support/tickets", {"subject": "Together", "customer_email": some_email()}))
        if opened["degraded"] is False:
            return
        time.sleep(0.2)
    raise AssertionError("the platform is back, but tickets are still degraded")
