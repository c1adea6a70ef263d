"""Activities."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action

from crm.choices import RECORDED_BY_SYSTEM, ActivityType
from crm.models import Activity
from crm.services.activity import complete_task, delete_activity, log_activity, update_activity
from shared.backoffice.record import RecordAdmin
from shared.backoffice.values import by_id

_REFERENCES = ("deal", "contact", "owner")


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    list_display = ("type", "description", "customer", "deal", "owner", "due_at", "done_at", "created_at")
    list_display_links = ("type", "description")
    list_filter = ("type",)
    fields = (
        "type",
        "description",
        "occurred_at",
        "due_at",
        "done_at",
        "customer",
        "deal",
        "contact",
        "owner",
    )
    readonly_fields = ("done_at",)
    actions_detail = ("complete", *RecordAdmin.actions_detail)  # type: ignore[assignment]
    icon = "event_note"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        declared = super().get_readonly_fields(request, obj)
        return declared if obj is None else ("type", *declared)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "type":
            written = [choice for choice in db_field.choices if choice[0] not in RECORDED_BY_SYSTEM]
            kwargs["choices"] = [("", "---------"), *written]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, Activity) and obj.type in RECORDED_BY_SYSTEM:
            return False
        return super().has_change_permission(request, obj)

    def has_complete_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Whoever may change a task may complete it, once."""
        if not super().has_change_permission(request):
            return False
        to_do = Activity.objects.filter(type=ActivityType.TASK, done_at__isnull=True)
        return to_do.filter(pk=unquote(object_id)).exists()

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Activity:
        return log_activity(**by_id(data, *_REFERENCES))

    def update_record(self, request: HttpRequest, record: Activity, changes: dict[str, Any]) -> Activity:
        return update_activity(activity=record, **by_id(changes, *_REFERENCES))

    def delete_record(self, request: HttpRequest, record: Activity) -> None:
        delete_activity(activity=record)

    @action(
        description="Mark as done",
        icon="task_alt",
        permissions=["complete"],
        dialog={
            "title": "Mark as done?",
            "description": "The task leaves the list of things to do.",
            "form_class": None,
            "form_submit_text": "Mark as done",
        },
    )
    def complete(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Complete the task of this page, once its dialog is confirmed."""
        complete_task(activity_id=uuid.UUID(unquote(object_id)))
        self.message_user(request, "The task is done.", messages.SUCCESS)
        back = reverse("admin:crm_activity_change", args=[object_id])
        if "HX-Request" in request.headers:  # the dialog: the whole page is to be read again
            return HttpResponse(headers={"HX-Redirect": back})
        return redirect(back)
