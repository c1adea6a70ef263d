"""Pipelines and stages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from crm.admin.inlines import StageInline
from crm.choices import RequiredField
from crm.models import Pipeline, PipelineStage
from crm.services.pipeline import (
    add_stage,
    create_pipeline,
    delete_pipeline,
    delete_stage,
    update_pipeline,
    update_stage,
)
from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin
from shared.backoffice.values import by_id


@admin.register(Pipeline)
class PipelineAdmin(RecordAdmin):
    """A new pipeline comes with the usual six stages."""

    list_display = ("name", "is_default", "created_at")
    fields = ("name", "description", "is_default")
    search_prefixes = ("name_norm",)
    inlines = (StageInline,)
    icon = "view_kanban"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Pipeline:
        return create_pipeline(**data)

    def update_record(self, request: HttpRequest, record: Pipeline, changes: dict[str, Any]) -> Pipeline:
        return update_pipeline(pipeline=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Pipeline) -> None:
        delete_pipeline(pipeline=record)


class StageForm(RecordForm):
    """A stage; what it requires is ticked, not typed."""

    required_fields = forms.MultipleChoiceField(
        choices=RequiredField.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What a deal must have before it enters this stage.",
    )


@admin.register(PipelineStage)
class StageAdmin(RecordAdmin):
    form = StageForm
    list_display = ("name", "pipeline", "position", "type", "probability", "maximum_age_days")
    list_filter = ("type", "pipeline")
    list_select_related = ("pipeline",)
    fields = (
        "pipeline",
        "name",
        "position",
        "type",
        "probability",
        "required_fields",
        "maximum_age_days",
    )
    ordering = ("pipeline__name_norm", "position", "id")  # type: ignore[assignment]
    icon = "view_column"
    on_dashboard = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PipelineStage]:
        rows: QuerySet[PipelineStage] = super().get_queryset(request)
        return rows.select_related("pipeline")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        declared = super().get_readonly_fields(request, obj)
        return declared if obj is None else ("pipeline", *declared)  # a stage stays with its pipeline

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> PipelineStage:
        return add_stage(**by_id(data, "pipeline"))

    def update_record(
        self, request: HttpRequest, record: PipelineStage, changes: dict[str, Any]
    ) -> PipelineStage:
        return update_stage(pipeline_stage=record, **changes)  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: PipelineStage) -> None:
        delete_stage(pipeline_stage=record)
