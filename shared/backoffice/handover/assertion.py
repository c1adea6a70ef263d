"""What the platform says of a person to another domain's process: signed, for that process alone, for a minute."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.utils.http import url_has_allowed_host_and_scheme

from shared.domains.service_secrets import find_service_secret
from shared.tenancy.staff import StaffMembership

LIFETIME = 60
"""Seconds that an assertion holds."""

MOST_MEMBERSHIPS = 20
"""An assertion travels in an address, which servers cut off at 4,094 characters; a tenant takes about 120."""

_SALT = "trellis.hand-over"
_BACK_SALT = "trellis.hand-back"


class HandOverError(Exception):
    """The hand-over is refused; the sentence is for the person."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """One person on their way to one process.

    ``state`` is known to the browser that asked. ``host`` is the tenant's hostname that they are to come to, empty for
    the process's own address. ``organization`` is the tenant in force at the platform.
    """

    audience: str
    user_id: uuid.UUID
    name: str
    email: str
    memberships: tuple[StaffMembership, ...]
    organization: uuid.UUID | None
    next: str
    state: str
    host: str = ""
    at: float = field(default_factory=time.time)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(12))


def sign_hand_over(given: HandOver) -> str:
    """The assertion: signed with the secret that the platform shares with the audience."""
    in_force_first = sorted(given.memberships, key=lambda m: m.organization_id != given.organization)
    said = {
        "to": given.audience,
        "id": given.user_id.hex,
        "name": given.name,
        "email": given.email,
        "tenants": [
            [m.organization_id.hex, m.tenant_name, m.tenant_slug, m.tenant_status, m.role, list(m.domains)]
            for m in in_force_first[:MOST_MEMBERSHIPS]
        ],
        "tenant": given.organization.hex if given.organization else "",
        "next": given.next,
        "state": given.state,
        "host": given.host,
        "at": given.at,
        "token": given.token,
    }
    return signing.dumps(said, key=find_service_secret(given.audience), salt=_SALT, compress=True)


def read_hand_over(text: str, audience: str) -> HandOver:
    """What an assertion says to ``audience``; raises HandOverError for one that is forged, foreign or too old."""
    said = _loads(text, audience, _SALT)
    if said["to"] != audience:
        raise HandOverError(
            f"This sign-in was meant for {said['to']}, not for {audience}: open the page again."
        )
    return HandOver(
        audience=said["to"],
        user_id=uuid.UUID(said["id"]),
        name=said["name"],
        email=said["email"],
        memberships=tuple(_membership(row) for row in said["tenants"]),
        organization=uuid.UUID(said["tenant"]) if said["tenant"] else None,
        next=said["next"],
        state=said["state"],
        host=said["host"],
        at=said["at"],
        token=said["token"],
    )


def sign_hand_back(domain: str, user_id: uuid.UUID) -> str:
    """The statement of a domain's process that a person has signed out there."""
    return signing.dumps(user_id.hex, key=find_service_secret(domain), salt=_BACK_SALT)


def read_hand_back(text: str, domain: str) -> uuid.UUID:
    """Who has signed out at a domain's process; raises HandOverError."""
    return uuid.UUID(_loads(text, domain, _BACK_SALT))


def is_local(path: str) -> bool:
    """Whether an address to go on to lies on the same host."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def _loads(text: str, domain: str, salt: str) -> Any:
    secret = find_service_secret(domain)
    try:
        if not secret:
            raise signing.BadSignature
        return signing.loads(text, key=secret, salt=salt, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise HandOverError(f"This sign-in is older than {LIFETIME} seconds: open the page again.") from error
    except signing.BadSignature as error:
        raise HandOverError(
            f"This sign-in was not made by the platform for {domain}: open the page again."
        ) from error


def _membership(row: list[Any]) -> StaffMembership:
    organization, name, slug, status, role, domains = row
    return StaffMembership(uuid.UUID(organization), name, slug, status, role, tuple(domains))
