"""Which column of a file means what."""

from __future__ import annotations

import hashlib
import json
import tomllib
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CUSTOMER_FIELDS = (
    "email",
    "external_id",
    "name",
    "phone",
    "company",
    "account_tier",
    "preferred_language",
    "timezone",
)
INTERACTION_FIELDS = ("occurred_at", "type", "amount", "currency", "channel", "external_id")
_TOP_LEVEL = ("source", "format", "delimiter", "date_format", "timezone", "region", "customer", "interaction")
_FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class ImportRefused(Exception):  # as the errors of the services
    """The import cannot begin; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Columns:
    """Where a value comes from: one or more columns, joined by a blank, or the same text for every row."""

    names: tuple[str, ...] = ()
    constant: str = ""


@dataclass(frozen=True)
class ImportMapping:
    """How rows of a file become customers and interactions."""

    source: str
    format: str
    customer: Mapping[str, Columns]
    interaction: Mapping[str, Columns] | None = None
    metadata: tuple[str, ...] = ()
    custom_fields: Mapping[str, Columns] = field(default_factory=dict)
    delimiter: str = ","
    date_format: str = ""
    timezone: str = "UTC"
    region: str | None = None
    digest: str = field(default="", compare=False)

    @property
    def columns(self) -> set[str]:
        """All columns that the file must have."""
        named = [
            *self.customer.values(),
            *self.custom_fields.values(),
            *(self.interaction or {}).values(),
        ]
        return {name for columns in named for name in columns.names} | set(self.metadata)


def read_mapping(path: Path, data_path: Path) -> ImportMapping:
    """Read a mapping file (JSON or TOML) for a data file; raises ImportRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"The mapping file {path} cannot be read: check its name.") from error
    try:
        raw = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:  # JSONDecodeError and TOMLDecodeError are such
        raise ImportRefused(f"The mapping file {path} is not valid: {error}.") from error
    if not isinstance(raw, dict):
        raise ImportRefused(f"The mapping file {path} must hold one object with customer and interaction.")
    return parse_mapping(raw, data_path=data_path)


def parse_mapping(raw: Mapping[str, Any], *, data_path: Path) -> ImportMapping:
    """Check a mapping; raises ImportRefused with one sentence that names what is wrong."""
    _refuse_unknown("mapping", raw, _TOP_LEVEL)
    for name in _TOP_LEVEL[:6]:
        if name in raw and not isinstance(raw[name], str):
            raise ImportRefused(f"In the mapping, {name} must be a text.")
    source = raw.get("source", "")
    if not source or len(source) > 64:
        raise ImportRefused(
            "The mapping needs source, a short name of where the file comes from, as in shop."
        )
    file_format = raw.get("format") or _FORMATS.get(data_path.suffix.lower(), "")
    if file_format not in ("csv", "jsonl"):
        raise ImportRefused("The mapping needs format: csv or jsonl.")
    customer = _section("customer", raw, CUSTOMER_FIELDS, beside=("custom_fields",))
    if not customer or not ("email" in customer or "external_id" in customer):
        raise ImportRefused(
            "The mapping's customer needs email or external_id, by which a customer is known."
        )
    custom_fields = raw["customer"].get("custom_fields", {})
    if not isinstance(custom_fields, dict):
        raise ImportRefused(
            "In the mapping, customer.custom_fields must be a table of keys and their columns."
        )
    interaction: dict[str, Columns] | None = None
    metadata: tuple[str, ...] = ()
    if "interaction" in raw:
        interaction, metadata = _interaction(raw)
    delimiter = raw.get("delimiter") or ("\t" if data_path.suffix.lower() == ".tsv" else ",")
    if len(delimiter) != 1:
        raise ImportRefused("The mapping's delimiter must be one character.")
    timezone = raw.get("timezone", "UTC")
    if timezone not in zoneinfo.available_timezones():
        raise ImportRefused(f"The mapping's timezone {timezone!r} is unknown: write it as in Europe/Berlin.")
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()
    return ImportMapping(
        source=source,
        format=file_format,
        customer=customer,
        interaction=interaction,
        metadata=metadata,
        custom_fields=dict(_columns("customer.custom_fields", custom_fields, tuple(custom_fields))),
        delimiter=delimiter,
        date_format=raw.get("date_format", ""),
        timezone=timezone,
        region=raw.get("region", "").upper() or None,
        digest=digest,
    )


def _interaction(raw: Mapping[str, Any]) -> tuple[dict[str, Columns], tuple[str, ...]]:
    section = raw["interaction"]
    metadata = section.get("metadata", []) if isinstance(section, dict) else []
    if not isinstance(metadata, list) or not all(isinstance(name, str) for name in metadata):
        raise ImportRefused("In the mapping, interaction.metadata must be a list of columns.")
    interaction = _section("interaction", raw, INTERACTION_FIELDS, beside=("metadata",))
    for name in ("occurred_at", "type"):
        if name not in interaction:
            raise ImportRefused(f"The mapping's interaction needs {name}.")
    if "amount" in interaction and "currency" not in interaction:
        raise ImportRefused('The mapping\'s amount needs a currency, as in currency = {value = "EUR"}.')
    return interaction, tuple(metadata)


def _section(
    name: str, raw: Mapping[str, Any], known: tuple[str, ...], beside: tuple[str, ...] = ()
) -> dict[str, Columns]:
    section = raw.get(name, {})
    if not isinstance(section, dict):
        raise ImportRefused(f"In the mapping, {name} must be a table of fields and their columns.")
    _refuse_unknown(name, section, (*known, *beside))
    return dict(_columns(name, section, known))


def _columns(name: str, section: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[tuple[str, Columns]]:
    for key in known:
        match section.get(key):
            case None:
                continue
            case str(column) if column:
                yield key, Columns(names=(column,))
            case list(columns) if columns and all(isinstance(c, str) and c for c in columns):
                yield key, Columns(names=tuple(columns))
            case {"value": str(constant)} if constant and len(section[key]) == 1:
                yield key, Columns(constant=constant)
            case _:
                raise ImportRefused(
                    f'In the mapping, {name}.{key} must be a column, a list of columns or {{value = "…"}}.'
                )


def _refuse_unknown(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            raise ImportRefused(f"The {where} does not know {key!r}: use {', '.join(known)}.")
