"""What is applied and what is pending, for each domain that the process serves."""

from __future__ import annotations

from typing import Any

from django.db import Error as DatabaseError
from django.db import connections

from shared.domains.ledger import Rows, read_ledgers
from shared.domains.recorder import KIT, labels_of, migrations_on_disk
from shared.domains.registry import SHARED_SCHEMA, served_domains
from shared.domains.router import alias_of, database_aliases
from shared.session import looking_up


def report_migrations() -> tuple[bool, dict[str, Any]]:
    """Whether nothing is pending, and the domains by name; the kit's own tables are in every database."""
    found: dict[str, dict[str, Any]] = {}
    silent = []
    asked = [(KIT if a == "default" else f"{KIT}@{a}", KIT, a, SHARED_SCHEMA) for a in database_aliases()]
    # Each by its own connection: a login of one app reads no other app's ledger. (Libraries' is the kit's.)
    asked += [(d.name, d.name, alias_of(d.name), d.schema) for d in served_domains()]
    for label, name, alias, schema in asked:
        try:
            with looking_up(), connections[alias].cursor() as cursor:
                found[label] = _of(name, read_ledgers(cursor, {SHARED_SCHEMA, schema}))
        except DatabaseError:
            connections[alias].close()
            silent.append(f"database {alias!r} does not answer")
    ready = not silent and not any(told["pending"] for told in found.values())
    status = "unavailable" if silent else "ok" if ready else "pending"
    return ready, {"status": status, "domains": found, **({"errors": sorted(set(silent))} if silent else {})}


def _of(name: str, rows: Rows) -> dict[str, Any]:
    labels = labels_of(name)
    applied = [key for key in rows if key[0] in labels]  # the ledger's order: newest last
    pending = [
        f"{label}.{migration}"
        for label in labels
        for migration in migrations_on_disk(label)
        if (label, migration) not in rows
    ]
    return {"applied": len(applied), "newest": ".".join(applied[-1]) if applied else None, "pending": pending}
