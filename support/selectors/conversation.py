"""A ticket's conversation as staff see it: public messages and internal notes in one order of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from support.choices import Direction
from support.models import Ticket
from support.selectors.ticket import messages_of_ticket, notes_of_ticket

SHOWN = 200
"""How many of each are shown, counted from the newest."""


@dataclass(frozen=True)
class Utterance:
    """Something that was said."""

    kind: Literal["inbound", "outbound", "note"]
    author: str
    body: str
    at: dt.datetime


def conversation_of(ticket: Ticket) -> list[Utterance]:
    """What was said, from the request itself to the newest word. With notes: for staff only."""
    customer = ticket.requester_name or (str(ticket.customer) if ticket.customer else ticket.requester_email)
    said = (
        [Utterance("inbound", customer, ticket.description, ticket.created_at)] if ticket.description else []
    )
    newest = ("-created_at", "-id")
    for message in messages_of_ticket(ticket.pk).order_by(*newest)[:SHOWN]:
        kind: Literal["inbound", "outbound"] = (
            "inbound" if message.direction == Direction.INBOUND else "outbound"
        )
        said.append(Utterance(kind, message.author_name, message.body, message.created_at))
    for note in notes_of_ticket(ticket.pk).order_by(*newest)[:SHOWN]:
        said.append(Utterance("note", note.author_name, note.body, note.created_at))
    return sorted(said, key=lambda utterance: utterance.at)
