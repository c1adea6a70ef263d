"""Functions in the domains' schemas against the migrations that create them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.migrations.loader import MigrationLoader

from shared.domains.check.catalog import Catalog
from shared.domains.functions import callers
from shared.domains.operations import CreateFunctions
from shared.domains.registry import OWNER_ROLE


def declared_functions() -> dict[str, bool]:
    """Signature → whether bare logins may call it, from every CreateFunctions operation on disk."""
    loader = MigrationLoader(None)
    return {
        function: operation.lookup
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, CreateFunctions)
        for function in operation.functions
    }


def compare_functions(catalog: Catalog, schemas: list[str]) -> Iterator[str]:
    """Every function is declared, owned by the owner, open to its callers alone, and a definer's path is fixed."""
    declared = {_types_only(signature): lookup for signature, lookup in declared_functions().items()}
    found = {}
    for function in catalog.functions.values():
        if function.signature.partition(".")[0] not in schemas:
            continue
        name = _types_only(function.signature)
        found[name] = function
        if name not in declared:
            yield f"Function {function.signature}: no migration declares it."
            continue
        if function.owner != OWNER_ROLE:
            yield f"Function {function.signature}: belongs to {function.owner}, not to {OWNER_ROLE}."
        if "PUBLIC" in function.execute:
            yield f"Function {function.signature}: PUBLIC may call it."
        if function.definer and not function.fixed_path:
            yield f"Function {function.signature}: SECURITY DEFINER without a fixed search_path."
        expected = callers(function.signature, lookup=declared[name])
        for role in sorted(expected - function.execute):
            yield f"Function {function.signature}: {role} may not call it."
        for role in sorted(function.execute - expected - {"PUBLIC"}):
            yield f"Function {function.signature}: {role} may call it, which nobody declared."
    for name in sorted(declared.keys() - found.keys()):
        if name.partition(".")[0] not in schemas:
            continue  # its domain lives in another database
        yield f"Function {name}: missing; run manage.py migrate."


def _types_only(signature: str) -> str:
    """``f(key text, n integer)`` → ``f(text, integer)``: identity arguments carry names, declarations need not."""
    name, _, arguments = signature.rstrip(")").partition("(")
    types = [
        part.strip().split(" ", 1)[-1] if " " in part.strip() else part.strip()
        for part in arguments.split(",")
    ]
    return f"{name}({', '.join(types)})"
