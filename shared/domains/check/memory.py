"""Whether tables remember as declared: the functions behind versions and activity log, and their triggers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from shared.domains.check.catalog import Function, Table
from shared.domains.registry import HISTORY_ROLE, OWNER_ROLE
from shared.domains.roles import MEMORY_MAKERS
from shared.records.versions.filling import is_filled
from shared.records.versions.triggers import TRIGGERS
from shared.records.versions.upkeep import body_in, read_memory, remembers

_HINT = "run manage.py migrate"


def is_memory(function: Function) -> bool:
    """Whether a function belongs to the memory, by its name; a stranger's of that name has the wrong owner."""
    name = function.signature.rpartition("(")[0].rpartition(".")[2]
    return name.startswith("remember_") or function.signature.partition("(")[0] in {
        maker.partition("(")[0] for maker in MEMORY_MAKERS
    }


def compare_memory_function(function: Function) -> Iterator[str]:
    """It belongs to the history role, which nobody can become, and the owner alone may call it."""
    if function.owner != HISTORY_ROLE:
        yield f"Function {function.signature}: belongs to {function.owner}, not to {HISTORY_ROLE}."
    if not function.definer or not function.fixed_path:
        yield f"Function {function.signature}: not SECURITY DEFINER with a fixed search_path."
    for role in sorted(function.execute - {OWNER_ROLE}):
        yield f"Function {function.signature}: {role} may call it, and so forge versions."


def compare_memory(cursor: Any, table: Table, model: type[models.Model]) -> Iterator[str]:
    """Triggers of a table that remembers, each of which fires always, and its function."""
    if not remembers(model):
        return
    for name in TRIGGERS:
        state = table.triggers.get(name)
        if state is None:
            yield f"{table.qualified}: trigger {name} is missing, so changes would escape; {_HINT}."
        elif state != "A":
            what = "is disabled" if state == "D" else "does not fire for a replica"
            yield f"{table.qualified}: trigger {name} {what}, so changes would escape; {_HINT}."
    memory = read_memory(cursor, table.schema, table.name, model)
    if memory is not None and body_in(cursor, memory) != memory.body():
        yield f"{table.qualified}: its function {memory.function} is not as declared; {_HINT}."
    if memory is not None and not is_filled(cursor, memory):
        yield f"{table.qualified}: not all custom fields are indexed, so lists would miss records; {_HINT}."
