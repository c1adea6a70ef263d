"""What the values of support's fields must look like."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from support.choices import Channel

MAX_CAPACITY = 1000

check_language = RegexValidator(
    r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", "Write a language by its tag, as in en or de-CH (BCP 47)."
)


def check_capacity(value: Any) -> None:
    """A capacity names channels and gives each a whole number."""
    if not isinstance(value, dict) or not set(value) <= set(Channel.values):
        raise ValidationError(f"Name channels only: {', '.join(Channel.values)}.", code="invalid")
    for number in value.values():
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MAX_CAPACITY:
            raise ValidationError(
                f"Give each channel a whole number from 0 to {MAX_CAPACITY}.", code="invalid"
            )
