"""What a custom field may be."""

from __future__ import annotations

from django.db import models


class FieldType(models.TextChoices):
    """What its values are."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    INTEGER = "integer", "Whole number"
    BOOLEAN = "boolean", "Yes or no"
    DATE = "date", "Date"
    DATETIME = "datetime", "Date and time"
    CHOICE = "choice", "One of several"
    CHOICES = "choices", "Some of several"
    URL = "url", "Web address"
    EMAIL = "email", "E-mail"


class Visibility(models.TextChoices):
    """Who sees it, and may write it."""

    EVERYWHERE = "everywhere", "Everywhere"
    STAFF = "staff", "Staff alone: not by API key"
    API = "api", "API alone: not on pages"


WITH_CHOICES = frozenset({FieldType.CHOICE, FieldType.CHOICES})
NEVER_UNIQUE = frozenset({FieldType.BOOLEAN, FieldType.CHOICES})
