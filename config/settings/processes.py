"""What a process serves, and where the others answer: from SERVE and ``<NAME>_BASE_URL``."""

from __future__ import annotations

from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from shared.domains.registry import Domain


def served_names(
    env: environ.Env, kind: str, declared: tuple[Domain, ...], *, platform_by_api: bool
) -> tuple[str, ...]:
    """The names in SERVE; empty when the process serves every domain.

    Raises ImproperlyConfigured for a name that no domain has, and for a web or worker process that could reach the
    platform in no way.
    """
    names = tuple(name.strip() for name in env.list("SERVE", default=[]) if name.strip())
    known = [domain.name for domain in declared]
    if unknown := [name for name in names if name not in known]:
        raise ImproperlyConfigured(
            f"SERVE names {', '.join(unknown)}, which is no domain: choose among {', '.join(known)}."
        )
    central = next(domain.name for domain in declared if domain.central)
    if names and central not in names and not platform_by_api and kind != "migrations":
        raise ImproperlyConfigured(
            f"A process that serves {', '.join(names)} reaches the {central} by HTTP: "
            f"set PLATFORM_API_URL, or add {central} to SERVE."
        )
    return names


def base_urls(env: environ.Env, declared: tuple[Domain, ...]) -> dict[str, str]:
    """Where each domain's process answers, by name, as far as the environment says."""
    found = {}
    for domain in declared:
        variable = f"{domain.name.upper()}_BASE_URL"
        url = env.str(variable, default="").rstrip("/")
        if not url:
            continue
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise ImproperlyConfigured(
                f"{variable} must be a scheme and a host, such as https://{domain.name}.example.com."
            )
        found[domain.name] = url
    return found


def cookie_suffix(served: tuple[str, ...], declared: tuple[Domain, ...]) -> str:
    """What the names of a process's cookies end in: browsers share cookies among the ports of a host, so an app's
    process must not take the platform's for its own."""
    central = next(domain.name for domain in declared if domain.central)
    return f"_{'_'.join(served)}" if served and central not in served else ""
