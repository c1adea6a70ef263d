"""The platform client of a process that serves the platform itself: calls its services directly."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError

from platform_core.selectors.consent import may_contact
from platform_core.selectors.customer import find_customer_by_email, get_customer, summary_of
from platform_core.selectors.profile import get_intelligence
from platform_core.services.customer import find_or_create_customer, update_customer
from platform_core.services.message import generate_message
from platform_core.services.profile import analyze_customer
from shared.metrics.platform_client import counted
from shared.platform_client.protocol import (
    ContactDecision,
    CustomerIntelligence,
    CustomerSummary,
    MessageDraft,
    PlatformUnavailable,
    check_changes,
)
from shared.session import Actor, acting


class InProcessPlatformClient:
    """Implements shared.platform_client.PlatformClient; each call is a unit acting as the platform."""

    def __init__(
        self, *, organization: uuid.UUID, actor: Actor, request_id: str = "", domain: str = ""
    ) -> None:
        self._organization = organization
        self._actor = actor
        self._request_id = request_id

    @contextmanager
    def _unit(self) -> Iterator[None]:
        try:
            with acting(
                domain="platform",
                organization=self._organization,
                actor=self._actor,
                request_id=self._request_id,
            ):
                yield
        except (OperationalError, InterfaceError) as error:
            raise PlatformUnavailable() from error

    @counted
    def find_customer_by_email(self, email: str) -> CustomerSummary | None:
        with self._unit():
            customer = find_customer_by_email(email)
            return summary_of(customer) if customer else None

    @counted
    def find_or_create_customer(
        self, *, email: str, name: str = "", phone: str = "", preferred_language: str = ""
    ) -> CustomerSummary:
        with self._unit():
            customer, _ = find_or_create_customer(
                email=email, name=name, phone=phone, preferred_language=preferred_language
            )
            return summary_of(customer)

    @counted
    def get_customer(self, customer_id: uuid.UUID) -> CustomerSummary:
        with self._unit():
            return summary_of(get_customer(customer_id))

    @counted
    def update_customer(self, customer_id: uuid.UUID, **changes: Any) -> CustomerSummary:
        check_changes(changes)
        with self._unit():
            return summary_of(update_customer(customer=get_customer(customer_id, lock=True), **changes))

    @counted
    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        with self._unit():
            return get_intelligence(customer_id)

    @counted
    def analyze_customer(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        with self._unit():
            return analyze_customer(customer_id=customer_id)

    @counted
    def generate_message(
        self, customer_id: uuid.UUID, *, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
    ) -> MessageDraft | None:
        with self._unit():
            return generate_message(
                customer_id=customer_id, subject=subject, question=question, passages=passages
            )

    @counted
    def may_contact(self, customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
        with self._unit():
            return may_contact(customer_id, channel=channel, purpose=purpose)
