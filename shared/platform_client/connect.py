"""The configured implementation of the platform client, bound to a tenant."""

from __future__ import annotations

import datetime as dt
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from shared.domains.registry import served_domains
from shared.domains.service_secrets import find_service_secret
from shared.platform_client.protocol import PlatformClient
from shared.session import Actor, TenantMissingError, current


def platform_client(
    *,
    organization: uuid.UUID | None = None,
    actor: Actor | None = None,
    request_id: str | None = None,
    domain: str | None = None,
    as_of: dt.datetime | None = None,
) -> PlatformClient:
    """The client named by ``settings.PLATFORM_CLIENT``, for one tenant.

    What is not given is taken from the present unit of work; outside of one, pass ``organization``, and ``domain``,
    the app that asks. The client may be kept and used after the unit has ended. ``as_of``: its questions are about what was
    known at that moment, which has passed; it then only reads.
    """
    facts = current()
    if organization is None and facts is not None:
        organization = facts.organization
    if organization is None:
        raise TenantMissingError("platform_client() needs organization=… outside of a tenant's unit of work.")
    implementation = import_string(settings.PLATFORM_CLIENT)
    client: PlatformClient = implementation(
        organization=organization,
        actor=actor or (facts.actor if facts else Actor()),
        request_id=request_id if request_id is not None else (facts.request_id if facts else ""),
        domain=domain or (facts.domain if facts else "") or "",
        as_of=as_of or (facts.as_of if facts else None),
    )
    return client


def check_settings() -> None:
    """At a process's start: an address for PLATFORM_API_URL, and a secret for each app that will ask there.

    Raises ImproperlyConfigured.
    """
    if not settings.PLATFORM_API_URL:
        return
    parts = urlsplit(settings.PLATFORM_API_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(
            "PLATFORM_API_URL is not the address of a server: write it as in https://platform.example.com."
        )
    served = served_domains()
    if any(domain.central for domain in served):
        return  # it is the platform, which knows the seed where it is asked at all
    for domain in served:
        if not find_service_secret(domain.name):
            raise ImproperlyConfigured(missing_secret(domain.name))


def missing_secret(domain: str) -> str:
    """What to do where a domain's process cannot show who it is."""
    return (
        f"{domain.upper()}_SERVICE_SECRET is not set, so the platform would not know who asks: give this process the "
        f"secret of {domain}, which follows from the platform's SERVICE_SECRET_SEED."
    )
