"""Declaring events: what a domain tells the others, in ``<app>/events.py``.

    @event("support.ticket.closed", aggregate="support.ticket")
    class TicketClosed(Event):
        ticket_id: uuid.UUID
        customer_id: uuid.UUID | None

The name is past tense and never changes; what is in it changes with a new ``version``, and the earlier version stays
declared as long as such events may still be under way.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.domains.registry import domains


class Event(BaseModel):
    """What has happened. Its fields are what subscribers learn: identifiers rather than copies, and no secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_name: ClassVar[str] = ""
    event_version: ClassVar[int] = 1
    aggregate_type: ClassVar[str] = ""
    publisher: ClassVar[str] = ""

    def aggregate_id(self) -> uuid.UUID:
        """Whose order it belongs to: events of one aggregate are handled one after the other. The first field, unless
        the class says otherwise."""
        first = next(iter(type(self).model_fields))
        found: uuid.UUID = getattr(self, first)
        return found

    def subject_id(self) -> uuid.UUID | None:
        """The customer whom it is about: erasing them reaches this event. The field ``customer_id``, if there is one."""
        return getattr(self, "customer_id", None)


class RecordChanged(Event):
    """A record is new, has changed or is gone; a table publishes it by itself (``telling.py``).

    The further fields are columns, as they are now; ``before`` has what those that changed were.
    """

    id: uuid.UUID
    is_new: bool
    is_deleted: bool
    before: dict[str, Any]

    def customer_record(self) -> CustomerRecordState | None:
        """What the platform shows of it among all that the apps have of a customer; None: nothing."""
        return None


@dataclass(frozen=True)
class CustomerRecordState:
    """A record of an app as the platform shows it beside the customer: ``kind`` and ``title`` are for people to read."""

    kind: str
    title: str
    status: str
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    amount: Decimal | None = None
    currency: str = ""


class UnknownEventError(LookupError):
    """No event of this name and version is declared; the sentence says which are."""


EventClass = TypeVar("EventClass", bound=type[Event])
_declared: dict[tuple[str, int], type[Event]] = {}


def event(
    name: str, *, aggregate: str, version: int = 1, publisher: str = ""
) -> Callable[[EventClass], EventClass]:
    """Declare a class as the event ``name`` in this ``version`` of its fields.

    ``aggregate`` is the type of the thing that it happened to (``support.ticket``). ``publisher``: the domain that alone
    may publish it, if not that of its package; what the kit declares may be published by all. Raises ValueError where
    the name is taken.
    """

    def declare(cls: EventClass) -> EventClass:
        before = _declared.get((name, version))
        if before is not None and (before.__module__, before.__name__) != (cls.__module__, cls.__name__):
            raise ValueError(f"{name} in version {version} is declared twice: give it another version.")
        cls.event_name, cls.event_version, cls.aggregate_type = name, version, aggregate
        cls.publisher = publisher or _domain_of(cls.__module__)
        _declared[name, version] = cls
        return cls

    return declare


def declared_events() -> Iterator[type[Event]]:
    """All declared events, by name and version."""
    return (cls for _, cls in sorted(_declared.items()))


def find_event(name: str, version: int) -> type[Event]:
    """The class of an event; raises UnknownEventError."""
    found = _declared.get((name, version))
    if found is None:
        known = [str(v) for n, v in sorted(_declared) if n == name]
        if known:
            raise UnknownEventError(
                f"{name} is not known in version {version}, only in {', '.join(known)}: deploy the release that "
                "declares it, then release the event."
            )
        raise UnknownEventError(f"No event {name} is declared: deploy the release that declares it.")
    return found


def _domain_of(module: str) -> str:
    package = module.partition(".")[0]
    return next((domain.name for domain in domains() if domain.app == package), "")


def forget(name: str) -> None:
    """Take a declaration back: for tests that declare events of their own."""
    for key in [key for key in _declared if key[0] == name]:
        del _declared[key]


def read_event(name: str, version: int, data: dict[str, Any]) -> Event:
    """The typed event of what was sent; raises UnknownEventError, pydantic's ValidationError."""
    return find_event(name, version).model_validate(data, strict=False)
