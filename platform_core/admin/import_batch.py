"""Files that were imported."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from platform_core.choices import ImportStatus
from platform_core.models import ImportBatch
from shared.backoffice.permissions import NoAdding, NoChanging, NoDeleting
from shared.backoffice.record import RecordAdmin


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
    )
    fields = (
        "file_name",
        ("status", "position"),
        ("customers_created", "interactions_created", "bad_rows"),
        "finished_at",
        ("file_hash", "mapping_hash"),
    )
    icon = "upload_file"
    on_dashboard = False
    administration = True

    @display(description="status", ordering="status")
    def show_status(self, obj: ImportBatch) -> str:
        """The status in words."""
        return str(ImportStatus(obj.status).label)
