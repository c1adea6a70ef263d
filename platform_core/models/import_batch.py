"""Files that were imported: how far each has come."""

from __future__ import annotations

from django.db import models

from platform_core.choices import ImportStatus
from platform_core.models.ordering import NEWEST
from shared.records import Record, TenantUnique


class ImportBatch(Record):
    """An import of one file by one mapping; ``position`` rises with each batch, in the same transaction."""

    takes_custom_fields = False
    undoable = False

    file_name = models.CharField(max_length=255, editable=False)
    file_hash = models.CharField(max_length=64, editable=False)
    mapping_hash = models.CharField(max_length=64, editable=False)
    status = models.CharField(
        max_length=16, choices=ImportStatus, default=ImportStatus.RUNNING, editable=False
    )
    position = models.PositiveBigIntegerField(default=0, editable=False, help_text="Last line that is done.")
    customers_created = models.PositiveIntegerField(default=0, editable=False)
    interactions_created = models.PositiveIntegerField(default=0, editable=False)
    bad_rows = models.PositiveIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False, help_text="When the import was taken back.")
    interactions_removed = models.PositiveIntegerField(
        null=True, editable=False, help_text="How many went when it was taken back."
    )

    class Meta(Record.Meta):
        db_table = 'platform"."import_batches'
        verbose_name_plural = "import batches"
        constraints = [
            TenantUnique(fields=["file_hash", "mapping_hash"], name="import_batches_file_key"),
            models.CheckConstraint(
                condition=models.Q(status__in=ImportStatus.values), name="import_batches_status_check"
            ),
        ]
        indexes = [models.Index("organization", *NEWEST, name="import_batches_newest")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def request_id(self) -> str:
        """Under which its changes stand in the versions, for undoing all of them."""
        return request_id_of_import(self.file_hash, self.mapping_hash)


def request_id_of_import(file_hash: str, mapping_hash: str) -> str:
    """The same whenever the same file is imported by the same mapping."""
    return f"import-{file_hash[:24]}-{mapping_hash[:24]}"
