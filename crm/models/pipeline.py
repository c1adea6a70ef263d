"""Pipelines and the stages that deals go through."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower, Trim

from crm.choices import RequiredField, StageType
from shared.records import Record, TenantForeignKey, TenantUnique


class Pipeline(Record):
    """A way of selling: an ordered set of stages."""

    name = models.CharField(max_length=100)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=100), db_persist=True
    )
    description = models.TextField(blank=True, max_length=2000)
    is_default = models.BooleanField(
        default=False,
        help_text="Deals opened without naming a pipeline start here; at most one is the default.",
    )

    class Meta(Record.Meta):
        db_table = 'crm"."pipelines'
        constraints = [
            TenantUnique(fields=["name_norm"], name="pipelines_name_key", error_field="name"),
            TenantUnique(
                fields=["is_default"],
                name="pipelines_default_key",
                condition=models.Q(is_default=True),
                message="Another pipeline is the default one.",
            ),
        ]
        indexes = [
            models.Index(
                "organization",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="pipelines_newest",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PipelineStage(Record):
    """A step of a pipeline, and what a deal needs to enter it."""

    pipeline = TenantForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=100)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=100), db_persist=True
    )
    position = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="Order in the pipeline, from left to right.",
    )
    type = models.CharField(max_length=8, choices=StageType, default=StageType.OPEN)
    probability = models.PositiveSmallIntegerField(
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Chance in percent that a deal of this stage is won.",
    )
    required_fields = ArrayField(
        models.CharField(max_length=32, choices=RequiredField),
        default=list,
        blank=True,
        size=len(RequiredField),
        help_text="What a deal must have before it enters this stage.",
    )
    maximum_age_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="After so many days in this stage a deal counts as rotting.",
    )

    class Meta(Record.Meta):
        db_table = 'crm"."pipeline_stages'
        constraints = [
            TenantUnique(
                fields=["pipeline", "name_norm"], name="pipeline_stages_name_key", error_field="name"
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=StageType.values), name="pipeline_stages_type_check"
            ),
            models.CheckConstraint(
                condition=models.Q(type=StageType.OPEN, probability__lte=100)
                | models.Q(type=StageType.WON, probability=100)
                | models.Q(type=StageType.LOST, probability=0),
                name="pipeline_stages_certainty_check",
                violation_error_message="Probability is 100 in a won stage and 0 in a lost one.",
            ),
        ]
        indexes = [
            models.Index("organization", "pipeline", "position", "id", name="pipeline_stages_order"),
            models.Index(
                "organization",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="pipeline_stages_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name
