"""How an app's process shows the platform who is asking: a signed statement with every request.

It names the domain, the tenant, the actor and the request, holds for one request (method, address and body are signed
with it) and for half a minute. The domain's secret signs it, so no database is asked to verify it.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from shared.domains.service_secrets import find_service_secret
from shared.session.facts import Actor

SCHEME = "Service"
LIFETIME = 30.0
"""Seconds that a statement holds, and by which two machines' clocks may differ."""
_SALT = "trellis.platform-client"
_KINDS = ("user", "key", "system")


class BadCredentialsError(ValueError):
    """The statement is not of a domain's process, not for this request, or too old."""


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """Which domain asks, for which tenant, in whose name."""

    domain: str
    organization: uuid.UUID
    actor: Actor
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What of a request is signed: ``target`` is its path from /api/ on, with the query."""

    method: str
    target: str
    body: bytes = b""

    def digest(self) -> str:
        """A hash over all of it."""
        return hashlib.sha256(b"\0".join((self.method.encode(), self.target.encode(), self.body))).hexdigest()


def sign_call(call: ServiceCall, request: SignedRequest, secret: str) -> str:
    """The value of the Authorization header."""
    actor = call.actor
    signed = Signer(key=secret, salt=_SALT).sign_object(
        {
            "at": time.time(),
            "request": request.digest(),
            "organization": call.organization.hex,
            "actor": [actor.kind, actor.id and str(actor.id), actor.name, actor.ip, actor.user_agent],
            "id": call.request_id,
        }
    )
    return f"{SCHEME} {call.domain}:{signed}"


def verify_call(credentials: str, request: SignedRequest) -> ServiceCall:
    """Who asks; raises BadCredentialsError. ``credentials`` is the header's value without its scheme."""
    domain, _, signed = credentials.partition(":")
    secret = find_service_secret(domain)
    if not secret:
        raise BadCredentialsError(f"no secret is known for {domain[:40]!r}")
    try:
        said = Signer(key=secret, salt=_SALT).unsign_object(signed)
        kind, actor_id, name, ip, user_agent = said["actor"]
        if kind not in _KINDS:
            raise BadCredentialsError("an actor of this kind is not known")
        actor = Actor(kind, actor_id and uuid.UUID(actor_id), str(name)[:200], ip, str(user_agent)[:300])
        call = ServiceCall(domain, uuid.UUID(said["organization"]), actor, str(said["id"])[:64])
        age, digest = abs(time.time() - said["at"]), said["request"]
    except (BadSignature, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCredentialsError("the signature does not fit") from error
    if age > LIFETIME:
        raise BadCredentialsError(f"signed {age:.0f} s ago or ahead; compare the machines' clocks")
    if digest != request.digest():
        raise BadCredentialsError("signed for another request")
    return call
