"""Deals, and how long they stayed in which stage."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower, Trim
from django.utils import timezone

from crm.choices import DealStatus
from crm.models.customer_reference import CustomerReference
from crm.models.pipeline import Pipeline, PipelineStage
from shared.events.telling import Tells
from shared.records import Record, TenantForeignKey, TenantUnique
from shared.tenancy.models import UserProfile

NEWEST = (models.F("created_at").desc(), models.F("id").desc())
"""How lists are ordered and paged; every list index ends so."""


class Deal(Record):
    """A sale in progress, or its end."""

    retained_from: ClassVar[str] = "closed_at"

    sorted_fields = ("amount",)
    tells = Tells(
        "crm.deal.changed",
        (
            "name",
            "status",
            "stage_id",
            "customer_id",
            "amount",
            "currency",
            "owner_id",
            "created_at",
            "closed_at",
        ),
        subject="customer_id",
    )

    name = models.CharField(max_length=200)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=200), db_persist=True
    )
    pipeline = TenantForeignKey(Pipeline, on_delete=models.PROTECT, related_name="deals")
    stage = TenantForeignKey(PipelineStage, on_delete=models.PROTECT, related_name="deals")
    status = models.CharField(
        max_length=8,
        choices=DealStatus,
        default=DealStatus.OPEN,
        editable=False,
        help_text="Follows the stage.",
    )
    customer = TenantForeignKey(
        CustomerReference, on_delete=models.SET_NULL, null=True, blank=True, related_name="deals"
    )
    company_id = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The golden company of the customer."
    )
    company_name = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[
            RegexValidator(r"\A[A-Z]{3}\Z", "Write a currency as three capitals, as in EUR (ISO 4217).")
        ],
    )
    owner = TenantForeignKey(UserProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expected_close = models.DateField(null=True, blank=True)
    loss_reason = models.CharField(
        max_length=500, blank=True, help_text="Needed to move the deal to a lost stage."
    )
    stage_entered_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Record.Meta):
        db_table = 'crm"."deals'
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=DealStatus.values), name="deals_status_check"
            ),
            models.CheckConstraint(
                condition=models.Q(status=DealStatus.OPEN, closed_at__isnull=True)
                | (~models.Q(status=DealStatus.OPEN) & models.Q(closed_at__isnull=False)),
                name="deals_closed_check",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=DealStatus.LOST) | ~models.Q(loss_reason=""),
                name="deals_loss_reason_check",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0), name="deals_amount_check"
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="deals_currency_check"
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="deals_newest"),
            models.Index("organization", "status", *NEWEST, name="deals_status"),
            models.Index("organization", "stage", *NEWEST, name="deals_stage"),
            models.Index("organization", "pipeline", "status", *NEWEST, name="deals_pipeline"),
            models.Index("organization", "owner", "status", *NEWEST, name="deals_owner"),
            models.Index("organization", "customer", *NEWEST, name="deals_customer"),
            models.Index("organization", "company_id", *NEWEST, name="deals_company"),
            models.Index("organization", "name_norm", name="deals_name"),
            models.Index("organization", "expected_close", name="deals_expected_close"),
        ]

    def __str__(self) -> str:
        return self.name


class DealStageHistory(Record):
    """A stay of a deal in a stage: half-open, the present one without an end."""

    takes_custom_fields = False

    deal = TenantForeignKey(Deal, on_delete=models.CASCADE, related_name="stage_history")
    stage = TenantForeignKey(PipelineStage, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    moved_by = models.CharField(max_length=200, blank=True, help_text="Who moved the deal into this stage.")

    class Meta(Record.Meta):
        db_table = 'crm"."deal_stage_history'
        verbose_name = "stay in a stage"
        verbose_name_plural = "stays in stages"
        constraints = [
            TenantUnique(
                fields=["deal"],
                name="deal_stage_history_open_key",
                condition=models.Q(left_at__isnull=True),
                message="A deal is in one stage at a time.",
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(left_at__gte=models.F("entered_at")),
                name="deal_stage_history_order_check",
            ),
        ]
        indexes = [
            models.Index("organization", "deal", "entered_at", name="deal_stage_history_deal"),
            models.Index("organization", "stage", "entered_at", name="deal_stage_history_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.stage_id} from {self.entered_at:%Y-%m-%d %H:%M}"
