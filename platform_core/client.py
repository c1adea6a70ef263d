"""The platform client of a process that serves the platform itself: calls its services directly."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError

from platform_core.models import Customer
from platform_core.selectors.customer import find_customer_by_email, get_customer
from platform_core.selectors.profile import get_intelligence
from platform_core.services.customer import find_or_create_customer, update_customer
from platform_core.services.profile import refresh_profiles
from shared.errors import InvalidInput, NotFound
from shared.platform_client.protocol import (
    ContactDecision,
    CustomerIntelligence,
    CustomerNotFound,
    CustomerSummary,
    MessageDraft,
    PlatformUnavailable,
)
from shared.session import Actor, acting

CHANGEABLE = frozenset({"name", "phone", "account_tier", "preferred_language", "timezone"})
SERVICE_PURPOSES = frozenset({"service", "transactional"})
"""Purposes that answer the customer or fulfil a contract: they need no consent."""


class InProcessPlatformClient:
    """Implements shared.platform_client.PlatformClient; each call is a unit acting as the platform."""

    def __init__(self, *, organization: uuid.UUID, actor: Actor, request_id: str = "") -> None:
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
        except NotFound as error:
            raise CustomerNotFound() from error
        except (OperationalError, InterfaceError) as error:
            raise PlatformUnavailable() from error

    def find_customer_by_email(self, email: str) -> CustomerSummary | None:
        with self._unit():
            customer = find_customer_by_email(email)
            return summary_of(customer) if customer else None

    def find_or_create_customer(
        self, *, email: str, name: str = "", phone: str = "", preferred_language: str = ""
    ) -> CustomerSummary:
        with self._unit():
            customer, _ = find_or_create_customer(
                email=email, name=name, phone=phone, preferred_language=preferred_language
            )
            return summary_of(customer)

    def get_customer(self, customer_id: uuid.UUID) -> CustomerSummary:
        with self._unit():
            return summary_of(get_customer(customer_id))

    def update_customer(self, customer_id: uuid.UUID, **changes: Any) -> CustomerSummary:
        unknown = sorted(changes.keys() - CHANGEABLE)
        if unknown:
            raise InvalidInput(dict.fromkeys(unknown, "Apps cannot change this field of a customer."))
        with self._unit():
            customer = update_customer(customer=get_customer(customer_id, lock=True), **changes)
            return summary_of(customer)

    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        with self._unit():
            return get_intelligence(customer_id)

    def analyze_customer(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        with self._unit():
            get_customer(customer_id)
            refresh_profiles(customer_ids=[customer_id])
            return get_intelligence(customer_id)

    def generate_message(
        self, customer_id: uuid.UUID, *, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
    ) -> MessageDraft | None:
        with self._unit():
            get_customer(customer_id)
        return None  # no provider of drafts is configured

    def may_contact(self, customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
        with self._unit():
            get_customer(customer_id)
        if purpose in SERVICE_PURPOSES:
            return ContactDecision(True, "Answering a customer needs no consent.")
        return ContactDecision(False, f"The customer has given no consent for {purpose} by {channel}.")


def summary_of(customer: Customer) -> CustomerSummary:
    """A customer as the apps see it; the company's row, where there is one, is read with it."""
    company = customer.company if customer.company_id else None
    return CustomerSummary(
        id=customer.pk,
        email=customer.email,
        name=customer.name,
        phone=customer.phone,
        account_tier=customer.account_tier,
        preferred_language=customer.preferred_language,
        timezone=customer.timezone,
        company_id=company.pk if company else None,
        company_name=company.name if company else "",
    )
