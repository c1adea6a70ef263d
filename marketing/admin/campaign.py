"""Campaigns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSplitDateTimeWidget

from marketing.choices import CAMPAIGN_TRANSITIONS, CampaignStatus
from marketing.models import Campaign
from marketing.services.campaign import (
    change_campaign_status,
    create_campaign,
    delete_campaign,
    update_campaign,
)
from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin


class CampaignForm(RecordForm):
    """A campaign. The status offers where it may go from where it is."""

    next_status = forms.ChoiceField(
        label="Status", required=False, choices=CampaignStatus.choices, widget=UnfoldAdminSelectWidget
    )
    send_at = forms.SplitDateTimeField(
        label="Send at",
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="Needed to schedule the campaign.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "next_status" in self.fields:
            status = CampaignStatus(self.instance.status)
            offered = (status, *CAMPAIGN_TRANSITIONS[status])
            self.fields["next_status"].choices = [(s.value, s.label) for s in offered]  # type: ignore[attr-defined]
            self.fields["next_status"].initial = status.value
        if "send_at" in self.fields:
            self.fields["send_at"].initial = self.instance.scheduled_at


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    form = CampaignForm
    list_display = ("name", "show_status", "segment", "scheduled_at", "owner", "created_at")
    list_filter = ("status",)
    fieldsets = (
        (None, {"fields": ("name", "description", "next_status", "send_at")}),
        ("Message", {"fields": ("segment", "channel", "subject", "content", "owner")}),
        ("Progress", {"fields": ("approved_by", "approved_at", "started_at", "finished_at")}),
    )
    readonly_fields = ("approved_by", "approved_at", "started_at", "finished_at")
    search_prefixes = ("name_norm",)
    icon = "campaign"

    @display(
        description="status",
        label={
            CampaignStatus.DRAFT: "info",
            CampaignStatus.SCHEDULED: "warning",
            CampaignStatus.SENDING: "warning",
            CampaignStatus.SENT: "success",
        },
    )
    def show_status(self, obj: Campaign) -> tuple[str, str]:
        """The status as a coloured label."""
        return obj.status, str(obj.get_status_display())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        _, message, _, *custom = fieldsets  # a new campaign is a draft
        return [(None, {"fields": ("name", "description")}), message, *custom]

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Campaign:
        return create_campaign(**_service_values(data))

    def update_record(self, request: HttpRequest, record: Campaign, changes: dict[str, Any]) -> Campaign:
        status = changes.get("next_status")
        campaign = update_campaign(campaign=record, **_service_values(changes))
        if status:
            wanted = changes.get("send_at") if status == CampaignStatus.SCHEDULED else None
            campaign = change_campaign_status(campaign_id=record.pk, status=status, scheduled_at=wanted)
        return campaign

    def delete_record(self, request: HttpRequest, record: Campaign) -> None:
        delete_campaign(campaign=record)


def _service_values(values: dict[str, Any]) -> dict[str, Any]:
    """The form's values as keywords of the services: chosen records by their identifiers."""
    taken = {name: value for name, value in values.items() if name not in ("next_status", "send_at")}
    for name in ("segment", "owner"):
        if name in taken:
            chosen = taken.pop(name)
            taken[f"{name}_id"] = None if chosen is None else chosen.pk
    return taken
