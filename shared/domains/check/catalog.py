"""What the server's catalog says of roles, schemas, tables, policies, grants, keys, indexes and functions.

Read in a handful of queries into plain data, so that the rules beside it are comparisons and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import Cursor


@dataclass
class Role:
    name: str
    superuser: bool
    bypasses_rls: bool
    can_login: bool
    inherits: bool
    creates: bool
    may_become: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)


@dataclass
class Schema:
    name: str
    owner: str
    usage: set[str]
    create: set[str]


@dataclass
class Policy:
    name: str
    roles: frozenset[str]
    command: str
    permissive: bool
    using: str | None
    check: str | None


@dataclass
class Key:
    """A foreign key: columns and what they refer to."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    definition: str
    validated: bool


@dataclass
class Index:
    name: str
    columns: tuple[str, ...]
    unique: bool
    primary: bool
    valid: bool


@dataclass
class Table:
    """A table, partition or view; ``kind`` is pg_class.relkind (r, p, v, m)."""

    schema: str
    name: str
    kind: str
    owner: str
    rls: bool
    forced: bool
    parent: str | None
    security_invoker: bool
    columns: set[str] = field(default_factory=set)
    grants: dict[str, set[str]] = field(default_factory=dict)
    column_grants: set[str] = field(default_factory=set)
    policies: dict[str, Policy] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    checks: set[str] = field(default_factory=set)
    indexes: dict[str, Index] = field(default_factory=dict)

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass
class Function:
    signature: str
    owner: str
    definer: bool
    fixed_path: bool
    execute: set[str]


@dataclass
class Catalog:
    roles: dict[str, Role]
    schemas: dict[str, Schema]
    tables: dict[str, Table]
    functions: dict[str, Function]


_ROLES = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcanlogin, r.rolinherit,
       r.rolcreaterole OR r.rolcreatedb OR r.rolreplication,
       coalesce((SELECT array_agg(g.rolname::text) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                 WHERE m.member = r.oid), '{}'), coalesce(r.rolconfig, '{}')
FROM pg_roles r WHERE r.rolname LIKE 'trellis\\_%%'"""

_SCHEMAS = """
SELECT n.nspname, pg_get_userbyid(n.nspowner),
       coalesce((SELECT array_agg(coalesce(g.rolname, 'PUBLIC')::text) FROM aclexplode(n.nspacl) a
                 LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE a.privilege_type = 'USAGE'), '{}'),
       coalesce((SELECT array_agg(coalesce(g.rolname, 'PUBLIC')::text) FROM aclexplode(n.nspacl) a
                 LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE a.privilege_type = 'CREATE'), '{}')
FROM pg_namespace n WHERE n.nspname = ANY(%s)"""

_TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
       (SELECT pn.nspname || '.' || p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
          JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid),
       coalesce('security_invoker=true' = ANY(c.reloptions) OR 'security_barrier=true' = ANY(c.reloptions), false),
       (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
       coalesce((SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL), '{}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm')"""

_GRANTS = """
SELECT c.oid, coalesce(g.rolname, 'PUBLIC'), a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner"""

_POLICIES = """
SELECT p.polrelid, p.polname, p.polcmd::text, p.polpermissive,
       CASE WHEN p.polroles = '{0}' THEN ARRAY['PUBLIC']
            ELSE (SELECT array_agg(rolname::text) FROM pg_roles WHERE oid = ANY(p.polroles)) END,
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s)"""

_TRIGGERS = """
SELECT t.tgrelid, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY(%s) AND NOT t.tgisinternal"""

_KEYS = """
SELECT k.conrelid, k.contype::text, k.conname,
       (SELECT array_agg(a.attname::text ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY u(n, o)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n),
       (SELECT tn.nspname || '.' || t.relname FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace
         WHERE t.oid = k.confrelid),
       (SELECT array_agg(a.attname::text ORDER BY o) FROM unnest(k.confkey) WITH ORDINALITY u(n, o)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n),
       pg_get_constraintdef(k.oid), k.convalidated
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND k.contype IN ('f', 'c')"""

_INDEXES = """
SELECT i.indrelid, x.relname, i.indisunique, i.indisprimary, i.indisvalid,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, o::int, true) FROM generate_series(1, i.indnkeyatts) o)
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY(%s)"""

_FUNCTIONS = """
SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       pg_get_userbyid(p.proowner), p.prosecdef,
       coalesce((SELECT bool_or(s LIKE 'search_path=%%') FROM unnest(p.proconfig) s), false),
       coalesce((SELECT array_agg(coalesce(g.rolname, 'PUBLIC')::text)
                 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                 LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE a.grantee <> p.proowner), '{}')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s)"""


def read_catalog(cursor: CursorWrapper | Cursor[Any], schemas: list[str]) -> Catalog:
    """Read what the rules need to know of these schemas."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        cursor.execute(query, [schemas] if "ANY(%s)" in query else [])
        return cursor.fetchall()

    roles = {r[0]: Role(r[0], r[1], r[2], r[3], r[4], r[5], set(r[6]), set(r[7])) for r in rows(_ROLES)}
    found = {s[0]: Schema(s[0], s[1], set(s[2]), set(s[3])) for s in rows(_SCHEMAS)}
    by_oid: dict[int, Table] = {}
    for oid, *facts, columns, column_grants in rows(_TABLES):
        table = by_oid[oid] = Table(*facts)
        table.columns, table.column_grants = set(columns or ()), set(column_grants)
    for oid, grantee, verb in rows(_GRANTS):
        by_oid[oid].grants.setdefault(grantee, set()).add(verb)
    for oid, name, command, permissive, to, using, check in rows(_POLICIES):
        by_oid[oid].policies[name] = Policy(name, frozenset(to), command, permissive, using, check)
    for oid, name, enabled in rows(_TRIGGERS):
        if oid in by_oid:
            by_oid[oid].triggers[name] = enabled
    for oid, kind, name, columns, target, target_columns, definition, validated in rows(_KEYS):
        if kind == "c":
            by_oid[oid].checks.add(name)
        else:
            by_oid[oid].keys[name] = Key(
                name, tuple(columns), target, tuple(target_columns), definition, validated
            )
    for oid, name, unique, primary, valid, columns in rows(_INDEXES):
        if oid in by_oid:
            by_oid[oid].indexes[name] = Index(name, tuple(columns), unique, primary, valid)
    functions = {f[0]: Function(f[0], f[1], f[2], f[3], set(f[4])) for f in rows(_FUNCTIONS)}
    return Catalog(roles, found, {t.qualified: t for t in by_oid.values()}, functions)
