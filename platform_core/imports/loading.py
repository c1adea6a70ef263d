"""Writing a batch: a handful of set-based statements, whatever its size.

Domain roles may not COPY into tables under row-level security, so rows travel as arrays and are inserted by
``INSERT … SELECT FROM unnest(…)``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from uuid_utils import uuid7

from platform_core.choices import AccountTier
from platform_core.imports.custom_fields import CustomFields
from platform_core.imports.reading import Refused
from platform_core.imports.resolving import FILLED, Batch, Known, emails_of, external_ids_of, resolve
from platform_core.imports.rows import Row
from platform_core.normalisation import email_key

_IMPORT_LOCK = 0x696D_7074  # any constant: two imports of a tenant go one after the other


@dataclass
class Loaded:
    """What a batch, or all of them, came to."""

    rows: int = 0
    customers: int = 0
    interactions: int = 0
    known_interactions: int = 0

    def add(self, other: Loaded) -> None:
        self.rows += other.rows
        self.customers += other.customers
        self.interactions += other.interactions
        self.known_interactions += other.known_interactions


@cache
def statement(name: str) -> str:
    """The statement in platform_core/sql/<name>.sql."""
    return (Path(__file__).parents[1] / "sql" / f"{name}.sql").read_text()


def array_literal(values: Sequence[object]) -> str:
    """A PostgreSQL array as one text: ten times cheaper than a list of as many values to the driver."""
    texts = (
        "NULL" if v is None else '"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values
    )
    return "{" + ",".join(texts) + "}"


def json_text(values: dict[str, Any]) -> str:
    """A JSON object as a text."""
    return json.dumps(values, ensure_ascii=False) if values else "{}"


class Loader:
    """Loads batches for one tenant and source through a cursor inside a unit of work; ``record`` is the import's own."""

    def __init__(
        self,
        cursor: Any,
        *,
        organization: uuid.UUID,
        source: str,
        fields: CustomFields,
        record: uuid.UUID | None = None,
    ) -> None:
        self._cursor = cursor
        self._record_id = record
        self._fields = fields
        self._organization = organization
        self._source = source

    def load(self, rows: list[Row]) -> tuple[Loaded, list[Refused]]:
        """Write what is new. An IntegrityError means that somebody created one of these customers at the same moment:
        roll back and load the batch again."""
        self._cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_IMPORT_LOCK, str(self._organization)]
        )
        batch = self.resolved(rows, Known())
        companies = self._companies(batch)
        loaded = Loaded(rows=len(batch.rows), customers=len(batch.new))
        self._create_customers(batch, companies)
        self._fill_gaps(batch, companies)
        if batch.identifiers:
            self._execute(
                "import_identifiers",
                source=self._source,
                kinds=[i.kind for i in batch.identifiers],
                ids=[str(uuid7()) for _ in batch.identifiers],
                customers=[i.customer.hex for i in batch.identifiers],
                values=[i.value for i in batch.identifiers],
                keys=[i.key for i in batch.identifiers],
            )
        if batch.claims:
            self._execute(
                "claim_values",
                definitions=[definition.hex for definition, _, _ in batch.claims],
                values=[value for _, value, _ in batch.claims],
                customers=[customer.hex for _, _, customer in batch.claims],
            )
        happened = [(row, customer) for row, customer in batch.rows if row.interaction is not None]
        if happened:
            loaded.interactions = self._record(happened)
            loaded.known_interactions = len(happened) - loaded.interactions
        return loaded, batch.refused

    def resolved(self, rows: list[Row], known: Known) -> Batch:
        """The rows with their customers; ``known`` learns what the database and the rows say.

        Looked up by lists of keys, not by joins: on a table that was never analysed a join may become a loop over
        all customers for each row.
        """
        emails, external_ids = emails_of(rows), external_ids_of(rows)
        if emails:
            self._cursor.execute(
                "SELECT email, lower(btrim(email)) FROM unnest(%s::text[]) AS v (email)", [emails]
            )
            keys = {norm: email_key(email) for email, norm in self._cursor.fetchall()}
            self._execute("find_customers_by_email", emails=list(keys))
            known.by_email.update((keys[norm], customer) for norm, customer in self._cursor.fetchall())
        if external_ids:
            self._execute("find_customers_by_external_id", values=external_ids)
            known.by_external_id.update(self._cursor.fetchall())
        found = {known.by_email[key] for key in map(email_key, emails) if key in known.by_email}
        found |= {known.by_external_id[i] for i in external_ids if i in known.by_external_id}
        if found:
            self._execute("find_customers_to_fill", ids=list(found))
            for customer, custom_fields, *values in self._cursor.fetchall():
                known.custom_fields[customer] = set(custom_fields)
                known.emails[customer] = email_key(values[0])
                known.gaps[customer] = {name for name, value in zip(FILLED, values, strict=True) if not value}
        self._find_owners(rows, known)
        return resolve(rows, known, self._fields)

    def _find_owners(self, rows: list[Row], known: Known) -> None:
        claims = [
            c
            for row in rows
            if row.customer.custom_fields
            for c in self._fields.claims(row.customer.custom_fields)
        ]
        if claims:
            self._execute(
                "find_owners_of_values",
                definitions=[definition.hex for definition, _ in claims],
                values=[value for _, value in claims],
            )
            for definition, value, customer in self._cursor.fetchall():
                known.owners.setdefault((definition, value), customer)

    def count_known(self, rows: list[Row]) -> int:
        """How many of the rows' interactions are recorded already (for a dry run)."""
        happened = [row.interaction for row in rows if row.interaction is not None]
        if not happened:
            return 0
        self._cursor.execute(
            "SELECT count(*) FROM platform.customer_interactions i "
            "JOIN unnest(%s::text[], %s::timestamptz[]) AS v (external_id, occurred_at) "
            "ON i.external_id = v.external_id AND i.occurred_at = v.occurred_at "
            "WHERE i.organization_id = %s AND i.source = %s",
            [
                [h.external_id for h in happened],
                [h.occurred_at for h in happened],
                self._organization,
                self._source,
            ],
        )
        return int(self._cursor.fetchone()[0])

    def _execute(self, name: str, *, source: str = "", **columns: Sequence[object]) -> int:
        """Run the statement with each column as an array; returns how many rows it touched."""
        arrays = {name: array_literal(values) for name, values in columns.items()}
        self._cursor.execute(
            statement(name),
            {
                "organization": self._organization,
                "source": source,
                "import_batch": self._record_id,
                **arrays,
            },
        )
        return int(self._cursor.rowcount)

    def _companies(self, batch: Batch) -> dict[str, uuid.UUID]:
        """Companies by name as given; those that are missing are created."""
        names = {v.company for v in (*batch.new.values(), *batch.present.values()) if v.company}
        if not names:
            return {}
        wanted = sorted(names)
        self._execute("import_companies", ids=[str(uuid7()) for _ in wanted], names=wanted)
        self._cursor.execute(
            "WITH wanted AS MATERIALIZED "
            "(SELECT v.name, lower(btrim(v.name)) AS norm FROM unnest(%s::text[]) AS v (name)) "
            "SELECT w.name, c.id FROM wanted w JOIN platform.companies c "
            "ON c.organization_id = %s AND c.name_norm = w.norm AND c.deleted_at IS NULL",
            [wanted, self._organization],
        )
        return dict(self._cursor.fetchall())

    def _create_customers(self, batch: Batch, companies: dict[str, uuid.UUID]) -> None:
        if batch.new:
            values, defaults = list(batch.new.values()), self._fields.defaults
            self._execute(
                "import_customers",
                ids=list(batch.new),
                emails=[v.email for v in values],
                names=[v.name for v in values],
                phones=[v.phone for v in values],
                companies=[companies.get(v.company) for v in values],
                tiers=[v.account_tier or AccountTier.STANDARD.value for v in values],
                languages=[v.preferred_language for v in values],
                timezones=[v.timezone for v in values],
                custom_fields=[json_text({**defaults, **v.custom_fields}) for v in values],
            )

    def _fill_gaps(self, batch: Batch, companies: dict[str, uuid.UUID]) -> None:
        if batch.present:
            values = list(batch.present.values())
            self._cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")  # as in resolved()
            self._execute(
                "import_customer_gaps",
                ids=list(batch.present),
                emails=[v.email for v in values],
                names=[v.name for v in values],
                phones=[v.phone for v in values],
                companies=[companies.get(v.company) for v in values],
                languages=[v.preferred_language for v in values],
                timezones=[v.timezone for v in values],
                custom_fields=[json_text(v.custom_fields) for v in values],
            )
            self._cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")

    def _record(self, happened: list[tuple[Row, uuid.UUID]]) -> int:
        interactions = [row.interaction for row, _ in happened if row.interaction is not None]
        return self._execute(
            "import_interactions",
            source=self._source,
            ids=[str(uuid7()) for _ in happened],
            customers=[customer.hex for _, customer in happened],
            times=[i.occurred_at for i in interactions],
            types=[i.type for i in interactions],
            channels=[i.channel for i in interactions],
            amounts=[i.amount for i in interactions],
            currencies=[i.currency for i in interactions],
            external_ids=[i.external_id for i in interactions],
            metadata=[i.metadata for i in interactions],
        )
