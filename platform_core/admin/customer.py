"""The golden record of customers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from platform_core.admin.inlines import (
    CompanyMembershipInline,
    IdentifierInline,
    InteractionInline,
    ProfileInline,
    RecordsInline,
    TimelineInline,
)
from platform_core.choices import AccountTier
from platform_core.models import Customer, CustomerIdentifier
from platform_core.normalisation import identifier_key
from platform_core.services.customer import create_customer, delete_customer, update_customer
from platform_core.services.identifier import add_identifier, remove_identifier, update_identifier
from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin
from shared.backoffice.values import by_id


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    """One customer as every app knows them, with what has been computed and what they did last."""

    list_display = ("show_name", "email", "phone", "company", "show_tier", "account_manager", "created_at")
    list_filter = ("account_tier",)
    fieldsets = (
        (None, {"fields": ("name", ("email", "phone"), ("company", "account_tier"), "account_manager")}),
        ("Language and time", {"fields": (("preferred_language", "timezone"),)}),
        ("In older apps", {"fields": (("crm_id", "support_id"),), "classes": ("collapse",)}),
    )
    search_prefixes = ("email_norm", "name_norm", "phone", "crm_id", "support_id")
    inlines = (
        ProfileInline,
        TimelineInline,
        RecordsInline,
        InteractionInline,
        IdentifierInline,
        CompanyMembershipInline,
    )
    icon = "groups"

    @display(description="name", ordering="name_norm")
    def show_name(self, obj: Customer) -> str:
        """The name, or what else there is to know them by."""
        return str(obj)

    @display(
        description="tier",
        ordering="account_tier",
        label={AccountTier.PREMIUM: "info", AccountTier.ENTERPRISE: "success"},
    )
    def show_tier(self, obj: Customer) -> tuple[str, str]:
        """The account tier as a coloured label."""
        return obj.account_tier, str(AccountTier(obj.account_tier).label)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Customer:
        return create_customer(**by_id(data, "company", "account_manager"))  # type: ignore[typeddict-item]

    def update_record(self, request: HttpRequest, record: Customer, changes: dict[str, Any]) -> Customer:
        return update_customer(customer=record, **by_id(changes, "company", "account_manager"))  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Customer) -> None:
        delete_customer(customer=record)


class IdentifierForm(RecordForm):
    """Compares an identifier in its normal form, so that a duplicate is an error of the field."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind, value = self.cleaned_data.get("kind"), self.cleaned_data.get("value")
        if kind and value:
            try:
                self.instance.value_norm = identifier_key(kind, value)
            except ValueError as error:
                self.add_error("value", str(error))
        return cleaned


@admin.register(CustomerIdentifier)
class CustomerIdentifierAdmin(RecordAdmin):
    """By what else a customer is recognised; what it says never changes."""

    form = IdentifierForm
    list_display = ("value", "kind", "customer", "source", "is_primary", "verified_at", "created_at")
    list_filter = ("kind",)
    fields = ("customer", "kind", "value", "source", "is_primary", "verified_at")
    search_prefixes = ("value_norm",)
    icon = "fingerprint"
    on_dashboard = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ("customer", "kind", "value", *fields)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerIdentifier]:
        rows: QuerySet[CustomerIdentifier] = super().get_queryset(request)
        return rows.select_related("customer")

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> CustomerIdentifier:
        return add_identifier(**by_id(data, "customer"))

    def update_record(
        self, request: HttpRequest, record: CustomerIdentifier, changes: dict[str, Any]
    ) -> CustomerIdentifier:
        return update_identifier(customer_identifier=record, **changes)

    def delete_record(self, request: HttpRequest, record: CustomerIdentifier) -> None:
        remove_identifier(customer_identifier=record)
