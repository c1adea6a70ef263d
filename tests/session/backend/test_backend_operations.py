"""Every operation of a migration changes the table that it names, and nothing else; so does its way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.migrations.state import ProjectState

from tests.session.backend.case import Case
from tests.session.backend.cases_of_fields import FIELDS
from tests.session.backend.cases_of_indexes import CONSTRAINTS, INDEXES
from tests.session.backend.cases_of_tables import MODELS
from tests.session.backend.catalog import Line, snapshot
from tests.session.backend.shop import HOMES, NEIGHBOURS, Executor, Home, build, migration

_built: dict[tuple[int, str], tuple[ProjectState, frozenset[Line]]] = {}


def _base(connection: Any, home: Home) -> tuple[ProjectState, frozenset[Line]]:
    """The shop in this schema, built when it is not there or was left changed."""
    found = _built.get((id(connection), home.id))
    if found is None or snapshot(connection, home.schema) != found[1]:
        state = build(connection, home)
        found = _built[(id(connection), home.id)] = (state, snapshot(connection, home.schema))
    return found[0].clone(), found[1]


@pytest.mark.parametrize("case", MODELS + FIELDS + INDEXES + CONSTRAINTS, ids=lambda case: case.id)
def test_operation_and_its_reverse_reach_the_catalog(case: Case, home: Home, scratch: Any) -> None:
    neighbours = {neighbour.schema: _base(scratch, neighbour)[1] for neighbour in NEIGHBOURS}
    state, before = _base(scratch, home)
    made = migration(case.operations(home.table), atomic=case.atomic)

    Executor(scratch).apply_migration(state.clone(), made)
    assert not case.differences(before, snapshot(scratch, home.schema))

    Executor(scratch).unapply_migration(state, made)
    assert not case.differences_on_return(before, snapshot(scratch, home.schema))
    assert {schema: snapshot(scratch, schema) for schema in neighbours} == neighbours


def test_the_same_tables_get_the_same_names_in_every_schema(scratch: Any) -> None:
    made = []
    for home in (*HOMES, *NEIGHBOURS):
        scratch.set_schema(home.connection_schema)
        made.append(_base(scratch, home)[1])
    assert len(set(made)) == 1
