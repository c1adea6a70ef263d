"""From what was sent or typed to the value that is stored; ValueError says what to send instead."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.dateparse import parse_datetime

from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.models import CustomFieldDefinition

MAX_TEXT = 2000
MAX_DIGITS = 28  # what Python's decimals keep
_LARGEST = 2**63 - 1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_is_web_address = URLValidator(schemes=["http", "https"])


def normalise(definition: CustomFieldDefinition, value: Any) -> Any:
    """The JSON value to store; raises ValueError."""
    return _NORMALISERS[FieldType(definition.type)](value, definition)


def _text(value: Any, definition: CustomFieldDefinition) -> str:
    if not isinstance(value, str):
        raise ValueError("Send a text.")
    if "\x00" in value:
        raise ValueError("Leave out the NUL character.")
    if len(value) > MAX_TEXT:
        raise ValueError(f"Send at most {MAX_TEXT:,} characters.")
    return value


def _number(value: Any, definition: CustomFieldDefinition) -> str:
    """As a text, as the API gives all decimals: a JSON number would lose digits on the way."""
    sentence = "Send a number, as a text or as a JSON number."
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError(sentence)
    try:
        number = Decimal(str(value).strip() if len(str(value)) <= 2 * MAX_DIGITS else "")
    except InvalidOperation:
        raise ValueError(sentence) from None
    if not number.is_finite():
        raise ValueError(sentence)
    _, digits, exponent = number.as_tuple()
    if len(digits) > MAX_DIGITS or number.adjusted() >= MAX_DIGITS or -int(exponent) > MAX_DIGITS:
        raise ValueError(f"Send a number of at most {MAX_DIGITS} digits.")
    return format(number.normalize(), "f") if number else "0"


def _integer(value: Any, definition: CustomFieldDefinition) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise ValueError("Send a whole number.")
    return value


def _boolean(value: Any, definition: CustomFieldDefinition) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Send true or false.")
    return value


def _date(value: Any, definition: CustomFieldDefinition) -> str:
    sentence = "Send a date as in 2026-12-31."
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(sentence)
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(sentence) from None


def _datetime(value: Any, definition: CustomFieldDefinition) -> str:
    sentence = "Send a date and time with its offset, as in 2026-12-31T18:00:00Z."
    try:
        moment = value if isinstance(value, dt.datetime) else parse_datetime(_text(value, definition))
        if moment is None or moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ValueError(sentence) from None


def _choice(value: Any, definition: CustomFieldDefinition) -> str:
    if not isinstance(value, str) or value not in definition.choices:
        raise ValueError(f"Choose one of: {', '.join(definition.choices)}.")
    return value


def _choices(value: Any, definition: CustomFieldDefinition) -> list[str]:
    if not isinstance(value, (list, tuple)) or any(
        not isinstance(v, str) or v not in definition.choices for v in value
    ):
        raise ValueError(f"Send a list with some of: {', '.join(definition.choices)}.")
    return [choice for choice in definition.choices if choice in value]


def _url(value: Any, definition: CustomFieldDefinition) -> str:
    text = _text(value, definition).strip()
    try:
        _is_web_address(text)
    except ValidationError:
        raise ValueError("Send a web address that begins with http:// or https://.") from None
    return text


def _email(value: Any, definition: CustomFieldDefinition) -> str:
    text = _text(value, definition).strip()
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("Send an e-mail address as in ada@example.com.") from None
    return text


_NORMALISERS: dict[FieldType, Callable[[Any, CustomFieldDefinition], Any]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.INTEGER: _integer,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.URL: _url,
    FieldType.EMAIL: _email,
}
