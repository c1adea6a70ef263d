"""Support's part of the demo: an agent, and tickets with their conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.demo.story import NARRATOR
from shared.platform_client import platform_client
from shared.session import Actor, acting
from shared.tenancy.models import Tenant, UserProfile
from support.choices import Channel, Direction, Presence, TicketPriority, TicketStatus
from support.models import Agent, Ticket
from support.services.agent import create_agent
from support.services.conversation import add_message, add_note
from support.services.named_customer import NamedCustomer, ask_for_customer
from support.services.ticket import assign_ticket, change_status, open_ticket


@dataclass(frozen=True)
class DemoTicket:
    """A ticket: ``said`` alternates, the customer first; ``status`` is where it ends."""

    email: str
    name: str
    subject: str
    said: tuple[str, ...]
    priority: str = TicketPriority.NORMAL
    channel: str = Channel.EMAIL
    tags: tuple[str, ...] = ()
    note: str = ""
    status: str = ""


TICKETS: Final = {
    "northwind": (
        DemoTicket(
            email="maria.alvarez@alpineclub.example",
            name="Maria Alvarez",
            subject="Six of forty harnesses have a torn seam",
            said=(
                "Six of the forty climbing harnesses that came on Tuesday have a torn seam at the leg loop. Our course "
                "starts on Saturday. Can you send replacements?",
                "I am sorry, Maria. Replacements leave today by courier; I will send you the number as soon as I have "
                "it. Please do not use the six.",
                "Thank you. They are put aside and marked.",
            ),
            priority=TicketPriority.URGENT,
            tags=("safety", "delivery"),
            note="Told the supplier about the lot: 2026-44. Quality asks for one of the six back.",
        ),
        DemoTicket(
            email="jonas.weber@bergwelt.example",
            name="Jonas Weber",
            subject="Rechnung mit falscher USt-IdNr.",
            said=(
                "Auf der letzten Rechnung steht noch unsere alte USt-IdNr. Bitte korrigieren Sie das.",
                "Die berichtigte Rechnung ist unterwegs. Stimmt die Anschrift noch?",
            ),
            tags=("billing",),
            status=TicketStatus.PENDING_CUSTOMER,
        ),
        DemoTicket(
            email="priya.nair@trailmates.example",
            name="Priya Nair",
            subject="Which size of the Fjell jacket?",
            said=("I am between M and L. Does the Fjell jacket leave room for a fleece?",),
            channel=Channel.CHAT,
            priority=TicketPriority.LOW,
        ),
        DemoTicket(
            email="sam.okafor@mail.example",
            name="Sam Okafor",
            subject="Tent pole broke on the second night",
            said=(
                "The middle pole of my tent snapped on its second night out.",
                "That should not happen. A new pole is in the post, free of charge.",
                "It arrived and fits. Thanks!",
            ),
            priority=TicketPriority.HIGH,
            tags=("warranty",),
            status=TicketStatus.RESOLVED,
        ),
    ),
    "cedar": (
        DemoTicket(
            email="hana.sato@studiomoku.example",
            name="Hana Sato",
            subject="Oak table: delivery to the third floor",
            said=("Can the oak table be carried to the third floor? There is no lift.",),
            priority=TicketPriority.HIGH,
            channel=Channel.WEB,
        ),
    ),
}


def seed(tenant: Tenant) -> None:
    """Everything that is not there yet."""
    actor, agent = _keep_agent()
    client = platform_client()
    for told in TICKETS.get(tenant.slug, ()):
        if Ticket.all_objects.filter(subject=told.subject).exists():
            continue
        named = ask_for_customer(client, email=told.email, name=told.name)
        with acting(actor=actor):
            _tell(told, named, agent)


def _tell(told: DemoTicket, named: NamedCustomer, agent: Agent | None) -> None:
    ticket = open_ticket(
        subject=told.subject,
        description=told.said[0],
        channel=told.channel,
        priority=told.priority,
        tags=list(told.tags),
        **named.values(),
    )
    if agent is not None and len(told.said) > 1:
        ticket = assign_ticket(ticket=ticket, agent_id=agent.pk)
    for number, body in enumerate(told.said[1:], start=1):
        direction = Direction.OUTBOUND if number % 2 else Direction.INBOUND
        add_message(ticket=ticket, direction=direction, body=body)
    if told.note:
        add_note(ticket=ticket, body=told.note)
    if told.status and ticket.status != told.status:
        change_status(ticket=ticket, status=told.status)


def _keep_agent() -> tuple[Actor, Agent | None]:
    """The tenant's agent, and that person as who acts: of its people agent@ comes before admin@."""
    person = UserProfile.objects.order_by("-email").first()
    if person is None:
        return NARRATOR, None
    agent = Agent.objects.filter(profile=person).first()
    if agent is None:
        agent = create_agent(profile_id=person.pk, presence=Presence.ONLINE, languages=["en", "de"])
    return Actor(kind="user", id=person.user_id, name=person.name), agent
