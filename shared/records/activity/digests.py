"""What a seal is made of: digests of entries, of seals, and signatures.

An entry's digest is SHA-256 over a JSON array of its columns, computed by PostgreSQL, with a nonce of its own: whoever has
the digest cannot guess values that were erased since. A signature is HMAC-SHA256 with a key derived from SECRET_KEY, which
no database holds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import struct
from collections.abc import Iterator

from django.conf import settings

ENTRY_BYTES = 24
NOTHING = bytes(32)
"""What the first seal of a domain follows."""

LEAF = (
    "coalesce(leaf, sha256(convert_to(jsonb_build_array(position, nonce, organization_id, domain, "
    "(extract(epoch FROM at) * 1000000)::bigint, entity_type, entity_id, entity_version, action, changes, app, "
    "actor_kind, actor_id, actor_name, actor_ip, user_agent, request_id, reason)::text, 'UTF8')))"
)
ENTRIES = f"coalesce(string_agg(int8send(position) || substr({LEAF}, 1, 16), ''::bytea ORDER BY position), ''::bytea)"
"""``ActivitySeal.entries`` of rows of the log, as an aggregate."""


def seal_digest(
    *,
    domain: str,
    number: int,
    month: dt.date,
    after: int,
    until: int,
    entries: bytes,
    sealed_at: dt.datetime,
    previous: bytes,
) -> bytes:
    """SHA-256 over all that a seal says and the seal before."""
    moment = sealed_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    said = f"{domain}\n{number}\n{month.isoformat()}\n{after}\n{until}\n{moment}\n"
    return hashlib.sha256(previous + said.encode() + hashlib.sha256(entries).digest()).digest()


def sign(digest: bytes) -> bytes:
    """The signature of a seal's digest."""
    return _sign(settings.SECRET_KEY, digest)


def is_signed(digest: bytes, signature: bytes) -> bool:
    """Whether a signature was made with this installation's key, or one that it had before (SECRET_KEY_FALLBACKS)."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(_sign(key, digest), signature) for key in keys)


def _sign(secret: str, digest: bytes) -> bytes:
    key = hashlib.sha256(b"trellis.activity.seal\x00" + secret.encode()).digest()
    return hmac.digest(key, digest, "sha256")


def unpack(entries: bytes) -> Iterator[tuple[int, bytes]]:
    """(position, digest) of each entry."""
    for start in range(0, len(entries), ENTRY_BYTES):
        (position,) = struct.unpack_from(">q", entries, start)
        yield position, entries[start + 8 : start + ENTRY_BYTES]
