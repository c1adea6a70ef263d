"""Compiled queries: the SQL of a list or a single read, kept and run again with other values.

Building a Django query and compiling it to SQL costs a third of a list request. What it says depends on the view, the
fields, the filters and the order, not on the values; so it is compiled once with stand-ins for the values and the
tenant, and the places where these come out are remembered. Whatever cannot be proven to depend on nothing else is not
kept, and such a list goes the ordinary way:

- a selector that looks at the actor, the request or the database (it is watched while it runs);
- a filter that changes its value on the way into the query (the stand-in does not come out again);
- a query that says something else when it is built a second time, such as one that holds the present time.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connections
from django.db.models import JSONField, QuerySet

from shared.api import prepared
from shared.session.backend.opening import BEGIN, opening_of, set_opening
from shared.session.facts import Facts, _current, current

Convert = Callable[[Any], Any]
ORGANIZATION = "organization"
AS_OF = "as_of"
_KEPT = 2000
_HARMLESS = frozenset({"organization", "domain", "role", "alias", "as_of"})
_statements: dict[Hashable, Statement | None] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with places for values: ``places`` are (index, name of the value)."""

    name: str
    sql: str
    constants: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]
    converters: tuple[tuple[int, Convert], ...]
    json_columns: tuple[int, ...]

    def run(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows; inside a unit."""
        facts = current()
        assert facts is not None
        params = list(self.constants)
        given = {**values, ORGANIZATION: facts.organization, AS_OF: facts.as_of}
        for index, name in self.places:
            params[index] = given[name]
        rows = run_alone(facts.alias, self, params)
        if not self.converters:
            return rows
        converted = []
        for row in rows:
            cells = list(row)
            for index, convert in self.converters:
                if cells[index] is not None:
                    cells[index] = convert(cells[index])
            converted.append(tuple(cells))
        return converted


def run_alone(alias: str, statement: Statement, params: list[Any]) -> list[tuple[Any, ...]]:
    """Run one reading statement. As the first of a unit it needs no BEGIN and no COMMIT: the facts and the statement
    travel in one message, which is a transaction by itself. The unit may go on; it then begins anew."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        raw = connection.connection
        opening = opening_of(raw)
        if not opening.startswith(f"{BEGIN}; "):
            cursor.execute(statement.sql, params)
            return list(cursor.fetchall())
        facts = opening[len(BEGIN) + 2 :]
        try:
            ready = prepared.is_ready(raw, statement.name, statement.sql, facts)
            set_opening(raw, facts)
            if ready:
                try:
                    cursor.execute(prepared.execute_sql(statement.name, len(params)), params)
                except prepared.FAILURES as error:
                    prepared.forget(raw, error)
                    set_opening(raw, facts)
                    cursor.execute(statement.sql, params)
            else:
                cursor.execute(statement.sql, params)
            return list(cursor.fetchall())
        finally:
            set_opening(raw, opening)


def find_statement(
    key: Hashable, values: Mapping[str, Any], build: Callable[[Mapping[str, Any]], QuerySet[Any]]
) -> Statement | None:
    """The kept statement for ``key``, compiled now if it is new; None when the query must be built each time.

    ``build(values)`` makes the query; ``key`` names everything that it depends on but the values and the tenant.
    """
    facts = current()
    assert facts is not None
    full_key = (
        facts.alias,
        facts.as_of is not None,
        key,
        tuple((name, type(value)) for name, value in values.items()),
    )
    try:
        return _statements[full_key]
    except KeyError:
        pass
    statement = _compile(facts, values, build)
    if len(_statements) >= _KEPT:
        _statements.clear()
    _statements[full_key] = statement
    return statement


class _Refused(Exception):
    """The query depends on more than its values."""


class _Watched:
    """Facts that tell when a selector looks at more than the tenant."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __getattr__(self, name: str) -> Any:
        if name not in _HARMLESS:
            raise _Refused(f"it looks at {name}")
        return getattr(self.facts, name)


def _compile(
    facts: Facts, values: Mapping[str, Any], build: Callable[[Mapping[str, Any]], QuerySet[Any]]
) -> Statement | None:
    try:
        first = _compile_once(facts, values, build)
        second = _compile_once(facts, values, build)
    except (_Refused, EmptyResultSet, FullResultSet):
        return None
    same = (first.sql, first.constants, first.places) == (second.sql, second.constants, second.places)
    return first if same else None


def _compile_once(
    facts: Facts, values: Mapping[str, Any], build: Callable[[Mapping[str, Any]], QuerySet[Any]]
) -> Statement:
    names: dict[Any, str] = {}
    stand_ins: dict[str, Any] = {}
    for name, value in values.items():
        stand_ins[name] = _stand_in(value, names)
        names[stand_ins[name]] = name
    organization = uuid.uuid4()
    names[organization] = ORGANIZATION
    moment = None
    if facts.as_of is not None:
        moment = _stand_in(facts.as_of, names)
        names[moment] = AS_OF
    connection = connections[facts.alias]
    token = _current.set(_Watched(facts.with_(organization=organization, as_of=moment)))  # type: ignore[arg-type]
    try:
        with connection.execute_wrapper(_refuse_queries):
            query = build(stand_ins).query
            compiler = query.get_compiler(facts.alias)
            sql, params = compiler.as_sql()
    finally:
        _current.reset(token)
    constants: list[Any] = []
    places: list[tuple[int, str]] = []
    for index, param in enumerate(params):
        place = names.get(param) if isinstance(param, Hashable) else None
        if place is not None:
            places.append((index, place))
            constants.append(None)
        elif param is None or isinstance(param, (str, int, bool, uuid.UUID)):
            constants.append(param)
        else:
            raise _Refused(f"it holds {param!r}")
    found = {name for _, name in places}
    if not set(values) <= found:
        raise _Refused("a value is changed on the way into the query")
    converters, json_columns = _converters(compiler, connection)
    return Statement(prepared.name_of(sql), sql, tuple(constants), tuple(places), converters, json_columns)


def _converters(compiler: Any, connection: Any) -> tuple[tuple[tuple[int, Convert], ...], tuple[int, ...]]:
    """What makes database values Python's, by column; JSON is left as the text that it came as."""
    found: list[tuple[int, Convert]] = []
    json_columns: list[int] = []
    expressions = [expression for expression, _, _ in compiler.select]
    for index, (steps, expression) in compiler.get_converters(expressions).items():
        if isinstance(expression.output_field, JSONField):
            json_columns.append(index)
            continue
        found.append((index, _chain(steps, expression, connection)))
    return tuple(found), tuple(json_columns)


def _chain(steps: list[Any], expression: Any, connection: Any) -> Convert:
    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, expression, connection)
        return value

    return convert


def _refuse_queries(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    raise _Refused("it asks the database")


def _stand_in(value: Any, taken: Mapping[Any, str]) -> Any:
    """A value of the same type that is found again in the query's parameters, unless something changes it."""
    while True:
        made: Any
        if type(value) is str:
            made = (
                f" \x02Stand-In {random.getrandbits(60)}\x03 "  # case and spaces: stripping or folding shows
            )
        elif type(value) is int:
            made = random.randrange(20_000, 32_767)
        elif isinstance(value, uuid.UUID):
            made = uuid.uuid4()
        elif isinstance(value, dt.datetime) and value.tzinfo is not None:
            made = dt.datetime(1987, 6, 5, 4, 3, 2, random.randrange(1_000_000), tzinfo=dt.UTC)
        elif type(value) is dt.date:
            made = dt.date(1987, 6, 5) + dt.timedelta(days=random.randrange(9000))
        else:
            raise _Refused(f"{type(value).__name__} has no stand-in")
        if made not in taken:
            return made
