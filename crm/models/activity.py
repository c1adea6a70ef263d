"""Activities: the timeline of sales."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from crm.choices import ActivityType
from crm.models.contact import Contact
from crm.models.customer_reference import CustomerReference
from crm.models.deal import NEWEST, Deal
from shared.events.telling import Tells
from shared.records import Record, TenantForeignKey
from shared.tenancy.models import UserProfile


class Activity(Record):
    """Something that happened with a customer, or, as a task, is to be done."""

    retained_from: ClassVar[str] = "occurred_at"
    tells = Tells(
        "crm.activity.changed",
        ("type", "description", "customer_id", "occurred_at", "due_at", "done_at"),
        subject="customer_id",
    )

    type = models.CharField(max_length=16, choices=ActivityType)
    description = models.TextField(blank=True, max_length=20_000)
    metadata = models.JSONField(default=dict, blank=True)
    occurred_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When a task is to be done.")
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    deal = TenantForeignKey(Deal, on_delete=models.CASCADE, null=True, blank=True, related_name="activities")
    contact = TenantForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    customer = TenantForeignKey(
        CustomerReference, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    owner = TenantForeignKey(UserProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta(Record.Meta):
        db_table = 'crm"."activities'
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(type__in=ActivityType.values), name="activities_type_check"
            ),
            models.CheckConstraint(
                condition=models.Q(type=ActivityType.TASK)
                | models.Q(due_at__isnull=True, done_at__isnull=True),
                name="activities_task_check",
                violation_error_message="Only a task has a due date: choose the type task.",
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="activities_newest"),
            models.Index("organization", "type", *NEWEST, name="activities_type"),
            models.Index("organization", "deal", *NEWEST, name="activities_deal"),
            models.Index("organization", "contact", *NEWEST, name="activities_contact"),
            models.Index("organization", "customer", *NEWEST, name="activities_customer"),
            models.Index("organization", "owner", "done_at", "due_at", name="activities_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}: {self.description[:60]}"
