"""Bodies that name a golden customer: the platform is asked before the unit opens, never inside it."""

from __future__ import annotations

import uuid
from typing import Any

from crm.selectors.customer_reference import find_customer_reference
from crm.services.customer_reference import sync_customer_reference
from shared.api.problems import request_id_of
from shared.api.viewsets import RecordViewSet
from shared.errors import InvalidInput
from shared.platform_client import (
    CustomerNotFound,
    CustomerSummary,
    PlatformUnavailable,
    platform_client,
)


class CustomerNamingViewSet(RecordViewSet):
    """Takes ``customer_id`` of a body as the golden customer's; services get ``customer``, the reference."""

    _named: tuple[CustomerSummary | None] | None = None

    def validate(self, serializer_class: Any, *, partial: bool = False) -> Any:
        data = super().validate(serializer_class, partial=partial)
        if "customer_id" in data:
            customer_id = data.pop("customer_id")
            self._named = (None if customer_id is None else self._ask(customer_id),)
        return data

    def check_references(self, data: dict[str, Any]) -> None:
        super().check_references(data)
        if self._named is not None:
            (customer,) = self._named
            data["customer"] = None if customer is None else sync_customer_reference(customer=customer)

    def _ask(self, customer_id: uuid.UUID) -> CustomerSummary:
        """The customer as the platform says; as last heard of when it does not answer."""
        client = platform_client(
            organization=self.caller.organization,
            actor=self.caller.actor,
            request_id=request_id_of(self.request._request),
            domain=self.domain,
        )
        try:
            return client.get_customer(customer_id)
        except CustomerNotFound as error:
            raise InvalidInput(
                {"customer_id": "There is no such customer in your organization."}, code="does_not_exist"
            ) from error
        except PlatformUnavailable:
            with self.unit():
                known = find_customer_reference(customer_id)
            if known is None:
                raise
            return CustomerSummary(
                id=known.customer_id,
                email=known.email,
                name=known.name,
                phone="",
                account_tier=known.tier,
                preferred_language=known.language,
                timezone="",
                company_id=known.company_id,
                company_name=known.company_name,
            )
