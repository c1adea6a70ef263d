"""What the demo tells of: the customers whom every domain's part speaks of, found by their e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.session import Actor
from shared.tenancy.models import Tenant

NARRATOR: Final = Actor(kind="system", name="seed_demo")
"""Who acts where no person does."""


@dataclass(frozen=True)
class DemoCustomer:
    """A customer; ``purchases`` are (days ago, amount)."""

    email: str
    name: str
    company: str = ""
    tier: str = "standard"
    language: str = "en"
    phone: str = ""
    purchases: tuple[tuple[int, str], ...] = ()


_CUSTOMERS: Final = {
    "northwind": (
        DemoCustomer(
            email="maria.alvarez@alpineclub.example",
            name="Maria Alvarez",
            company="Alpine Club",
            tier="enterprise",
            language="es",
            phone="+34 915 550 123",
            purchases=((6, "1240.00"), (34, "880.50"), (61, "2310.00"), (120, "410.25")),
        ),
        DemoCustomer(
            email="jonas.weber@bergwelt.example",
            name="Jonas Weber",
            company="Bergwelt GmbH",
            tier="premium",
            language="de",
            phone="+49 30 5550 1234",
            purchases=((12, "310.00"), (75, "145.90"), (160, "99.00")),
        ),
        DemoCustomer(
            email="priya.nair@trailmates.example",
            name="Priya Nair",
            company="Trailmates",
            tier="premium",
            purchases=((3, "59.90"), (9, "72.00"), (21, "64.50"), (40, "81.20"), (66, "58.00")),
        ),
        DemoCustomer(
            email="sam.okafor@mail.example",
            name="Sam Okafor",
            purchases=((210, "129.00"), (260, "48.00")),
        ),
        DemoCustomer(
            email="lucie.martin@mail.example", name="Lucie Martin", language="fr", purchases=((95, "39.00"),)
        ),
        DemoCustomer(email="tom.baker@mail.example", name="Tom Baker"),
    ),
    "cedar": (
        DemoCustomer(
            email="hana.sato@studiomoku.example",
            name="Hana Sato",
            company="Studio Moku",
            tier="premium",
            language="ja",
            purchases=((15, "640.00"), (80, "1120.00")),
        ),
        DemoCustomer(
            email="erik.lund@mail.example", name="Erik Lund", language="sv", purchases=((50, "210.00"),)
        ),
        # Known to both tenants, who know nothing of each other.
        DemoCustomer(email="priya.nair@trailmates.example", name="P. Nair", purchases=((30, "95.00"),)),
    ),
}


def customers_of(tenant: Tenant) -> tuple[DemoCustomer, ...]:
    """The demo's customers of a tenant."""
    return _CUSTOMERS.get(tenant.slug, ())
