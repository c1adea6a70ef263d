"""What happens in one app shows in the others, by HTTP alone; the same in every topology."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.acceptance.test_api import made, new_customer
from tests.acceptance.topologies import Topology

PATIENCE = 20.0  # seconds


def soon(look: Callable[[], Any], wanted: Any) -> None:
    """Look until it is as wanted."""
    give_up = time.monotonic() + PATIENCE
    while (found := look()) != wanted and time.monotonic() < give_up:
        time.sleep(0.05)
    assert found == wanted


def test_a_ticket_counts_in_the_profile(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    for subject in ("One", "Two"):
        made(client.post("support/tickets", {"subject": subject, "customer_id": customer["id"]}))
    known = f"intelligence/customer/{customer['id']}"
    soon(lambda: (client.get(known).body.get("profile") or {}).get("interaction_count"), 2)
    counted = client.get(f"platform/customer-interactions?customer={customer['id']}").body["results"]
    assert [(each["interaction_type"], each["source"]) for each in counted] == [("ticket", "support")] * 2


def test_a_changed_customer_is_changed_for_support(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    ticket = made(client.post("support/tickets", {"subject": "Hello", "customer_id": customer["id"]}))[
        "ticket"
    ]
    changed = client.patch(f"platform/customers/{customer['id']}", {"name": "Ada King"})
    assert changed.status == 200
    card = f"support/tickets/{ticket['id']}?expand=customer"
    soon(lambda: client.get(card).body["customer"]["name"], "Ada King")


def test_a_won_deal_raises_the_tier_that_support_sees(topology: Topology) -> None:
    client, customer = topology.client(), new_customer(topology)
    ticket = made(client.post("support/tickets", {"subject": "Hello", "customer_id": customer["id"]}))[
        "ticket"
    ]
    pipeline = made(client.post("crm/pipelines", {"name": f"Sales {uuid.uuid4().hex[:6]}"}))
    stages = {stage["type"]: stage["id"] for stage in client.get(stages_of(pipeline)).body["results"]}
    values = {"name": "Boiler", "customer_id": customer["id"], "stage_id": stages["open"], "amount": "900.00"}
    deal = made(client.post("crm/deals", values))
    moved = client.post(f"crm/deals/{deal['id']}/move", {"stage_id": stages["won"]})
    assert moved.status == 200, moved.body
    card = f"support/tickets/{ticket['id']}?expand=customer"
    soon(lambda: client.get(card).body["customer"]["tier"], "premium")


def stages_of(pipeline: dict[str, Any]) -> str:
    return f"crm/stages?pipeline={pipeline['id']}"
