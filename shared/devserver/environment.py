"""`.dev/env`: the environment of every process of this checkout."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.devserver.refusal import Refusal
from shared.domains.logins import login_url

DATABASE = "trellis"
LOGINS = {
    "DATABASE_URL": "trellis_web",
    "WORKER_DATABASE_URL": "trellis_worker",
    "MIGRATION_DATABASE_URL": "trellis_migrator",
}
_SHAPE = "postgresql://user:password@host:5432/database"


def bootstrap_url(url: str) -> str:
    """A superuser's URL whose path names the platform's database: `trellis` where it names none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # it is parsed, and refused, when it is read
    except ValueError as error:
        raise Refusal(f"DATABASE_URL cannot be read ({error}): it must look like {_SHAPE}.") from error
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or not parts.username:
        raise Refusal(f"DATABASE_URL must look like {_SHAPE}.")
    named = unquote(parts.path.strip("/"))
    return parts._replace(
        scheme="postgresql", path=f"/{DATABASE if named in {'', 'postgres'} else named}"
    ).geturl()


def make_environment(
    home: Path, *, bootstrap: str, redis_url: str, base_url: str, own_server: bool
) -> dict[str, str]:
    """The variables, with secrets that are made once and kept in ``home``.

    Logins belong to the whole server: on one that is not our own the seed of their passwords follows from its
    URL, so that two checkouts which share it do not lock each other out, and accept the same API keys.
    """
    kept = _secrets(home / "secrets.json")
    if own_server:
        seed, pepper = kept["LOGIN_PASSWORD_SEED"], kept["API_KEY_PEPPER"]
    else:
        seed, pepper = _derived(bootstrap, "logins"), _derived(bootstrap, "api keys")
    return {
        "SECRET_KEY": kept["SECRET_KEY"],
        "API_KEY_PEPPER": pepper,
        "LOGIN_PASSWORD_SEED": seed,
        "SERVICE_SECRET_SEED": kept["SERVICE_SECRET_SEED"],
        "BOOTSTRAP_DATABASE_URL": bootstrap,
        **{name: login_url(bootstrap, login, seed) for name, login in LOGINS.items()},
        "REDIS_URL": redis_url,
        "BASE_URL": base_url,
        "DEBUG": "0",
        "ROLL_OUT_AT_ONCE": "1",
    }


def urls_of_moved_domains(path: Path, bootstrap: str) -> dict[str, str]:
    """The URLs of domains that `split_domain` has moved, from the environment of the last start.

    Where one lies on the server of that start, it lies on today's, which may listen elsewhere.
    """
    lines = path.read_text().splitlines() if path.is_file() else []
    last = dict(line.partition("=")[::2] for line in lines)
    before, now = _server(last.get("BOOTSTRAP_DATABASE_URL", "")), _server(bootstrap)
    found = {}
    for name, url in last.items():
        if name.endswith("_DATABASE_URL") and name not in LOGINS and name != "BOOTSTRAP_DATABASE_URL":
            login, _, server = urlsplit(url).netloc.rpartition("@")
            place = now if server == before else server
            found[name] = urlsplit(url)._replace(netloc=f"{login}@{place}").geturl()
    return found


def _server(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def write_environment(path: Path, variables: dict[str, str]) -> None:
    """Write a KEY=VALUE file that this user alone may read."""
    write_private(path, "".join(f"{name}={value}\n" for name, value in variables.items()))


def write_private(path: Path, text: str) -> None:
    """Write ``text`` to a file that this user alone may read, whole or not at all."""
    making = path.with_name(path.name + ".making")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    making.rename(path)


def _secrets(path: Path) -> dict[str, str]:
    names = ("SECRET_KEY", "API_KEY_PEPPER", "LOGIN_PASSWORD_SEED", "SERVICE_SECRET_SEED")
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        kept = {}
    if not all(kept.get(name) for name in names):
        kept = {name: kept.get(name) or secrets.token_hex(32) for name in names}
        write_private(path, json.dumps(kept, indent=1))
    return kept


def _derived(bootstrap: str, purpose: str) -> str:
    parts = urlsplit(bootstrap)
    server = f"{purpose} of {parts.username}@{parts.hostname}:{parts.port or 5432}"
    return hmac.new((parts.password or "").encode(), server.encode(), hashlib.sha256).hexdigest()
