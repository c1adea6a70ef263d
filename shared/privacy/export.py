"""Exports: a JSON Lines file per table, and a manifest that says what there is and proves that it is whole."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import models

from shared.domains.access import access_of
from shared.domains.check.compare import declared_models
from shared.domains.registry import SHARED_SCHEMA, central_domain
from shared.domains.router import database_aliases, domains_in, lives_in
from shared.events.models import InboxEvent, OutboxEvent
from shared.privacy.people import Link, Person, condition, held_tables, search
from shared.privacy.snapshot import Snapshot, snapshot
from shared.records.activity.models import ActivityEvent
from shared.records.versions.upkeep import remembers
from shared.tenancy.models import Tenant

FORMAT = 1
MANIFEST = "manifest.json"


class ExportRefusedError(RuntimeError):
    """Nothing was exported, or the export is not whole; the message says what to do."""


@dataclass(frozen=True)
class ExportedTable:
    """A file of the export. ``sha256`` is of its bytes."""

    table: str
    file: str
    rows: int
    sha256: str
    columns: list[str]


def export_tenant(tenant: Tenant, folder: Path) -> list[ExportedTable]:
    """Write everything that the installation holds of a tenant, as of one moment in each of its databases.

    Secrets stay. Raises ExportRefusedError for a folder that is not empty.
    """
    return _export(tenant, folder, {"of": "tenant"}, _everything)


def export_person(tenant: Tenant, person: Person, folder: Path) -> list[ExportedTable]:
    """As export_tenant, what is held of one customer: their rows, the versions that tell of them, and entries of the
    activity log on these rows."""
    about = {"of": "person", "ids": sorted(map(str, person.ids)), "emails": sorted(person.emails)}
    return _export(tenant, folder, about, lambda view: _of_person(view, person))


def find_person(tenant: Tenant, said: str) -> Person:
    """The customer of an id or an e-mail, with all e-mails and ids that they are known by.

    An e-mail that no customer has stands for itself: a ticket may name it. Raises ExportRefusedError where several
    customers have the e-mail, or none the id.
    """
    identifier = _as_uuid(said)
    emails = frozenset() if identifier else frozenset({said.strip().lower()})
    person = Person(tenant.pk, frozenset({identifier} if identifier else ()), emails)
    ids: set[uuid.UUID] = set()
    addresses = set(emails)
    for alias in database_aliases():
        with snapshot(alias, tenant.pk) as view:
            for model in _living(held_tables(), alias):
                golden = [
                    k
                    for k in held_tables()[model]
                    if k.kind == "golden" and k.column in ("id", "customer_id")
                ]
                mail = [k for k in held_tables()[model] if k.kind == "email"]
                if golden and mail and view.columns(model):
                    ids |= _golden_ids(view, model, [*golden, *mail], person, golden[0].column)
                    addresses |= _addresses(view, model, golden, ids, mail[0].column)
    if identifier and identifier not in ids:
        raise ExportRefusedError(f"{tenant.name} has no customer {identifier}: check the identifier.")
    if not identifier and len(ids) > 1:
        raise ExportRefusedError(
            f"Several customers have the e-mail {said}: give the id of one, {' or '.join(sorted(map(str, ids)))}."
        )
    return Person(tenant.pk, frozenset(ids), frozenset(addresses))


def verify_export(folder: Path) -> int:
    """Check an export against its manifest; returns the number of rows. Raises ExportRefusedError, naming each file that
    is missing, altered or not listed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        tables = [ExportedTable(**table) for table in manifest["tables"]]
    except FileNotFoundError:
        raise ExportRefusedError(
            f"{folder} has no {MANIFEST}: the export was cut off, or this is not one. Export again."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ExportRefusedError(f"{folder / MANIFEST} cannot be read ({error}): export again.") from error
    wrong = [f"{t.file} {fault}" for t in tables if (fault := _fault(folder / t.file, t))]
    listed = {table.file for table in tables} | {MANIFEST}
    wrong += [f"{p.name} is not in the manifest" for p in sorted(folder.iterdir()) if p.name not in listed]
    if wrong:
        raise ExportRefusedError(f"The export is not as it was made: {'; '.join(wrong)}. Export again.")
    return sum(table.rows for table in tables)


def _export(tenant: Tenant, folder: Path, about: dict[str, Any], choose: Any) -> list[ExportedTable]:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportRefusedError(f"{folder} is not an empty folder: give --to one that is, or a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    tables: list[ExportedTable] = []
    databases = []
    for alias in database_aliases():
        with snapshot(alias, tenant.pk) as view:
            databases.append({"moment": view.moment(), "migrations": view.migrations()})
            tables += [
                _write(view, folder, model, where, values)
                for model, where, values in choose(view)
                if not _is_copy(model, alias)
            ]
    manifest = {
        "format": FORMAT,
        "tenant": {"id": str(tenant.pk), "slug": tenant.slug, "name": tenant.name},
        **about,
        "schema_version": tenant.schema_version,
        "databases": databases,
        "tables": [asdict(table) for table in tables],
    }
    _private(folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return tables


def _everything(view: Snapshot) -> Iterator[tuple[type[models.Model], str, list[Any]]]:
    for in_tenant_schema in (False, True):
        for model in _living(declared_models(tenant_apps=in_tenant_schema), view.alias):
            access = access_of(model)
            if access.rows.startswith("tenant") and not access.derived and view.columns(model):
                yield model, f'"{access.tenant_column}" = %s', [view.organization]


def _of_person(view: Snapshot, person: Person) -> Iterator[tuple[type[models.Model], str, list[Any]]]:
    there = [model for model in _living(held_tables(), view.alias) if view.columns(model)]
    everything: set[uuid.UUID] = set()
    for model, where, values, ids in search(person, there, view.ids):
        everything |= ids
        yield model, where, values
        if remembers(model):
            versions: Any = model.history.model  # type: ignore[attr-defined]
            yield versions, where, values
    log = '"organization_id" = %s AND "entity_id" = ANY(%s)'
    yield ActivityEvent, log, [person.organization, list(everything)]
    about = '"organization_id" = %s AND "subject" = ANY(%s)'
    for model in (OutboxEvent, InboxEvent):
        yield model, about, [person.organization, list(person.ids)]


def _is_copy(model: type[models.Model], alias: str) -> bool:
    """Whether the table is the platform's, of which other databases keep copies."""
    central = central_domain()
    return access_of(model).writers == (central.name,) and central not in domains_in(alias)


def _write(
    view: Snapshot, folder: Path, model: type[models.Model], where: str, values: list[Any]
) -> ExportedTable:
    schema, name = view.place(model)
    schema = "tenant" if schema == view.tenant_schema else schema
    place = f"{schema}.{name}"
    if schema == SHARED_SCHEMA and view.alias != database_aliases()[0]:
        place += f"@{view.alias}"  # each database has the kit's tables, with the rows of its domains
    path = folder / f"{place}.jsonl"
    digest, rows = hashlib.sha256(), 0
    with _private(path).open("wb") as file:
        for line in view.lines(model, where, values):
            data = f"{line}\n".encode()
            file.write(data)
            digest.update(data)
            rows += 1
    return ExportedTable(place, path.name, rows, digest.hexdigest(), view.columns(model))


def _golden_ids(
    view: Snapshot, model: type[models.Model], links: list[Link], person: Person, column: str
) -> set[uuid.UUID]:
    where, values = condition(links, person, {})
    return set(_column(view, model, column, where, values))


def _addresses(
    view: Snapshot, model: type[models.Model], golden: list[Link], ids: set[uuid.UUID], column: str
) -> set[str]:
    where, values = condition(golden, Person(view.organization, frozenset(ids)), {})
    return {text for text in _column(view, model, f'lower(btrim("{column}"))', where, values) if text}


def _column(
    view: Snapshot, model: type[models.Model], column: str, where: str, values: list[Any]
) -> Iterator[Any]:
    schema, name = view.place(model)
    query = f'SELECT DISTINCT {column} FROM "{schema}"."{name}" WHERE organization_id = %s AND {where}'
    for (value,) in view.connection.execute(query, [view.organization, *values]).fetchall():  # type: ignore[arg-type]
        if value is not None:
            yield value


def _living(found: Iterable[type[models.Model]], alias: str) -> Iterator[type[models.Model]]:
    return (model for model in found if lives_in(alias, model._meta.app_label))


def _fault(path: Path, table: ExportedTable) -> str:
    if not path.is_file():
        return "is missing"
    digest, rows = hashlib.sha256(), 0
    with path.open("rb") as file:
        for line in file:
            digest.update(line)
            rows += 1
    if digest.hexdigest() != table.sha256:
        return f"was altered ({rows} rows, {table.rows} were exported)"
    return ""


def _private(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
