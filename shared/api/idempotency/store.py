"""Claiming an idempotency key, keeping its answer, giving it again."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connections
from django.utils import timezone
from rest_framework.request import Request

from shared.api.caller import Caller
from shared.api.idempotency.models import IdempotencyKey
from shared.api.problems import ProblemError
from shared.records.identifiers import uuid7
from shared.session import current

KEPT = dt.timedelta(hours=24)
WAIT_SECONDS = 10.0
ABANDONED = dt.timedelta(seconds=60)
"""A provisional answer older than this will not be completed: its process is gone."""

_CLAIM = """INSERT INTO shared.idempotency_keys AS k
 (id, organization_id, created_at, created_by_app, domain, caller, key, method, path, request_hash, status, headers,
  body, final, expires_at)
 VALUES (%s, %s, now(), %s, %s, %s, %s, %s, %s, %s, NULL, '{}', '', false, %s)
 ON CONFLICT (organization_id, domain, caller, key) DO UPDATE
 SET id = excluded.id, created_at = now(), method = excluded.method, path = excluded.path,
     request_hash = excluded.request_hash, status = NULL, headers = '{}', body = '', final = false,
     expires_at = excluded.expires_at
 WHERE k.expires_at <= clock_timestamp()
 RETURNING k.id"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key as a request presents it."""

    key: str
    method: str
    path: str
    request_hash: str
    caller: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept."""

    status: int
    body: Any
    headers: dict[str, str]
    final: bool = True


def read_claim(request: Request, caller: Caller) -> Claim | None:
    """The Idempotency-Key of a POST, or None; a 400 problem when it is not usable."""
    if request.method != "POST":
        return None
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    key = key.strip().strip('"')
    if not 1 <= len(key) <= 255 or not key.isprintable() or not key.isascii():
        detail = "Idempotency-Key must be 1 to 255 printable ASCII characters, for example a UUID."
        errors = [{"header": "Idempotency-Key", "code": "invalid", "detail": detail}]
        raise ProblemError(400, "invalid_header", detail, errors=errors)
    raw = getattr(request._request, "raw_body", None)
    body = (
        raw
        if raw is not None
        else orjson.dumps(sorted((k, v) for k, v in dict(request.data).items() if _is_text(v)))
    )
    path = request.get_full_path()
    digest = hashlib.sha256(b"\x00".join((b"POST", path.encode(), body))).hexdigest()
    return Claim(key, "POST", path[:500], digest, caller.name)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def claim_or_find(claim: Claim) -> Answer | None:
    """Inside a unit: take the key (None: the caller is the first and goes on), or the answer kept for it.

    Another request that holds the key is waited for: until its transaction ends, by PostgreSQL's unique index.
    Raises a 422 problem when the key was used for a different request.
    """
    facts = current()
    assert facts is not None
    connection = connections[facts.alias]
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            [
                uuid7(), facts.organization, facts.domain, facts.domain, claim.caller, claim.key, claim.method,
                claim.path, claim.request_hash, timezone.now() + KEPT,
            ],
        )  # fmt: skip
        if cursor.fetchone() is not None:
            return None
    kept = _row(claim).first()
    if kept is None:  # its first request was undone, or it was purged, in this very moment
        raise ProblemError(
            409, "key_in_use", "A request with this Idempotency-Key is just ending: repeat it.",
            headers={"Retry-After": "1"},
        )  # fmt: skip
    if kept.request_hash != claim.request_hash:
        detail = "This Idempotency-Key was used for another request: use a fresh key for each one."
        errors = [{"header": "Idempotency-Key", "code": "key_reused", "detail": detail}]
        raise ProblemError(422, "key_reused", detail, errors=errors)
    return _answer(kept)


def keep(claim: Claim, answer: Answer) -> None:
    """Inside a unit: store the answer under the claimed key."""
    from shared.api.renderers import dumps

    _row(claim).update(
        status=answer.status, body=dumps(answer.body).decode(), headers=answer.headers, final=answer.final
    )


def wait_for_final(claim: Claim, unit: Callable[[], AbstractContextManager[Any]], found: Answer) -> Answer:
    """Outside of any unit: wait until the first request has completed its answer, which is then given to all."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = 0.02
    while not found.final and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)
        with unit():
            kept = _row(claim).first()
        if kept is None:
            break
        found = _answer(kept)
        if kept.created_at < timezone.now() - ABANDONED:
            break
    return found


def purge_expired(*, batch: int = 5000) -> int:
    """Delete keys whose time is over; runs in a unit of the operator or of a tenant. Returns how many.

    Those that another process is just deleting are passed over: several may look after one database.
    """
    expired = IdempotencyKey._base_manager.filter(expires_at__lte=timezone.now()).order_by()
    keys = expired.select_for_update(skip_locked=True).values_list("pk", flat=True)[:batch]
    deleted, _ = IdempotencyKey._base_manager.filter(pk__in=list(keys)).delete()
    return deleted


def _row(claim: Claim) -> Any:
    facts = current()
    assert facts is not None
    return IdempotencyKey._default_manager.filter(domain=facts.domain, caller=claim.caller, key=claim.key)


def _answer(kept: IdempotencyKey) -> Answer:
    return Answer(
        kept.status or 200, orjson.loads(kept.body) if kept.body else None, dict(kept.headers), kept.final
    )
