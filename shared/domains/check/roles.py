"""Roles, logins and schemas against the registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.domains.check.catalog import Catalog
from shared.domains.registry import (
    HISTORY_ROLE,
    OPERATOR_ROLE,
    OWNER_ROLE,
    WEB_LOGIN,
    Domain,
    domains,
)
from shared.domains.roles import logins

ADMINISTRATOR_HINT = "run manage.py prepare_database"


def compare_roles(catalog: Catalog) -> Iterator[str]:
    """Attributes of roles and logins; who may become whom."""
    expected_login = {login.name: set(login.may_become) for login in logins()}
    nologin = [OWNER_ROLE, OPERATOR_ROLE, HISTORY_ROLE, *(d.role for d in domains())]
    for name in (*nologin, *expected_login):
        role = catalog.roles.get(name)
        if role is None:
            yield f"Role {name} is missing; {ADMINISTRATOR_HINT}."
            continue
        if role.superuser:
            yield f"Role {name} is a superuser; {ADMINISTRATOR_HINT}."
        if role.creates:
            yield f"Role {name} may create roles or databases, or replicate; {ADMINISTRATOR_HINT}."
        if role.inherits:
            yield f"Role {name} inherits the rights of its roles; it must be NOINHERIT; {ADMINISTRATOR_HINT}."
        if role.bypasses_rls != (name == OPERATOR_ROLE):
            state = "bypasses" if role.bypasses_rls else "does not bypass"
            yield f"Role {name} {state} row-level security; {ADMINISTRATOR_HINT}."
        if role.can_login != (name in expected_login):
            yield f"Role {name} {'may' if role.can_login else 'may not'} log in; {ADMINISTRATOR_HINT}."
        for other in sorted(role.may_become - expected_login.get(name, set())):
            yield f"Role {name} may become {other}; REVOKE {other} FROM {name}."
        for other in sorted(expected_login.get(name, set()) - role.may_become):
            yield f"Role {name} may not become {other}; {ADMINISTRATOR_HINT}."
    for login in logins():
        for setting, value in login.settings.items():
            if login.name in catalog.roles and f"{setting}={value}" not in catalog.roles[login.name].settings:
                yield f"Login {login.name} does not have {setting} = {value}; {ADMINISTRATOR_HINT}."


def compare_schemas(catalog: Catalog, schemas: list[str], living: Sequence[Domain]) -> Iterator[str]:
    """Schemas exist, belong to the owner, and let nobody else create in them."""
    needed = {d.role for d in living} | {OPERATOR_ROLE, WEB_LOGIN}
    strangers = {name for d in domains() if d not in living for name in (d.role, d.login)}
    for name in (*schemas, "public"):
        schema = catalog.schemas.get(name)
        if schema is None:
            yield f"Schema {name} is missing; {ADMINISTRATOR_HINT}."
            continue
        if schema.owner != OWNER_ROLE:
            yield f"Schema {name} belongs to {schema.owner}, not to {OWNER_ROLE}; {ADMINISTRATOR_HINT}."
        creators = {OWNER_ROLE} if name == "public" else {OWNER_ROLE, HISTORY_ROLE}
        for role in sorted(schema.create - creators):
            yield f"{role} may create in schema {name}; REVOKE CREATE ON SCHEMA {name} FROM {role}."
        for role in sorted(needed - schema.usage):
            yield f"{role} may not use schema {name}; {ADMINISTRATOR_HINT}."
        for role in sorted(strangers & schema.usage):
            yield f"{role} may use schema {name}, but its domain lives in another database; {ADMINISTRATOR_HINT}."
