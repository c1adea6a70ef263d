"""Which table of ``public`` becomes which table of a domain: by its name, or by the operator's file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from django.apps import apps
from django.db import models

from shared.domains.adopting import AdoptionError
from shared.domains.check.compare import declared_models
from shared.domains.ledger import LEDGER

STAYS = "-"
"""The target of a table that stays where it is."""

Models = Mapping[str, type[models.Model]]
"""Models by ``schema.table``."""


def read_map(path: Path) -> dict[str, str]:
    """The file's lines ``old_table = schema.table`` (``-``: it stays in public); empty ones and # are passed over."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AdoptionError(f"The mapping {path} cannot be read ({error}).") from error
    named: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        old, equals, new = (part.strip() for part in text.partition("="))
        old = old.removeprefix("public.")
        if not (old and equals and new):
            raise AdoptionError(f"{path}, line {number}: write old_table = schema.table, or old_table = -.")
        if old in named:
            raise AdoptionError(f"{path}, line {number}: {old} is named twice.")
        named[old] = new
    return named


def check_map(named: Mapping[str, str], present: Collection[str], declared: Models) -> None:
    """Refuse names that do not exist, and two tables with one target."""
    moving = {old: new for old, new in named.items() if new != STAYS}
    for old, new in moving.items():
        if new not in declared:
            raise AdoptionError(
                f"The mapping sends {old} to {new}, which no model of this database declares; "
                "docs/catalogue/schema.md lists the tables."
            )
    if not any(old in present for old in moving):
        return  # all adopted already, or nothing to adopt
    for old in named:
        if old not in present:
            raise AdoptionError(f"The mapping names {old}, but there is no table public.{old}: correct it.")


def match_tables(
    present: Collection[str], named: Mapping[str, str], declared: Models
) -> dict[str, list[str]]:
    """Each table of ``public`` with the targets it may mean: one is a match, none a stranger, more are too many."""
    by_name: dict[str, list[str]] = {}
    for qualified, model in declared.items():
        _, _, bare = qualified.partition(".")
        label, noun = model._meta.app_label, str(model._meta.model_name)
        for name in {bare, f"{label}_{noun}", f"{label}_{bare}"}:
            by_name.setdefault(name, []).append(qualified)
    matched = {
        name: [named[name]] if name in named else by_name.get(name, [])
        for name in sorted(present)
        if named.get(name) != STAYS and (name in named or name in by_name or not of_library(name))
    }
    taken: dict[str, str] = {}
    for name, targets in matched.items():
        if len(targets) == 1 and (other := taken.setdefault(targets[0], name)) != name:
            raise AdoptionError(
                f"Both {other} and {name} would become {targets[0]}: say in a mapping (--map) which one does, and "
                "`table = -` for the other."
            )
    return matched


def of_library(table: str) -> bool:
    """Whether a table of ``public`` is Django's or a library's: they stay there, but Trellis makes its own."""
    return table.startswith(("django_", "auth_")) or table in _library_tables()


def _library_tables() -> set[str]:
    ours = set(declared_models()) | set(declared_models(tenant_apps=True))
    return {LEDGER} | {m._meta.db_table for m in _every_model() if m not in ours}


def _every_model() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        yield from config.get_models(include_auto_created=True)
