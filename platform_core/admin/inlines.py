"""What is shown below a customer: profile, identifiers, companies, what they did last."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from platform_core.models import (
    CompanyMembership,
    CustomerIdentifier,
    CustomerInteraction,
    CustomerProfile,
    CustomerRecord,
    TimelineEntry,
)
from shared.backoffice.inlines import RecordStackedInline, RecordTabularInline
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.relations import record_link
from shared.domains.registry import domains, get_domain


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


class RecordsInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    """Tickets, deals, activities …, of the apps that the person works with."""

    model = CustomerRecord
    fields = ("began_at", "show_app", "kind", "show_title", "status", "amount", "currency", "ended_at")
    readonly_fields = fields
    ordering = ("-began_at", "-id")
    per_page = 20
    verbose_name_plural = "in the apps"
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerRecord]:
        return super().get_queryset(request).filter(domain__in=_worked_in(request))

    @display(description="app")
    def show_app(self, obj: CustomerRecord) -> str:
        """The domain as people call it."""
        return get_domain(obj.domain).title

    @display(description="title")
    def show_title(self, obj: CustomerRecord) -> str:
        """The record, with its page where there is one here."""
        return record_link(obj.entity, obj.record_id, obj.title)


class TimelineInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    """What happened, in all apps that the person works with; the latest first."""

    model = TimelineEntry
    fields = ("at", "show_app", "kind", "what", "title", "status")
    readonly_fields = fields
    ordering = ("-at", "-id")
    per_page = 20
    verbose_name_plural = "timeline"
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimelineEntry]:
        return super().get_queryset(request).filter(domain__in=_worked_in(request))

    @display(description="app")
    def show_app(self, obj: TimelineEntry) -> str:
        """The domain as people call it."""
        return get_domain(obj.domain).title


def _worked_in(request: HttpRequest) -> list[str]:
    return [domain.name for domain in domains() if request.user.has_module_perms(domain.app)]
