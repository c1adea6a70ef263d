"""What staff and operators see: one sign-in, one navigation, and databases that keep what they promise."""

from __future__ import annotations

import psycopg
import pytest

from shared.domains.registry import domains, get_domain
from tests.acceptance.client import Person
from tests.acceptance.test_api import made, new_customer
from tests.acceptance.topologies import Topology
from tests.servers import database_url


def test_staff_sign_in_once_and_work_in_every_app(topology: Topology) -> None:
    customer = new_customer(topology)
    client = topology.client()
    opened = made(client.post("support/tickets", {"subject": "Seen by Ann", "customer_id": customer["id"]}))
    ann = Person()
    page, address = ann.open(f"{topology.addresses['support']}/admin/support/ticket/")
    page, address = ann.sign_in(page, address, "ann@acme.example", topology.password)
    assert address.startswith(topology.addresses["support"]), address
    assert "Seen by Ann" in page
    assert str(opened["ticket"]["number"]) in page
    for domain, path in (
        ("platform", "platform_core/customer"),
        ("crm", "crm/deal"),
        ("marketing", "marketing/segment"),
    ):
        assert f"{path}/" in page  # the navigation shows all apps
        other, at = ann.open(f"{topology.addresses[domain]}/admin/{path}/")
        assert at.startswith(f"{topology.addresses[domain]}/admin/{path}/"), at
        assert "Sign in" not in other[:3000]


def test_the_server_is_as_declared(topology: Topology) -> None:
    assert "The server is as declared" in topology.installation.manage(topology.operator, "check_domains")
    assert "No changes detected" in topology.installation.manage(
        topology.operator, "makemigrations", "--check"
    )


@pytest.mark.parametrize("name", [domain.name for domain in domains() if not domain.central])
def test_what_an_app_may_read_of_the_platform(topology: Topology, name: str) -> None:
    """Shared: the platform's rows of its tenant. By API: none, PostgreSQL refuses. Split: there are none to read."""
    with psycopg.connect(
        database_url(get_domain(name).login, database=topology.databases[name])
    ) as connection:
        connection.execute(f"SET ROLE {get_domain(name).role}".encode())
        if topology.name == "shared":
            connection.execute("SELECT id FROM platform.customers")
            return
        refusal = {"api": psycopg.errors.InsufficientPrivilege, "split": psycopg.errors.UndefinedTable}
        with pytest.raises(refusal[topology.name]):
            connection.execute("SELECT id FROM platform.customers")


def test_a_login_enters_its_own_database_alone(topology: Topology) -> None:
    if len(set(topology.databases.values())) == 1:
        return
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(database_url("trellis_crm_app", database=topology.databases["support"]))
