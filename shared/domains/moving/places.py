"""Where a database is, and how a move signs in there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from shared.domains.logins import login_password
from shared.domains.moving.errors import MoveError
from shared.domains.moving.tables import Connection
from shared.domains.registry import MIGRATION_LOGIN, OWNER_ROLE

_SHAPE = "postgresql://user:password@host:5432/database"


@dataclass(frozen=True)
class Place:
    """A database on a server, and a login for it."""

    host: str
    port: int
    name: str
    user: str
    password: str
    query: str = ""

    @property
    def public(self) -> str:
        """The place without its login."""
        return f"postgresql://{self.host}:{self.port}/{self.name}"

    @property
    def url(self) -> str:
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        query = f"?{self.query}" if self.query else ""
        return f"postgresql://{login}@{self.host}:{self.port}/{quote(self.name, safe='')}{query}"

    def same_as(self, other: Place) -> bool:
        return (self.host, self.port, self.name) == (other.host, other.port, other.name)

    def as_login(self, login: str, seed: str) -> Place:
        return replace(self, user=login, password=login_password(seed, login))


def read_place(url: str) -> Place:
    """The place that a URL names; raises MoveError with its shape."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise MoveError(f"--to cannot be read ({error}): it must look like {_SHAPE}.") from error
    name = unquote(parts.path.strip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or not parts.username or not name:
        raise MoveError(f"--to must look like {_SHAPE}.")
    return Place(
        parts.hostname, port, name, unquote(parts.username), unquote(parts.password or ""), parts.query
    )


def place_of(database: dict[str, Any]) -> Place:
    """The place of one of Django's DATABASES."""
    return Place(
        str(database["HOST"]),
        int(database.get("PORT") or 5432),
        str(database["NAME"]),
        str(database["USER"]),
        str(database["PASSWORD"]),
    )


def owner_connection(place: Place, seed: str) -> Connection:
    """A connection that acts as the owner, and waits as long as it must. Raises MoveError."""
    login = place.as_login(MIGRATION_LOGIN, seed)
    try:
        connection = psycopg.connect(login.url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise MoveError(
            f"The login {MIGRATION_LOGIN} cannot sign in at {place.public} ({_first_line(error)}): is the server up, "
            "and LOGIN_PASSWORD_SEED that of this installation?"
        ) from error
    connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER_ROLE)))
    connection.execute(
        "SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false), "
        "set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false), "
        "set_config('application_name', 'trellis-move', false)"
    )
    return connection


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
