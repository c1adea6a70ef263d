"""Which rows and which verbs of a table are open to whom: policies and grants, as data.

One description serves three readers: the schema editor applies it when a table is created, a migration operation
applies what differs from the rule, and ``check_domains`` compares it with the server's catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

from django.db import models

from shared.domains.registry import (
    HISTORY_ROLE,
    OPERATOR_ROLE,
    OWNER_ROLE,
    SHARED_SCHEMA,
    domains,
    split_table,
)

CURRENT_TENANT = "( SELECT (NULLIF(current_setting('app.organization_id', true), ''))::uuid)"
"""The tenant of the unit as an InitPlan: computed once a statement; '' is what SET LOCAL leaves after COMMIT."""

CURRENT_DOMAIN = "( SELECT substr((CURRENT_USER)::text, 9))"
"""The acting domain read off the role (trellis_support → support): a setting could be forged, a role cannot."""

Verb = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
ALL_VERBS: tuple[Verb, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Policy:
    """A row-level security policy as PostgreSQL stores it; ``role`` is PUBLIC or a role's name."""

    name: str
    role: str
    using: str
    reads_only: bool = False

    def create_sql(self, table: str) -> str:
        if self.reads_only:
            return f"CREATE POLICY {self.name} ON {table} FOR SELECT TO {self.role} USING ({self.using})"
        return f"CREATE POLICY {self.name} ON {table} TO {self.role} USING ({self.using}) WITH CHECK ({self.using})"


OWNER_POLICY = Policy("owner", OWNER_ROLE, "true")
HISTORY_POLICY = Policy("history", HISTORY_ROLE, "true")
POLICY_NAMES = ("tenant", "account", "owner", "history")


@dataclass(frozen=True)
class TableAccess:
    """What departs from the rule "the domain writes, its readers read, one tenant's rows".

    rows: ``tenant`` (the rule), ``tenant_and_domain`` (shared tables whose rows belong to a domain),
        ``tenant_and_readable`` (the same, but read by every domain that the matrix lets read the owner's schema),
        ``identity`` (people: a tenant reads those with a membership there and writes none, since they may
        work for others too; without a tenant, as in signing in, all) or ``global`` (no tenant: give a
        ``reason``).
    tenant_column: the column that holds the tenant.
    readers, writers: names of domains, where the registry's matrix is to be narrowed; None keeps it.
    append_only: nobody may UPDATE or DELETE.
    written_by_history: nobody may write; the triggers do, by their own role.
    derived: the same, of rows that follow from others: the triggers also remove them.
    guarded: a trigger refuses changes of rows to superusers too, as it does where the history role writes.
    """

    rows: Literal["tenant", "tenant_and_domain", "tenant_and_readable", "identity", "global"] = "tenant"
    tenant_column: str = "organization_id"
    readers: tuple[str, ...] | None = None
    writers: tuple[str, ...] | None = None
    append_only: bool = False
    written_by_history: bool = False
    derived: bool = False
    guarded: bool = False
    reason: str = ""

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        """How a migration writes this value down."""
        changed = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return f"{type(self).__module__}.{type(self).__name__}", (), changed

    def policies(self) -> list[Policy]:
        """The policies that the table must have, and no other."""
        declared = self._policies()
        return [*declared, HISTORY_POLICY] if declared and self.by_triggers else declared

    @property
    def by_triggers(self) -> bool:
        """Whether triggers alone write it."""
        return self.written_by_history or self.derived

    def _policies(self) -> list[Policy]:
        same_tenant = f"({self.tenant_column} = {CURRENT_TENANT})"
        match self.rows:
            case "global":
                return []
            case "tenant_and_domain":
                rule = f"({same_tenant} AND (domain = {CURRENT_DOMAIN}))"
            case "tenant_and_readable":
                rule = f"({same_tenant} AND ({_readable_domains()}))"
            case "identity":
                member = (
                    "(EXISTS ( SELECT 1 FROM platform.memberships m "
                    f"WHERE ((m.user_id = users.id) AND (m.organization_id = {CURRENT_TENANT}))))"
                )
                return [
                    Policy("tenant", "PUBLIC", member, reads_only=True),
                    Policy("account", "PUBLIC", f"({CURRENT_TENANT} IS NULL)"),
                    OWNER_POLICY,
                ]
            case _:
                rule = same_tenant
        return [Policy("tenant", "PUBLIC", rule), OWNER_POLICY]

    def grants(self, schema: str) -> dict[str, tuple[Verb, ...]]:
        """Verbs by role that a table of ``schema`` must give, and no other."""
        verbs: dict[str, tuple[Verb, ...]] = {}
        write: tuple[Verb, ...] = ("SELECT", "INSERT") if self.append_only else ALL_VERBS
        if self.by_triggers:
            write = ("SELECT",)
            verbs[HISTORY_ROLE] = ("SELECT", "INSERT", "DELETE" if self.derived else "UPDATE")
        for domain in domains():
            may_write = domain.schema == schema or schema == SHARED_SCHEMA
            may_read = may_write or any(d.schema == schema and d.name in domain.reads for d in domains())
            if self.writers is not None:
                may_write = may_write and domain.name in self.writers
            if self.readers is not None:
                may_read = domain.name in self.readers or may_write
            if may_write:
                verbs[domain.role] = write
            elif may_read:
                verbs[domain.role] = ("SELECT",)
        verbs[OPERATOR_ROLE] = write
        return verbs


def _readable_domains() -> str:
    """Whether the acting domain may read a row's: written out from the registry's matrix."""
    cases = []
    for domain in domains():
        names = ", ".join(f"'{name}'::text" for name in (domain.name, *domain.reads))
        cases.append(f"WHEN '{domain.name}'::text THEN ((domain)::text = ANY (ARRAY[{names}]))")
    return f"CASE {CURRENT_DOMAIN} {' '.join(cases)} ELSE false END"


TENANT_ROWS = TableAccess()


def access_of(model: type[models.Model]) -> TableAccess:
    """The access that a model declares as ``table_access``; the rule where it declares none."""
    return getattr(model, "table_access", TENANT_ROWS)


def quoted(db_table: str) -> str:
    """``support_app"."tickets`` → ``"support_app"."tickets"`` (``public`` where no schema is named)."""
    schema, table = split_table(db_table)
    return f'"{schema}"."{table}"' if schema else f'"{table}"'


def protect_sql(db_table: str, access: TableAccess) -> Iterator[str]:
    """Statements that give a table its policies and grants, whatever it had before."""
    yield from policy_sql(db_table, access)
    yield from grant_sql(db_table, access)


def policy_sql(db_table: str, access: TableAccess) -> Iterator[str]:
    """Statements that give a table its policies, whatever it had before."""
    table = quoted(db_table)
    for name in POLICY_NAMES:
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
    policies = access.policies()
    for policy in policies:
        yield policy.create_sql(table)
    if policies:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    else:
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"


def grant_sql(db_table: str, access: TableAccess) -> Iterator[str]:
    """Statements that give a table its grants, whatever it had before."""
    schema, _ = split_table(db_table)
    if schema is None:  # a tenant's own schema: granted as a whole when it is provisioned
        return
    table = quoted(db_table)
    for role in (*(d.role for d in domains()), OPERATOR_ROLE, HISTORY_ROLE, "PUBLIC"):
        yield f"REVOKE ALL ON {table} FROM {role}"
    for role, verbs in access.grants(schema).items():
        yield f"GRANT {', '.join(verbs)} ON {table} TO {role}"
