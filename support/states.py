"""The states of a ticket: which status may follow which.

    new ──► open ◄──► pending customer, pending third party, on hold
     │        │              │
     └────────┴──────┬───────┘
                     ▼
                 resolved ──► closed          spam ──► open
                     └──── open ◄┘ (reopened)

Nothing becomes new again. Merged is the end: only merging sets it, and only undoing the merge leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from support.choices import TicketStatus

_AT_WORK = (
    TicketStatus.OPEN,
    TicketStatus.PENDING_CUSTOMER,
    TicketStatus.PENDING_THIRD_PARTY,
    TicketStatus.ON_HOLD,
)
_ENDS = (TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.SPAM)

TRANSITIONS: Final[Mapping[TicketStatus, tuple[TicketStatus, ...]]] = {
    TicketStatus.NEW: (*_AT_WORK, *_ENDS),
    **{status: (*(other for other in _AT_WORK if other != status), *_ENDS) for status in _AT_WORK},
    TicketStatus.RESOLVED: (TicketStatus.OPEN, TicketStatus.CLOSED),
    TicketStatus.CLOSED: (TicketStatus.OPEN,),
    TicketStatus.MERGED: (),
    TicketStatus.SPAM: (TicketStatus.OPEN,),
}

FINISHED: Final = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
"""Leaving one of these for an open state counts as reopening."""

NOBODY_WAITS: Final = frozenset({*_ENDS, TicketStatus.MERGED, TicketStatus.PENDING_CUSTOMER})
"""States in which the customer does not wait for us."""


def allowed_after(status: str) -> tuple[TicketStatus, ...]:
    """The states that a ticket in this one may go to."""
    return TRANSITIONS[TicketStatus(status)]
