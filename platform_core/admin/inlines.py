"""What is shown below a customer: profile, identifiers, companies, what they did last."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from platform_core.models import CompanyMembership, CustomerIdentifier, CustomerInteraction, CustomerProfile
from shared.backoffice.inlines import RecordStackedInline, RecordTabularInline
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting


class ProfileInline(NoAdding, NoChanging, NoDeleting, RecordStackedInline):
    """What has been computed of the customer; never typed in."""

    model = CustomerProfile
    fields = (
        ("archetype_l1", "archetype_l2", "archetype_l3"),
        ("interaction_count", "last_interaction_at", "frequency"),
        ("recency", "monetary_value", "currency"),
        ("lifetime_value", "churn_risk", "computed_at"),
    )
    readonly_fields = tuple(name for row in fields for name in row)
    verbose_name_plural = "profile"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerProfile]:
        rows: QuerySet[CustomerProfile] = super().get_queryset(request)
        return rows.select_related("archetype_l1", "archetype_l2", "archetype_l3")


class IdentifierInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    model = CustomerIdentifier
    fields = ("kind", "value", "source", "is_primary", "verified_at")
    readonly_fields = fields
    ordering = ("kind", "value_norm")
    show_change_link = True
    tab = True


class CompanyMembershipInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    model = CompanyMembership
    fields = ("company", "role", "is_primary", "started_on", "ended_on")
    readonly_fields = fields
    ordering = ("-is_primary", "-created_at", "-id")
    verbose_name_plural = "companies"
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CompanyMembership]:
        rows: QuerySet[CompanyMembership] = super().get_queryset(request)
        return rows.select_related("company")


class InteractionInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    """The latest first, a page at a time."""

    model = CustomerInteraction
    exclude: Any = ()
    fields = ("occurred_at", "interaction_type", "channel", "amount", "currency", "source")
    readonly_fields = fields
    ordering = ("-occurred_at", "-id")
    per_page = 20
    verbose_name_plural = "interactions"
    tab = True
