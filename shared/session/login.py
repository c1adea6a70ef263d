"""Refuses to work under a database login that row-level security would not bind."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from shared.domains.registry import LOGIN_OF_KIND, OPERATOR_ROLE, OWNER_ROLE, WEB_LOGIN, domains, serves
from shared.domains.router import database_aliases, domains_in

log = logging.getLogger("trellis.session")

_POWERS = """
SELECT current_user, r.rolsuper, r.rolbypassrls,
       ARRAY(SELECT g.rolname::text FROM unnest(%s::text[]) WITH ORDINALITY AS asked (name, place)
             JOIN pg_roles g ON g.rolname = asked.name
             WHERE pg_has_role(current_user, g.oid, 'MEMBER') ORDER BY asked.place)
FROM pg_roles r WHERE r.rolname = session_user"""

_checked: set[tuple[Any, ...]] = set()


class UnsafeLoginError(ImproperlyConfigured):
    """The process signed in with a login that sees every tenant: give it the login of its kind
    (DATABASE_URL of trellis_web for web processes, WORKER_DATABASE_URL of trellis_worker for workers)."""


def refuse_unsafe_login(connection: BaseDatabaseWrapper) -> None:
    """Check a new connection once per login; raises UnsafeLoginError.

    A web process must be neither superuser nor BYPASSRLS nor a member of owner or operator, nor, when SERVE limits
    it, of the role of a domain that it does not serve. A worker may be a member of operator and of every domain's.
    """
    address = (connection.settings_dict[key] for key in ("HOST", "PORT", "NAME", "USER"))
    known = (settings.PROCESS_KIND, settings.SERVE, *address)
    if known in _checked:
        return
    raw: Any = connection.connection
    others = [domain.role for domain in domains() if not serves(domain.name)]
    refused = [OWNER_ROLE] if settings.PROCESS_KIND == "worker" else [OWNER_ROLE, OPERATOR_ROLE, *others]
    login, superuser, bypasses, powerful = raw.execute(_POWERS, [refused]).fetchone()
    fault = (
        "is a superuser"
        if superuser
        else "has BYPASSRLS"
        if bypasses
        else f"is a member of {' and '.join(powerful)}"
        if powerful
        else ""
    )
    if fault:
        raise UnsafeLoginError(
            f"The {settings.PROCESS_KIND} process will not start as database login {login!r}: it {fault}, so "
            f"PostgreSQL would not keep tenants and apps apart. Use the login {_expected_login(connection.alias)} "
            "(manage.py prepare_database makes it)."
        )
    _checked.add(known)


def _expected_login(alias: str) -> str:
    """The login that a process of this kind should have for the database of an alias."""
    if settings.PROCESS_KIND == "worker" or not settings.SERVE:
        return LOGIN_OF_KIND.get(settings.PROCESS_KIND, WEB_LOGIN)
    return " or ".join(domain.login for domain in domains_in(alias))


def check_at_start() -> None:
    """What a web process checks before it serves: its settings; its login, and tables, columns and policies, if the
    database can be reached.

    Raises ImproperlyConfigured. An unreachable database is no reason not to start: /health/ready says so, and the
    login is checked on the first connection in any case.
    """
    from shared.domains.check.start import refuse_incomplete_schema  # needs the models

    for name in ("SECRET_KEY", "API_KEY_PEPPER"):
        if not getattr(settings, name):
            raise ImproperlyConfigured(
                f"{name} is not set: give the process a long random value in its environment."
            )
    for connection in connections.all():
        try:
            connection.ensure_connection()
            if connection.alias in database_aliases():
                refuse_incomplete_schema(connection, domains_in(connection.alias))
        except OperationalError as error:
            log.warning("The database cannot be reached at start: %s", error)
        finally:
            connection.close()
