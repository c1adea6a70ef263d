"""The new URL in the files from which processes read their environment."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from shared.domains.moving.places import Place
from shared.domains.registry import WEB_LOGIN, Domain


def write_url(path: Path, domain: Domain, place: Place, seed: str, *, home: Place) -> None:
    """Set ``SUPPORT_DATABASE_URL``; take it away where the domain comes back to the home database.

    A process keeps the login that it had for the domain (its own app's, or the combined one's).
    """
    prefix = f"{domain.name.upper()}_"
    lines = path.read_text().splitlines()
    variables = dict(line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#"))
    kept = [line for line in lines if not _is_url_of(line, prefix)]
    login = urlsplit(variables.get(f"{prefix}DATABASE_URL", "")).username or WEB_LOGIN
    if not place.same_as(home) or login != WEB_LOGIN:
        kept.append(f"{prefix}DATABASE_URL={place.as_login(login, seed).url}")
    making = path.with_name(f"{path.name}.making")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(kept) + "\n")
    making.chmod(path.stat().st_mode & 0o777)
    making.rename(path)


def _is_url_of(line: str, prefix: str) -> bool:
    """The domain's URLs for the kinds of processes follow from the one that is written."""
    name = line.partition("=")[0]
    return name in {f"{prefix}{kind}DATABASE_URL" for kind in ("", "WORKER_", "MIGRATION_", "BOOTSTRAP_")}
