"""Rows shown, not edited, below their parent: each has a page of its own where the services rule."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import Activity, DealStageHistory, PipelineStage
from shared.backoffice.inlines import RecordTabularInline
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting


class StageInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    model = PipelineStage
    fields = ("position", "name", "type", "probability", "required_fields", "maximum_age_days")
    readonly_fields = fields
    ordering = ("position", "id")
    show_change_link = True
    tab = True


class StayInStageInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    model = DealStageHistory
    fields = ("stage", "entered_at", "left_at", "moved_by")
    readonly_fields = fields
    ordering = ("entered_at", "id")
    verbose_name_plural = "history of stages"
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[DealStageHistory]:
        rows: QuerySet[DealStageHistory] = super().get_queryset(request)
        return rows.select_related("stage")


class ActivityInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    model = Activity
    fields = ("type", "description", "occurred_at", "due_at", "done_at", "owner")
    readonly_fields = fields
    ordering = ("-created_at", "-id")
    show_change_link = True
    per_page = 20
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        rows: QuerySet[Activity] = super().get_queryset(request)
        return rows.select_related("owner")
