"""The read path: a serializer class compiled to columns.

REST framework spends a millisecond of a list request on model instances and another on serializers. Where a read
serializer's fields are columns (of the model or of a related one), the rows come as plain tuples and become
dictionaries with one ``zip``; the serializer stays the single source of names, OpenAPI and forms. Measured for 25
rows of 20 columns on one core: tuples and orjson 0.45 ms of work in both processes together, ``json_agg`` in
PostgreSQL 0.49 ms, instances and serializer 2.4 ms. A serializer with computed fields works too, at the latter price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.db import models
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from shared.api.fields import model_field
from shared.api.statements import Statement
from shared.records.custom_fields.selectors import shown_custom_fields

Convert = Callable[[Any], Any]
Found = tuple[dict[str, Any], tuple[Any, ...]]
MAX_EXPANDED_ROWS = 50


@dataclass(frozen=True)
class Expand:
    """A relation that ``?expand=`` may show.

    To one record: the foreign key's name and the serializer of its target. To many (``many=True``): the name of the
    reverse relation; at most ``limit`` rows each, in the order ``order_by``.
    """

    serializer: type[serializers.ModelSerializer]
    many: bool = False
    limit: int = MAX_EXPANDED_ROWS
    order_by: tuple[str, ...] = ("created_at", "id")
    relation: str = ""
    """Where the relation's name differs from the name in the answer."""


@dataclass
class _Group:
    """An expanded record: which of the row's columns are its own."""

    name: str
    names: tuple[str, ...]
    start: int
    converters: list[tuple[str, Convert]]
    hidden: int  # index of its deleted_at, or -1
    identifier: int


@dataclass
class _Children:
    """Expanded rows of a reverse relation: one more query for all parents together."""

    name: str
    reader: Reader
    model: type[models.Model]
    foreign_key: str
    expand: Expand


@dataclass
class Reader:
    """Reads records of one model in the shape of one serializer, for one choice of fields and expansions."""

    serializer_class: type[serializers.ModelSerializer]
    names: tuple[str, ...]
    key: tuple[Any, ...] = ()
    """What it was made from."""
    paths: list[str] = field(default_factory=list)
    extra: dict[str, int] = field(default_factory=dict)
    converters: list[tuple[str, Convert]] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=list)
    children: list[_Children] = field(default_factory=list)
    compiled: bool = True
    computed: tuple[str, ...] = ()
    shown: dict[str, Any] = field(default_factory=dict)
    """Columns of which the reader sees a part: the expression instead of the path."""

    def columns(self, extra: Sequence[str] = ()) -> tuple[list[Any], list[int]]:
        """What to select, and where among it the columns ``extra`` are."""
        paths: list[Any] = [self.shown.get(path, path) for path in self.paths]
        where = []
        for path in extra:
            if path not in paths:
                paths.append(path)
            where.append(paths.index(path))
        return paths, where

    def read(self, rows: QuerySet[Any], extra: Sequence[str] = ()) -> list[Found]:
        """Each row's answer, with the values of the columns ``extra`` (for cursors and ETags)."""
        if not self.compiled:
            return self._read_instances(rows, extra)
        paths, _ = self.columns(extra)
        return self.answers(rows.values_list(*paths), extra)

    def run(self, statement: Statement, values: Mapping[str, Any], extra: Sequence[str] = ()) -> list[Found]:
        """As read, by a statement that was compiled from ``columns(extra)``."""
        rows: Iterable[Sequence[Any]] = statement.run(values)
        if statement.json_columns:
            rows = _with_fragments(rows, statement.json_columns)
        return self.answers(rows, extra)

    def answers(self, rows: Iterable[Sequence[Any]], extra: Sequence[str]) -> list[Found]:
        """The answers from rows of plain cells."""
        paths, where = self.columns(extra)
        made = [(row, self._answer(row)) for row in rows]
        if self.children:
            identifier = paths.index("id")
            self._attach({row[identifier]: answer for row, answer in made})
        return [(answer, tuple([row[i] for i in where])) for row, answer in made]

    def _answer(self, row: Sequence[Any]) -> dict[str, Any]:
        answer = dict(zip(self.names, row))  # noqa: B905  # the row goes on: strict costs a check per row
        for name, convert in self.converters:
            value = answer[name]
            if value is not None:
                answer[name] = convert(value)
        for group in self.groups:
            if row[group.identifier] is None or (group.hidden >= 0 and row[group.hidden] is not None):
                answer[group.name] = None
                continue
            inner = dict(zip(group.names, row[group.start : group.start + len(group.names)], strict=True))
            for name, convert in group.converters:
                if inner[name] is not None:
                    inner[name] = convert(inner[name])
            answer[group.name] = inner
        return answer

    def _attach(self, parents: dict[Any, dict[str, Any]]) -> None:
        for child in self.children:
            for answer in parents.values():
                answer[child.name] = []
            if not parents:
                continue
            order = [
                F(n.lstrip("-")).desc() if n.startswith("-") else F(n).asc() for n in child.expand.order_by
            ]
            number = Window(RowNumber(), partition_by=F(child.foreign_key), order_by=order)
            rows = (
                child.model._default_manager.filter(**{f"{child.foreign_key}__in": list(parents)})
                .annotate(_number=number)
                .filter(_number__lte=child.expand.limit)
                .order_by(*child.expand.order_by)
            )
            for answer, (parent,) in child.reader.read(rows, [child.foreign_key]):
                parents[parent][child.name].append(answer)

    def _read_instances(self, rows: QuerySet[Any], extra: Sequence[str]) -> list[Found]:
        """With model instances and the serializer itself, where some field is computed in Python."""
        if self.groups:
            rows = rows.select_related(*(g.name for g in self.groups))
        partly = {name: f"shown_{name}" for name in self.names if name in self.shown}
        rows = rows.annotate(**{alias: self.shown[name] for name, alias in partly.items()})
        instances = list(rows)
        found = []
        for instance in instances:
            data = self.serializer_class(instance).data
            answer = {name: data[name] for name in self.names}
            answer.update({name: getattr(instance, alias) for name, alias in partly.items()})
            found.append((answer, tuple(getattr(instance, path) for path in extra)))
        if self.children:
            self._attach({i.pk: answer for i, (answer, _) in zip(instances, found, strict=True)})
        return found


@lru_cache(maxsize=2048)
def reader_for(
    serializer_class: type[serializers.ModelSerializer],
    fields: tuple[str, ...] | None = None,
    expansions: tuple[tuple[str, Expand], ...] = (),
    *,
    to_key: bool = True,
) -> Reader:
    """The compiled reader of a serializer; ``fields`` limits the names, ``expansions`` adds related records.
    ``to_key``: an API key reads, which does not see the custom fields that staff keep to themselves."""
    serializer = serializer_class()
    model = serializer_class.Meta.model
    declared: dict[str, serializers.Field] = dict(serializer.fields.items())  # type: ignore[arg-type]
    names = tuple(n for n in declared if fields is None or n in fields)
    reader = Reader(serializer_class, names, (serializer_class, fields, expansions, to_key))
    computed = []
    for name in names:
        path, convert = _column(model, declared[name])
        if path is None:
            computed.append(name)
            continue
        reader.paths.append(path)
        _show(reader, model, path, to_key=to_key)
        if convert is not None:
            reader.converters.append((name, convert))
    reader.computed = tuple(computed)
    reader.compiled = not computed
    if expansions and "id" not in reader.paths:
        reader.paths.append("id")
    for name, expand in expansions:
        if expand.many:
            reader.children.append(_children(model, name, expand, to_key=to_key))
        else:
            _add_group(reader, model, name, expand, to_key=to_key)
    return reader


def _show(reader: Reader, model: type[models.Model], path: str, *, to_key: bool) -> None:
    """Note what of a column is shown: of custom fields those that the reader may see."""
    column = model_field(model, path.replace("__", "."))
    if column is not None and column.name == "custom_fields":
        expression = shown_custom_fields(column.model, path, to_key=to_key)
        if expression is not None:
            reader.shown[path] = expression


def _column(model: type[models.Model], field: serializers.Field) -> tuple[str | None, Convert | None]:
    """The column that a serializer field shows and what makes its value plain; (None, None) if it is computed."""
    source = field.source or ""
    if source in ("", "*") or isinstance(
        field, (serializers.SerializerMethodField, serializers.BaseSerializer)
    ):
        return None, None
    column = model_field(model, source)
    if column is None:
        return None, None
    path = source.replace(".", "__")
    return path, _converter(field, column)


def _converter(field: serializers.Field, column: models.Field[Any, Any]) -> Convert | None:
    """orjson writes UUIDs, times, numbers and texts as they are; the rest is made plain here."""
    if isinstance(column, models.JSONField):
        return None
    if isinstance(column, models.DecimalField):
        return str
    plain = (
        serializers.UUIDField,
        serializers.CharField,
        serializers.IntegerField,
        serializers.BooleanField,
        serializers.DateTimeField,
        serializers.DateField,
        serializers.ChoiceField,
        serializers.FloatField,
        serializers.ListField,
        serializers.PrimaryKeyRelatedField,
        serializers.ReadOnlyField,
    )
    if isinstance(field, plain):
        return None
    return field.to_representation


def _add_group(reader: Reader, model: type[models.Model], name: str, expand: Expand, *, to_key: bool) -> None:
    relation = expand.relation or name
    target = model._meta.get_field(relation).related_model
    assert target is not None
    assert not isinstance(target, str)
    inner = reader_for(expand.serializer)
    if not inner.compiled:
        raise TypeError(f"{expand.serializer.__name__} cannot be expanded: {inner.computed} are not columns.")
    start = len(reader.paths)
    for path in inner.paths:
        reader.paths.append(f"{relation}__{path}")
        _show(reader, model, reader.paths[-1], to_key=to_key)
    identifier = len(reader.paths)
    reader.paths.append(f"{relation}__{target._meta.pk.name}")
    hidden = -1
    if any(f.name == "deleted_at" for f in target._meta.concrete_fields):
        hidden = len(reader.paths)
        reader.paths.append(f"{relation}__deleted_at")
    reader.groups.append(_Group(name, inner.names, start, list(inner.converters), hidden, identifier))


def _children(model: type[models.Model], name: str, expand: Expand, *, to_key: bool) -> _Children:
    relation = model._meta.get_field(expand.relation or name)
    child = relation.related_model
    foreign_key = relation.field.attname  # type: ignore[union-attr]
    reader = reader_for(expand.serializer, to_key=to_key)
    return _Children(name, reader, child, foreign_key, expand)  # type: ignore[arg-type]


def _with_fragments(rows: Iterable[Sequence[Any]], columns: Sequence[int]) -> Iterable[list[Any]]:
    """JSON that came as text goes into the answer as it is, unread."""
    for row in rows:
        cells = list(row)
        for index in columns:
            if cells[index] is not None:
                cells[index] = orjson.Fragment(cells[index])
        yield cells


def read_one(
    reader: Reader, rows: QuerySet[Any], extra: Sequence[str] = ()
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The only row of a query; raises NotFound when there is none."""
    from shared.errors import NotFound

    found = reader.read(rows[:1], extra)
    if not found:
        raise NotFound()
    return found[0]


def as_expansions(names: Iterable[str], declared: dict[str, Expand]) -> tuple[tuple[str, Expand], ...]:
    """The declared expansions behind names, in a stable order."""
    return tuple((name, declared[name]) for name in sorted(set(names)))
