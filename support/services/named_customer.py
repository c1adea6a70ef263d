"""The customer that someone names for a ticket: the platform is asked before the unit opens, never inside it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from shared.errors import InvalidInput
from shared.platform_client import (
    CustomerNotFound,
    CustomerSummary,
    PlatformClient,
    PlatformUnavailable,
)
from support.models import CustomerReference
from support.selectors.customer_reference import find_customer_reference, find_customer_reference_by_email
from support.services.customer_reference import sync_customer_reference

_FIELDS_OF_PLATFORM = {"email": "customer_email", "name": "customer_name"}


@dataclass(frozen=True)
class NamedCustomer:
    """What was said of a customer, and what the platform said to that."""

    customer_id: uuid.UUID | None = None
    email: str = ""
    name: str = ""
    summary: CustomerSummary | None = None
    refusal: InvalidInput | None = None
    degraded: bool = False
    """The platform did not answer."""

    def values(self) -> dict[str, Any]:
        """Inside the unit: the values of the ticket that follow. Raises the refusal, if there is one.

        While the platform does not answer, a customer is known by what an earlier ticket has left here. One who
        is not known here cannot be told from another tenant's, so no reference is made: the ticket keeps the
        identifier as a claim, and the e-mail and name as its requester's.
        """
        if self.refusal is not None:
            raise self.refusal
        if self.summary is not None:
            customer: CustomerReference | None = sync_customer_reference(customer=self.summary)
        else:
            customer = self._find_known()
        return {
            "customer": customer,
            "claimed_customer_id": self.customer_id if customer is None else None,
            "requester_email": self.email,
            "requester_name": self.name,
        }

    def _find_known(self) -> CustomerReference | None:
        if self.customer_id is not None:
            return find_customer_reference(self.customer_id)
        return find_customer_reference_by_email(self.email)


def ask_for_customer(
    platform: PlatformClient,
    *,
    customer_id: uuid.UUID | None = None,
    email: str = "",
    name: str = "",
    language: str = "",
) -> NamedCustomer:
    """Ask the platform for the customer that was named; outside of any unit.

    A customer found by e-mail alone is created where there is none, and stays if the ticket is refused
    afterwards: the platform has committed by then.
    """
    summary = refusal = None
    degraded = False
    try:
        if customer_id is not None:
            summary = platform.get_customer(customer_id)
        else:
            summary = platform.find_or_create_customer(email=email, name=name, preferred_language=language)
    except CustomerNotFound:
        refusal = unknown_customer()
    except InvalidInput as error:
        refusal = InvalidInput(
            {_FIELDS_OF_PLATFORM.get(field, field): found for field, found in error.errors.items()}
        )
    except PlatformUnavailable:
        degraded = True
    return NamedCustomer(customer_id, email, name, summary, refusal, degraded)


def unknown_customer() -> InvalidInput:
    """The answer to a customer who does not exist, or is another tenant's: the same."""
    return InvalidInput(
        {"customer_id": "There is no such customer in your organization."}, code="does_not_exist"
    )
