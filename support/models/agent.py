"""People who answer customers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from shared.records import Record, TenantForeignKey, TenantUnique
from shared.tenancy.models import UserProfile
from support.choices import Presence
from support.models.ordering import NEWEST
from support.validators import check_capacity, check_language


class Agent(Record):
    """A member of staff who is given tickets: what they can do, how much at once, whether they are there."""

    profile = TenantForeignKey(UserProfile, on_delete=models.CASCADE, related_name="+", verbose_name="person")
    presence = models.CharField(max_length=16, choices=Presence, default=Presence.OFFLINE)
    skills = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        size=50,
        help_text="What this agent knows, for example: billing, refunds.",
    )
    languages = ArrayField(
        models.CharField(max_length=35, validators=[check_language]),
        default=list,
        blank=True,
        size=50,
        help_text="Languages by their tags, for example: en, de-CH.",
    )
    capacity = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_capacity],
        help_text='Tickets at once by channel, for example {"chat": 3}; a channel not named has no limit.',
    )

    class Meta(Record.Meta):
        db_table = 'support_app"."agents'
        constraints = [
            TenantUnique(
                fields=["profile"], name="agents_profile_key", message="This person is an agent already."
            ),
            models.CheckConstraint(
                condition=models.Q(presence__in=Presence.values), name="agents_presence_check"
            ),
        ]
        indexes = [models.Index("organization", *NEWEST, name="agents_newest")]

    def __str__(self) -> str:
        return str(self.profile)
