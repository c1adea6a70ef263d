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
