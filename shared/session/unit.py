"""The unit of work: a transaction that runs as one domain, for one organization, by one actor.

``acting`` sets the facts with ``set_config(…, is_local => true)`` in one round trip, so that they end with the
transaction and no connection pool can carry them to the next user.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import Escaping

from shared.domains.registry import OPERATOR_ROLE, get_domain, refuse_unserved
from shared.domains.router import alias_of, has_tenant_schema
from shared.session.facts import Actor, Facts, OutsideUnitError, TenantMissingError, _current
from shared.session.login import refuse_unsafe_login
from shared.session.replica import alias_for_reading, refuse_stranger, replica_alias

_INHERIT: Final = object()
_NO_FACTS = Facts(domain=None, organization=None)
_looking_up: ContextVar[bool] = ContextVar("trellis_looking_up", default=False)

# What Django itself sends around a unit: savepoints of an enclosing test transaction, deferred checks.
_TRANSACTION_CONTROL = ("SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT ", "SET CONSTRAINTS ")


_READING = ("role", "search_path", "app.domain", "app.organization_id")
"""What PostgreSQL must know of a unit that only reads."""


def tenant_schema_name(organization: uuid.UUID) -> str:
    """The PostgreSQL schema for tables that belong to this tenant alone."""
    return f"tenant_{organization.hex}"


@contextmanager
def acting(
    *,
    domain: str | object = _INHERIT,
    organization: uuid.UUID | object | None = _INHERIT,
    actor: Actor | object = _INHERIT,
    request_id: str | object = _INHERIT,
    reason: str | object = _INHERIT,
    reading: bool = False,
    replica: bool = True,
    as_of: dt.datetime | object | None = _INHERIT,
) -> Iterator[Facts]:
    """Open a unit of work: a transaction under the facts domain, organization and actor.

    ``reading``: the unit does not write. ``replica`` then lets the replica answer, where one is configured and fresh
    (``replica.py``). Within another unit it changes nothing but for a unit that is on the replica itself.
    ``as_of``: a moment that has passed, of which the ORM's queries in this unit are; they can only read.

    What is not given is taken from the enclosing unit. A nested unit restores the outer facts when it ends.
    Raises TenantMissingError when no organization is known (only the central domain may act without one, for
    signing in), UnknownDomainError for a domain that is not declared, DomainNotServedError for one outside SERVE.
    """
    outer = _current.get()
    base = outer or _NO_FACTS
    name = base.domain if domain is _INHERIT else domain
    if not isinstance(name, str):
        raise TenantMissingError("acting() needs domain=…: which app acts?")
    declared = get_domain(name)
    refuse_unserved(name)
    moment = base.as_of if as_of is _INHERIT else as_of
    reading = reading or moment is not None
    facts = base.with_(
        domain=name,
        role=declared.role,
        alias=_alias(name, reading=reading and replica, outer=outer),
        reads=reading and (outer is None or outer.reads),
        organization=base.organization if organization is _INHERIT else organization,
        actor=base.actor if actor is _INHERIT else actor,
        request_id=base.request_id if request_id is _INHERIT else request_id,
        reason=base.reason if reason is _INHERIT else reason,
        as_of=moment,
    )
    if facts.organization is None and not declared.central:
        raise TenantMissingError(
            f"{name} cannot act without a tenant: pass organization=…, or open operating(reason=…) "
            "when the work is meant to span tenants."
        )
    with _unit(facts, outer):
        yield facts


def _alias(domain: str, *, reading: bool, outer: Facts | None) -> str:
    """A nested unit stays in its outer one's transaction; one that may write goes to the database itself."""
    alias = alias_of(domain)
    if not reading:
        return alias
    if outer is None:
        return alias_for_reading(alias)
    return outer.alias if outer.alias == replica_alias(alias) else alias


@contextmanager
def operating(*, reason: str, domain: str | None = None) -> Iterator[Facts]:
    """Open a unit as the operator, who sees every tenant; for commands and maintenance, never for a request.

    ``domain`` chooses whose database (the process's home when not given). Raises DomainNotServedError for one outside
    SERVE, PermissionDenied from PostgreSQL when the process's login is not an operator.
    """
    if not reason:
        raise ValueError("operating() needs a reason: it is written to the log beside what was done.")
    if domain is not None:
        refuse_unserved(domain)
    outer = _current.get()
    facts = (outer or _NO_FACTS).with_(
        domain=domain,
        role=OPERATOR_ROLE,
        organization=None,
        reason=reason,
        alias=alias_of(domain),
        reads=False,
        as_of=None,
    )
    with _unit(facts, outer):
        yield facts


@contextmanager
def _unit(facts: Facts, outer: Facts | None) -> Iterator[None]:
    connection = connections[facts.alias]
    try:
        with transaction.atomic(using=facts.alias):
            token = _current.set(facts)
            try:
                _tell(connection, facts)
                yield
                # An outer transaction goes on after this unit: SET LOCAL outlives RELEASE SAVEPOINT, so what held
                # before must be said again. (A rollback to the savepoint restores it by itself.)
                if len(connection.savepoint_ids) > 0 and not connection.needs_rollback:
                    before = outer if outer is not None and outer.alias == facts.alias else _NO_FACTS
                    if before != facts:
                        _tell(connection, before)
            finally:
                _current.reset(token)
    finally:
        connection.rest()  # type: ignore[attr-defined]  # our backend's


def _tell(connection: BaseDatabaseWrapper, facts: Facts, *, again: bool = False) -> None:
    """Set the facts, transaction-locally, in the same message as the unit's first statement; ``again``: others were told
    before."""
    actor = facts.actor
    path = "public, pg_temp"
    if facts.domain and facts.organization and has_tenant_schema(facts.domain):
        path = f"{tenant_schema_name(facts.organization)}, {path}"
    settings = {
        "role": facts.role,
        "search_path": path,
        "app.domain": facts.domain,
        "app.organization_id": facts.organization,
        "app.actor_kind": actor.kind,
        "app.actor_id": actor.id,
        "app.actor_name": actor.name,
        "app.actor_ip": actor.ip,
        "app.user_agent": actor.user_agent,
        "app.request_id": facts.request_id,
        "app.reason": facts.reason,
    }
    nested = again or len(connection.savepoint_ids) > 0
    connection.ensure_connection()
    escape = Escaping(connection.connection.pgconn).escape_literal
    calls = []
    for name in _READING if facts.reads and not nested else settings:
        value = settings[name]
        text = "" if value is None else str(value).replace("\x00", "")
        if text or nested:  # at the start of a transaction a fact is empty already
            calls.append(f"set_config('{name}', {bytes(escape(text.encode())).decode()}, true)")
    connection.say_first(f"SELECT {', '.join(calls)}")  # type: ignore[attr-defined]  # our backend's


def retell(*, actor: Actor, request_id: str, reason: str) -> None:
    """For the rest of the innermost unit, another actor, request and reason: in a batch of acts of several people.

    Raises OutsideUnitError outside of one.
    """
    before = _current.get()
    if before is None:
        raise OutsideUnitError("retell() changes the facts of a unit: open one with acting(…) first.")
    facts = before.with_(actor=actor, request_id=request_id, reason=reason)
    _current.set(facts)  # the unit's end restores what was before it
    _tell(connections[facts.alias], facts, again=True)


@contextmanager
def looking_up() -> Iterator[None]:
    """Allow statements outside of a unit: for the SECURITY DEFINER look-ups that find out who is asking, and for
    health checks. Nothing else has the right to be here: such a statement runs as the bare login, which may
    read no table."""
    token = _looking_up.set(True)
    try:
        yield
    finally:
        _looking_up.reset(token)
        for connection in connections.all(initialized_only=True):
            connection.rest()  # type: ignore[attr-defined]  # our backend's


def refuse_outside_unit(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Django execute wrapper: a statement outside of any unit is an error, not zero rows."""
    facts = _current.get()
    if (facts is not None and facts.alias == context["connection"].alias) or _looking_up.get():
        return execute(sql, params, many, context)
    if isinstance(sql, str) and sql.startswith(_TRANSACTION_CONTROL):
        return execute(sql, params, many, context)
    raise OutsideUnitError(
        "This statement would run outside of any unit of work: wrap the call in "
        f"`with acting(domain=…, organization=…):`. Statement: {str(sql)[:200]}"
    )


def guard_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of connection_created: check the login, and put the guard on every connection but migrations'."""
    if connection.settings_dict.get("MIGRATIONS"):
        return
    try:
        refuse_unsafe_login(connection)
        refuse_stranger(connection)
    except BaseException:
        connection.close()  # or the next statement would run on it, unguarded
        raise
    if refuse_outside_unit not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_outside_unit)
