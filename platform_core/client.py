"""The platform client of a process that serves the platform itself: calls its services directly."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from platform_core.selectors.consent import may_contact
from platform_core.selectors.customer import find_customer_by_email, get_customer, summary_of
from platform_core.selectors.profile import get_intelligence
from platform_core.services.customer import find_or_create_customer, update_customer
from platform_core.services.message import generate_message
from platform_core.services.profile import analyze_customer
from shared.api.units import carry_out
from shared.domains.moving.follow import has_moved
from shared.metrics.platform_client import counted
from shared.platform_client.protocol import (
    ContactDecision,
    CustomerIntelligence,
    CustomerSummary,
    MessageDraft,
    PlatformUnavailable,
    check_changes,
)
from shared.session import Actor, acting, current

T = TypeVar("T")


class InProcessPlatformClient:
    """Implements shared.platform_client.PlatformClient; each call is a unit acting as the platform."""

    def __init__(
        self,
        *,
        organization: uuid.UUID,
        actor: Actor,
        request_id: str = "",
        domain: str = "",
        as_of: dt.datetime | None = None,
    ) -> None:
        self._as_of = as_of
        self._organization = organization
        self._actor = actor
        self._request_id = request_id

    def _unit(self) -> AbstractContextManager[Any]:
        return acting(
            domain="platform",
            organization=self._organization,
            actor=self._actor,
            request_id=self._request_id,
            as_of=self._as_of,
        )

    def _ask(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a unit of the platform, and follow the platform's tables where they are just moving."""
        try:
            return carry_out(
                self._unit, work, attempts=1
            )  # whoever asks does not wait for a lock again and again
        except (OperationalError, InterfaceError) as error:
            raise PlatformUnavailable() from error
        except DatabaseError as error:
            if has_moved(error) and current() is None:
                raise PlatformUnavailable() from error
            raise

    @counted
    def find_customer_by_email(self, email: str) -> CustomerSummary | None:
        def find() -> CustomerSummary | None:
            customer = find_customer_by_email(email)
            return summary_of(customer) if customer else None

        return self._ask(find)

    @counted
    def find_or_create_customer(
        self, *, email: str, name: str = "", phone: str = "", preferred_language: str = ""
    ) -> CustomerSummary:
        def find_or_create() -> CustomerSummary:
            customer, _ = find_or_create_customer(
                email=email, name=name, phone=phone, preferred_language=preferred_language
            )
            return summary_of(customer)

        return self._ask(find_or_create)

    @counted
    def get_customer(self, customer_id: uuid.UUID) -> CustomerSummary:
        return self._ask(lambda: summary_of(get_customer(customer_id)))

    @counted
    def update_customer(self, customer_id: uuid.UUID, **changes: Any) -> CustomerSummary:
        check_changes(changes)
        return self._ask(
            lambda: summary_of(update_customer(customer=get_customer(customer_id, lock=True), **changes))
        )

    @counted
    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        return self._ask(lambda: get_intelligence(customer_id))

    @counted
    def analyze_customer(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        return self._ask(lambda: analyze_customer(customer_id=customer_id))

    @counted
    def generate_message(
        self, customer_id: uuid.UUID, *, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
    ) -> MessageDraft | None:
        return self._ask(
            lambda: generate_message(
                customer_id=customer_id, subject=subject, question=question, passages=passages
            )
        )

    @counted
    def may_contact(self, customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
        return self._ask(lambda: may_contact(customer_id, channel=channel, purpose=purpose))
