"""The same ticket as Trellis', column for column as its list answers it, without tenant and policies."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Customer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "stock_customer"
        app_label = "stock_drf"


class Agent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "stock_agent"
        app_label = "stock_drf"


class Ticket(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.BigIntegerField(unique=True)
    subject = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    channel = models.CharField(
        max_length=16, choices=[(name, name) for name in ("email", "chat", "phone", "web", "api")]
    )
    status = models.CharField(max_length=32)
    priority = models.CharField(max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    company_id = models.UUIDField(null=True)
    company_name = models.CharField(max_length=200, blank=True)
    requester_name = models.CharField(max_length=200, blank=True)
    requester_email = models.EmailField(max_length=254, blank=True)
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
    tags = ArrayField(models.CharField(max_length=64), default=list)
    intent = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    first_response_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveIntegerField(default=0)
    custom_fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    created_by_app = models.CharField(max_length=32, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "stock_ticket"
        app_label = "stock_drf"
        indexes = [
            models.Index(
                "status",
                "priority",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="stock_ticket_list",
            ),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="stock_ticket_newest"),
        ]
