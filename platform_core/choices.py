"""Choices of the platform domain."""

from django.db import models


class Role(models.TextChoices):
    """What a person may do in a tenant: everything, or the daily work. (Finer roles come with identity, 5 of 7.)"""

    ADMIN = "admin", "Administrator"
    USER = "user", "User"


class AccountTier(models.TextChoices):
    STANDARD = "standard", "Standard"
    PREMIUM = "premium", "Premium"
    ENTERPRISE = "enterprise", "Enterprise"


class IdentifierKind(models.TextChoices):
    """By what a customer is recognised. Strong kinds name one customer; weak ones may be shared."""

    EMAIL = "email", "E-mail"
    EXTERNAL_ID = "external_id", "External id"
    PHONE = "phone", "Phone"
    VISITOR_ID = "visitor_id", "Visitor id"


STRONG_IDENTIFIERS = (IdentifierKind.EMAIL, IdentifierKind.EXTERNAL_ID)
WEAK_IDENTIFIERS = tuple(kind for kind in IdentifierKind if kind not in STRONG_IDENTIFIERS)

PURCHASE = "purchase"
"""The type of interaction that recency, frequency and monetary value count. Types are an open vocabulary."""


class ImportStatus(models.TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class TimelineKind(models.TextChoices):
    """What happened to a record of an app."""

    BEGAN = "began", "New"
    CHANGED = "changed", "Changed"
    ENDED = "ended", "Ended"
    DELETED = "deleted", "Deleted"
