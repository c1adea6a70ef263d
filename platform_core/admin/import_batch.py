"""Files that were imported."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.decorators import display

from platform_core.choices import ImportStatus
from platform_core.models import ImportBatch
from platform_core.services.import_batch import undo_import
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin
from shared.errors import Conflict, DomainError


@admin.register(ImportBatch)
class ImportBatchAdmin(NoAdding, NoChanging, NoDeleting, RecordAdmin):
    """Shown only: imports are run by manage.py import_customers."""

    list_display = (
        "file_name",
        "show_status",
        "customers_created",
        "interactions_created",
        "bad_rows",
        "created_at",
        "finished_at",
        "undone_at",
    )
    fields = (
        "file_name",
        ("status", "position"),
        ("customers_created", "interactions_created", "bad_rows"),
        "finished_at",
        ("undone_at", "interactions_removed"),
        ("file_hash", "mapping_hash"),
    )
    icon = "upload_file"
    actions = ("undo_imports",)
    on_dashboard = False
    administration = True

    @display(description="status", ordering="status")
    def show_status(self, obj: ImportBatch) -> str:
        """The status in words."""
        return str(ImportStatus(obj.status).label)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Whoever may delete customers may take back an import of them."""
        return bool(request.user.has_perm("platform_core.delete_customer"))

    @admin.action(description="Undo: take back what the import brought", permissions=["undo"])
    def undo_imports(self, request: HttpRequest, queryset: Any) -> None:
        """Bring customers, companies and identifiers back to what they were, and remove the interactions."""
        for batch in queryset:
            try:
                done = undo_import(batch)
            except Conflict as refusal:
                named = ", ".join(
                    f"{c['record']}: {c['field']} (now {c.get('now')})"
                    for c in refusal.extra.get("conflicts", ())[:5]
                )
                self.message_user(request, f"{batch}: {refusal} {named}".strip(), messages.ERROR)
            except DomainError as refusal:
                self.message_user(request, f"{batch}: {refusal}", messages.ERROR)
            else:
                said = f"{done.records} records are as they were, {done.interactions} interactions are gone."
                self.message_user(request, f"{batch}: {said}", messages.SUCCESS)
