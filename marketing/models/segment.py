"""Segments: who is meant, as a versioned tree of rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Trim

from shared.domains.access import TableAccess
from shared.records import Record, TenantForeignKey, TenantRow, TenantUnique

NEWEST = (models.F("created_at").desc(), models.F("id").desc())
"""How lists are ordered and paged; every list index ends so."""


class Segment(Record):
    """A named group of customers, described by rules."""

    name = models.CharField(max_length=150)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=150), db_persist=True
    )
    description = models.TextField(blank=True, max_length=2000)
    rules = models.JSONField(help_text="The tree of rules in force; its shape is in marketing/README.md.")
    rules_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised by every change of the rules."
    )

    class Meta(Record.Meta):
        db_table = 'marketing_app"."segments'
        constraints = [TenantUnique(fields=["name_norm"], name="segments_name_key", error_field="name")]
        indexes = [models.Index("organization", *NEWEST, name="segments_newest")]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(TenantRow):
    """The rules of a segment as they once were. Append-only: a past audience must stay explainable."""

    table_access: ClassVar[TableAccess] = TableAccess(append_only=True)

    # PROTECT: whoever removes a segment for good has to say what becomes of its past.
    segment = TenantForeignKey(Segment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    author = models.CharField(max_length=200, blank=True, help_text="Who wrote these rules.")

    class Meta(TenantRow.Meta):
        db_table = 'marketing_app"."segment_versions'
        constraints = [
            TenantUnique(fields=["segment", "number"], name="segment_versions_number_key", living=False)
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} version {self.number}"
