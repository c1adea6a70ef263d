"""What the apps may ask the platform: the protocol, what it answers with, and its errors.

Two implementations serve it: ``platform_core.client`` in the same process, and one over HTTP. Callers never
know which: they ask ``platform_client()`` and speak this protocol.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from shared.errors import InvalidInput, NotFound, Unavailable

CHANGEABLE = ("name", "phone", "account_tier", "preferred_language", "timezone")
"""What an app may change of a customer."""


class CustomerNotFound(NotFound):
    """The platform has no such customer for this tenant."""

    code = "customer_not_found"
    default_message = "There is no such customer: check the identifier, or create the customer first."


class PlatformUnavailable(Unavailable):
    """The platform does not answer; callers go on without it and mark their answer as degraded."""

    code = "platform_unavailable"
    default_message = "The platform does not answer at the moment: repeat the request later."


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """A golden customer as the apps see it: what a customer reference caches, and whom to address."""

    id: uuid.UUID
    email: str
    name: str
    phone: str
    account_tier: str
    preferred_language: str
    timezone: str
    company_id: uuid.UUID | None = None
    company_name: str = ""


@dataclass(frozen=True, slots=True)
class CustomerIntelligence:
    """What the platform knows about a customer's behaviour ("customer DNA"), as plain JSON values.

    ``profile`` and ``archetype`` are None for a customer about whom nothing has been computed yet.
    """

    profile: dict[str, Any] | None
    archetype: dict[str, Any] | None
    tier: str

    def as_dict(self) -> dict[str, Any]:
        """As the API answers it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A suggested message, with the passages it rests on and how sure the platform is (0 to 1)."""

    text: str
    confidence: float
    sources: tuple[dict[str, Any], ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """Whether a customer may be contacted, and why, in one sentence; false in a condition where refused."""

    allowed: bool
    reason: str = ""
    decided_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def __bool__(self) -> bool:
        return self.allowed


def check_changes(changes: Mapping[str, Any]) -> None:
    """Raise InvalidInput for what apps cannot change of a customer, and for values that are no texts."""
    errors = {name: "Send a text." for name, value in changes.items() if not isinstance(value, str)}
    unknown = changes.keys() - set(CHANGEABLE)
    errors |= dict.fromkeys(sorted(unknown), "Apps cannot change this field of a customer.")
    if errors:
        raise InvalidInput(errors)


class PlatformClient(Protocol):
    """A connection to the platform for one tenant. Every method may raise PlatformUnavailable.

    Each call is a unit of work of its own: call between units, never while holding locks, since the
    implementation may be across the network.
    """

    def find_customer_by_email(self, email: str) -> CustomerSummary | None:
        """The living customer with this e-mail in any case, or None."""

    def find_or_create_customer(
        self, *, email: str, name: str = "", phone: str = "", preferred_language: str = ""
    ) -> CustomerSummary:
        """The customer with this e-mail, created where there is none; of concurrent calls one creates.

        What an existing customer's record says stays as it is. Raises InvalidInput for a bad e-mail or phone.
        """

    def get_customer(self, customer_id: uuid.UUID) -> CustomerSummary:
        """The customer; raises CustomerNotFound."""

    def update_customer(self, customer_id: uuid.UUID, **changes: Any) -> CustomerSummary:
        """Change name, phone, account_tier, preferred_language or timezone.

        Raises CustomerNotFound, InvalidInput.
        """

    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        """Profile, archetype and tier as last computed; raises CustomerNotFound."""

    def analyze_customer(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        """Compute the customer's profile anew and return it; raises CustomerNotFound."""

    def generate_message(
        self, customer_id: uuid.UUID, *, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
    ) -> MessageDraft | None:
        """A draft answer that rests on ``passages`` (from the caller's own knowledge base).

        None where there is nothing to suggest. Raises CustomerNotFound.
        """

    def may_contact(self, customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
        """Whether a message of this purpose may go out by this channel; raises CustomerNotFound."""
