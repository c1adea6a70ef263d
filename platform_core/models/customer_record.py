"""What the apps hold of a customer, and what happened in them: kept by events, so that the platform need not ask."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from platform_core.choices import TimelineKind
from platform_core.models.customer import Customer
from platform_core.models.ordering import NEWEST
from platform_core.models.tenancy import tenant_of_customer
from shared.domains.access import TableAccess
from shared.records import Record, TenantForeignKey, TenantRow, TenantUnique


class CustomerRecord(Record):
    """A ticket, a deal, an activity … of a customer, as its app last told of it.

    A copy to be shown beside the customer; the app's record is the one that counts. Its versions are what the platform knew
    when.
    """

    takes_custom_fields = False
    undoable = False

    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="records")
    domain = models.CharField(max_length=32, help_text="The app whose record it is.")
    kind = models.CharField(max_length=32, help_text="As in ticket, deal, call.")
    entity = models.CharField(
        max_length=64, help_text="The record's own kind in its app, as in crm.activity."
    )
    record_id = models.UUIDField(help_text="The record's id in its app.")
    title = models.CharField(max_length=320, blank=True)
    status = models.CharField(max_length=32, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = 'platform"."customer_records'
        verbose_name = "record in an app"
        verbose_name_plural = "records in the apps"
        constraints = [
            TenantUnique(fields=["domain", "record_id"], name="customer_records_record_key", living=False),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="customer_records_newest"),
            models.Index(
                "organization",
                "customer",
                models.F("began_at").desc(),
                models.F("id").desc(),
                name="customer_records_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"


AT = (models.F("at").desc(), models.F("id").desc())


class TimelineEntry(TenantRow):
    """Something that happened with a customer in an app: the feed over all of them. Append-only, partitioned by month.

    ``event_id`` is the event that told of it, which counts once.
    """

    referable = False
    partitioned_by: ClassVar[str] = "at"
    table_access = TableAccess(append_only=True)

    organization = tenant_of_customer()
    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    domain = models.CharField(max_length=32, help_text="The app in which it happened.")
    kind = models.CharField(max_length=32, help_text="Of which kind of record, as in ticket, deal, call.")
    record_id = models.UUIDField()
    what = models.CharField(max_length=16, choices=TimelineKind)
    title = models.CharField(max_length=320, blank=True)
    status = models.CharField(max_length=32, blank=True, help_text="The record's status then.")
    event_id = models.UUIDField()

    class Meta(TenantRow.Meta):
        db_table = 'platform"."timeline_entries'
        verbose_name = "timeline entry"
        verbose_name_plural = "timeline"
        constraints = [
            TenantUnique(fields=["event_id", "at"], name="timeline_entries_event_key", living=False),
            models.CheckConstraint(
                condition=models.Q(what__in=TimelineKind.values), name="timeline_entries_what_check"
            ),
        ]
        indexes = [
            models.Index("organization", *AT, name="timeline_entries_newest"),
            models.Index("organization", "customer", *AT, name="timeline_entries_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_what_display()}: {self.title}"
