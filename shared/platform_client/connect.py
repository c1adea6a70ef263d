"""The configured implementation of the platform client, bound to a tenant."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.utils.module_loading import import_string

from shared.platform_client.protocol import PlatformClient
from shared.session import Actor, TenantMissingError, current


def platform_client(
    *, organization: uuid.UUID | None = None, actor: Actor | None = None, request_id: str | None = None
) -> PlatformClient:
    """The client named by ``settings.PLATFORM_CLIENT``, for one tenant.

    What is not given is taken from the present unit of work; outside of one, pass ``organization``. The
    client may be kept and used after the unit has ended.
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
    )
    return client
