"""Whether the activity log is as it was sealed: names the first entry that was altered, removed or slipped in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connections

from shared.records.activity import digests, heads
from shared.records.activity.models import ActivitySeal
from shared.session.facts import current

RETIRED = "retired"
"""The act of dropping a month, as the log has it."""


@dataclass
class Findings:
    """``faults``: a sentence for the first fault of each domain. ``notes``: what could not be looked at."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify_activity(domains: list[str]) -> Findings:
    """Compare what these domains have in the log with its seals, and these with the heads that were kept outside.

    Reads the database of this operator's unit, in which the domains live. Raises RuntimeError outside of a unit.
    """
    facts = current()
    if facts is None:
        raise RuntimeError("Verify as the operator: with operating(reason=…).")
    findings = Findings()
    with connections[facts.alias].cursor() as cursor:
        for name in domains:
            _verify_domain(cursor, name, findings)
        findings.unsealed = sum(_count_unsealed(cursor, name) for name in domains)
    return findings


def _count_unsealed(cursor: Any, domain: str) -> int:
    cursor.execute(
        "SELECT count(*) FROM shared.activity_events WHERE domain = %s "
        "AND position > coalesce((SELECT max(until) FROM shared.activity_seals WHERE domain = %s), 0)",
        [domain, domain],
    )
    return int(cursor.fetchone()[0])


def _verify_domain(cursor: Any, domain: str, findings: Findings) -> None:
    retired = _retired_months(cursor)
    previous, number, until = digests.NOTHING, 0, 0
    known: dict[int, str] = {}
    seals = ActivitySeal.objects.filter(domain=domain).order_by("number")
    for bounds, group in groupby(seals.iterator(chunk_size=200), key=lambda seal: (seal.after, seal.until)):
        run = list(group)
        for seal in run:
            number += 1
            fault = _fault_of_seal(seal, number, previous)
            if fault:
                findings.faults.append(f"{domain}: {fault}")
                return
            previous = bytes(seal.digest)
            known[number] = previous.hex()
        if bounds[0] != until:
            findings.faults.append(
                f"{domain}: seal {run[0].number} does not go on where the one before ended."
            )
            return
        until = bounds[1]
        fault = next(_faults_of_entries(cursor, domain, run, retired), "")
        if fault:
            findings.faults.append(f"{domain}: {fault}")
            return
        findings.seals += len(run)
        findings.entries += sum(len(seal.entries) for seal in run) // digests.ENTRY_BYTES
    fault = _fault_of_erased(cursor, domain)
    if fault:
        findings.faults.append(f"{domain}: {fault}")
    _compare_head(domain, number, known, findings)


def _fault_of_erased(cursor: Any, domain: str) -> str:
    """An entry whose values were erased keeps its digest, and so proves nothing of values that it has all the same."""
    cursor.execute(
        "SELECT position FROM shared.activity_events WHERE domain = %s AND leaf IS NOT NULL AND (nonce IS NOT NULL OR "
        "EXISTS (SELECT FROM jsonb_each(changes) WHERE value <> '[null, null]')) ORDER BY position LIMIT 1",
        [domain],
    )
    found = cursor.fetchone()
    return (
        f"entry {found[0]} was altered under cover of an erasure. {_described(cursor, found[0])}"
        if found
        else ""
    )


def _fault_of_seal(seal: ActivitySeal, number: int, previous: bytes) -> str:
    """What is wrong with a seal itself; empty where nothing is."""
    if seal.number != number:
        return f"seal {number} is missing: the next is {seal.number}."
    if bytes(seal.previous) != previous:
        return f"seal {number} does not follow the one before: it was put in its place."
    digest = digests.seal_digest(
        domain=seal.domain, number=seal.number, month=seal.month, after=seal.after, until=seal.until,
        entries=bytes(seal.entries), sealed_at=seal.sealed_at, previous=previous,
    )  # fmt: skip
    if digest != bytes(seal.digest):
        return f"seal {number} was altered: its digest is not that of what it says."
    if not digests.is_signed(digest, bytes(seal.signature)):
        return f"seal {number} was not made by this installation: its signature is wrong, or SECRET_KEY was changed."
    return ""


def _faults_of_entries(
    cursor: Any, domain: str, run: list[ActivitySeal], retired: dict[dt.date, str]
) -> Iterator[str]:
    cursor.execute(
        f"SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, {digests.ENTRIES} FROM shared.activity_events "
        "WHERE domain = %s AND position > %s AND position <= %s GROUP BY 1 ORDER BY 1",
        [domain, run[0].after, run[0].until],
    )
    there = {month: bytes(entries) for month, entries in cursor.fetchall()}
    for seal in run:
        entries = there.pop(seal.month, b"")
        if entries == bytes(seal.entries) or (not entries and seal.month in retired):
            continue
        yield from _differences(cursor, seal, dict(digests.unpack(entries)))
    for month, entries in there.items():
        position, _ = next(digests.unpack(entries))
        yield f"entry {position} was slipped in: no seal of {month:%Y-%m} has it. {_described(cursor, position)}"


def _differences(cursor: Any, seal: ActivitySeal, there: dict[int, bytes]) -> Iterator[str]:
    sealed = dict(digests.unpack(bytes(seal.entries)))
    for position in sorted({*sealed, *there}):
        if position not in there:
            yield f"entry {position} was removed: seal {seal.number} of {seal.sealed_at:%Y-%m-%d %H:%M:%S} UTC has it."
        elif position not in sealed:
            yield f"entry {position} was slipped in: seal {seal.number} does not have it. {_described(cursor, position)}"
        elif there[position] != sealed[position]:
            yield f"entry {position} was altered after seal {seal.number}. {_described(cursor, position)}"


def _described(cursor: Any, position: int) -> str:
    cursor.execute(
        "SELECT entity_type, entity_id, action, at FROM shared.activity_events WHERE position = %s",
        [position],
    )
    kind, identifier, action, at = cursor.fetchone()
    return f"It says: {kind} {identifier} {action} at {at:%Y-%m-%d %H:%M:%S} UTC."


def _retired_months(cursor: Any) -> dict[dt.date, str]:
    """Months that were dropped when their time was over, as the log tells."""
    cursor.execute(
        "SELECT changes -> 'month' ->> 0, actor_name FROM shared.activity_events WHERE action = %s "
        "AND entity_type = 'shared.activity_events'",
        [RETIRED],
    )
    return {dt.date.fromisoformat(month): name for month, name in cursor.fetchall()}


def _compare_head(domain: str, number: int, known: dict[int, str], findings: Findings) -> None:
    """The end of the chain against what was kept outside: cut-off seals leave no other trace."""
    head = heads.kept_head(domain)
    if head is None:
        if number:
            findings.notes.append(
                f"{domain}: no head was kept outside of the database, so a cut-off end cannot be seen."
            )
    elif head.number > number:
        findings.faults.append(
            f"{domain}: the end was cut off: seal {head.number} was made, the newest here is {number}."
        )
    elif known.get(head.number) != head.digest:
        findings.faults.append(f"{domain}: seal {head.number} is another one than was noted outside.")
