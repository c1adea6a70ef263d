"""The platform client of a process that reaches the platform by HTTP: ``settings.PLATFORM_API_URL``."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from shared.domains.registry import served_domains
from shared.domains.service_secrets import find_service_secret
from shared.metrics.platform_client import counted
from shared.platform_client.cache import find_kept, forget_customer, keep
from shared.platform_client.connect import missing_secret
from shared.platform_client.credentials import ServiceCall, SignedRequest, sign_call
from shared.platform_client.protocol import (
    ContactDecision,
    CustomerIntelligence,
    CustomerNotFound,
    CustomerSummary,
    MessageDraft,
    check_changes,
)
from shared.platform_client.transport import Question, transport_to
from shared.session.facts import Actor

T = TypeVar("T")
AS_OF = "as_of"
CUSTOMERS, INTELLIGENCE = "/api/platform/customers", "/api/intelligence"


class HttpPlatformClient:
    """Implements shared.platform_client.PlatformClient.

    ``domain`` is the app that asks; a process that serves one app need not say. Reads of a customer come from the
    cache while it holds them.
    """

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
        self._call = ServiceCall(domain or _only_domain(), organization, actor, request_id)
        self._secret = find_service_secret(self._call.domain)
        if not self._secret:
            raise ImproperlyConfigured(missing_secret(self._call.domain))

    @counted
    def find_customer_by_email(self, email: str) -> CustomerSummary | None:
        query = urlencode({"email": email})
        try:
            return self._ask("GET", f"{CUSTOMERS}/by-email?{query}", _summary, "find_customer_by_email")
        except CustomerNotFound:
            return None

    @counted
    def find_or_create_customer(
        self, *, email: str, name: str = "", phone: str = "", preferred_language: str = ""
    ) -> CustomerSummary:
        body = {"email": email, "name": name, "phone": phone, "preferred_language": preferred_language}
        headers = {"Idempotency-Key": str(uuid.uuid4())}  # the same for each attempt
        target = f"{INTELLIGENCE}/customer/sync"
        return self._ask("POST", target, _summary, "find_or_create_customer", body=body, headers=headers)

    @counted
    def get_customer(self, customer_id: uuid.UUID) -> CustomerSummary:
        target = f"{CUSTOMERS}/{_id(customer_id)}/summary"
        return _summary(self._cached("get_customer", customer_id, target, _summary))

    @counted
    def update_customer(self, customer_id: uuid.UUID, **changes: Any) -> CustomerSummary:
        check_changes(changes)
        target = f"{CUSTOMERS}/{_id(customer_id)}/summary"
        try:
            return self._ask("PATCH", target, _summary, "update_customer", body=changes)
        finally:  # also when no answer came: it may have been carried out
            forget_customer(self._call.organization, _id(customer_id))

    @counted
    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        target = f"{INTELLIGENCE}/customer/{_id(customer_id)}"
        return _intelligence(self._cached("get_customer_intelligence", customer_id, target, _intelligence))

    @counted
    def analyze_customer(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        body = {"customer_id": str(_id(customer_id))}
        try:
            return self._ask(
                "POST", f"{INTELLIGENCE}/analyze", _intelligence, "analyze_customer",
                body=body, seconds=settings.PLATFORM_LONG_TIMEOUT,
            )  # fmt: skip
        finally:
            forget_customer(self._call.organization, _id(customer_id))

    @counted
    def generate_message(
        self, customer_id: uuid.UUID, *, subject: str, question: str, passages: Sequence[dict[str, Any]] = ()
    ) -> MessageDraft | None:
        body = {
            "customer_id": str(_id(customer_id)),
            "subject": subject,
            "question": question,
            "passages": list(passages),
        }
        return self._ask(
            "POST", f"{INTELLIGENCE}/generate-message", _draft, "generate_message",
            body=body, seconds=settings.PLATFORM_LONG_TIMEOUT, repeatable=False,
        )  # fmt: skip

    @counted
    def may_contact(self, customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
        query = urlencode({"channel": channel, "purpose": purpose})
        target = f"{CUSTOMERS}/{_id(customer_id)}/may-contact?{query}"
        return self._ask("GET", target, _decision, "may_contact")

    def _cached(self, name: str, customer_id: uuid.UUID, target: str, read: Callable[[Any], Any]) -> Any:
        """The answer's JSON, from the cache or the platform; what ``read`` could not read is not kept."""

        def checked(said: Any) -> Any:
            read(said)
            return said

        if self._as_of is not None:  # the cache is of the present
            return self._ask("GET", target, checked, name)
        kept = find_kept(name, self._call.organization, _id(customer_id))
        if kept is not None:
            return kept
        said = self._ask("GET", target, checked, name)
        keep(name, self._call.organization, _id(customer_id), said)
        return said

    def _ask(
        self,
        method: str,
        target: str,
        read: Callable[[Any], T],
        name: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
        repeatable: bool = True,
    ) -> T:
        if self._as_of is not None:
            target += f"{'&' if '?' in target else '?'}{urlencode({AS_OF: self._as_of.isoformat()})}"
        raw = b"" if body is None else orjson.dumps(body)
        sent = {
            "Authorization": sign_call(self._call, SignedRequest(method, target, raw), self._secret),
            "Accept": "application/json",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        if self._call.request_id:
            sent["X-Request-ID"] = self._call.request_id
        return transport_to(settings.PLATFORM_API_URL).ask(
            Question(
                name=name,
                method=method,
                target=target,
                read=read,
                seconds=settings.PLATFORM_TIMEOUT if seconds is None else seconds,
                body=raw,
                headers=sent,
                repeatable=repeatable,
            )
        )


def _only_domain() -> str:
    names = [domain.name for domain in served_domains() if not domain.central]
    if len(names) != 1:
        raise ImproperlyConfigured(
            f"This process serves {', '.join(names)}: say which of them asks, platform_client(domain=…)."
        )
    return names[0]


def _id(customer_id: uuid.UUID) -> uuid.UUID:
    """A text that is no identifier must not become part of an address."""
    return customer_id if isinstance(customer_id, uuid.UUID) else uuid.UUID(str(customer_id))


# --- answers: JSON into what the protocol promises; raise KeyError, TypeError or ValueError for anything else ---------


def _summary(said: Any) -> CustomerSummary:
    company = said["company_id"]
    texts = {name: _text(said[name]) for name in _SUMMARY_TEXTS}
    return CustomerSummary(
        id=uuid.UUID(said["id"]), company_id=None if company is None else uuid.UUID(company), **texts
    )


_SUMMARY_TEXTS = (
    "email", "name", "phone", "account_tier", "preferred_language", "timezone", "company_name"
)  # fmt: skip


def _intelligence(said: Any) -> CustomerIntelligence:
    return CustomerIntelligence(
        profile=_object(said["profile"]), archetype=_object(said["archetype"]), tier=_text(said["tier"])
    )


def _draft(said: Any) -> MessageDraft | None:
    draft = _object(said["draft"])
    if draft is None:
        return None
    return MessageDraft(
        text=_text(draft["text"]),
        confidence=float(draft["confidence"]),
        sources=tuple(draft["sources"]),
        model=_text(draft["model"]),
    )


def _decision(said: Any) -> ContactDecision:
    if not isinstance(said["allowed"], bool):
        raise TypeError("allowed is true or false")
    moment = dt.datetime.fromisoformat(_text(said["decided_at"]))
    return ContactDecision(said["allowed"], _text(said["reason"]), moment)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _object(value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise TypeError("an object was expected")
    return value
