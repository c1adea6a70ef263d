"""Tables of libraries that every domain reads, against the migrations that open them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.domains.check.catalog import Catalog
from shared.domains.check.functions import operations_on_disk
from shared.domains.operations import OpenToAllDomains
from shared.domains.registry import Domain


def open_tables() -> list[str]:
    """Tables in ``public`` that a migration opens to every domain."""
    return sorted({table for operation in operations_on_disk(OpenToAllDomains) for table in operation.tables})


def compare_libraries(catalog: Catalog, living: Sequence[Domain]) -> Iterator[str]:
    """Every domain may read them."""
    for name in open_tables():
        table = catalog.tables.get(f"public.{name}")
        if table is None:
            continue
        for domain in living:
            if "SELECT" not in table.grants.get(domain.role, set()):
                yield f"{table.qualified}: {domain.role} may not read it; run manage.py migrate_domains."
