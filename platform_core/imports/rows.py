"""A row of a file, checked: what it says of a customer and of what they did, or why it is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
import zoneinfo
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.core.exceptions import ValidationError

from platform_core.choices import AccountTier
from platform_core.imports.custom_fields import CustomFields
from platform_core.imports.mapping import Columns, ImportMapping
from platform_core.models.customer import LANGUAGE, validate_timezone
from platform_core.models.interaction import CURRENCY, WORD
from platform_core.normalisation import clean_email, clean_phone, email_key
from shared.records.texts import tidy_line

_AMOUNT = re.compile(r"[+-]?[0-9]{1,14}(\.[0-9]{1,2})?")
_EARLIEST_YEAR = 1900


class BadRow(ValueError):  # it is what the report calls it
    """Why a row is not loaded, in one sentence."""


@dataclass(slots=True)
class CustomerValues:
    """What a row says of its customer; empty where it says nothing."""

    email: str = ""
    external_id: str = ""
    name: str = ""
    phone: str = ""
    company: str = ""
    account_tier: str = ""
    preferred_language: str = ""
    timezone: str = ""
    custom_fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class InteractionValues:
    """What a row says its customer did; ``external_id`` identifies it within its source."""

    external_id: str
    occurred_at: str
    """In ISO 8601, as PostgreSQL takes it: a text is cheaper to send than a datetime."""
    type: str
    channel: str = ""
    amount: str | None = None
    currency: str = ""
    metadata: str = "{}"


@dataclass(slots=True)
class Row:
    """A good row."""

    line: int
    text: str
    customer: CustomerValues
    interaction: InteractionValues | None = None


class Occurrences:
    """Tells apart rows that are equal in every column: two equal purchases on a day are two purchases.

    The first occurrence has number 1, and so on: the same in every run over the same rows, in any order.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def number(self, key: str) -> int:
        digest = blake2b(key.encode(), digest_size=12).digest()
        self._seen[digest] += 1
        return self._seen[digest]


def checked_amount(text: str) -> str:
    """An amount with at most two decimals; NaN and infinity are none. ``1.5`` → ``1.50``."""
    if not _AMOUNT.fullmatch(text):
        raise BadRow(f"The amount {text[:40]!r} is not a number with at most two decimals.")
    return f"{Decimal(text):.2f}"


def parse_moment(text: str, date_format: str, zone: dt.tzinfo) -> dt.datetime:
    """A date or time; without an offset of its own it is in ``zone``."""
    try:
        moment = dt.datetime.strptime(text, date_format) if date_format else dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise BadRow(f"The date {text[:40]!r} is not a date.") from None
    return plausible(moment, text)


def plausible(moment: dt.datetime, text: str) -> dt.datetime:
    """Refuse a time that cannot have been."""
    if moment.year < _EARLIEST_YEAR:
        raise BadRow(f"The date {text[:40]!r} lies before {_EARLIEST_YEAR}.")
    if moment > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
        raise BadRow(f"The date {text[:40]!r} lies in the future.")
    return moment


class RowParser:
    """Turns records (texts by column) into rows, as a mapping says."""

    def __init__(self, mapping: ImportMapping) -> None:
        self.mapping = mapping
        self.zone = zoneinfo.ZoneInfo(mapping.timezone)
        self.occurrences = Occurrences()
        self.fields = CustomFields()
        self._checks: dict[str, Callable[[str], str]] = {
            "email": clean_email,
            "phone": lambda value: clean_phone(value, mapping.region),
            "account_tier": _tier,
            "preferred_language": lambda value: _valid(LANGUAGE, value),
            "timezone": lambda value: _valid(validate_timezone, value),
        }

    def parse(self, line: int, text: str, record: Mapping[str, Any]) -> Row:
        """Raises BadRow with the reason."""
        customer = self._customer(record)
        interaction = None
        if self.mapping.interaction is not None:
            interaction = self._interaction(record, customer)
        return Row(line, text, customer, interaction)

    def _customer(self, record: Mapping[str, Any]) -> CustomerValues:
        values: dict[str, Any] = {}
        for name, columns in self.mapping.customer.items():
            value = _text(record, columns)
            check = self._checks.get(name)
            if value and check is not None:
                try:
                    value = check(value)
                except ValueError as error:
                    raise BadRow(str(error)) from None
            values[name] = value
        customer = CustomerValues(**values)
        if customer.external_id:
            customer.external_id = f"{self.mapping.source}:{customer.external_id}"
        if not customer.email and not customer.external_id:
            wanted = [n for name in ("email", "external_id") for n in self._names(name)]
            raise BadRow(f"The row names no customer: {' and '.join(wanted)} is empty.")
        for name, limit in (("name", 200), ("company", 200), ("external_id", 254)):
            if len(getattr(customer, name)) > limit:
                raise BadRow(f"The {name.replace('_', ' ')} is longer than {limit} characters.")
        if self.mapping.custom_fields:
            try:
                customer.custom_fields = self.fields.read(self.mapping.custom_fields, record, _text)
            except ValueError as error:
                raise BadRow(str(error)) from None
        return customer

    def _names(self, name: str) -> tuple[str, ...]:
        columns = self.mapping.customer.get(name)
        return columns.names if columns else ()

    def _interaction(self, record: Mapping[str, Any], customer: CustomerValues) -> InteractionValues:
        assert self.mapping.interaction is not None
        values = {name: _text(record, columns) for name, columns in self.mapping.interaction.items()}
        when = values["occurred_at"]
        if not when:
            raise BadRow("The row has no date.")
        moment = parse_moment(when, self.mapping.date_format, self.zone)
        amount = checked_amount(values["amount"]) if values.get("amount") else None
        currency = values.get("currency", "").upper() if amount is not None else ""
        if amount is not None:
            _valid(CURRENCY, currency)
        kind, channel = _word("type", values["type"]), _word("channel", values.get("channel", ""))
        metadata = {
            name: record[name] for name in self.mapping.metadata if record.get(name) not in (None, "")
        }
        plain = _json(metadata)
        external_id = values.get("external_id", "")
        if not external_id:
            key = "\x1f".join(
                (
                    customer.external_id or email_key(customer.email),
                    moment.isoformat(),
                    kind,
                    channel,
                    str(amount),
                    currency,
                    plain,
                )
            )
            digest = blake2b(key.encode(), digest_size=16).hexdigest()
            external_id = f"{digest}:{self.occurrences.number(key)}"
        if len(external_id) > 200:
            raise BadRow("The external id is longer than 200 characters.")
        return InteractionValues(external_id, moment.isoformat(), kind, channel, amount, currency, plain)


def _text(record: Mapping[str, Any], columns: Columns) -> str:
    if columns.constant:
        return columns.constant
    parts = []
    for name in columns.names:
        value = record.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise BadRow(f"{name} must be a text or a number.")
        parts.append(tidy_line(str(value)))
    return " ".join(part for part in parts if part)


def _word(name: str, value: str) -> str:
    word = value.lower().replace(" ", "_")
    if not word and name == "channel":
        return ""
    if len(word) > 32 or not re.match(WORD.regex, word):
        raise BadRow(f"The {name} {value[:40]!r} is not a word, as in purchase.")
    return word


def _tier(value: str) -> str:
    tier = value.lower()
    if tier not in AccountTier.values:
        raise ValueError(f"The account tier {value[:40]!r} is none of {', '.join(AccountTier.values)}.")
    return tier


def _valid(validator: Callable[[str], None], value: str) -> str:
    try:
        validator(value)
    except ValidationError as error:
        raise BadRow(f"{value[:40]!r}: {error.messages[0]}") from None
    return value


def _json(value: dict[str, Any]) -> str:
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False) if value else "{}"
    except ValueError:
        raise BadRow("A number is too large.") from None
