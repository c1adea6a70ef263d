"""Records by their custom fields: conditions and orders that a B-tree answers under row-level security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL

from shared.records.custom_fields import terms
from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import find_term_model
from shared.records.models import noun_of
from shared.records.versions.past import moment_of
from shared.session.facts import current

_LAST = "\U0010ffff"


class Terms:
    """The terms of one field in the tenant's index: those that begin with ``head``, of values of a ``kind``."""

    def __init__(self, model: Any, head: str, kind: str) -> None:
        table, facts = find_term_model(model), current()
        assert table is not None
        assert facts is not None
        assert facts.organization is not None
        self._kind = kind
        self._head = head
        self._table: QuerySet[Any] = table._base_manager.filter(organization_id=facts.organization)
        self._table.query.entity = noun_of(model)  # type: ignore[attr-defined]  # of which terms of the past are wanted
        self.past = moment_of(self._table.query) is not None
        """Whether they are made from the records of then, and no index has them."""
        self._lowest = {"term__gte": head + kind}
        self._highest = {"term__lt": head + chr(ord(kind) + 1)}

    @classmethod
    def of_field(cls, model: Any, definition: CustomFieldDefinition) -> Terms:
        """Of a custom field of this kind of record."""
        kind = terms.kind_of(FieldType(definition.type))
        return cls(model, terms.head(definition.entity, definition.key), kind)

    @classmethod
    def of_column(cls, model: Any, column: str) -> Terms:
        """Of one of the model's ``sorted_fields``."""
        return cls(model, terms.head_of_column(noun_of(model), column), terms.NUMBER)

    def rows(self) -> QuerySet[Any]:
        """All its terms."""
        return self._table.filter(**self._lowest, **self._highest)

    def above(self) -> QuerySet[Any]:
        """Its terms and what comes after them: for a condition that ends before. PostgreSQL begins a scan at one bound,
        and walks from there to the other."""
        return self._table.filter(**self._lowest)

    def below(self) -> QuerySet[Any]:
        """Its terms and what comes before them."""
        return self._table.filter(**self._highest)

    def having(self, value: str) -> QuerySet[Any]:
        """Its terms of this value; the index has them in the order of their records' time."""
        return self._table.filter(term=self._form(value))

    def equal(self, values: Sequence[str]) -> Q:
        """Records that have one of these values; a text is compared in any case."""
        return self._having(reduce(or_, (Q(term=self._form(value)) for value in values)))

    def within(self, bounds: Mapping[str, str]) -> Q:
        """Records with a value within ``bounds`` (gt, gte, lt, lte)."""
        limits: dict[str, Any] = {f"term__{name}": self._form(value) for name, value in bounds.items()}
        lowest = {} if {"gt", "gte"} & bounds.keys() else self._lowest
        highest = {} if {"lt", "lte"} & bounds.keys() else self._highest
        return self._having(Q(**lowest, **highest, **limits))

    def beginning(self, value: str) -> Q:
        """Records with a text that begins so, in any case."""
        return self._having(Q(term__gte=self._form(value), term__lt=self._form(value, _LAST)))

    def missing(self) -> Q:
        """Records that have no value."""
        return Q(~Exists(self.rows().filter(record_id=OuterRef("pk"))))

    def _form(self, value: str, more: str = "") -> RawSQL:
        """The term of a value in its normal form, with ``more`` behind it."""
        sql = f"'{self._head}' || {terms.form(self._kind, '%s::text')}"
        params: list[Any] = [value] * sql.count("%s")
        if more:
            sql, params = f"{sql} || %s", [*params, more]
        return RawSQL(sql, params, output_field=TextField(db_collation="C"))

    def of_these(self, among: QuerySet[Any], rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of its terms that ``rows`` have. Of the past record by record: where none has statistics, a join may
        become a loop over all of them for each."""
        if self.past:
            return among.filter(Exists(rows.order_by().filter(pk=OuterRef("record_id"))))
        return among.filter(record_id__in=rows.values("pk"))

    def _having(self, condition: Q) -> Q:
        found = self._table.filter(condition)
        if self.past:
            return Q(Exists(found.filter(record_id=OuterRef("pk"))))
        return Q(pk__in=found.values("record_id"))
