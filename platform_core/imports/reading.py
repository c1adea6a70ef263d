"""Reading files: CDNOW's master file, CSV and JSON Lines, one record at a time, bad ones with the reason."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from platform_core.imports.custom_fields import CustomFields
from platform_core.imports.mapping import ImportMapping, ImportRefused
from platform_core.imports.rows import (
    BadRow,
    CustomerValues,
    InteractionValues,
    Occurrences,
    Row,
    RowParser,
    checked_amount,
    plausible,
)

CDNOW_HEADER = ["customer_id", "date", "number_of_cds", "dollar_value"]
_ID = re.compile(r"[0-9]{1,12}")
_COUNT = re.compile(r"-?[0-9]{1,9}")


@dataclass(slots=True)
class Refused:
    """A row that is not loaded."""

    line: int
    text: str
    reason: str


class Reader(Protocol):
    """Reads a file; ``source`` names where it comes from, ``digest`` tells ways of reading apart."""

    source: str
    digest: str

    def define(self, fields: CustomFields) -> None:
        """Take the tenant's custom fields, before the first row; raises ImportRefused."""

    def rows(self, path: Path) -> Iterator[Row | Refused]: ...


@dataclass(frozen=True)
class FileFacts:
    """A file's identity and size."""

    digest: str
    lines: int


def inspect_file(path: Path) -> FileFacts:
    """Hash and count lines in one pass; raises ImportRefused."""
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                lines += block.count(b"\n")
                last = block[-1:]
    except IsADirectoryError as error:
        raise ImportRefused(f"{path} is a folder: name a file.") from error
    except OSError as error:
        raise ImportRefused(f"The file {path} cannot be read ({error.strerror}): check its name.") from error
    return FileFacts(digest.hexdigest(), lines + (last != b"\n"))


def find_reader(path: Path, mapping: ImportMapping | None) -> Reader:
    """How a file is read: by its mapping, or as CDNOW's master file, which its header tells."""
    if mapping is not None:
        return MappedReader(mapping)
    with path.open("rb") as file:
        header = file.readline(4096).removeprefix(b"\xef\xbb\xbf").split()
    if header == [name.encode() for name in CDNOW_HEADER]:
        return CdnowReader()
    raise ImportRefused(
        f"{path.name} does not begin with the header of a known format: describe its columns in a mapping "
        "file and pass --mapping (docs/how-to/import-customers.md)."
    )


def decoded(raw: bytes) -> str:
    """A line as text without its end; raises BadRow."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRow("The line is not valid UTF-8.") from None
    if "\x00" in text:
        raise BadRow("The line contains a NUL byte.")
    return text.rstrip("\r\n")


def shown(raw: bytes) -> str:
    """A line for the report, whatever bytes it has; long ones are cut."""
    return raw[:2000].decode("utf-8", errors="backslashreplace").rstrip("\r\n")


class CdnowReader:
    """CDNOW's master file: customer id, date (YYYYMMDD), number of CDs, dollars; a row is a purchase."""

    source = "cdnow"
    digest = "cdnow-master-1"

    def __init__(self) -> None:
        self._occurrences = Occurrences()
        self._days: dict[str, str] = {}

    def define(self, fields: CustomFields) -> None:
        """The file has none."""

    def rows(self, path: Path) -> Iterator[Row | Refused]:
        with path.open("rb") as file:
            for line, raw in enumerate(file, 1):
                if line == 1 or not raw.strip():
                    continue
                try:
                    text = decoded(raw)
                    yield self._row(line, text)
                except BadRow as error:
                    yield Refused(line, shown(raw), str(error))

    def _row(self, line: int, text: str) -> Row:
        parts = text.split()
        if len(parts) != len(CDNOW_HEADER):
            raise BadRow(f"The line has {len(parts)} columns instead of {len(CDNOW_HEADER)}.")
        number, day, count, dollars = parts
        if not _ID.fullmatch(number):
            raise BadRow(f"The customer id {number[:40]!r} is not a number.")
        moment = self._days.get(day) or self._day(day)
        if not _COUNT.fullmatch(count) or int(count) < 1:
            raise BadRow(f"The number of CDs {count[:40]!r} is not a whole number of 1 or more.")
        amount = checked_amount(dollars)
        if amount.startswith("-"):
            raise BadRow(f"The amount {dollars[:40]!r} is negative.")
        number = number.zfill(5)
        key = f"{number}:{day}:{int(count)}:{amount}"
        return Row(
            line,
            text,
            CustomerValues(external_id=f"cdnow:{number}", name=f"CDNOW customer {number}"),
            InteractionValues(
                external_id=f"{key}:{self._occurrences.number(key)}",
                occurred_at=moment,
                type="purchase",
                channel="web",
                amount=amount,
                currency="USD",
                metadata=f'{{"number_of_cds": {int(count)}}}',
            ),
        )

    def _day(self, day: str) -> str:
        try:
            if not (len(day) == 8 and day.isascii() and day.isdigit()):
                raise ValueError
            moment = dt.datetime(int(day[:4]), int(day[4:6]), int(day[6:]), tzinfo=dt.UTC)
        except ValueError:
            raise BadRow(f"The date {day[:40]!r} is not a date written YYYYMMDD.") from None
        self._days[day] = plausible(moment, day).isoformat()
        return self._days[day]


class MappedReader:
    """CSV with a header, or JSON Lines, read as a mapping says."""

    def __init__(self, mapping: ImportMapping) -> None:
        self.source = mapping.source
        self.digest = mapping.digest
        self._mapping = mapping
        self._parser = RowParser(mapping)

    def define(self, fields: CustomFields) -> None:
        fields.check(self._mapping.custom_fields)
        self._parser.fields = fields

    def rows(self, path: Path) -> Iterator[Row | Refused]:
        read = self._csv if self._mapping.format == "csv" else self._jsonl
        for line, raw, record in read(path):
            try:
                yield self._parser.parse(line, shown(raw), record())
            except BadRow as error:
                yield Refused(line, shown(raw), str(error))

    def _jsonl(self, path: Path) -> Iterator[tuple[int, bytes, Callable[[], dict[str, Any]]]]:
        with path.open("rb") as file:
            for line, raw in enumerate(file, 1):
                if raw.strip():
                    yield line, raw, lambda raw=raw: _json_record(raw)  # type: ignore[misc]

    def _csv(self, path: Path) -> Iterator[tuple[int, bytes, Callable[[], dict[str, Any]]]]:
        with path.open("rb") as file:
            lines = _Lines(file)
            reader = csv.reader(lines, delimiter=self._mapping.delimiter, strict=True)
            header = self._header(reader, path)
            while True:
                lines.begin()
                first, reason, values = lines.number + 1, "", []
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    reason = f"The line is not valid CSV: {error}."
                    lines.keep_first()
                if values or reason:
                    raw = b"".join(lines.record)
                    yield first, raw, lambda v=values, r=reason: _csv_record(header, v, r)  # type: ignore[misc]

    def _header(self, reader: Any, path: Path) -> list[str]:
        try:
            header = [name.strip().removeprefix("\ufeff") for name in next(reader)]
        except (StopIteration, csv.Error):
            raise ImportRefused(f"{path.name} has no header line with the names of its columns.") from None
        missing = sorted(self._mapping.columns - set(header))
        if missing:
            raise ImportRefused(
                f"{path.name} has no column {', '.join(map(repr, missing))}: correct the mapping file."
            )
        return header


class _Lines:
    """The lines of a file as texts, remembering those of the present record."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._again: deque[bytes] = deque()
        self.record: list[bytes] = []
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._again.popleft() if self._again else next(self._file)
        self.record.append(raw)
        self.number += 1
        return raw.decode("utf-8", errors="surrogateescape")

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.record = []

    def keep_first(self) -> None:
        """A quote that nobody closed swallows lines: only the first is bad, the others are read again."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]


def _csv_record(header: list[str], values: list[str], reason: str) -> dict[str, Any]:
    if reason:
        raise BadRow(reason)
    if len(values) != len(header):
        raise BadRow(f"The line has {len(values)} columns instead of {len(header)}.")
    for value in values:
        if not value.isascii():
            _refuse_half_characters(value, "The line is not valid UTF-8.")
        if "\x00" in value:
            raise BadRow("The line contains a NUL byte.")
    return dict(zip(header, values, strict=True))


def _json_record(raw: bytes) -> dict[str, Any]:
    try:
        record = json.loads(decoded(raw), parse_constant=_no_constant)
    except BadRow:
        raise
    except (ValueError, RecursionError) as error:
        raise BadRow(f"The line is not valid JSON: {str(error)[:100]}.") from None
    if not isinstance(record, dict):
        raise BadRow("The line is not a JSON object.")
    for text in _texts(record):
        if "\x00" in text:
            raise BadRow("The line contains a NUL character.")
        if not text.isascii():
            _refuse_half_characters(text, "The line contains half a character (a lone surrogate).")
    return record


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _no_constant(name: str) -> Any:
    raise BadRow(f"{name} is not a number.")


def _refuse_half_characters(text: str, reason: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRow(reason) from None
