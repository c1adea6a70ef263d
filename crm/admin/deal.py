"""Deals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from crm.admin.inlines import ActivityInline, StayInStageInline
from crm.choices import DealStatus
from crm.models import Deal, PipelineStage
from crm.services.deal import delete_deal, move_deal, open_deal, update_deal
from shared.backoffice.record import RecordAdmin
from shared.backoffice.values import by_id


class StageChoiceField(forms.ModelChoiceField):
    """Stages with the name of their pipeline."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.pipeline.name}: {obj.name}"


@admin.register(Deal)
class DealAdmin(RecordAdmin):
    """Choosing another stage moves the deal; a lost stage asks for the reason."""

    list_display = ("name", "show_status", "stage", "customer", "amount", "currency", "owner", "created_at")
    list_filter = ("status", "pipeline", "stage")
    fieldsets = (
        (None, {"fields": ("name", "stage", "loss_reason")}),
        ("Customer", {"fields": ("customer", "company_name")}),
        ("Value", {"fields": (("amount", "currency"), "expected_close", "owner")}),
    )
    search_prefixes = ("name_norm",)
    inlines = (ActivityInline, StayInStageInline)
    icon = "handshake"

    @display(
        description="status",
        label={DealStatus.OPEN: "info", DealStatus.WON: "success", DealStatus.LOST: "danger"},
    )
    def show_status(self, obj: Deal) -> tuple[str, str]:
        """The status as a coloured label."""
        return obj.status, str(obj.get_status_display())

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        (title, _), *rest = fieldsets  # a new deal has no outcome yet
        return [(title, {"fields": ("name", "stage")}), *rest]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "stage":
            kwargs["form_class"] = StageChoiceField
            kwargs["queryset"] = PipelineStage.objects.select_related("pipeline").order_by(
                "pipeline__name_norm", "position", "id"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Deal:
        data.pop("loss_reason", None)
        return open_deal(**by_id(data, "stage", "owner"))

    def update_record(self, request: HttpRequest, record: Deal, changes: dict[str, Any]) -> Deal:
        stage = changes.pop("stage", None)
        loss_reason = changes.pop("loss_reason", record.loss_reason)
        deal = update_deal(deal=record, **by_id(changes, "owner"))
        if stage is not None:
            deal = move_deal(deal_id=deal.pk, stage_id=stage.pk, loss_reason=loss_reason)
        return deal

    def delete_record(self, request: HttpRequest, record: Deal) -> None:
        delete_deal(deal=record)
