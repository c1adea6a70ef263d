"""Archetypes: kinds of customers, in a hierarchy of three levels."""

from __future__ import annotations

from django.db import models

from platform_core.models.ordering import NEWEST
from shared.records import Record, TenantForeignKey, TenantUnique


class ArchetypeL1(Record):
    """The coarsest level, as in loyal, occasional, lapsed."""

    takes_custom_fields = False

    code = models.SlugField(max_length=64, db_index=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = 'platform"."dim_archetype_l1'
        verbose_name = "archetype (level 1)"
        verbose_name_plural = "archetypes (level 1)"
        constraints = [TenantUnique(fields=["code"], name="dim_archetype_l1_code_key")]
        indexes = [models.Index("organization", *NEWEST, name="dim_archetype_l1_newest")]

    def __str__(self) -> str:
        return self.name


class ArchetypeL2(Record):
    """A kind within a level-1 archetype."""

    takes_custom_fields = False

    code = models.SlugField(max_length=64, db_index=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    parent = TenantForeignKey(ArchetypeL1, on_delete=models.CASCADE, related_name="children")

    class Meta(Record.Meta):
        db_table = 'platform"."dim_archetype_l2'
        verbose_name = "archetype (level 2)"
        verbose_name_plural = "archetypes (level 2)"
        constraints = [TenantUnique(fields=["code"], name="dim_archetype_l2_code_key")]
        indexes = [
            models.Index("organization", *NEWEST, name="dim_archetype_l2_newest"),
            models.Index("organization", "parent", *NEWEST, name="dim_archetype_l2_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class ArchetypeL3(Record):
    """A kind within a level-2 archetype."""

    takes_custom_fields = False

    code = models.SlugField(max_length=64, db_index=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    parent = TenantForeignKey(ArchetypeL2, on_delete=models.CASCADE, related_name="children")

    class Meta(Record.Meta):
        db_table = 'platform"."dim_archetype_l3'
        verbose_name = "archetype (level 3)"
        verbose_name_plural = "archetypes (level 3)"
        constraints = [TenantUnique(fields=["code"], name="dim_archetype_l3_code_key")]
        indexes = [
            models.Index("organization", *NEWEST, name="dim_archetype_l3_newest"),
            models.Index("organization", "parent", *NEWEST, name="dim_archetype_l3_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class ArchetypeDefinition(Record):
    """What makes an archetype, and how to treat who is one: the page behind a node of the hierarchy."""

    code = models.SlugField(max_length=64, db_index=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    l1 = TenantForeignKey(ArchetypeL1, on_delete=models.CASCADE, related_name="definitions")
    l2 = TenantForeignKey(
        ArchetypeL2, on_delete=models.CASCADE, null=True, blank=True, related_name="definitions"
    )
    l3 = TenantForeignKey(
        ArchetypeL3, on_delete=models.CASCADE, null=True, blank=True, related_name="definitions"
    )
    criteria = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Typical values of the features."
    )
    guidance = models.TextField(blank=True, help_text="How to speak to these customers.")
    is_active = models.BooleanField("active", default=True)

    class Meta(Record.Meta):
        db_table = 'platform"."archetype_definitions'
        verbose_name = "archetype"
        constraints = [
            TenantUnique(fields=["code"], name="archetype_definitions_code_key"),
            models.CheckConstraint(
                condition=models.Q(l3__isnull=True) | models.Q(l2__isnull=False),
                name="archetype_definitions_levels_check",
                violation_error_message="A level-3 archetype needs its level 2.",
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="archetype_definitions_newest"),
            models.Index("organization", "l1", *NEWEST, name="archetype_definitions_l1"),
        ]

    def __str__(self) -> str:
        return self.name
