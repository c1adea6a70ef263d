"""Sealing the activity log: what was written can no longer be changed unnoticed.

Entries are sealed once they are final (``ActivityHorizon``), in the order of their positions, by domain and month: a domain
takes its seals along when it moves, and a month can go when its time is over.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from shared.domains.router import domains_in
from shared.records.activity import digests, heads
from shared.records.activity.models import ActivityHorizon, ActivitySeal
from shared.session.facts import current

BATCH = 50_000
"""Positions in a run of seals: 24 bytes each go into memory."""

_LOCK = 0x5EA1
_FINAL = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEXT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@dataclass
class _Chain:
    """The end of a domain's seals."""

    number: int = 0
    until: int = 0
    digest: bytes = digests.NOTHING


def seal_activity() -> int:
    """Seal what is final in the database of this operator's unit; returns how many entries.

    What is written now is sealed by the call after the next, since its transaction must have ended. Two of them take
    turns. Raises RuntimeError outside of a unit.
    """
    facts = current()
    if facts is None:
        raise RuntimeError("Seal as the operator: with operating(reason=…).")
    with transaction.atomic(using=facts.alias), connections[facts.alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before, final = _move_horizon(cursor)
        chains = _read_chains()
        sealed = 0
        made: list[ActivitySeal] = []
        for domain in _domains_between(cursor, before, final):
            chain = chains.setdefault(domain, _Chain())
            start = max(
                before, chain.until
            )  # rows of a domain that came from elsewhere may be sealed already
            while start < final:
                until = min(start + BATCH, final)
                found = _seal(cursor, domain, chain, start, until)
                made += found
                sealed += sum(len(seal.entries) for seal in found) // digests.ENTRY_BYTES
                start = until
        ActivitySeal.objects.bulk_create(made)
    for domain in {seal.domain for seal in made}:
        head = heads.Head(domain, chains[domain].number, chains[domain].digest.hex())
        # A head that is ahead of its chain would tell of an end that was cut off.
        transaction.on_commit(partial(heads.keep_head, head), using=facts.alias)
    return sealed


def _move_horizon(cursor: Any) -> tuple[int, int]:
    """Positions up to which entries were final the last time, and are now; notes how far to look the next time."""
    horizon = ActivityHorizon.objects.filter(pk=1).first()
    # First the position, then the transaction: whoever drew a lower position has begun by then.
    cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM shared.activity_position")
    position = cursor.fetchone()[0]
    cursor.execute(f"SELECT {_FINAL}, {_NEXT}")
    oldest, following = cursor.fetchone()
    if horizon is None:
        ActivityHorizon.objects.create(pk=1, position=position, transaction=following)
        return 0, 0
    before = horizon.final
    if oldest >= horizon.transaction:
        horizon.final, horizon.position, horizon.transaction = horizon.position, position, following
        horizon.save()
    return before, horizon.final


def _read_chains() -> dict[str, _Chain]:
    newest = ActivitySeal.objects.order_by("domain", "-number").distinct("domain")
    rows = newest.values_list("domain", "number", "until", "digest")
    return {domain: _Chain(number, until, bytes(digest)) for domain, number, until, digest in rows}


def _domains_between(cursor: Any, before: int, final: int) -> list[str]:
    cursor.execute(
        "SELECT DISTINCT domain FROM shared.activity_events WHERE position > %s AND position <= %s ORDER BY domain",
        [before, final],
    )
    living = {domain.name for domain in domains_in(cursor.db.alias)}
    return [domain for (domain,) in cursor.fetchall() if domain in living]


def _seal(cursor: Any, domain: str, chain: _Chain, after: int, until: int) -> list[ActivitySeal]:
    """The seals of a run of positions, one for each month; the chain goes on with them."""
    cursor.execute(
        f"SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, {digests.ENTRIES} FROM shared.activity_events "
        "WHERE domain = %s AND position > %s AND position <= %s GROUP BY 1 ORDER BY 1",
        [domain, after, until],
    )
    made = []
    begin = chain.until
    for month, entries in cursor.fetchall():
        made.append(_next_seal(domain, chain, month, begin, until, bytes(entries)))
    return made


def _next_seal(
    domain: str, chain: _Chain, month: dt.date, after: int, until: int, entries: bytes
) -> ActivitySeal:
    sealed_at = timezone.now()
    chain.number += 1
    digest = digests.seal_digest(
        domain=domain, number=chain.number, month=month, after=after, until=until, entries=entries,
        sealed_at=sealed_at, previous=chain.digest,
    )  # fmt: skip
    seal = ActivitySeal(
        domain=domain, number=chain.number, month=month, after=after, until=until, entries=entries,
        sealed_at=sealed_at, previous=chain.digest, digest=digest, signature=digests.sign(digest),
    )  # fmt: skip
    chain.digest, chain.until = digest, until
    return seal
