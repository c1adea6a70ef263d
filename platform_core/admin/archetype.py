"""Archetypes: the hierarchy of kinds of customers, and how to treat them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from platform_core.models import ArchetypeDefinition, ArchetypeL1, ArchetypeL2, ArchetypeL3
from platform_core.services.archetype import define_archetype, delete_archetype, update_archetype
from shared.backoffice.record import RecordAdmin


@admin.register(ArchetypeL1)
class ArchetypeL1Admin(RecordAdmin):
    list_display = ("name", "code", "description", "created_at")
    fields = ("name", "code", "description")
    search_prefixes = ("code",)
    icon = "category"
    on_dashboard = False


class _LowerLevelAdmin(RecordAdmin):
    list_display = ("name", "code", "parent", "created_at")
    fields = ("parent", "name", "code", "description")
    search_prefixes = ("code",)
    icon = "category"
    on_dashboard = False


@admin.register(ArchetypeL2)
class ArchetypeL2Admin(_LowerLevelAdmin):
    list_filter = ("parent",)


@admin.register(ArchetypeL3)
class ArchetypeL3Admin(_LowerLevelAdmin):
    list_filter = ("parent",)


@admin.register(ArchetypeDefinition)
class ArchetypeDefinitionAdmin(RecordAdmin):
    """What makes an archetype, and how to speak to these customers."""

    list_display = ("name", "code", "l1", "l2", "l3", "is_active")
    list_filter = ("l1",)
    fieldsets = (
        (None, {"fields": (("name", "code"), "description", "is_active")}),
        ("Place in the hierarchy", {"fields": (("l1", "l2", "l3"),)}),
        ("Use", {"fields": ("guidance", "criteria")}),
    )
    search_prefixes = ("code",)
    icon = "diversity_3"
    on_dashboard = False

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> ArchetypeDefinition:
        return define_archetype(**data)

    def update_record(
        self, request: HttpRequest, record: ArchetypeDefinition, changes: dict[str, Any]
    ) -> ArchetypeDefinition:
        return update_archetype(archetype_definition=record, **changes)

    def delete_record(self, request: HttpRequest, record: ArchetypeDefinition) -> None:
        delete_archetype(archetype_definition=record)
