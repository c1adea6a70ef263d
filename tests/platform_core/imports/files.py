"""Files to import, and runs of the import in tests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.db import connection

from platform_core.imports.mapping import parse_mapping
from platform_core.imports.reading import find_reader, inspect_file
from platform_core.imports.report import Report
from platform_core.imports.running import CustomerImport, Summary
from shared.session import acting
from shared.tenancy.models import Tenant

HEADER = " customer_id  date number_of_cds  dollar_value\r\n"
TABLES = (
    "customers",
    "companies",
    "customer_identifiers",
    "customer_interactions",
    "customer_profiles",
    "import_batches",
    "dim_archetype_l1",
    "dim_archetype_l2",
    "dim_archetype_l3",
    "archetype_definitions",
)


def cdnow(path: Path, *lines: str | bytes) -> Path:
    """A file in the form of CDNOW's master file."""
    raw = [line if isinstance(line, bytes) else f"{line}\r\n".encode() for line in lines]
    path.write_bytes(HEADER.encode() + b"".join(raw))
    return path


def run(
    path: Path, tenant: Tenant, *, mapping: dict[str, object] | None = None, **options: object
) -> Summary:
    """Import a file for the tenant."""
    parsed = parse_mapping(mapping, data_path=path) if mapping else None
    report_path = path.with_suffix(".errors.jsonl")
    report_path.unlink(missing_ok=True)
    with Report(report_path) as report:
        job = CustomerImport(
            path,
            inspect_file(path),
            find_reader(path, parsed),
            organization=tenant.id,
            report=report,
            **{"batch_size": 100, **options},  # type: ignore[arg-type]
        )
        return job.run()


def fingerprint(tenant: Tenant) -> dict[str, tuple[int, str]]:
    """Rows of every table that an import may touch, all columns (version and updated_at too): count and hash."""
    found = {}
    with acting(domain="platform", organization=tenant.id), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM platform.{table} t ORDER BY 1")
            rows = [row for (row,) in cursor.fetchall()]
            found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def counts(tenant: Tenant) -> tuple[int, int]:
    """Customers and interactions."""
    found = fingerprint(tenant)
    return found["customers"][0], found["customer_interactions"][0]
