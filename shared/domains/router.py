"""Which database a domain's statements go to."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from shared.domains.registry import find_domain_of_app


def alias_of(domain: str | None) -> str:
    """The database alias of a domain: its own where one is configured (``SUPPORT_DATABASE_URL``), else the default."""
    return domain if domain is not None and domain in settings.DATABASES else "default"


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

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return True
