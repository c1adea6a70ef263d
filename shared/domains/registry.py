"""The registry of domains: who owns what, declared once.

Schemas, database roles, grants, policies, URL mounts, the router and the ownership tests are derived
from these declarations. Domains are listed in ``config/settings/domains.py``; this module knows none
of them by name and imports nothing of Django, so that settings may import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db import models

SHARED_SCHEMA = "shared"
"""The schema that every domain may write: tenants, keys, idempotency keys, later outbox and inbox."""

OWNER_ROLE = "trellis_owner"
"""Owns every table; only migrations and the provisioning queue act as it."""

OPERATOR_ROLE = "trellis_operator"
"""Sees every tenant (BYPASSRLS): relay, sealing, retention, statistics, imports across tenants."""

HISTORY_ROLE = "trellis_history"
"""Owner of the functions that write version tables and the activity log."""

WEB_LOGIN = "trellis_web"
WORKER_LOGIN = "trellis_worker"
MIGRATION_LOGIN = "trellis_migrator"
LOGIN_OF_KIND = {"web": WEB_LOGIN, "worker": WORKER_LOGIN, "migrations": MIGRATION_LOGIN}
"""The login of a combined process by its kind (settings.PROCESS_KIND)."""


@dataclass(frozen=True)
class Domain:
    """One domain: a Django app that owns a PostgreSQL schema.

    ``reads`` names the domains whose schema this one may SELECT from; ``api`` are the URL prefixes
    below ``/api/`` that it serves.
    """

    name: str
    app: str
    schema: str
    title: str
    reads: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    central: bool = False
    """The one domain that writes tenants, keys and users, and may act without a tenant (sign-in)."""

    @property
    def role(self) -> str:
        """The NOLOGIN role that a session takes on to act as this domain."""
        return f"trellis_{self.name}"

    @property
    def login(self) -> str:
        """The login of a process that serves this domain alone."""
        return f"trellis_{self.name}_app"


class UnknownDomainError(LookupError):
    """No domain of this name or app is declared: add it to DOMAINS in config/settings/domains.py."""


class DomainNotServedError(RuntimeError):
    """This process is limited by SERVE and does not serve the domain: ask the process that does."""


@cache
def domains() -> tuple[Domain, ...]:
    """All declared domains, in the order of their declaration."""
    from django.conf import settings

    declared: tuple[Domain, ...] = settings.DOMAINS
    return declared


def get_domain(name: str) -> Domain:
    """The domain called ``name``; raises UnknownDomainError."""
    for domain in domains():
        if domain.name == name:
            return domain
    raise UnknownDomainError(f"There is no domain {name!r}; declared are {[d.name for d in domains()]}.")


def serves(name: str) -> bool:
    """Whether this process acts for the domain: SERVE names the domains that it is limited to, if it is."""
    from django.conf import settings

    return not settings.SERVE or name in settings.SERVE


def refuse_unserved(name: str) -> None:
    """Raise DomainNotServedError for a domain outside SERVE."""
    from django.conf import settings

    if not serves(name):
        raise DomainNotServedError(
            f"This process serves {', '.join(settings.SERVE)} alone and cannot act for {name}: "
            "ask it by its API, or add it to SERVE."
        )


def served_domains() -> tuple[Domain, ...]:
    """The domains that this process acts for, in the order of their declaration."""
    return tuple(domain for domain in domains() if serves(domain.name))


def central_domain() -> Domain:
    """The domain that owns identity: users, tenants, keys."""
    return next(domain for domain in domains() if domain.central)


def home_domain() -> Domain:
    """The domain that acts for what belongs to the process as a whole: the central one where that is served, else
    the first."""
    central = central_domain()
    return central if serves(central.name) else served_domains()[0]


@cache
def find_domain_of_app(app_label: str) -> Domain | None:
    """The domain that an app belongs to; apps nested in a domain's package (crm.quickbooks) count."""
    from django.apps import apps

    package = apps.get_app_config(app_label).name
    return next((d for d in domains() if package == d.app or package.startswith(f"{d.app}.")), None)


def domain_of_app(app_label: str) -> Domain:
    """As find_domain_of_app, or raises UnknownDomainError."""
    domain = find_domain_of_app(app_label)
    if domain is None:
        raise UnknownDomainError(f"The app {app_label!r} belongs to no domain.")
    return domain


def domain_of_model(model: type[models.Model]) -> Domain:
    """The domain that owns a model's table. Models of ``shared`` and of libraries belong to the central one."""
    return find_domain_of_app(model._meta.app_label) or central_domain()


def split_table(db_table: str) -> tuple[str | None, str]:
    """``'support_app"."tickets'`` → ``("support_app", "tickets")``; an unqualified name has no schema."""
    schema, separator, table = db_table.strip('"').partition('"."')
    return (schema, table) if separator else (None, schema)
