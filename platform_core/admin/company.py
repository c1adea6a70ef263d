"""Companies, and who works for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from platform_core.models import Company, CompanyMembership
from platform_core.services.company import create_company, delete_company, update_company
from shared.backoffice.record import RecordAdmin


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    list_display = ("name", "domain", "industry", "country", "created_at")
    fields = ("name", ("domain", "phone"), ("industry", "country"))
    search_prefixes = ("name_norm", "domain")
    icon = "domain"

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Company:
        return create_company(**data)  # type: ignore[typeddict-item]

    def update_record(self, request: HttpRequest, record: Company, changes: dict[str, Any]) -> Company:
        return update_company(company=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Company) -> None:
        delete_company(company=record)


@admin.register(CompanyMembership)
class CompanyMembershipAdmin(RecordAdmin):
    """Which customer works for which company, and when."""

    list_display = ("customer", "company", "role", "is_primary", "started_on", "ended_on")
    fields = ("customer", "company", ("role", "is_primary"), ("started_on", "ended_on"))
    icon = "badge"
    on_dashboard = False
