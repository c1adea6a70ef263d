"""The migration ledgers: one in each schema, written by the owner alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.domains.check.catalog import Catalog
from shared.domains.ledger import LEDGER, ledger_readers
from shared.domains.registry import OWNER_ROLE, Domain


def compare_ledgers(catalog: Catalog, schemas: list[str], living: Sequence[Domain]) -> Iterator[str]:
    """Each schema has its ledger, whose rows nobody but the owner writes; that of an earlier state is gone."""
    if f"public.{LEDGER}" in catalog.tables:
        yield f"public.{LEDGER}: the one ledger of an earlier state; run manage.py migrate_domains to carry it over."
    for schema in schemas:
        table = catalog.tables.get(f"{schema}.{LEDGER}")
        if table is None:
            yield f"{schema}.{LEDGER}: the migration ledger is missing; run manage.py migrate_domains."
            continue
        if table.owner != OWNER_ROLE:
            yield f"{table.qualified}: belongs to {table.owner}, not to {OWNER_ROLE}."
        readers = ledger_readers(schema, living)
        for role in sorted(readers | table.grants.keys()):
            have, need = table.grants.get(role, set()), {"SELECT"} if role in readers else set()
            if have - need:
                yield f"{table.qualified}: {role} has {', '.join(sorted(have - need))}, which nobody declared."
            if need - have:
                yield f"{table.qualified}: {role} lacks SELECT; run manage.py prepare_database."
