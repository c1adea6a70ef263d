"""Which databases a process uses, and with which login: from the environment.

``DATABASE_URL`` is the one database of everything. ``SUPPORT_DATABASE_URL``, ``CRM_DATABASE_URL`` … give a domain a
database, or a login, of its own. A migrations or worker process signs in with a login of its kind:
``MIGRATION_DATABASE_URL`` or ``SUPPORT_MIGRATION_DATABASE_URL`` where that is set, else with the login that follows
from ``LOGIN_PASSWORD_SEED``. Where ``DATABASE_URL`` names a pool, ``DIRECT_DATABASE_URL`` (``SUPPORT_DIRECT_DATABASE_URL``)
is the server itself, for what holds a session (``shared/events/connecting.py``). ``REPLICA_DATABASE_URL`` and
``SUPPORT_REPLICA_DATABASE_URL`` are where a web process may read (``shared/session/replica.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import environ

from config.settings.environment import load_env_file
from shared.domains.logins import login_url
from shared.domains.registry import LOGIN_OF_KIND, Domain

_VARIABLE = {"migrations": "MIGRATION_DATABASE_URL", "worker": "WORKER_DATABASE_URL", "web": "DATABASE_URL"}
_PLACE = ("HOST", "PORT", "NAME", "USER")


def reload_databases() -> dict[str, dict[str, Any]]:
    """DATABASES as the environment's file has them now."""
    from django.conf import settings

    load_env_file()
    served = tuple(d for d in settings.DOMAINS if not settings.SERVE or d.name in settings.SERVE)
    return databases(environ.Env(), settings.PROCESS_KIND, served)


def databases(env: environ.Env, kind: str, served: tuple[Domain, ...]) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: ``default``, and one alias per domain whose URL differs from it.

    Where every served domain has a URL, the first one's database is the default one (the central domain is declared
    first): DATABASE_URL is for those that have none.
    """
    urls = {domain.name: _url(env, kind, f"{domain.name.upper()}_") for domain in served}
    home = "" if all(urls.values()) else _url(env, kind, "")
    home = home or next((url for url in urls.values() if url), "")
    if not home:
        return {"default": {"ENGINE": "shared.session.backend", "NAME": "trellis", "OPTIONS": {}}}
    found = {"default": _database(env, kind, home)}
    _note_direct(
        env, kind, found["default"], ["", *(f"{name.upper()}_" for name, url in urls.items() if url == home)]
    )
    for name, url in urls.items():
        own = _database(env, kind, url) if url else found["default"]
        if any(own.get(part) != found["default"].get(part) for part in _PLACE):
            found[name] = own
            _note_direct(env, kind, own, [f"{name.upper()}_"])
    return found | _replicas(env, kind, found, urls)


def _note_direct(env: environ.Env, kind: str, database: dict[str, Any], prefixes: Iterable[str]) -> None:
    """``DIRECT``: the URL past a pool, with the login that the process has for the database."""
    seed: str = env.str("LOGIN_PASSWORD_SEED", default="")
    if url := next(filter(None, (env.str(f"{p}DIRECT_DATABASE_URL", default="") for p in prefixes)), ""):
        database["DIRECT"] = login_url(url, LOGIN_OF_KIND[kind], seed) if seed else url


def _replicas(
    env: environ.Env, kind: str, found: dict[str, dict[str, Any]], names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """A further alias for each database of a web process that has a replica to read from."""
    replicas: dict[str, dict[str, Any]] = {}
    for alias in found if kind == "web" else ():
        own = [
            "",
            *(f"{name.upper()}_" for name in names if name not in found),
        ]  # of those that live in the default
        prefixes = own if alias == "default" else [f"{alias.upper()}_"]
        urls = (env.str(f"{prefix}REPLICA_DATABASE_URL", default="") for prefix in prefixes)
        if url := next(filter(None, urls), ""):
            replica = _database(env, kind, url)
            replica["REPLICA_OF"] = alias
            replica["OPTIONS"] |= {"connect_timeout": 2, "tcp_user_timeout": 2000}
            replicas[f"{alias}_replica"] = replica
    return replicas


def _url(env: environ.Env, kind: str, prefix: str) -> str:
    """The URL of a database for this kind of process; empty when none is configured."""
    named: str = env.str(prefix + _VARIABLE[kind], default="")
    if named or kind == "web":
        return named
    web: str = env.str(f"{prefix}DATABASE_URL", default="")
    seed: str = env.str("LOGIN_PASSWORD_SEED", default="")
    return login_url(web, LOGIN_OF_KIND[kind], seed) if web and seed else web


def _database(env: environ.Env, kind: str, url: str) -> dict[str, Any]:
    database: dict[str, Any] = dict(env.db_url_config(url, engine="shared.session.backend"))
    options = database.setdefault("OPTIONS", {})
    options["application_name"] = f"trellis-{kind}"
    database["CONN_HEALTH_CHECKS"] = True
    database["DISABLE_SERVER_SIDE_CURSORS"] = True  # so that PgBouncer may pool by transaction
    if kind == "migrations":
        database["MIGRATIONS"] = True
        options["assume_role"] = "trellis_owner"
    elif kind == "web":
        size = env.int("DATABASE_POOL_SIZE", default=0)
        if size > 0:
            database["POOL"] = {"size": size, "timeout": env.float("DATABASE_POOL_TIMEOUT", default=2.0)}
        else:  # a connection per server thread, kept: it carries no facts between units
            database["CONN_MAX_AGE"] = None
    return database
