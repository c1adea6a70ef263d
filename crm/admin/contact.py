"""Contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crm.models import Contact
from crm.services.contact import create_contact, delete_contact, update_contact
from shared.backoffice.record import RecordAdmin


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    """The company comes from the customer's golden record."""

    list_display = ("customer", "role_title", "company_name", "is_primary", "created_at")
    list_filter = ("is_primary",)
    fields = ("customer", "company_name", "role_title", "is_primary")
    readonly_fields = ("company_name",)
    search_prefixes = ("customer__name_norm", "customer__email_norm")
    icon = "contacts"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        declared = super().get_readonly_fields(request, obj)
        return declared if obj is None else ("customer", *declared)

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Contact:
        return create_contact(**data)

    def update_record(self, request: HttpRequest, record: Contact, changes: dict[str, Any]) -> Contact:
        return update_contact(contact=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Contact) -> None:
        delete_contact(contact=record)
