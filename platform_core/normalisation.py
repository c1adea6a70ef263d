"""How e-mails, phone numbers and identifiers are written down, so that equal ones compare equal.

Each function returns the normal form or raises ValueError with one sentence for the person who typed it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from platform_core.choices import IdentifierKind

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@lru_cache(maxsize=4096)
def clean_email(value: str) -> str:
    """The e-mail as it is kept: without surrounding blanks, its case as given."""
    email = value.strip()
    if len(email) > 254:
        raise ValueError("The e-mail is longer than 254 characters.")
    try:
        validate_email(email)
    except ValidationError:
        raise ValueError("The e-mail is not valid: write it as in ada@example.com.") from None
    return email


def email_key(value: str) -> str:
    """The e-mail as it is compared (as the column email_norm)."""
    return value.strip(" ").lower()


@lru_cache(maxsize=4096)
def clean_phone(value: str, region: str | None = None) -> str:
    """The number in E.164; ``region`` (ISO 3166) is the country of numbers without a country code."""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _E164.fullmatch(plain):  # "possible" are local numbers too, too short to be called from elsewhere
            return plain
    raise ValueError("The phone number is not valid: write it in full, as in +4930123456.")


def identifier_key(kind: str, value: str) -> str:
    """An identifier as it is compared."""
    value = value.strip()
    if not value:
        raise ValueError("The identifier is empty.")
    match kind:
        case IdentifierKind.EMAIL:
            return email_key(clean_email(value))
        case IdentifierKind.PHONE:
            return clean_phone(value)
        case _:
            return value
