"""Segments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketing.models import Segment, SegmentVersion
from marketing.services.segment import create_segment, delete_segment, update_segment
from shared.backoffice.inlines import RecordTabularInline
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin


class SegmentVersionInline(NoAdding, NoChanging, NoDeleting, RecordTabularInline):
    """What the rules were; written once."""

    model = SegmentVersion
    fields = ("number", "rules", "author", "created_at")
    readonly_fields = fields
    ordering = ("-number",)
    per_page = 20
    tab = True


@admin.register(Segment)
class SegmentAdmin(RecordAdmin):
    list_display = ("name", "description", "rules_version", "created_at")
    fields = ("name", "description", "rules", "rules_version")
    readonly_fields = ("rules_version",)
    search_prefixes = ("name_norm",)
    inlines = (SegmentVersionInline,)
    icon = "group_work"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Segment:
        return create_segment(**data)

    def update_record(self, request: HttpRequest, record: Segment, changes: dict[str, Any]) -> Segment:
        return update_segment(segment=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Segment) -> None:
        delete_segment(segment=record)
