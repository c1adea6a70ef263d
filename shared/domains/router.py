"""Which database a domain's statements go to."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connections

from shared.domains.registry import (
    SHARED_SCHEMA,
    Domain,
    central_domain,
    domains,
    find_domain_of_app,
    home_domain,
    serves,
)

EVERYWHERE = frozenset({"shared", "contenttypes"})
"""Apps whose tables every database has: the kit's, and what Django itself asks for whoever acts."""


def alias_of(domain: str | None) -> str:
    """The database alias of a domain: its own where one is configured (``SUPPORT_DATABASE_URL``), else the default.

    None asks for the process's home: the central domain's database where that is served, else the first one's.
    """
    if domain is None:
        domain = home_domain().name
    return domain if domain in settings.DATABASES else "default"


def database_aliases() -> tuple[str, ...]:
    """One alias for each database that this process uses, the default one first: several aliases may be several
    logins to one database."""
    found: dict[tuple[Any, ...], str] = {}
    for alias, database in settings.DATABASES.items():
        if "REPLICA_OF" in database:  # a copy of one of the others
            continue
        found.setdefault(_place(alias), alias)
    return tuple(found.values())


def domains_in(alias: str) -> tuple[Domain, ...]:
    """The domains whose schemas lie in the database of an alias, as far as this process knows."""
    return tuple(d for d in domains() if serves(d.name) and _place(alias_of(d.name)) == _place(alias))


def lives_in(alias: str, app_label: str) -> bool:
    """Whether an app's tables lie in the database of an alias. Libraries' lie with the central domain's."""
    if app_label in EVERYWHERE:
        return True
    domain = find_domain_of_app(app_label) or central_domain()
    return domain in domains_in(alias)


def schema_of_app(connection: Any, app_label: str) -> str | None:
    """The schema whose migration ledger tells of an app, or None where the app has no tables on this connection.

    The domain's own; ``shared`` for the kit, libraries and apps that are gone. In a tenant's schema only the
    TENANT_APPS live, and they nowhere else.
    """
    from django.apps import apps

    if app_label not in apps.app_configs:
        return None if connection.schema_name != "public" else SHARED_SCHEMA
    if not lives_in(connection.alias, app_label):
        return None
    in_tenant_schema = connection.schema_name != "public"
    if (apps.get_app_config(app_label).name in settings.TENANT_APPS) != in_tenant_schema:
        return None
    if in_tenant_schema:
        return str(connection.schema_name)
    domain = find_domain_of_app(app_label)
    return domain.schema if domain else SHARED_SCHEMA


def _place(alias: str) -> tuple[Any, ...]:
    database = settings.DATABASES[alias]
    return tuple(database.get(part) or "" for part in ("HOST", "PORT", "NAME"))


@cache
def has_tenant_schema(domain: str) -> bool:
    """Whether apps of this domain keep tables in the tenant's own schema (TENANT_APPS)."""
    from django.apps import apps

    for config in apps.get_app_configs():
        if config.name in settings.TENANT_APPS:
            owner = find_domain_of_app(config.label)
            if owner is not None and owner.name == domain:
                return True
    return False


class DomainRouter:
    """The connection follows the acting domain, not the model.

    Support code that saves a platform model therefore gets PostgreSQL's "permission denied" instead of a
    connection that may do it.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str:
        from shared.session.facts import current

        facts = current()
        if facts is not None:
            return facts.alias
        domain = find_domain_of_app(model._meta.app_label)
        return alias_of(domain.name if domain else None)

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return schema_of_app(connections[db], app_label) is not None

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return True
