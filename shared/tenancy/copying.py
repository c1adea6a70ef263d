"""Copies of tenants, hostnames, API keys and people's profiles, from the platform's database to every other one.

A domain in a database of its own looks keys and hostnames up there, and its rows refer to the tenants and people there.
All of it is written at the platform; a run of ``sync_tenancy`` brings the others in step, set by set, and changes
nothing where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import DatabaseError, OperationalError, connections, models

from shared.domains.access import quoted
from shared.domains.registry import central_domain, serves
from shared.domains.router import alias_of, database_aliases, domains_in
from shared.session import operating
from shared.tenancy.choices import TenantStatus
from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile

_LOCK = 0x636F_7079  # any constant: one process at a time writes a database's copies
_REASON = "the platform's tenants, keys and people are copied to the other databases"


class TenancySyncError(RuntimeError):
    """Not every database is in step with the platform's; the message says which, and what to do."""


@dataclass(frozen=True)
class _Copied:
    """A table of the platform that others keep a copy of.

    ``kept``: columns that each database fills for itself, and what they begin with. ``unique``: a column whose values
    may change hands between rows. ``gone``: what becomes of a row that the platform has no more.
    """

    model: type[models.Model]
    gone: str
    kept: Mapping[str, str] = field(default_factory=dict)
    unique: str = ""

    @property
    def table(self) -> str:
        return quoted(self.model._meta.db_table)

    @property
    def columns(self) -> list[str]:
        kept = {*self.kept, "version", "updated_at"}  # the last two are the trigger's
        return [str(f.column) for f in self.model._meta.local_concrete_fields if f.column not in kept]


_HIDE = "UPDATE {table} t SET deleted_at = now() WHERE t.deleted_at IS NULL AND {gone}"  # the domain's rows refer to it
_COPIED = (
    _Copied(
        Tenant,
        gone=f"UPDATE {{table}} t SET status = '{TenantStatus.SUSPENDED}' "
        f"WHERE t.status <> '{TenantStatus.SUSPENDED}' AND {{gone}}",
        kept={"schema_version": "0"},  # of the schemas in that very database
        unique="slug",
    ),
    _Copied(TenantDomain, gone="DELETE FROM {table} t WHERE {gone}", unique="domain"),
    _Copied(ApiKey, gone="DELETE FROM {table} t WHERE {gone}"),
    _Copied(UserProfile, gone=_HIDE),
)


def sync_tenancy() -> dict[str, int]:
    """Bring every other database in step with the platform's, as the operator; returns the rows changed in each.

    A database that does not answer does not keep the others from their copies. Raises TenancySyncError afterwards.
    """
    changed: dict[str, int] = {}
    failed: list[str] = []
    for alias in other_databases():
        home = domains_in(alias)[0].name
        try:
            with operating(reason=_REASON, domain=home):
                changed[home] = _sync(alias)
        except OperationalError as error:
            connections[alias].close()
            reason = str(error).strip().splitlines()[0]
            failed.append(
                f"the database of {home} does not answer ({reason}): start it, then run sync_tenancy"
            )
        except (DatabaseError, TenancySyncError) as error:
            failed.append(f"the database of {home} stays as it was: {str(error).strip().splitlines()[0]}")
    if failed:
        raise TenancySyncError(f"Not every database is in step: {'; '.join(failed)}.")
    return changed


def sync_where_split(say: Callable[[str], None]) -> None:
    """What a command calls once it has committed; tells of a database that could not follow, and goes on."""
    try:
        sync_tenancy()
    except TenancySyncError as error:
        say(
            f"{error} What was asked for is done; the copies follow within a minute, or with manage.py sync_tenancy."
        )


def other_databases() -> list[str]:
    """The databases known to this process that keep copies."""
    central = central_domain()
    if not serves(central.name):
        return []
    return [alias for alias in database_aliases() if central not in domains_in(alias)]


def _sync(alias: str) -> int:
    """In a unit of the target's operator: what the platform has, and nothing else, in one transaction."""
    with connections[alias].cursor() as cursor:
        # Before reading, or an older reading could be written over a newer one.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        rows = _read_platform()
        cursor.execute(f"SELECT EXISTS (SELECT FROM {_COPIED[0].table})")
        if rows[0] == "[]" and cursor.fetchone()[0]:
            raise TenancySyncError(
                "the platform's database has no tenant at all: see whether its URL points to the right one."
            )
        changed = 0
        told = list(zip(_COPIED, rows, strict=True))
        for copied, json in reversed(told):
            cursor.execute(_end_gone(copied), [json])
            changed += cursor.rowcount
        for copied, json in told:
            if copied.unique:
                cursor.execute(_park_unique(copied), [json])
            cursor.execute(_upsert(copied), [json])
            changed += cursor.rowcount
        return changed


def _read_platform() -> list[str]:
    """The four tables as JSON, as of one moment."""
    tables = ", ".join(
        f"(SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]')::text FROM (SELECT {_names(c)} FROM {c.table}) r)"
        for c in _COPIED
    )
    with operating(reason=_REASON, domain=central_domain().name):
        with connections[alias_of(central_domain().name)].cursor() as cursor:
            cursor.execute(f"SELECT {tables}")
            return list(cursor.fetchone())


def _end_gone(copied: _Copied) -> str:
    gone = f"NOT EXISTS (SELECT FROM {_rows(copied)} s WHERE s.id = t.id)"
    return copied.gone.format(table=copied.table, gone=gone)


def _park_unique(copied: _Copied) -> str:
    """Free what has changed hands: PostgreSQL checks uniqueness row by row."""
    column = copied.unique
    return (
        f"UPDATE {copied.table} t SET {column} = t.id::text FROM {_rows(copied)} s "
        f"WHERE s.id = t.id AND s.{column} <> t.{column}"
    )


def _upsert(copied: _Copied) -> str:
    others = [name for name in copied.columns if name != "id"]
    return (
        f"INSERT INTO {copied.table} AS t ({', '.join((*copied.columns, *copied.kept))}) "
        f"SELECT {', '.join((*copied.columns, *copied.kept.values()))} FROM {_rows(copied)} s "
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = EXCLUDED.{name}' for name in others)} "
        f"WHERE ({', '.join(f't.{name}' for name in others)}) IS DISTINCT FROM "
        f"({', '.join(f'EXCLUDED.{name}' for name in others)})"
    )


def _rows(copied: _Copied) -> str:
    return f"jsonb_populate_recordset(NULL::{copied.table}, %s::jsonb)"


def _names(copied: _Copied) -> str:
    return ", ".join(copied.columns)
