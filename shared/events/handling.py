"""Handling: which function a subscriber runs for which event, declared in ``<app>/handlers.py``.

    @on("support.session.ended")
    def add_to_timeline(event: Delivered) -> None:
        record_activity(contact_id=event.data.contact_id, …)

Handlers translate and call a service, as other edges do. They run in a unit of their domain, for the event's tenant; their
effect and the mark that the event was handled are one transaction, so each takes effect once. Nothing outside of the
database belongs in them: who has to wait for others starts a task on commit.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domains.registry import domains, get_domain
from shared.events.declaring import read_event


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as a handler gets it: ``data`` is of the class that its publisher declares.

    ``number`` counts what this subscriber was given of the stream, ``aggregate_version`` all events of the aggregate.
    """

    id: uuid.UUID
    name: str
    schema_version: int
    at: dt.datetime
    publisher: str
    organization: uuid.UUID
    aggregate_type: str
    aggregate_id: uuid.UUID
    aggregate_version: int
    number: int
    stream: uuid.UUID
    raw: dict[str, Any]
    context: dict[str, Any]

    @property
    def data(self) -> Any:
        """The typed event; raises UnknownEventError, ValidationError."""
        return read_event(self.name, self.schema_version, self.raw)


ANY_EVENT = ""
"""For handlers of subscribers by interest: whatever they are given."""

Handler = Callable[[Delivered], None]
SetHandler = Callable[[Sequence[Delivered]], None]


@dataclass
class Subscriber:
    """Who is given events: a domain, or a part of it that fails and waits by itself."""

    name: str
    handlers: dict[str, list[Handler]] = field(default_factory=dict)
    set_handlers: dict[str, list[SetHandler]] = field(default_factory=dict)
    by_interest: bool = False
    """Whether it may be given any event, and is given those that a tenant asks for (``interests.py``)."""

    @property
    def domain(self) -> str:
        return self.name.partition(".")[0]

    def takes(self, event_name: str) -> bool:
        """Whether it is given such events."""
        return self.by_interest or event_name in self.handlers or event_name in self.set_handlers


_subscribers: dict[str, Subscriber] = {}


def subscriber(name: str) -> Subscriber:
    """The subscriber of this name, made when it is first asked for; raises UnknownDomainError."""
    get_domain(name.partition(".")[0])
    return _subscribers.setdefault(name, Subscriber(name))


def subscribers() -> list[Subscriber]:
    """All subscribers, by name."""
    return [_subscribers[name] for name in sorted(_subscribers)]


def on(*event_names: str, to: str = "") -> Callable[[Handler], Handler]:
    """Run the function for each such event, or for whatever its subscriber is given (``ANY_EVENT``). The subscriber is the
    function's domain, unless ``to`` names another."""

    def register(handler: Handler) -> Handler:
        taker = subscriber(to or _domain_of(handler))
        for name in event_names:
            taker.handlers.setdefault(name, []).append(handler)
        return handler

    return register


def on_many(*event_names: str, to: str = "") -> Callable[[SetHandler], SetHandler]:
    """As ``on``, for a function that handles many events of one tenant in sets: far faster where SQL does the work."""

    def register(handler: SetHandler) -> SetHandler:
        taker = subscriber(to or _domain_of(handler))
        for name in event_names:
            taker.set_handlers.setdefault(name, []).append(handler)
        return handler

    return register


def _domain_of(handler: Callable[..., Any]) -> str:
    package = handler.__module__.partition(".")[0]
    for domain in domains():
        if domain.app == package:
            return domain.name
    raise ValueError(f"{handler.__module__} belongs to no domain: give to=….")


def routes() -> list[tuple[str, str]]:
    """(event, subscriber) of all that are declared; (ANY_EVENT, subscriber) for those who are given events by interest."""
    found = []
    for taker in subscribers():
        if taker.by_interest:
            found.append((ANY_EVENT, taker.name))
            continue
        found.extend((name, taker.name) for name in sorted({*taker.handlers, *taker.set_handlers}))
    return found


def unsubscribe(name: str) -> None:
    """Take a subscriber away: for tests that bring their own."""
    _subscribers.pop(name, None)
