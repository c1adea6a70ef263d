"""The new URL in the files from which processes read their environment."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from shared.domains.moving.places import Place, read_place
from shared.domains.registry import WEB_LOGIN, Domain, domains


def environment_files(path: Path) -> list[Path]:
    """The file at ``path``, and those of processes that serve single domains beside it (`env.support`)."""
    candidates = (path, *(path.with_name(f"{path.name}.{domain.name}") for domain in domains()))
    return [file for file in candidates if file.is_file()]


def write_url(path: Path, domain: Domain, place: Place, seed: str) -> None:
    """Set ``SUPPORT_DATABASE_URL``; take it away where the domain comes back to the file's ``DATABASE_URL``.

    A process keeps the login that it had for the domain (its own app's, or the combined one's). The file's time stays:
    processes look into it when ``announce`` has changed that, or when they find the old tables out of reach.
    """
    prefix = f"{domain.name.upper()}_"
    lines = path.read_text().splitlines()
    variables = dict(line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#"))
    served = [name.strip() for name in variables.get("SERVE", "").split(",") if name.strip()]
    if served and domain.name not in served:
        return  # a process that does not act for the domain gets no login for its database
    kept = [line for line in lines if not _is_url_of(line, prefix)]
    login = urlsplit(variables.get(f"{prefix}DATABASE_URL", "")).username or WEB_LOGIN
    home = variables.get("DATABASE_URL")
    if login != WEB_LOGIN or not home or not place.same_as(read_place(home)):
        kept.append(f"{prefix}DATABASE_URL={place.as_login(login, seed).url}")
    making = path.with_name(f"{path.name}.making")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(kept) + "\n")
    before = path.stat()
    making.chmod(before.st_mode & 0o777)
    os.utime(making, ns=(before.st_atime_ns, before.st_mtime_ns))
    making.rename(path)


def announce(path: Path) -> None:
    """The move has ended: processes whose environment this is go to the new database with their next request."""
    os.utime(path)


def _is_url_of(line: str, prefix: str) -> bool:
    """The domain's URLs for the kinds of processes follow from the one that is written."""
    name = line.partition("=")[0]
    return name in {f"{prefix}{kind}DATABASE_URL" for kind in ("", "WORKER_", "MIGRATION_", "BOOTSTRAP_")}
