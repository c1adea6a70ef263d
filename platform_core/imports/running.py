"""An import from beginning to end: batches, each its own transaction; progress that survives a kill."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connections
from django.db.models import F
from django.utils import timezone

from platform_core.choices import ImportStatus
from platform_core.imports.custom_fields import CustomFields
from platform_core.imports.loading import Loaded, Loader
from platform_core.imports.reading import FileFacts, Reader, Refused
from platform_core.imports.report import Report
from platform_core.imports.resolving import Known
from platform_core.imports.rows import Row
from platform_core.models import ImportBatch
from platform_core.models.import_batch import request_id_of_import
from platform_core.services.profile import refresh_profiles
from shared.session import Actor, Facts, acting

T = TypeVar("T")

ATTEMPTS = 5
FIRST = 1000
"""Rows of the first batch at most: PostgreSQL plans the others by what it has learned of these."""
_REPEATABLE = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next of which is made in a thread while the present one is in use: the file is read and
    checked while the database works."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item


@dataclass
class Summary:
    """What an import came to."""

    loaded: Loaded = field(default_factory=Loaded)
    bad_rows: int = 0
    profiles: int = 0
    seconds_loading: float = 0.0
    seconds_profiling: float = 0.0
    resumed_at: int = 0

    @property
    def rows_read(self) -> int:
        """Loaded and bad ones. After --resume, bad rows of the part before are among them, since it is read again."""
        return self.loaded.rows + self.bad_rows

    @property
    def rows_per_second(self) -> float:
        return self.rows_read / self.seconds_loading if self.seconds_loading else 0.0


class CustomerImport:
    """One file into one tenant. ``on_progress`` is called with the line that has been reached."""

    def __init__(
        self,
        path: Path,
        facts: FileFacts,
        reader: Reader,
        *,
        organization: uuid.UUID,
        report: Report,
        batch_size: int,
        dry_run: bool = False,
        resume: bool = False,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._facts = facts
        self._reader = reader
        self._organization = organization
        self._report = report
        self._batch_size = batch_size
        self._dry_run = dry_run
        self._resume = resume
        self._on_progress = on_progress
        self._known = Known()
        self._fields = CustomFields()
        self.unfinished_at = 0
        """The line at which an earlier, unfinished import of this file stopped."""

    def run(self) -> Summary:
        """Load the file; a batch that is committed stays, whatever happens later."""
        started = time.monotonic()
        summary = Summary()
        with self._unit():
            self._fields = CustomFields.find()
        self._reader.define(self._fields)
        record = None if self._dry_run else self._find_or_begin()
        if record is not None and self._resume:
            summary.resumed_at = self._facts.lines if record.finished_at else record.position
        self._load(record, summary)
        summary.bad_rows = self._report.count
        summary.seconds_loading = time.monotonic() - started
        if record is not None:
            started = time.monotonic()
            self._finish(record, summary)
            summary.seconds_profiling = time.monotonic() - started
        return summary

    def _load(self, record: ImportBatch | None, summary: Summary) -> None:
        for rows, refused, line in read_ahead(self._batches(summary.resumed_at)):
            if rows:
                loaded, in_conflict = self._try_batch(rows, line, record)
                summary.loaded.add(loaded)
                refused.extend(in_conflict)
                if loaded.customers and record is not None:
                    self._have_grown_tables_analysed()
            for row in refused:
                self._report.add(row)
            self._on_progress(line)

    def _batches(self, after: int) -> Iterator[tuple[list[Row], list[Refused], int]]:
        """Good rows that follow line ``after``, in batches, with the bad ones and the last line of each.

        What comes before is read too, for its bad rows and to tell equal rows apart as the first run did.
        """
        found = self._reader.rows(self._path)
        line = 0
        size = min(FIRST, self._batch_size)
        while part := list(islice(found, size)):
            size = self._batch_size
            rows, refused = [], []
            for row in part:
                line = row.line
                if isinstance(row, Refused):
                    refused.append(row)
                elif line > after:
                    rows.append(row)
            yield rows, refused, line

    def _try_batch(
        self, rows: list[Row], line: int, record: ImportBatch | None
    ) -> tuple[Loaded, list[Refused]]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._look_up(rows) if record is None else self._load_batch(rows, line, record)
            except (IntegrityError, OperationalError) as error:
                state = getattr(error.__cause__, "sqlstate", None)
                if attempt == ATTEMPTS or (isinstance(error, OperationalError) and state not in _REPEATABLE):
                    raise
                time.sleep(0.05 * attempt)
        raise AssertionError("unreachable")

    def _load_batch(self, rows: list[Row], line: int, record: ImportBatch) -> tuple[Loaded, list[Refused]]:
        with self._unit() as facts:
            self._fields.check_unchanged(CustomFields.find())
            with connections[facts.alias].cursor() as cursor:
                # A crash of the server may take the last batches, but their position with them.
                cursor.execute("SET LOCAL synchronous_commit = off")
                loader = self._loader(cursor, record.pk)
                loaded, refused = loader.load(rows)
            if record.finished_at is None:  # the progress of a finished import stays as it is
                ImportBatch.objects.filter(pk=record.pk).update(
                    position=line,
                    customers_created=F("customers_created") + loaded.customers,
                    interactions_created=F("interactions_created") + loaded.interactions,
                )
        return loaded, refused

    def _have_grown_tables_analysed(self) -> None:
        """For what comes: nearly nothing where PostgreSQL knows the tables (decision 0038)."""
        with self._unit() as facts, connections[facts.alias].cursor() as cursor:
            cursor.execute("SELECT platform.analyze_grown_tables()")

    def _loader(self, cursor: Any, record: uuid.UUID | None = None) -> Loader:
        return Loader(
            cursor,
            organization=self._organization,
            source=self._reader.source,
            fields=self._fields,
            record=record,
        )

    def _look_up(self, rows: list[Row]) -> tuple[Loaded, list[Refused]]:
        """What loading the rows would do."""
        with self._unit() as facts, connections[facts.alias].cursor() as cursor:
            loader = self._loader(cursor)
            batch = loader.resolved(rows, self._known)
            kept = [row for row, _ in batch.rows]
            recorded = loader.count_known(kept)
        happened = sum(row.interaction is not None for row in kept)
        return Loaded(len(kept), len(batch.new), happened - recorded, recorded), batch.refused

    def _find_or_begin(self) -> ImportBatch:
        with self._unit():
            keys = {"file_hash": self._facts.digest, "mapping_hash": self._reader.digest}
            record: ImportBatch
            record, created = ImportBatch.objects.get_or_create(
                **keys, defaults={"file_name": self._path.name[:255]}
            )
            if record.undone_at is not None:  # taken back, and now wanted again
                record.undone_at = record.interactions_removed = None
                record.save(update_fields=["undone_at", "interactions_removed"])
        if not created and record.finished_at is None:
            self.unfinished_at = record.position
        return record

    def _finish(self, record: ImportBatch, summary: Summary) -> None:
        with self._unit():
            summary.profiles = refresh_profiles()
            if record.finished_at is None:
                ImportBatch.objects.filter(pk=record.pk).update(
                    status=ImportStatus.FINISHED,
                    finished_at=timezone.now(),
                    position=self._facts.lines,
                    bad_rows=summary.bad_rows,
                )

    def _unit(self) -> AbstractContextManager[Facts]:
        return acting(
            domain="platform",
            organization=self._organization,
            actor=Actor(kind="system", name="import_customers"),
            request_id=request_id_of_import(self._facts.digest, self._reader.digest),
            reason=f"import of {self._path.name}",
        )
