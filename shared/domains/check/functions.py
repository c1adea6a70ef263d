"""Functions in the domains' schemas against the migrations that create them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from django.db.migrations.loader import MigrationLoader

from shared.domains.check.catalog import Catalog, Function
from shared.domains.check.memory import compare_memory_function, is_memory
from shared.domains.functions import callers
from shared.domains.operations import CreateFunctions
from shared.domains.registry import OWNER_ROLE

AnyOperation = TypeVar("AnyOperation")


def operations_on_disk(kind: type[AnyOperation]) -> Iterator[AnyOperation]:
    """All operations of a kind in the migrations that this code brings, applied or not."""
    for migration in MigrationLoader(None).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, kind):
                yield operation


def declared_functions() -> dict[str, CreateFunctions]:
    """Signature → the operation that creates it, of every CreateFunctions on disk."""
    return {
        function: operation
        for operation in operations_on_disk(CreateFunctions)
        for function in operation.functions
    }


def compare_functions(catalog: Catalog, schemas: list[str]) -> Iterator[str]:
    """Every function is declared, owned by the owner, open to its callers alone, and a definer's path is fixed."""
    declared = {types_only(signature): operation for signature, operation in declared_functions().items()}
    found = {}
    for function in catalog.functions.values():
        if function.signature.partition(".")[0] not in schemas:
            continue
        if is_memory(function):
            yield from compare_memory_function(function)
            continue
        name = types_only(function.signature)
        found[name] = function
        if name not in declared:
            yield f"Function {function.signature}: no migration declares it."
            continue
        if function.owner != OWNER_ROLE:
            yield f"Function {function.signature}: belongs to {function.owner}, not to {OWNER_ROLE}."
        if function.definer and not function.fixed_path:
            yield f"Function {function.signature}: SECURITY DEFINER without a fixed search_path."
        yield from compare_callers(function, lookup=declared[name].lookup, private=declared[name].private)
    for name in sorted(declared.keys() - found.keys()):
        if name.partition(".")[0] not in schemas:
            continue  # its domain lives in another database
        yield f"Function {name}: missing; run manage.py migrate_domains."


def compare_callers(function: Function, *, lookup: bool, private: bool = False) -> Iterator[str]:
    """Who may call it, and nobody else."""
    expected = callers(function.signature, lookup=lookup, private=private)
    for role in sorted(expected - function.execute):
        yield f"Function {function.signature}: {role} may not call it; run manage.py migrate_domains."
    for role in sorted(function.execute - expected):
        yield f"Function {function.signature}: {role} may call it, which nobody declared; run manage.py migrate_domains."


def types_only(signature: str) -> str:
    """``f(key text, n integer)`` → ``f(text, integer)``: identity arguments carry names, declarations need not."""
    name, _, arguments = signature.rstrip(")").partition("(")
    types = [
        part.strip().split(" ", 1)[-1] if " " in part.strip() else part.strip()
        for part in arguments.split(",")
    ]
    return f"{name}({', '.join(types)})"
